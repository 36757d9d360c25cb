/* Memory scopes, and leaving a run when memory is short. */
#include <stdint.h>
#include <string.h>

#include "api/base/arena.h"
#include "api/base/request_memory.h"
#include "api/base/text.h"
#include "check.h"
#include "child.h"

static const size_t far_too_much = SIZE_MAX;

/* The actions of a run, and its result. */
struct work {
    struct memory memory, inner;
    struct arena arena;
    struct text text;
    void *old;
    int released, reached;
};

static void release(void *object)
{
    ((struct work *)object)->released++;
}

static void allocate(void *context)
{
    struct work *work = context;
    text_puts(&work->text, "kept");
    arena_strdup(&work->arena, "kept");
    work->old = memory_alloc(10);
    work->reached++;
}

static void allocate_too_much(void *context)
{
    struct work *work = context;
    struct text text = {0};
    struct memory_block guard;
    text_puts(&text, "lost");
    arena_alloc(&work->arena, 100000);
    work->old = memory_realloc(work->old, 1000);
    memory_guard(&guard, release, work);
    memory_alloc(far_too_much);
    work->reached++;
}

/* Memory from before the run stays, perhaps moved. */
static void a_run_that_is_left(void **state)
{
    struct work work = {0};
    (void)state;
    assert_true(memory_run(&work.memory, allocate, &work));
    struct arena arena = work.arena;
    assert_false(memory_run(&work.memory, allocate_too_much, &work));
    assert_int_equal(work.released, 1);
    assert_int_equal(work.reached, 1);
    assert_string_equal(work.text.data, "kept");
    memset(work.old, 1, 1000);
    work.arena = arena;
    assert_true(memory_run(&work.memory, allocate, &work));
    assert_string_equal(work.text.data, "keptkept");
    memory_finish(&work.memory); /* the sanitizer reports leaks */
    assert_null(work.memory.first);
}

static void nest(void *context)
{
    struct work *work = context;
    struct text text = {0};
    text_puts(&text, "outer");
    assert_false(memory_run(&work->inner, allocate_too_much, work));
    assert_string_equal(text.data, "outer");
    text_puts(&text, " goes on");
    work->old = text.data;
}

static void a_run_within_a_run(void **state)
{
    struct work work = {0};
    (void)state;
    assert_true(memory_run(&work.memory, nest, &work));
    assert_null(work.inner.first);
    assert_string_equal(work.old, "outer goes on");
    memory_finish(&work.memory);
}

static void guard_and_end(void *context)
{
    struct memory_block guard;
    memory_guard(&guard, release, context);
    memory_unguard(&guard);
}

static void a_guard_that_is_not_needed(void **state)
{
    struct work work = {0};
    (void)state;
    assert_true(memory_run(&work.memory, guard_and_end, &work));
    assert_int_equal(work.released, 0);
    assert_null(work.memory.first);
}

static void give_away(void *context)
{
    struct work *work = context;
    text_puts(&work->text, "given");
    memory_disown(work->text.data);
    work->old = memory_try_strdup("taken");
    memory_adopt(work->old);
}

static void what_changes_hands(void **state)
{
    struct work work = {0};
    (void)state;
    assert_true(memory_run(&work.memory, give_away, &work));
    memory_finish(&work.memory);
    assert_string_equal(work.text.data, "given");
    memory_free(work.text.data);
    memory_free(NULL);
    memory_disown(NULL);
    assert_null(memory_try_alloc(far_too_much));
}

static void a_copy_that_outlives(void **state)
{
    struct text text = {0}, copy = {0};
    (void)state;
    assert_true(text_keep_copy(&copy, &text));
    assert_string_equal(copy.data, "");
    text_puts(&text, "more");
    assert_true(text_keep_copy(&copy, &text));
    text_finish(&text);
    assert_string_equal(copy.data, "more");
    assert_int_equal(copy.len, 4);
    text_finish(&copy);
}

static void allocate_outside_of_a_run(void)
{
    memory_free(memory_alloc(1));
    memory_alloc(far_too_much);
}

static void the_end_outside_of_a_run(void **state)
{
    (void)state;
    char said[100];
    int status = run_child(allocate_outside_of_a_run, said, sizeof said);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    assert_string_equal(said, "no memory\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_that_is_left),         cmocka_unit_test(a_run_within_a_run),
        cmocka_unit_test(a_guard_that_is_not_needed), cmocka_unit_test(what_changes_hands),
        cmocka_unit_test(a_copy_that_outlives),       cmocka_unit_test(the_end_outside_of_a_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
