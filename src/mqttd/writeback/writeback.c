/* The way back.
 *
 * Each entry of the journal is a flight. A value of several registers that an entry wrote in part
 * waits for its settle time and is then read whole. */
#include "mqttd/writeback/writeback.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/log_limit.h"
#include "mqttd/writeback/command_index.h"
#include "mqttd/writeback/inflight.h"
#include "mqttd/writeback/journal_match.h"
#include "mqttd/writeback/readback.h"
#include "mqttd/writeback/setpoint_restore.h"
#include "mqttd/writeback/writeback_publish.h"

enum {
    AGAIN_MS = 200, /* until what failed is tried again */
    SETTLING_MAX = 128,
    MESSAGES_MAX = 4096,
    SITES_OF_AN_ENTRY = 1968, /* coils, or bits of 123 registers */
    EDGES_OF_AN_ENTRY = 2     /* values that it can have written in part */
};

/* Stands for a flight's number in what makes up for entries that were lost. */
#define MENDED UINT64_MAX

/* A message that the broker has not taken yet. */
struct message {
    int number;
    uint64_t flight;
    int64_t device, tag;
};

/* A value that was written in part. */
struct settling {
    uint64_t ticket;
    int64_t device, tag;
    uint64_t due_ms, flight;
    bool asked;
};

struct commands {
    struct commands_spec spec;
    struct sites sites; /* of another generation than the plant: see refresh_sites */
    struct flights flights;
    struct message messages[MESSAGES_MAX];
    size_t message_count;
    struct settling settling[SETTLING_MAX];
    size_t settling_count;
    uint64_t tickets;
    size_t mend_next, mend_left;   /* after a loss: the site to ask for next, and how many yet */
    size_t mending;                /* what was asked for, and its messages, that are not done */
    struct flight_position landed; /* to be saved; position 0: nothing is */
    /* Work that had no memory comes before all newer work. */
    struct {
        bool has_entry, has_news;
        struct journal_entry entry;
        uint64_t flight; /* of the entry */
        struct poll news;
        uint64_t due_ms; /* steady clock */
    } late;
    struct rate refusals; /* lines about commands that the broker does not take */
    struct command_publisher publisher;
};

struct commands *commands_create(const struct commands_spec *spec)
{
    struct commands *commands = calloc(1, sizeof *commands);
    if (!commands)
        return NULL;
    commands->spec = *spec;
    commands->publisher = (struct command_publisher){.subscriber = spec->subscriber,
                                                     .live = spec->plant->live,
                                                     .counters = spec->counters,
                                                     .shortage = spec->shortage};
    return commands;
}

void commands_destroy(struct commands *commands)
{
    if (!commands)
        return;
    sites_finish(&commands->sites);
    free(commands);
}

/* The sites point to devices and tags, which a reload frees. Every use begins here, for a broker
 * may answer for old commands before commands_run has been called after a reload. A
 * recovery in progress begins again, for the sites have moved. */
static bool refresh_sites(struct commands *commands)
{
    uint64_t generation = commands->sites.generation;
    bool is_fresh = sites_refresh(&commands->sites, commands->spec.plant);
    if (generation != commands->sites.generation && commands->mend_left > 0)
        commands->mend_left = commands->sites.count;
    return is_fresh;
}

static const struct site *find_site(struct commands *commands, int64_t device, int64_t tag)
{
    refresh_sites(commands);
    return sites_find(&commands->sites, device, tag);
}

/* The position stays in front of a loss until that is mended: a successor would know nothing of
 * it. */
static void save_position(struct commands *commands)
{
    flights_land(&commands->flights, &commands->landed);
    if (commands->landed.position == 0 || commands->mend_left > 0 || commands->mending > 0)
        return;
    watch_save(commands->spec.watch, commands->landed.journal, commands->landed.position);
    commands->landed.position = 0;
}

static bool hold(struct commands *commands, uint64_t flight)
{
    if (flight != MENDED)
        return flights_hold(&commands->flights, flight);
    commands->mending++;
    return true;
}

static void land(struct commands *commands, uint64_t flight)
{
    if (flight != MENDED)
        flights_release(&commands->flights, flight);
    else if (commands->mending > 0)
        commands->mending--;
    save_position(commands);
}

/* SCADA may write many times a second what the broker does not want. */
static void log_refusal(struct commands *commands, const struct message *message, const char *why)
{
    uint64_t now = clock_steady_ms();
    if (!rate_due(&commands->refusals, now))
        return;
    const struct site *site = find_site(commands, message->device, message->tag);
    if (!site)
        return;
    log_warning("%s/%s: the broker refused the command to %s: %s; %u such refusals since the last "
                "line",
                site->device->name, site->tag->name, site->tag->command->topic, why,
                commands->refusals.since);
    rate_said(&commands->refusals, now);
}

void commands_published(struct commands *commands, int number, const char *refusal)
{
    for (size_t i = 0; i < commands->message_count; i++) {
        struct message message = commands->messages[i];
        if (message.number != number)
            continue;
        if (refusal)
            log_refusal(commands, &message, refusal);
        commands->messages[i] = commands->messages[--commands->message_count];
        land(commands, message.flight);
        return;
    }
}

static enum publish_result publish(struct commands *commands, struct device *device,
                                   struct tag *tag, const uint16_t *words, uint64_t flight)
{
    int number;
    enum publish_result result = command_publish(&commands->publisher, device, tag, words, &number);
    if (number != 0 && commands->message_count < MESSAGES_MAX && hold(commands, flight))
        commands->messages[commands->message_count++] =
            (struct message){number, flight, device->id, tag->id};
    return result;
}

/* Settling. */

/* The one of the tag that is not asked for yet, or NULL. */
static struct settling *settling_of(struct commands *commands, const struct site *site)
{
    for (size_t i = 0; i < commands->settling_count; i++) {
        struct settling *each = &commands->settling[i];
        if (each->tag == site->tag->id && !each->asked)
            return each;
    }
    return NULL;
}

static void settle(struct commands *commands, const struct site *site, uint64_t flight)
{
    const struct command *command = site->tag->command;
    struct settling *already = settling_of(commands, site);
    if (already) {
        already->due_ms = clock_steady_ms() + command->settle_ms;
        return;
    }
    hold(commands, flight);
    commands->settling[commands->settling_count++] =
        (struct settling){.ticket = ++commands->tickets,
                          .device = site->device->id,
                          .tag = site->tag->id,
                          .due_ms = clock_steady_ms() + command->settle_ms,
                          .flight = flight};
}

/* A whole write makes an earlier part of it old. */
static void drop_settling(struct commands *commands, size_t at)
{
    uint64_t flight = commands->settling[at].flight;
    commands->settling[at] = commands->settling[--commands->settling_count];
    land(commands, flight);
}

static void ask_settled(struct commands *commands)
{
    uint64_t now = clock_steady_ms();
    for (size_t i = 0; i < commands->settling_count;) {
        struct settling *settling = &commands->settling[i];
        const struct site *site = find_site(commands, settling->device, settling->tag);
        if (!site) {
            drop_settling(commands, i);
            continue;
        }
        i++;
        if (settling->asked || settling->due_ms > now)
            continue;
        const struct reading reading = {.ticket = settling->ticket,
                                        .unit = site->device->unit,
                                        .table = site->tag->point.table,
                                        .address = site->tag->point.address,
                                        .count = site->width};
        settling->asked = reader_ask(commands->spec.reader, &reading);
    }
}

/* A reading that failed is asked for again, except one that the server refuses: it has the unit no
 * more. */
static void take_reading(struct commands *commands, const struct reading *reading)
{
    for (size_t i = 0; i < commands->settling_count; i++) {
        struct settling *settling = &commands->settling[i];
        if (settling->ticket != reading->ticket)
            continue;
        const struct site *site = find_site(commands, settling->device, settling->tag);
        bool fits = site && reading->result == LINK_OK &&
                    site->tag->point.address == reading->address && site->width == reading->count;
        enum publish_result published =
            fits ? publish(commands, site->device, site->tag, reading->words, settling->flight)
                 : PUBLISH_REFUSED;
        if (published == PUBLISH_SENT)
            setpoint_keep(commands->spec.plant->live, site, reading->words);
        if (published == PUBLISH_SHORT || (site && reading->result == LINK_UNREACHABLE)) {
            settling->asked = false;
            settling->due_ms = clock_steady_ms() + AGAIN_MS;
            return;
        }
        drop_settling(commands, i);
        return;
    }
}

int commands_due_ms(const struct commands *commands)
{
    uint64_t now = clock_steady_ms();
    int due = -1;
    if (commands->late.has_entry || commands->late.has_news)
        due = commands->late.due_ms > now ? (int)(commands->late.due_ms - now) : 0;
    for (size_t i = 0; i < commands->settling_count; i++) {
        const struct settling *each = &commands->settling[i];
        int wait = each->due_ms > now ? (int)(each->due_ms - now) : 0;
        if (!each->asked && (due < 0 || wait < due))
            due = wait;
    }
    return due;
}

/* Entries. */

/* False when there is no memory for it. */
static bool take_whole(struct commands *commands, const struct journal_entry *entry,
                       uint64_t flight, const struct site *site, const uint16_t *words)
{
    for (size_t i = commands->settling_count; i-- > 0;) {
        if (commands->settling[i].tag == site->tag->id)
            drop_settling(commands, i);
    }
    enum publish_result result = publish(commands, site->device, site->tag, words, flight);
    if (result == PUBLISH_SENT) {
        setpoint_restore(commands->spec.plant->live, entry, site, words);
        setpoint_keep(commands->spec.plant->live, site, words);
    }
    return result != PUBLISH_SHORT;
}

static bool take_site(struct commands *commands, const struct journal_entry *entry, uint64_t flight,
                      const struct site *site)
{
    uint16_t words[POINT_REGISTERS_MAX];
    switch (entry_match(entry, &site->tag->point, words)) {
    case ENTRY_NOTHING:
        break;
    case ENTRY_PART:
        /* What the device says now would be written over one part, and make a value of two halves.
         */
        site->tag->command->written_at_ms = clock_steady_ms();
        settle(commands, site, flight);
        break;
    case ENTRY_WHOLE:
        return take_whole(commands, entry, flight, site, words);
    }
    return true;
}

/* Takes the entry to each site that it may concern. False when there was no memory for all of them:
 * those that have had it get it once more. */
static bool take_entry(struct commands *commands, const struct journal_entry *entry,
                       uint64_t flight)
{
    uint8_t table = entry->table == JOURNAL_COIL ? TABLE_COIL : TABLE_HOLDING_REGISTER;
    uint16_t before = commands->sites.widest > 0 ? (uint16_t)(commands->sites.widest - 1) : 0;
    uint16_t from = entry->address > before ? (uint16_t)(entry->address - before) : 0;
    bool is_whole = true;
    uint32_t end = sites_place(entry->unit, table, entry->address) + entry->count;
    for (size_t i = sites_first(&commands->sites, sites_place(entry->unit, table, from));
         i < commands->sites.count && commands->sites.item[i].place < end; i++)
        is_whole = take_site(commands, entry, flight, &commands->sites.item[i]) && is_whole;
    return is_whole;
}

/* What the registers hold is the tag's value, whoever wrote it. */
static void show(const struct commands *commands, const struct site *site,
                 const struct live_row *row, const uint16_t *words)
{
    const struct point *point = &site->tag->point;
    struct command *command = site->tag->command;
    struct live *live = commands->spec.plant->live;
    struct live_pending after;
    bool text = point->type == TYPE_STRING;
    struct live_value value = {0};
    live_locate(&value, 0, site->device->unit, point);
    value.raw = live_raw(point, words);
    if (!text && row->changed != 0 && row->value.raw == value.raw)
        return;
    live_show(live, site->tag->slot, &value, text ? words : NULL, site->width);
    if (!live_pending(live, site->tag->slot, &after) || after.changed == row->changed)
        return;
    if (row->changed != command->shown_to)
        command->shown_from = row->changed;
    command->shown_to = after.changed;
}

/* A value that came after the reading is newer. Only what earlier readings put does not count. */
static bool is_older(const struct command *command, const struct poll *news,
                     const struct live_row *row)
{
    if (news->changed == row->changed && news->written == row->written)
        return false;
    return news->changed != news->written || row->changed != row->written ||
           row->changed != command->shown_to || news->changed < command->shown_from ||
           news->changed > command->shown_to;
}

/* What a poll of a foreign server found. It has no place in the journal. The first reading is no
 * command. False when there is no memory for one. */
static bool take_news(struct commands *commands, const struct poll *news)
{
    const struct site *site = find_site(commands, news->device, news->tag);
    struct live_row row;
    if (!site || site->place != SITE_FOREIGN || site->width != news->count ||
        !live_read(commands->spec.plant->live, site->tag->slot, live_owner(LIVE_TAG, site->tag->id),
                   &row) ||
        is_older(site->tag->command, news, &row))
        return true;
    show(commands, site, &row, news->words);
    struct command *command = site->tag->command;
    int bit = site->tag->point.bit == NO_BIT ? -1 : news->words[0] >> site->tag->point.bit & 1;
    if (!news->known || (bit >= 0 && command->bit_known == bit))
        return true;
    if (publish(commands, site->device, site->tag, news->words, 0) == PUBLISH_SHORT)
        return false;
    command->bit_known = (int8_t)bit;
    return true;
}

static void take_all_news(struct commands *commands)
{
    const struct targets *targets = commands->spec.plant->targets;
    struct poll *news = &commands->late.news;
    if (commands->late.has_news && !take_news(commands, news)) {
        commands->late.due_ms = clock_steady_ms() + AGAIN_MS;
        return;
    }
    commands->late.has_news = false;
    for (size_t i = 1; i < targets->count; i++) {
        while (target_next_news(targets->item[i], news)) {
            if (take_news(commands, news))
                continue;
            commands->late.has_news = true;
            commands->late.due_ms = clock_steady_ms() + AGAIN_MS;
            return;
        }
    }
}

static bool can_settle(const struct commands *commands)
{
    return commands->settling_count + EDGES_OF_AN_ENTRY <= SETTLING_MAX &&
           commands->message_count + SITES_OF_AN_ENTRY + SETTLING_MAX <= MESSAGES_MAX;
}

/* Entries were lost: the registers say at least what was written last. A loss in the middle of that
 * means another round, and not a new beginning, so that each has its turn. */
static void mend(struct commands *commands)
{
    if (watch_has_lost(commands->spec.watch))
        commands->mend_left = commands->sites.count;
    for (; commands->mend_left > 0 && can_settle(commands); commands->mend_left--) {
        const struct site *site =
            &commands->sites.item[commands->mend_next++ % commands->sites.count];
        if (site->place != SITE_FOREIGN && !settling_of(commands, site))
            settle(commands, site, MENDED);
    }
    save_position(commands);
}

static bool has_room(const struct commands *commands)
{
    return commands->flights.count < FLIGHTS_MAX && can_settle(commands);
}

/* The entry is held until there is memory for it, and those behind it wait. */
static void take_next_entry(struct commands *commands, const struct journal_entry *entry,
                            uint64_t flight)
{
    bool was_late = commands->late.has_entry;
    bool is_late = !take_entry(commands, entry, flight);
    commands->late.has_entry = is_late;
    if (is_late) {
        commands->late.due_ms = clock_steady_ms() + AGAIN_MS;
        if (!was_late && hold(commands, flight)) {
            commands->late.entry = *entry;
            commands->late.flight = flight;
        }
    } else if (was_late) {
        land(commands, flight);
    }
}

static void take_late_entry(struct commands *commands)
{
    const struct journal_entry entry = commands->late.entry;
    if (commands->late.has_entry && clock_steady_ms() >= commands->late.due_ms &&
        can_settle(commands))
        take_next_entry(commands, &entry, commands->late.flight);
}

void commands_run(struct commands *commands)
{
    struct journal_entry entry;
    struct reading reading;
    uint64_t journal;
    if (!refresh_sites(commands)) {
        shortage_note(commands->spec.shortage, "the tags with a way back");
        return;
    }
    mend(commands);
    while (reader_next(commands->spec.reader, &reading))
        take_reading(commands, &reading);
    ask_settled(commands);
    take_all_news(commands);
    take_late_entry(commands);
    while (!commands->late.has_entry && has_room(commands) &&
           watch_next(commands->spec.watch, &entry, &journal)) {
        uint64_t flight = flights_take_off(&commands->flights, journal, entry.sequence);
        take_next_entry(commands, &entry, flight);
        save_position(commands);
    }
}
