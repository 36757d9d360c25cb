/* The order in which entries complete, and the states of a command. */
#include "check.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mqttd/writeback/inflight.h"

enum { JOURNAL = 77, OTHER_JOURNAL = 78, TAG = 6 };

static int make_inflight(void **state)
{
    *state = calloc(1, sizeof(struct inflight));
    return *state ? 0 : -1;
}

static int free_inflight(void **state)
{
    free(*state);
    return 0;
}

/* The position that can be saved; 0: it has not moved. */
static uint64_t pop_position(struct inflight *inflight)
{
    struct inflight_position position = {0};
    if (!inflight_pop_completed(inflight, &position))
        return 0;
    assert_int_equal(position.journal, JOURNAL);
    return position.position;
}

/* An entry whose hold has ended, with this many commands. */
static uint64_t add_entry(struct inflight *inflight, uint64_t sequence, unsigned commands,
                          struct inflight_command *command[])
{
    uint64_t number = inflight_add_entry(inflight, JOURNAL, sequence);
    for (unsigned i = 0; i < commands; i++)
        command[i] = inflight_start_command(inflight, COMMAND_SENT, number, TAG);
    inflight_release_entry(inflight, number);
    return number;
}

static void test_order(void **state)
{
    struct inflight *inflight = *state;
    struct inflight_command *first[2], *third[1];
    assert_int_equal(pop_position(inflight), 0);
    add_entry(inflight, 5, 2, first);
    add_entry(inflight, 6, 0, NULL);
    add_entry(inflight, 7, 1, third);
    assert_int_equal(pop_position(inflight), 0);
    inflight_move_command(inflight, first[1], COMMAND_FREE);
    assert_int_equal(pop_position(inflight), 0);
    inflight_move_command(inflight, first[0], COMMAND_FREE);
    assert_int_equal(pop_position(inflight), 7); /* 5 and 6 are complete */
    assert_int_equal(pop_position(inflight), 0);
    inflight_move_command(inflight, third[0], COMMAND_FREE);
    assert_int_equal(pop_position(inflight), 8);
    assert_int_equal(inflight->entry_count, 0);
}

static void test_an_entry_is_held_until_it_is_released(void **state)
{
    struct inflight *inflight = *state;
    uint64_t number = inflight_add_entry(inflight, JOURNAL, 9);
    assert_int_equal(pop_position(inflight), 0);
    struct inflight_command *command =
        inflight_start_command(inflight, COMMAND_SETTLING, number, TAG);
    inflight_move_command(inflight, command, COMMAND_FREE);
    assert_int_equal(pop_position(inflight), 0);
    inflight_release_entry(inflight, number);
    assert_int_equal(pop_position(inflight), 10);
}

static void test_commands_without_an_entry(void **state)
{
    struct inflight *inflight = *state;
    struct inflight_command *recovery =
        inflight_start_command(inflight, COMMAND_SETTLING, INFLIGHT_RECOVERY, TAG);
    struct inflight_command *poll =
        inflight_start_command(inflight, COMMAND_SENT, INFLIGHT_NO_ENTRY, TAG);
    assert_int_equal(inflight->recovering, 1);
    add_entry(inflight, 3, 0, NULL);
    assert_int_equal(pop_position(inflight), 4);
    inflight_move_command(inflight, recovery, COMMAND_FREE);
    inflight_move_command(inflight, poll, COMMAND_FREE);
    assert_int_equal(inflight->recovering, 0);
}

static void test_it_goes_round(void **state)
{
    struct inflight *inflight = *state;
    struct inflight_command *command[INFLIGHT_ENTRIES_MAX] = {0};
    uint64_t next = 1, done = 1;
    for (unsigned round = 0; round < 3; round++) {
        for (; inflight->entry_count < INFLIGHT_ENTRIES_MAX; next++)
            assert_int_equal(
                add_entry(inflight, next + 100, 1, &command[next % INFLIGHT_ENTRIES_MAX]), next);
        assert_false(inflight_has_room(inflight));
        for (unsigned i = 0; i < 100; i++)
            inflight_move_command(inflight, command[done++ % INFLIGHT_ENTRIES_MAX], COMMAND_FREE);
        assert_int_equal(pop_position(inflight), done + 100);
        assert_int_equal(inflight->entry_count, INFLIGHT_ENTRIES_MAX - 100);
        assert_true(inflight_has_room(inflight));
    }
}

/* A new journal has the same numbers as the one it replaces. */
static void test_two_journals(void **state)
{
    struct inflight *inflight = *state;
    struct inflight_position position;
    struct inflight_command *same[1];
    uint64_t old = inflight_add_entry(inflight, OTHER_JOURNAL, 5);
    add_entry(inflight, 1, 0, NULL);
    add_entry(inflight, 5, 1, same);
    assert_false(inflight_pop_completed(inflight, &position)); /* the old one is under way */
    inflight_release_entry(inflight, old);
    assert_true(inflight_pop_completed(inflight, &position));
    assert_int_equal(position.journal, JOURNAL);
    assert_int_equal(position.position, 2);
    inflight_move_command(inflight, same[0], COMMAND_FREE);
    assert_true(inflight_pop_completed(inflight, &position));
    assert_int_equal(position.position, 6);
}

/* Brings a free command to a state by allowed transitions. */
static struct inflight_command *command_in(struct inflight *inflight, enum command_state wanted)
{
    static const enum command_state way[] = {COMMAND_READING, COMMAND_READING_AGAIN};
    bool is_sent = wanted == COMMAND_SENT;
    struct inflight_command *command = inflight_start_command(
        inflight, is_sent ? COMMAND_SENT : COMMAND_SETTLING, INFLIGHT_RECOVERY, TAG);
    for (size_t i = 0; command->state < wanted; i++)
        inflight_move_command(inflight, command, way[i]);
    if (wanted == COMMAND_FREE)
        inflight_move_command(inflight, command, COMMAND_FREE);
    return command;
}

static bool aborts(struct inflight *inflight, struct inflight_command *command,
                   enum command_state next)
{
    pid_t child = fork();
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        close(STDERR_FILENO);
        inflight_move_command(inflight, command, next);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

/* Checks each pair of states against the diagram of inflight.h. */
static void test_moves(void **state)
{
    enum { F = COMMAND_FREE, S = COMMAND_SETTLING, R = COMMAND_READING };
    enum { A = COMMAND_READING_AGAIN, P = COMMAND_SENT };
    static const bool is_allowed[COMMAND_STATE_COUNT][COMMAND_STATE_COUNT] = {
        [F] = {[S] = true, [P] = true},
        [S] = {[S] = true, [R] = true, [F] = true},
        [R] = {[A] = true, [S] = true, [P] = true, [F] = true},
        [A] = {[A] = true, [S] = true, [F] = true},
        [P] = {[F] = true},
    };
    for (int from = 0; from < COMMAND_STATE_COUNT; from++) {
        for (int to = 0; to < COMMAND_STATE_COUNT; to++) {
            struct inflight *inflight = *state;
            *inflight = (struct inflight){0};
            struct inflight_command *command = command_in(inflight, (enum command_state)from);
            assert_int_equal(command->state, from);
            if (from == F) /* inflight_start_command leaves FREE */
                command->entry = INFLIGHT_NO_ENTRY;
            if (!is_allowed[from][to]) {
                assert_true(aborts(inflight, command, (enum command_state)to));
                continue;
            }
            inflight_move_command(inflight, command, (enum command_state)to);
            assert_int_equal(command->state, to);
            assert_int_equal(inflight->lists[to].count, 1);
            assert_ptr_equal(inflight->lists[to].first, command);
            if (from != to)
                assert_int_equal(inflight->lists[from].count, 0);
            assert_int_equal(inflight->recovering, from != F && to != F);
        }
    }
}

static void test_finding(void **state)
{
    struct inflight *inflight = *state;
    static const enum command_state states[] = {COMMAND_SETTLING, COMMAND_READING,
                                                COMMAND_READING_AGAIN, COMMAND_SENT};
    struct inflight_command *command[COUNT(states)];
    for (size_t i = 0; i < COUNT(states); i++) {
        command[i] = command_in(inflight, states[i]);
        command[i]->tag = 100 + (int64_t)i;
        command[i]->read_id = 200 + i;
        command[i]->number = 300 + (int)i;
    }
    for (size_t i = 0; i < COUNT(states); i++) {
        bool is_sent = states[i] == COMMAND_SENT;
        bool is_read = !is_sent && states[i] != COMMAND_SETTLING;
        assert_ptr_equal(inflight_find_unsettled(inflight, 100 + (int64_t)i),
                         is_sent ? NULL : command[i]);
        assert_ptr_equal(inflight_find_read(inflight, 200 + i), is_read ? command[i] : NULL);
        assert_ptr_equal(inflight_find_sent(inflight, 300 + (int)i), is_sent ? command[i] : NULL);
    }
}

static void test_room(void **state)
{
    struct inflight *inflight = *state;
    size_t settling = 0, sent = 0;
    for (; inflight_can_settle(inflight); settling++)
        inflight_start_command(inflight, COMMAND_SETTLING, INFLIGHT_RECOVERY, TAG);
    assert_int_equal(settling, INFLIGHT_UNSETTLED_MAX - INFLIGHT_PARTS_PER_ENTRY + 1);
    assert_false(inflight_has_room(inflight));
    while (settling-- > 0)
        inflight_move_command(inflight, inflight->lists[COMMAND_SETTLING].first, COMMAND_FREE);
    for (; inflight_has_room(inflight); sent++)
        inflight_start_sent(inflight, (int)sent + 1, INFLIGHT_NO_ENTRY, TAG);
    assert_true(sent + INFLIGHT_COMMANDS_PER_ENTRY < INFLIGHT_COMMANDS_MAX);
    for (; sent < INFLIGHT_COMMANDS_MAX; sent++)
        inflight_start_sent(inflight, (int)sent + 1, INFLIGHT_NO_ENTRY, TAG);
    inflight_start_sent(inflight, 9999, INFLIGHT_NO_ENTRY, TAG);
    assert_null(inflight_find_sent(inflight, 9999)); /* no command is free */
    inflight_move_command(inflight, inflight_find_sent(inflight, 1), COMMAND_FREE);
    inflight_start_sent(inflight, 9999, INFLIGHT_NO_ENTRY, TAG);
    assert_non_null(inflight_find_sent(inflight, 9999));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_inflight, free_inflight)
    const struct CMUnitTest tests[] = {
        TEST(test_order),
        TEST(test_an_entry_is_held_until_it_is_released),
        TEST(test_commands_without_an_entry),
        TEST(test_it_goes_round),
        TEST(test_two_journals),
        TEST(test_moves),
        TEST(test_finding),
        TEST(test_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
