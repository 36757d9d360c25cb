/* The way back.
 *
 * Each entry of the journal is a flight. A value of several registers that an entry wrote in part
 * waits for its settle time and is then read whole. */
#include "mqttd/commands.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/rate.h"
#include "mqttd/flights.h"
#include "mqttd/reader.h"
#include "mqttd/sites.h"
#include "mqttd/template.h"
#include "mqttd/translate.h"

enum {
    SETTLING_MAX = 128,
    MESSAGES_MAX = 4096,
    SITES_OF_AN_ENTRY = 1968, /* coils, or bits of 123 registers */
    EDGES_OF_AN_ENTRY = 2,    /* values that it can have written in part */
    MESSAGE_SIZE = 16384
};

/* The sequence of what makes up for entries that were lost. */
#define MENDED UINT64_MAX

/* A message that the broker has not taken yet. */
struct message {
    int number;
    uint64_t sequence;
    int64_t device, tag;
};

/* A value that was written in part. */
struct settling {
    uint64_t ticket;
    int64_t device, tag;
    uint64_t due_ms, sequence;
    bool asked;
};

struct commands {
    struct commands_spec spec;
    struct sites sites;
    struct flights flights;
    struct message messages[MESSAGES_MAX];
    size_t message_count;
    struct settling settling[SETTLING_MAX];
    size_t settling_count;
    uint64_t tickets;
    size_t mend_next, mend_left; /* after a loss: the site to ask for next, and how many yet */
    size_t mending;              /* what was asked for, and its messages, that are not done */
    uint64_t landed;             /* position to save, 0: none */
    struct rate refusals;        /* lines about commands that the broker does not take */
    struct rate too_long;        /* lines about commands that do not fit */
    char text[MESSAGE_SIZE];
    struct translated translated;
};

struct commands *commands_create(const struct commands_spec *spec)
{
    struct commands *commands = calloc(1, sizeof *commands);
    if (!commands)
        return NULL;
    commands->spec = *spec;
    return commands;
}

void commands_destroy(struct commands *commands)
{
    if (!commands)
        return;
    sites_finish(&commands->sites);
    free(commands);
}

/* The position stays in front of a loss until that is mended: a successor would know nothing of
 * it. */
static void save_position(struct commands *commands)
{
    uint64_t position = flights_land(&commands->flights);
    if (position > 0)
        commands->landed = position;
    if (commands->landed == 0 || commands->mend_left > 0 || commands->mending > 0)
        return;
    watch_save(commands->spec.watch, commands->landed);
    commands->landed = 0;
}

static bool hold(struct commands *commands, uint64_t sequence)
{
    if (sequence != MENDED)
        return flights_hold(&commands->flights, sequence);
    commands->mending++;
    return true;
}

static void land(struct commands *commands, uint64_t sequence)
{
    if (sequence != MENDED)
        flights_release(&commands->flights, sequence);
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
    const struct site *site = sites_find(&commands->sites, message->device, message->tag);
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
        land(commands, message.sequence);
        return;
    }
}

/* Publishing. */

static void log_too_long(struct commands *commands, const struct device *device,
                         const struct tag *tag)
{
    uint64_t now = clock_steady_ms();
    if (!rate_due(&commands->too_long, now))
        return;
    log_warning("%s/%s: the message of a command is too long; %u such commands since the last line",
                device->name, tag->name, commands->too_long.since);
    rate_said(&commands->too_long, now);
}

static void publish(struct commands *commands, const struct device *device, struct tag *tag,
                    const uint16_t *words, uint64_t sequence)
{
    struct command *command = tag->command;
    size_t len;
    int number = 0;
    translate_out(&tag->point, tag->map, words, &commands->translated);
    const struct template_values values = {.device = device->name,
                                           .tag = tag->name,
                                           .key = tag->key,
                                           .json = commands->translated.json,
                                           .bare = commands->translated.bare,
                                           .text = tag->payload == PAYLOAD_TEXT};
    command->written_at_ms = clock_steady_ms();
    live_set_setpoint(commands->spec.plant->live, tag->slot, true);
    if (!template_render(command->template_text, &values, commands->text, sizeof commands->text,
                         &len)) {
        log_too_long(commands, device, tag);
        return;
    }
    if (!subscriber_publish(commands->spec.subscriber, command->topic, commands->text, len,
                            command->qos, command->retain, &number))
        return;
    log_debug("%s/%s: %s to %s", device->name, tag->name, commands->translated.bare,
              command->topic);
    counters_add(commands->spec.counters, MQTTD_PUBLISHED, 1);
    if (command->qos > 0 && commands->message_count < MESSAGES_MAX && hold(commands, sequence))
        commands->messages[commands->message_count++] =
            (struct message){number, sequence, device->id, tag->id};
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

static void settle(struct commands *commands, const struct site *site, uint64_t sequence)
{
    const struct command *command = site->tag->command;
    struct settling *already = settling_of(commands, site);
    if (already) {
        already->due_ms = clock_steady_ms() + command->settle_ms;
        return;
    }
    hold(commands, sequence);
    commands->settling[commands->settling_count++] =
        (struct settling){.ticket = ++commands->tickets,
                          .device = site->device->id,
                          .tag = site->tag->id,
                          .due_ms = clock_steady_ms() + command->settle_ms,
                          .sequence = sequence};
}

/* A whole write makes an earlier part of it old. */
static void drop_settling(struct commands *commands, size_t at)
{
    uint64_t sequence = commands->settling[at].sequence;
    commands->settling[at] = commands->settling[--commands->settling_count];
    land(commands, sequence);
}

static const struct site *site_of(const struct commands *commands, const struct settling *settling)
{
    return sites_find(&commands->sites, settling->device, settling->tag);
}

static void ask_settled(struct commands *commands)
{
    uint64_t now = clock_steady_ms();
    for (size_t i = 0; i < commands->settling_count;) {
        struct settling *settling = &commands->settling[i];
        const struct site *site = site_of(commands, settling);
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

static void learn_bit(const struct tag *tag, uint16_t word)
{
    if (tag->point.bit != NO_BIT)
        tag->command->bit_known = (int8_t)(word >> tag->point.bit & 1);
}

/* A reading that failed is asked for again, but for one that the server refuses: it has the unit no
 * more. */
static void take_reading(struct commands *commands, const struct reading *reading)
{
    enum { AGAIN_MS = 200 };
    for (size_t i = 0; i < commands->settling_count; i++) {
        struct settling *settling = &commands->settling[i];
        if (settling->ticket != reading->ticket)
            continue;
        const struct site *site = site_of(commands, settling);
        if (site && reading->result == LINK_UNREACHABLE) {
            settling->asked = false;
            settling->due_ms = clock_steady_ms() + AGAIN_MS;
            return;
        }
        if (site && reading->result == LINK_OK && site->tag->point.address == reading->address &&
            site->width == reading->count) {
            publish(commands, site->device, site->tag, reading->words, settling->sequence);
            learn_bit(site->tag, reading->words[0]);
        }
        drop_settling(commands, i);
        return;
    }
}

int commands_due_ms(const struct commands *commands)
{
    uint64_t now = clock_steady_ms();
    int due = -1;
    for (size_t i = 0; i < commands->settling_count; i++) {
        const struct settling *each = &commands->settling[i];
        int wait = each->due_ms > now ? (int)(each->due_ms - now) : 0;
        if (!each->asked && (due < 0 || wait < due))
            due = wait;
    }
    return due;
}

/* Entries. */

static uint16_t word_at(const struct journal_entry *entry, unsigned offset)
{
    if (entry->table == JOURNAL_COIL)
        return (uint16_t)(entry->values[offset / 16] >> (offset % 16) & 1);
    return entry->values[offset];
}

/* An entry holds a whole register, not which of its bits were meant. Those that changed were; when
 * none did, all were written again. */
static bool bit_changes(const struct tag *tag, const struct journal_entry *entry)
{
    unsigned bit = entry->values[tag->point.address - entry->address] >> tag->point.bit & 1U;
    return tag->command->bit_known != (int)bit;
}

static bool covers(const struct journal_entry *entry, const struct site *site)
{
    const struct point *point = &site->tag->point;
    return point->address >= entry->address &&
           point->address + site->width <= entry->address + entry->count;
}

static bool touches(const struct journal_entry *entry, const struct site *site)
{
    const struct point *point = &site->tag->point;
    return point->address < entry->address + entry->count &&
           point->address + site->width > entry->address;
}

static bool has_bit_neighbour_that_changes(const struct commands *commands,
                                           const struct journal_entry *entry,
                                           const struct site *site)
{
    for (size_t i = sites_first(&commands->sites, site->place);
         i < commands->sites.count && commands->sites.item[i].place == site->place; i++) {
        const struct tag *tag = commands->sites.item[i].tag;
        if (tag->point.bit != NO_BIT && bit_changes(tag, entry))
            return true;
    }
    return false;
}

static bool is_meant(const struct commands *commands, const struct journal_entry *entry,
                     const struct site *site)
{
    return site->tag->point.bit == NO_BIT || bit_changes(site->tag, entry) ||
           !has_bit_neighbour_that_changes(commands, entry, site);
}

/* A device's older report may have reached the register after SCADA's write: it waited at the
 * broker while mqttd was away. The device gets the command now, and its echo is held off, so
 * SCADA's value has to go back into the register. */
static void put_back(struct commands *commands, const struct journal_entry *entry,
                     const struct site *site, const uint16_t *words)
{
    struct live *live = commands->spec.plant->live;
    const struct tag *tag = site->tag;
    struct live_row row;
    bool text = tag->point.type == TYPE_STRING;
    if (!live_read(live, tag->slot, live_owner(LIVE_TAG, tag->id), &row) || row.changed == 0 ||
        (row.changed == row.written && row.written_wall_ms < entry->wall_ms))
        return;
    row.value.raw = 0;
    for (unsigned i = 0; !text && i < site->width; i++)
        row.value.raw |= (uint64_t)words[i] << (16 * i);
    if (tag->point.bit != NO_BIT)
        row.value.raw = row.value.raw >> tag->point.bit & 1;
    target_hold(site->device->target);
    live_put(live, tag->slot, &row.value, text ? words : NULL, tag->point.length);
    target_mark(site->device->target, tag->slot);
    target_release(site->device->target);
}

static void take_whole(struct commands *commands, const struct journal_entry *entry,
                       const struct site *site)
{
    uint16_t words[POINT_REGISTERS_MAX];
    unsigned from = site->tag->point.address - (unsigned)entry->address;
    for (unsigned i = 0; i < site->width; i++)
        words[i] = word_at(entry, from + i);
    for (size_t i = commands->settling_count; i-- > 0;) {
        if (commands->settling[i].tag == site->tag->id)
            drop_settling(commands, i);
    }
    publish(commands, site->device, site->tag, words, entry->sequence);
    put_back(commands, entry, site, words);
}

/* Calls `take` with each site that the entry touches. */
static void each_site(struct commands *commands, const struct journal_entry *entry,
                      void (*take)(struct commands *, const struct journal_entry *,
                                   const struct site *))
{
    uint8_t table = entry->table == JOURNAL_COIL ? TABLE_COIL : TABLE_HOLDING_REGISTER;
    uint16_t before = commands->sites.widest > 0 ? (uint16_t)(commands->sites.widest - 1) : 0;
    uint16_t from = entry->address > before ? (uint16_t)(entry->address - before) : 0;
    uint32_t end = sites_place(entry->unit, table, entry->address) + entry->count;
    for (size_t i = sites_first(&commands->sites, sites_place(entry->unit, table, from));
         i < commands->sites.count && commands->sites.item[i].place < end; i++) {
        if (touches(entry, &commands->sites.item[i]))
            take(commands, entry, &commands->sites.item[i]);
    }
}

static void take_site(struct commands *commands, const struct journal_entry *entry,
                      const struct site *site)
{
    if (!covers(entry, site)) {
        /* What the device says now would be written over one part, and make a value of two halves.
         */
        site->tag->command->written_at_ms = clock_steady_ms();
        settle(commands, site, entry->sequence);
    } else if (is_meant(commands, entry, site)) {
        take_whole(commands, entry, site);
    }
}

static void remember_bit(struct commands *commands, const struct journal_entry *entry,
                         const struct site *site)
{
    (void)commands;
    if (site->tag->point.bit != NO_BIT)
        learn_bit(site->tag, entry->values[site->tag->point.address - entry->address]);
}

/* What the registers hold is the tag's value, whoever wrote it. */
static void show(const struct commands *commands, const struct site *site, const uint16_t *words)
{
    const struct point *point = &site->tag->point;
    bool text = point->type == TYPE_STRING;
    struct live_value value = {.place = live_place(site->device->unit, point)};
    for (unsigned i = 0; !text && i < site->width; i++)
        value.raw |= (uint64_t)words[i] << (16 * i);
    if (point->bit != NO_BIT)
        value.raw = words[0] >> point->bit & 1;
    live_show(commands->spec.plant->live, site->tag->slot, &value, text ? words : NULL,
              site->width);
}

/* What a poll of a foreign server found. It has no place in the journal. The first reading is no
 * command. */
static void take_news(struct commands *commands, const struct poll *news)
{
    const struct site *site = sites_find(&commands->sites, news->device, news->tag);
    if (!site || site->place != SITE_FOREIGN || site->width != news->count)
        return;
    show(commands, site, news->words);
    struct command *command = site->tag->command;
    int bit = site->tag->point.bit == NO_BIT ? -1 : news->words[0] >> site->tag->point.bit & 1;
    if (!news->known || (bit >= 0 && command->bit_known == bit))
        return;
    command->bit_known = (int8_t)bit;
    publish(commands, site->device, site->tag, news->words, 0);
}

static void take_all_news(struct commands *commands)
{
    const struct targets *targets = commands->spec.plant->targets;
    struct poll news;
    for (size_t i = 1; i < targets->count; i++) {
        while (target_next_news(targets->item[i], &news))
            take_news(commands, &news);
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

/* What is being mended begins anew, for the places of the sites are others. */
static void refresh_sites(struct commands *commands)
{
    uint64_t generation = commands->sites.generation;
    sites_refresh(&commands->sites, commands->spec.plant);
    if (generation != commands->sites.generation && commands->mend_left > 0)
        commands->mend_left = commands->sites.count;
}

void commands_run(struct commands *commands)
{
    struct journal_entry entry;
    struct reading reading;
    refresh_sites(commands);
    mend(commands);
    while (reader_next(commands->spec.reader, &reading))
        take_reading(commands, &reading);
    ask_settled(commands);
    take_all_news(commands);
    while (has_room(commands) && watch_next(commands->spec.watch, &entry)) {
        flights_take_off(&commands->flights, entry.sequence);
        each_site(commands, &entry, take_site);
        each_site(commands, &entry, remember_bit);
        save_position(commands);
    }
}
