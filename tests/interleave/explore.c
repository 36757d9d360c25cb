/* The scheduler, and the operations that the modules under test call in place of atomic ones. */
#include "explore.h"

#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "choices.h"
#include "common/base/hash.h"
#include "common/base/require.h"
#include "coroutine.h"
#include "memory.h"
#include "operations.h"
#include "report.h"
#include "state_set.h"

enum { RANGES_MAX = 4, ALONE = WRITERS_MAX, THREADS = WRITERS_MAX + 1 };

struct thread {
    struct coroutine *coroutine;
    struct view view;
    thread_body *body;
    bool is_running;     /* it has an operation to do */
    const void *next_at; /* of that operation */
    bool next_is_load;
    struct {
        bool is_held;
        struct site *site;
        volatile void *at;
        size_t size;
        uint64_t number;
    } late; /* a store that a mistake delays */
};

static struct {
    const struct scenario *scenario;
    const struct mistake *mistake; /* NULL: the code as it is */
    unsigned seeding;              /* a new number for each mistake */
    bool was_seeded;               /* an operation with the mistake ran */
    bool is_deep;
    struct thread threads[THREADS], *running; /* NULL: operations are plain */
    bool is_reader, was_killed;
    struct choices writers, reader, *choices;
    struct state_set *states;
    struct site *named;
    struct {
        const volatile char *from;
        size_t size;
    } oldest[RANGES_MAX];
    unsigned oldest_count;
    const char *violated; /* the property; NULL: none */
    bool is_abandoned;    /* the reader's execution is one that was seen before */
    struct explore_count count;
} explorer;

/* Names of mistakes for what they do. */
static const char *const mistake_words[] = {"relaxed",      "late",  "dropped",
                                            "mark dropped", "split", "torn"};

bool explore_is_deep(void)
{
    return explorer.is_deep;
}

bool explore_was_killed(void)
{
    return explorer.was_killed;
}

void explore_read_oldest(const volatile void *from, size_t size)
{
    REQUIRE(explorer.oldest_count < RANGES_MAX);
    explorer.oldest[explorer.oldest_count].from = from;
    explorer.oldest[explorer.oldest_count++].size = size;
}

static void explore_abandon(void)
{
    for (;;)
        coroutine_give_way(explorer.running->coroutine);
}

void explore_check(bool holds, const char *property)
{
    if (holds || explorer.violated)
        return;
    explorer.violated = property;
    if (explorer.running)
        explore_abandon();
}

void explore_merge(unsigned step, uint64_t state)
{
    REQUIRE(explorer.is_reader);
    uint64_t hash = memory_hash_view(
        &explorer.running->view,
        hash64_add(hash64_add(HASH64_START, &step, sizeof step), &state, sizeof state));
    if (choices_are_new(&explorer.reader) && !state_set_add(explorer.states, hash)) {
        explorer.is_abandoned = true;
        explore_abandon();
    }
}

void interleave_name_site(struct site *site)
{
    explorer.named = site;
}

/* The site of an operation: its own, or that of the caller of the function that it is in. */
static struct site *explore_take_site(struct site *site)
{
    struct site *named = explorer.named;
    explorer.named = NULL;
    if (!named)
        return site;
    named->order = site->order;
    return named;
}

static bool explore_is_mistaken(struct site *site, enum mistake_kind kind)
{
    const struct mistake *mistake = explorer.mistake;
    if (!mistake || mistake->kind != kind)
        return false;
    if (site->checked != explorer.seeding) {
        site->checked = explorer.seeding;
        site->is_mistaken = strcmp(site->function, mistake->function) == 0 &&
                            strcmp(site->operand, mistake->operand) == 0;
    }
    explorer.was_seeded |= site->is_mistaken;
    return site->is_mistaken;
}

static memory_order explore_order_of(struct site *site)
{
    return explore_is_mistaken(site, RELAXED_ORDER) ? memory_order_relaxed : site->order;
}

/* Lets other threads run first, if the scheduler wants it. */
static struct thread *explore_reach(const volatile void *at, bool is_load)
{
    struct thread *thread = explorer.running;
    REQUIRE(is_load || !explorer.is_reader);
    if (thread == &explorer.threads[ALONE])
        return thread;
    thread->next_at = (const void *)at;
    thread->next_is_load = is_load;
    thread->is_running = true;
    coroutine_give_way(thread->coroutine);
    return thread;
}

static bool explore_reads_oldest(const volatile void *at)
{
    for (unsigned i = 0; explorer.is_reader && i < explorer.oldest_count; i++)
        if ((const volatile char *)at >= explorer.oldest[i].from &&
            (const volatile char *)at < explorer.oldest[i].from + explorer.oldest[i].size)
            return true;
    return false;
}

uint64_t interleave_load(struct site *site, const volatile void *at, size_t size)
{
    site = explore_take_site(site);
    if (!explorer.running)
        return memory_plain_load(at, size);
    struct thread *thread = explore_reach(at, true);
    uint8_t messages[MESSAGES_MAX];
    unsigned of = memory_choices(&thread->view, at, messages);
    if (of == 0)
        return memory_plain_load(at, size);
    unsigned choice = explore_reads_oldest(at) ? 0 : choices_take(explorer.choices, of);
    uint64_t number =
        memory_load(&thread->view, at, size, explore_order_of(site), messages[choice]);
    report_add(site, "loads", number, of == 1 ? "" : choice + 1 == of ? " (newest)" : " (older)");
    return number;
}

static void explore_store(struct site *site, volatile void *at, size_t size, uint64_t number,
                          const char *remark)
{
    struct thread *thread = explore_reach(at, false);
    memory_store(&thread->view, at, size, explore_order_of(site), number);
    report_add(site, "stores", number, remark);
}

static void explore_store_late(struct thread *thread)
{
    if (!thread->late.is_held)
        return;
    thread->late.is_held = false;
    explore_store(thread->late.site, thread->late.at, thread->late.size, thread->late.number,
                  " (late)");
}

void interleave_store(struct site *site, volatile void *at, size_t size, uint64_t number)
{
    site = explore_take_site(site);
    struct thread *thread = explorer.running;
    if (!thread) {
        memory_plain_store(at, size, number);
        return;
    }
    if (explore_is_mistaken(site, DROPPED_STORE) ||
        (number == 0 && explore_is_mistaken(site, DROPPED_MARK)))
        return;
    if (explore_is_mistaken(site, LATE_STORE)) {
        explore_store_late(thread);
        thread->late.is_held = true;
        thread->late.site = site;
        thread->late.at = at;
        thread->late.size = size;
        thread->late.number = number;
        return;
    }
    if (explore_is_mistaken(site, TORN_STORE)) {
        uint64_t above = memory_newest(at, size) & ~(uint64_t)UINT32_MAX;
        explore_store(site, at, size, above | (number & UINT32_MAX), " (half)");
    }
    explore_store(site, at, size, number, "");
    explore_store_late(thread);
}

uint64_t interleave_rmw(struct site *site, volatile void *at, size_t size, enum rmw operation,
                        uint64_t number)
{
    site = explore_take_site(site);
    uint64_t before;
    if (!explorer.running) {
        before = memory_plain_load(at, size);
        memory_plain_store(at, size, operation == RMW_ADD ? before + number : before | number);
        return before;
    }
    if (explore_is_mistaken(site, SPLIT_ADDITION)) {
        before = interleave_load(site, at, size);
        explore_store(site, at, size, operation == RMW_ADD ? before + number : before | number, "");
        return before;
    }
    if (explore_is_mistaken(site, DROPPED_STORE))
        return interleave_load(site, at, size);
    struct thread *thread = explore_reach(at, false);
    before =
        memory_rmw(&thread->view, at, size, explore_order_of(site), operation == RMW_ADD, number);
    report_add(site, operation == RMW_ADD ? "adds to" : "sets bits of", before, "");
    explore_store_late(thread);
    return before;
}

/* The kernel compares the newest number with the one that the reader has seen. If they are equal,
 * nobody wakes the reader any more: all writers have run. */
long interleave_futex(const volatile void *at, int operation, uint32_t value)
{
    if (explorer.is_reader && operation == FUTEX_WAIT && memory_newest(at, 4) == value) {
        explorer.scenario->on_sleep();
        explorer.is_abandoned = true;
        explore_abandon();
    }
    return 0;
}

static bool explore_is_independent(const struct thread *a, const struct thread *b)
{
    return a->next_at != b->next_at || (a->next_is_load && b->next_is_load);
}

static void explore_run_body(void)
{
    struct thread *thread = explorer.running;
    thread->body();
    explore_store_late(thread);
}

/* Starts the body, with the knowledge that is in the view of its thread. */
static void explore_begin_thread(struct thread *thread, thread_body *body)
{
    thread->late.is_held = false;
    thread->is_running = false;
    thread->body = body;
    coroutine_start(thread->coroutine, explore_run_body);
}

/* Runs a thread to its next operation, or to its end. */
static void explore_run_thread(struct thread *thread)
{
    thread->is_running = false;
    explorer.running = thread;
    if (coroutine_resume(thread->coroutine))
        REQUIRE(thread->is_running || explorer.violated || explorer.is_abandoned);
    explorer.running = NULL;
    explorer.named = NULL;
}

/* Runs a body that no other thread runs beside. */
static void explore_run_alone(thread_body *body, bool sees_all)
{
    struct thread *thread = &explorer.threads[ALONE];
    memset(&thread->view, 0, sizeof thread->view);
    if (sees_all)
        memory_see_all(&thread->view);
    explore_begin_thread(thread, body);
    explore_run_thread(thread);
}

/* Chooses the writer that does its next operation. Writers that sleep would only repeat, in another
 * order, what was explored already; see README.md. Returns WRITERS_MAX if all writers are killed,
 * -1 if nobody is left to run. */
static int explore_choose_writer(unsigned *sleeping, bool may_kill)
{
    unsigned list[WRITERS_MAX], count = 0, asleep = *sleeping, left = 0;
    for (unsigned i = 0; i < WRITERS_MAX; i++) {
        left += explorer.threads[i].is_running;
        if (explorer.threads[i].is_running && (asleep >> i & 1) == 0)
            list[count++] = i;
    }
    if (count == 0 && left > 0) {
        explorer.is_abandoned = true;
        return -1;
    }
    unsigned choice = choices_take(&explorer.writers, count + (left == 0) + may_kill);
    if (choice == count + (left == 0))
        return WRITERS_MAX;
    if (left == 0)
        return -1;
    const struct thread *next = &explorer.threads[list[choice]];
    for (unsigned i = 0; i < choice; i++)
        asleep |= 1U << list[i];
    *sleeping = 0;
    for (unsigned i = 0; i < WRITERS_MAX; i++)
        if ((asleep >> i & 1) != 0 && explore_is_independent(&explorer.threads[i], next))
            *sleeping |= 1U << i;
    return (int)list[choice];
}

/* Runs the writers to their end once, as the choices say. */
static void explore_run_writers(void)
{
    const struct scenario *scenario = explorer.scenario;
    unsigned sleeping = 0;
    bool has_stored = true;
    memory_reset();
    report_begin();
    explorer.was_killed = explorer.is_abandoned = false;
    explorer.choices = &explorer.writers;
    if (scenario->begin)
        scenario->begin();
    for (unsigned i = 0; i < WRITERS_MAX; i++) {
        struct thread *thread = &explorer.threads[i];
        thread->is_running = false;
        memset(&thread->view, 0, sizeof thread->view);
        if (scenario->writers[i]) {
            explore_begin_thread(thread, scenario->writers[i]);
            explore_run_thread(thread);
        }
    }
    while (!explorer.violated && !explorer.is_abandoned) {
        int next = explore_choose_writer(&sleeping, scenario->recover && has_stored);
        explorer.was_killed = next == WRITERS_MAX;
        if (next < 0 || next == WRITERS_MAX)
            break;
        has_stored = !explorer.threads[next].next_is_load;
        report_set_thread((unsigned)next + 1);
        explore_run_thread(&explorer.threads[next]);
    }
    if (explorer.was_killed && !explorer.violated) {
        report_note("the writers are killed; the next process begins");
        explorer.is_abandoned = false;
        explore_run_alone(scenario->recover, true);
    }
    if (scenario->finish && !explorer.violated && !explorer.is_abandoned) {
        report_note("a second later");
        explore_run_alone(scenario->finish, true);
    }
}

/* Runs a reader in all ways against what the writers have stored. */
static void explore_run_reader(thread_body *body)
{
    explorer.reader.count = explorer.reader.depth = explorer.reader.repeated = 0;
    explorer.choices = &explorer.reader;
    explorer.is_reader = true;
    state_set_clear(explorer.states);
    unsigned before = report_length();
    do {
        report_cut(before);
        report_note("a reader begins");
        explorer.is_abandoned = false;
        explorer.count.executions++;
        explore_run_alone(body, false);
    } while (!explorer.violated && choices_advance(&explorer.reader));
    explorer.is_reader = false;
}

/* Explores the scenario. The result is the property that does not hold, or NULL. */
static const char *explore_scenario(const struct scenario *scenario)
{
    explorer.scenario = scenario;
    explorer.violated = NULL;
    explorer.oldest_count = 0;
    explorer.count = (struct explore_count){0};
    memset(&explorer.writers, 0, sizeof explorer.writers);
    explorer.running = NULL;
    scenario->set_up();
    do {
        explore_run_writers();
        if (explorer.is_abandoned && !explorer.violated)
            continue;
        explorer.count.histories++;
        explorer.count.executions += scenario->readers[0] == NULL;
        for (unsigned i = 0; i < READERS_MAX && scenario->readers[i] && !explorer.violated; i++)
            explore_run_reader(scenario->readers[i]);
    } while (!explorer.violated && choices_advance(&explorer.writers));
    memory_reset();
    return explorer.violated;
}

static const struct scenario *explore_find_scenario(const struct scenario *scenarios,
                                                    const char *name)
{
    while (scenarios->name && strcmp(scenarios->name, name) != 0)
        scenarios++;
    REQUIRE(scenarios->name);
    return scenarios;
}

/* Explores the code with a mistake. False if no check notices it. */
static bool explore_mistake(const struct scenario *scenarios, const struct mistake *mistake,
                            bool is_shown)
{
    explorer.mistake = mistake;
    explorer.seeding++;
    explorer.was_seeded = false;
    const char *violated = explore_scenario(explore_find_scenario(scenarios, mistake->scenario));
    explorer.mistake = NULL;
    explorer.seeding++;
    printf("  %s: %s in %s: %s%s after %llu executions\n", mistake_words[mistake->kind],
           mistake->operand, mistake->function, violated ? "noticed, it breaks: " : "NOT NOTICED",
           violated ? violated : "", (unsigned long long)explorer.count.executions);
    if (!explorer.was_seeded)
        printf("  There is no such operation in %s.\n", mistake->scenario);
    if (is_shown)
        report_print(stdout);
    return violated && explorer.was_seeded;
}

int explore_main(int argc, char **argv, const struct scenario *scenarios,
                 const struct mistake *mistakes)
{
    const char *shown = NULL; /* the operand of the mistake whose report is printed */
    bool is_good = true;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--deep") == 0)
            explorer.is_deep = true;
        else if (strcmp(argv[i], "--show") == 0 && i + 1 < argc)
            shown = argv[++i];
        else {
            printf("Usage: %s [--deep] [--show OPERAND]\n\n"
                   "  --deep          each thread does one operation more\n"
                   "  --show OPERAND  prints how the mistakes at this operand are noticed\n",
                   argv[0]);
            return strcmp(argv[i], "--help") == 0 ? EXIT_SUCCESS : 2;
        }
    }
    for (unsigned i = 0; i < THREADS; i++)
        explorer.threads[i].coroutine = coroutine_create();
    explorer.states = state_set_create();
    for (const struct scenario *scenario = scenarios; scenario->name; scenario++) {
        const char *violated = explore_scenario(scenario);
        printf("%s: %llu histories of writers, %llu executions%s%s\n", scenario->name,
               (unsigned long long)explorer.count.histories,
               (unsigned long long)explorer.count.executions, violated ? ": does not hold: " : "",
               violated ? violated : "");
        fflush(stdout);
        if (violated)
            report_print(stdout);
        is_good &= !violated;
    }
    for (; mistakes->function; mistakes++)
        is_good &=
            explore_mistake(scenarios, mistakes, shown && strcmp(shown, mistakes->operand) == 0);
    for (unsigned i = 0; i < THREADS; i++)
        coroutine_destroy(explorer.threads[i].coroutine);
    state_set_destroy(explorer.states);
    return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
