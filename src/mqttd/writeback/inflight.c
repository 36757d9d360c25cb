/* A ring of entries, and one list of commands for each state. */
#include "mqttd/writeback/inflight.h"

#include "common/base/require.h"

#define TO(state) (1U << (state))

/* The arrows of the diagram. */
static const unsigned command_moves[COMMAND_STATE_COUNT] = {
    [COMMAND_FREE] = TO(COMMAND_SETTLING) | TO(COMMAND_SENT),
    [COMMAND_SETTLING] = TO(COMMAND_SETTLING) | TO(COMMAND_READING) | TO(COMMAND_FREE),
    [COMMAND_READING] =
        TO(COMMAND_READING_AGAIN) | TO(COMMAND_SETTLING) | TO(COMMAND_SENT) | TO(COMMAND_FREE),
    [COMMAND_READING_AGAIN] = TO(COMMAND_READING_AGAIN) | TO(COMMAND_SETTLING) | TO(COMMAND_FREE),
    [COMMAND_SENT] = TO(COMMAND_FREE),
};

_Static_assert(INFLIGHT_COMMANDS_PER_ENTRY + 2 * INFLIGHT_UNSETTLED_MAX <= INFLIGHT_COMMANDS_MAX,
               "an entry with all its commands fits in addition to all that settle");

/* Returns the entry of a number, or NULL when it was removed or never added. */
static struct inflight_entry *inflight_find_entry(struct inflight *inflight, uint64_t number)
{
    if (number <= inflight->first_number || number - inflight->first_number > inflight->entry_count)
        return NULL;
    return &inflight->ring[number % INFLIGHT_RING_SIZE];
}

/* Each command that settles may be sent twice: after READING_AGAIN it settles again. */
bool inflight_can_settle(const struct inflight *inflight)
{
    const struct inflight_list *lists = inflight->lists;
    size_t unsettled = lists[COMMAND_SETTLING].count + lists[COMMAND_READING].count +
                       lists[COMMAND_READING_AGAIN].count;
    size_t used = unsettled + lists[COMMAND_SENT].count;
    return unsettled - inflight->delayed + INFLIGHT_PARTS_PER_ENTRY <= INFLIGHT_UNSETTLED_MAX &&
           used + INFLIGHT_COMMANDS_PER_ENTRY + INFLIGHT_UNSETTLED_MAX <= INFLIGHT_COMMANDS_MAX;
}

bool inflight_has_room(const struct inflight *inflight)
{
    return inflight->entry_count < INFLIGHT_RING_SIZE &&
           inflight->open_count < INFLIGHT_ENTRIES_MAX + inflight->delayed &&
           inflight_can_settle(inflight);
}

uint64_t inflight_add_entry(struct inflight *inflight, uint64_t journal, uint64_t sequence)
{
    REQUIRE(inflight->entry_count < INFLIGHT_RING_SIZE);
    uint64_t number = inflight->first_number + ++inflight->entry_count;
    inflight->ring[number % INFLIGHT_RING_SIZE] =
        (struct inflight_entry){.journal = journal, .sequence = sequence, .open = 1};
    inflight->open_count++;
    return number;
}

void inflight_release_entry(struct inflight *inflight, uint64_t number)
{
    struct inflight_entry *entry = inflight_find_entry(inflight, number);
    REQUIRE(entry && entry->open > 0);
    if (--entry->open == 0)
        inflight->open_count--;
}

bool inflight_pop_completed(struct inflight *inflight, struct inflight_position *position)
{
    bool has_moved = false;
    while (inflight->entry_count > 0) {
        const struct inflight_entry *first =
            inflight_find_entry(inflight, inflight->first_number + 1);
        REQUIRE(first);
        if (first->open > 0)
            break;
        *position = (struct inflight_position){first->journal, first->sequence + 1};
        inflight->first_number++;
        inflight->entry_count--;
        has_moved = true;
    }
    return has_moved;
}

static void inflight_list_append(struct inflight_list *list, struct inflight_command *command)
{
    command->previous = list->last;
    command->next = NULL;
    *(list->last ? &list->last->next : &list->first) = command;
    list->last = command;
    list->count++;
}

static void inflight_list_remove(struct inflight_list *list, struct inflight_command *command)
{
    REQUIRE(list->count > 0);
    *(command->previous ? &command->previous->next : &list->first) = command->next;
    *(command->next ? &command->next->previous : &list->last) = command->previous;
    list->count--;
}

void inflight_move_command(struct inflight *inflight, struct inflight_command *command,
                           enum command_state next)
{
    REQUIRE(next < COMMAND_STATE_COUNT && command_moves[command->state] & TO(next));
    inflight->delayed -= command->is_delayed;
    command->is_delayed = false;
    inflight_list_remove(&inflight->lists[command->state], command);
    inflight_list_append(&inflight->lists[next], command);
    command->state = next;
    if (next != COMMAND_FREE)
        return;
    if (command->entry == INFLIGHT_RECOVERY)
        inflight->recovering--;
    else if (command->entry != INFLIGHT_NO_ENTRY && command->entry != INFLIGHT_EXPIRY)
        inflight_release_entry(inflight, command->entry);
}

struct inflight_command *inflight_start_command(struct inflight *inflight, enum command_state state,
                                                uint64_t entry, int64_t tag)
{
    struct inflight_list *unused = &inflight->lists[COMMAND_FREE];
    if (unused->count == 0) {
        if (inflight->commands_touched == INFLIGHT_COMMANDS_MAX)
            return NULL;
        inflight_list_append(unused, &inflight->commands[inflight->commands_touched++]);
    }
    struct inflight_command *command = unused->last;
    inflight_move_command(inflight, command, state);
    command->entry = entry;
    command->tag = tag;
    command->width = 0;
    if (entry == INFLIGHT_RECOVERY) {
        inflight->recovering++;
    } else if (entry != INFLIGHT_NO_ENTRY && entry != INFLIGHT_EXPIRY) {
        struct inflight_entry *waiting = inflight_find_entry(inflight, entry);
        REQUIRE(waiting);
        inflight->open_count += waiting->open++ == 0;
    }
    return command;
}

void inflight_start_sent(struct inflight *inflight, int number, uint64_t entry, int64_t tag)
{
    struct inflight_command *command = inflight_start_command(inflight, COMMAND_SENT, entry, tag);
    if (command)
        command->number = number;
}

void inflight_delay_command(struct inflight *inflight, struct inflight_command *command,
                            uint64_t due_ms)
{
    REQUIRE(command->state == COMMAND_SETTLING && !command->is_delayed &&
            inflight->delayed < INFLIGHT_DELAYED_MAX);
    command->is_delayed = true;
    command->due_ms = due_ms;
    inflight->delayed++;
}

void inflight_hurry_first(struct inflight *inflight, uint64_t now_ms)
{
    struct inflight_command *command = inflight->lists[COMMAND_SETTLING].first;
    if (inflight->entry_count < INFLIGHT_RING_SIZE)
        return;
    for (; command; command = command->next) {
        if (command->is_delayed && command->entry == inflight->first_number + 1)
            command->due_ms = now_ms;
    }
}

struct inflight_command *inflight_find_unsettled(const struct inflight *inflight, int64_t tag)
{
    for (int state = COMMAND_SETTLING; state <= COMMAND_READING_AGAIN; state++) {
        struct inflight_command *command = inflight->lists[state].first;
        for (; command; command = command->next) {
            if (command->tag == tag)
                return command;
        }
    }
    return NULL;
}

struct inflight_command *inflight_find_read(const struct inflight *inflight, uint64_t read_id)
{
    for (int state = COMMAND_READING; state <= COMMAND_READING_AGAIN; state++) {
        struct inflight_command *command = inflight->lists[state].first;
        for (; command; command = command->next) {
            if (command->read_id == read_id)
                return command;
        }
    }
    return NULL;
}

struct inflight_command *inflight_find_sent(const struct inflight *inflight, int number)
{
    struct inflight_command *command = inflight->lists[COMMAND_SENT].first;
    while (command && command->number != number)
        command = command->next;
    return command;
}
