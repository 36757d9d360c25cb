/* The live table in mapped files. All words are atomic; a release store after a copy's words, and
 * acquire loads of them, make the two copies safe without fences. */
#include "common/live.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "common/clock.h"
#include "common/json_text.h"

typedef _Atomic uint64_t word;

enum {
    LAYOUT = 2,
    ROWS_FIRST = 1024,
    STRINGS_FIRST = 64,
    COPY_WORDS = sizeof(struct live_value) / sizeof(uint64_t),
    EXCERPT_WORDS = LIVE_EXCERPT_SIZE / sizeof(uint64_t),
    TEXT_WORDS = (STRING_REGISTERS_MAX + 3) / 4,
};

struct fault_copy {
    word code_and_time;
    word excerpt[EXCERPT_WORDS];
};

struct stored_row {
    word owner, changed, written, written_wall_ms;
    word write_fault; /* code and time */
    word messages, rejects;
    word outcome; /* session above, outcome in the low byte, and SETPOINT */
    word copies[2][COPY_WORDS];
    word faults; /* counts refusals; its low bit names the valid copy */
    struct fault_copy fault[2];
    word text; /* the row's entry among the strings, plus one; 0: none */
    word spare[2];
};
_Static_assert(sizeof(struct stored_row) == 320, "a row is five cache lines");

/* Copy i belongs to the row's copy i. */
struct stored_text {
    word owner;
    word copies[2][TEXT_WORDS];
    word spare;
};
_Static_assert(sizeof(struct stored_text) == 512, "an entry is eight cache lines");

struct broker_copy {
    word reason_and_time;
    word words[LIVE_BROKER_WORDS_SIZE / sizeof(uint64_t)];
};

struct stored_head {
    struct shm_header header;
    word session, started_wall_ms, heartbeat_steady_ms, revision, connected, broker_steady_ms;
    word capacity, strings; /* rows, and entries of strings, that the files hold */
    word broker_changes;    /* counts; its low bit names the valid copy */
    struct broker_copy broker[2];
    word condition;
};
_Static_assert(sizeof(struct stored_head) == 224, "see FIRST_ROW");

enum { FIRST_ROW = 256, FIRST_TEXT = 512 };

static const uint64_t SETPOINT = UINT64_C(1) << 63;

static const char rows_magic[] = "TFliverw";
static const char strings_magic[] = "TFlivest";

uint64_t live_owner(enum live_kind kind, int64_t id)
{
    return (uint64_t)kind << 56 | (uint64_t)id;
}

enum live_kind live_owner_kind(uint64_t owner)
{
    return (enum live_kind)(owner >> 56);
}

uint64_t live_place(uint8_t unit, const struct point *point)
{
    return (uint64_t)(point->type == TYPE_STRING) << 56 | (uint64_t)unit << 48 |
           (uint64_t)point->table << 40 | (uint64_t)(uint8_t)(point->bit + 1) << 32 |
           (uint64_t)point_width(point) << 16 | point->address;
}

/* The lowest bit says that there is a coding. */
uint64_t live_coding(const struct point *point)
{
    return (uint64_t)point->order << 16 | (uint64_t)point->type << 8 | 1;
}

void live_locate(struct live_value *value, uint64_t settings, uint8_t unit,
                 const struct point *point)
{
    value->settings = settings;
    value->place = live_place(unit, point);
    value->coding = live_coding(point);
    value->scale = point->scale;
    value->offset = point->offset;
}

uint8_t live_place_unit(uint64_t place)
{
    return (uint8_t)(place >> 48);
}

bool live_place_is_text(uint64_t place)
{
    return (place >> 56 & 1) != 0;
}

struct point live_place_point(uint64_t place)
{
    return (struct point){.table = (uint8_t)(place >> 40),
                          .bit = (int8_t)((int)(place >> 32 & 0xff) - 1),
                          .length = (uint16_t)(place >> 16),
                          .address = (uint16_t)place,
                          .type = TYPE_STRING,
                          .scale = 1};
}

bool live_value_point(const struct live_value *value, struct point *point)
{
    uint64_t type = value->coding >> 8 & 0xff, order = value->coding >> 16 & 0xff;
    if ((value->coding & 1) == 0 || type >= TYPE_COUNT || order >= ORDER_COUNT)
        return false;
    *point = live_place_point(value->place);
    point->type = (uint8_t)type;
    point->order = (uint8_t)order;
    point->length = type == TYPE_STRING ? point->length : 0;
    point->scale = value->scale;
    point->offset = value->offset;
    return true;
}

static uint64_t get(const word *at)
{
    return atomic_load_explicit(at, memory_order_acquire);
}

static void set(word *at, uint64_t number)
{
    atomic_store_explicit(at, number, memory_order_release);
}

static struct stored_head *head_of(const struct live *live)
{
    return (struct stored_head *)live->rows.base;
}

static struct stored_row *row_at(const struct live *live, uint32_t slot)
{
    return (struct stored_row *)((char *)live->rows.base + FIRST_ROW) + slot;
}

static struct stored_text *text_at(const struct live *live, uint64_t entry)
{
    return (struct stored_text *)((char *)live->strings.base + FIRST_TEXT) + entry;
}

static size_t rows_size(uint32_t rows)
{
    return FIRST_ROW + (size_t)rows * sizeof(struct stored_row);
}

static size_t strings_size(uint32_t entries)
{
    return FIRST_TEXT + (size_t)entries * sizeof(struct stored_text);
}

/* Code and time in one word, so that no reader sees one without the other. */
static uint64_t pack_fault(enum fault fault, uint64_t wall_ms)
{
    return (uint64_t)fault << 56 | wall_ms;
}

static enum fault fault_of(uint64_t packed)
{
    return (enum fault)(packed >> 56);
}

static uint64_t time_of(uint64_t packed)
{
    return packed & ((UINT64_C(1) << 56) - 1);
}

static bool set_paths(struct live *live, const char *directory, char *why, size_t why_size)
{
    *live = (struct live){.rows.fd = -1, .strings.fd = -1};
    size_t room = sizeof live->rows_path;
    if (snprintf(live->rows_path, room, "%s/live", directory) < (int)room &&
        snprintf(live->strings_path, room, "%s/live-strings", directory) < (int)room)
        return true;
    snprintf(why, why_size, "%s: the path is too long", directory);
    return false;
}

static struct shm_spec rows_spec(const struct live *live)
{
    return (struct shm_spec){live->rows_path, rows_magic, LAYOUT, rows_size(ROWS_FIRST),
                             rows_size(LIVE_ROWS_MAX)};
}

static struct shm_spec strings_spec(const struct live *live)
{
    return (struct shm_spec){live->strings_path, strings_magic, LAYOUT, strings_size(STRINGS_FIRST),
                             strings_size(LIVE_STRINGS_MAX)};
}

/* The number of rows of `size` bytes each behind `first` bytes that the file really has. */
static uint64_t room_of(const struct shm *shm, size_t first, size_t size)
{
    return (shm_file_size(shm) - first) / size;
}

/* Entries used by a row are never moved; the next new one comes behind the last. The rows that only
 * this walk has looked at shall not count as memory of ours. */
static uint32_t count_strings(const struct live *live)
{
    uint64_t used = 0, capacity = get(&head_of(live)->capacity);
    for (uint32_t slot = 0; slot < capacity; slot++) {
        uint64_t entry = get(&row_at(live, slot)->text);
        used = entry > used ? entry : used;
    }
    madvise(live->rows.base, rows_size((uint32_t)capacity), MADV_DONTNEED);
    return (uint32_t)used;
}

bool live_open_writer(struct live *live, const char *directory, char *why, size_t why_size)
{
    if (!set_paths(live, directory, why, why_size))
        return false;
    struct shm_spec rows = rows_spec(live), strings = strings_spec(live);
    enum shm_opened rows_opened = shm_open_writer(&live->rows, &rows, true, why, why_size);
    if (rows_opened == SHM_FAILED)
        return false;
    enum shm_opened strings_opened = shm_open_writer(&live->strings, &strings, true, why, why_size);
    if (strings_opened == SHM_FAILED) {
        live_close(live);
        return false;
    }
    struct stored_head *head = head_of(live);
    set(&head->capacity, room_of(&live->rows, FIRST_ROW, sizeof(struct stored_row)));
    set(&head->strings, room_of(&live->strings, FIRST_TEXT, sizeof(struct stored_text)));
    if (strings_opened == SHM_CREATED) {
        for (uint32_t slot = 0; slot < get(&head->capacity); slot++)
            set(&row_at(live, slot)->text, 0);
    }
    live->strings_used = count_strings(live);
    live_set_broker(live, &(struct live_broker){.reason = BROKER_CONNECTING,
                                                .wall_ms = clock_wall_ms(),
                                                .steady_ms = clock_steady_ms()});
    live_set_condition(live, LIVE_STARTING);
    set(&head->started_wall_ms, clock_wall_ms());
    set(&head->session, get(&head->session) + 1);
    live_heartbeat(live, clock_steady_ms());
    return true;
}

bool live_open_reader(struct live *live, const char *directory, char *why, size_t why_size)
{
    if (!set_paths(live, directory, why, why_size))
        return false;
    struct shm_spec rows = rows_spec(live), strings = strings_spec(live);
    if (shm_open_reader(&live->rows, &rows, why, why_size) &&
        shm_open_reader(&live->strings, &strings, why, why_size))
        return true;
    live_close(live);
    return false;
}

bool live_was_replaced(const struct live *live)
{
    return shm_was_replaced(&live->rows, live->rows_path) ||
           shm_was_replaced(&live->strings, live->strings_path);
}

void live_close(struct live *live)
{
    if (!live)
        return;
    shm_close(&live->rows);
    shm_close(&live->strings);
}

bool live_reserve(struct live *live, uint32_t rows)
{
    uint64_t capacity = get(&head_of(live)->capacity);
    if (rows <= capacity)
        return true;
    uint64_t wanted = capacity * 2 > rows ? capacity * 2 : rows;
    if (wanted > LIVE_ROWS_MAX)
        wanted = LIVE_ROWS_MAX;
    if (rows > wanted) {
        errno = ENOSPC;
        return false;
    }
    if (!shm_grow(&live->rows, rows_size((uint32_t)wanted)))
        return false;
    set(&head_of(live)->capacity, wanted);
    return true;
}

static bool grow_strings(struct live *live)
{
    uint64_t entries = get(&head_of(live)->strings) * 2;
    if (entries > LIVE_STRINGS_MAX) {
        errno = ENOSPC;
        return false;
    }
    if (!shm_grow(&live->strings, strings_size((uint32_t)entries)))
        return false;
    set(&head_of(live)->strings, entries);
    return true;
}

bool live_has_text(const struct live *live, uint32_t slot)
{
    return slot < get(&head_of(live)->capacity) && get(&row_at(live, slot)->text) != 0;
}

bool live_reserve_texts(struct live *live, uint32_t texts)
{
    while (get(&head_of(live)->strings) - live->strings_used < texts) {
        if (!grow_strings(live))
            return false;
    }
    return true;
}

static bool add_text(struct live *live, struct stored_row *row)
{
    if (live->strings_used == get(&head_of(live)->strings) && !grow_strings(live))
        return false;
    set(&row->text, ++live->strings_used);
    return true;
}

/* The file may have been refused the room for a row: what lies behind its end must not be touched.
 */
static bool has_row(const struct live *live, uint32_t slot)
{
    return slot < get(&head_of(live)->capacity);
}

static void empty_row(struct live *live, struct stored_row *row)
{
    uint64_t text = get(&row->text);
    live->emptied += get(&row->changed) != 0;
    word *words = (word *)row;
    set(&row->owner, 0);
    for (size_t i = 1; i < sizeof *row / sizeof *words; i++)
        set(&words[i], 0);
    set(&row->text, text);
}

bool live_claim(struct live *live, uint32_t slot, uint64_t owner, bool text)
{
    if (!live_reserve(live, slot + 1))
        return false;
    struct stored_row *row = row_at(live, slot);
    if (get(&row->owner) != owner)
        empty_row(live, row);
    if (text && get(&row->text) == 0 && !add_text(live, row))
        return false;
    set(&row->owner, owner);
    return true;
}

void live_release(struct live *live, uint32_t slot, uint64_t owner)
{
    struct stored_row *row = row_at(live, slot);
    if (has_row(live, slot) && get(&row->owner) == owner)
        empty_row(live, row);
}

static void put_text(struct live *live, const struct stored_row *row, uint64_t copy,
                     const uint16_t *text, uint16_t text_words)
{
    uint64_t packed[TEXT_WORDS] = {0};
    uint64_t entry = get(&row->text);
    if (entry == 0)
        return;
    for (size_t i = 0; i < text_words; i++)
        packed[i / 4] |= (uint64_t)text[i] << (16 * (i % 4));
    word *to = text_at(live, entry - 1)->copies[copy];
    for (size_t i = 0; i < TEXT_WORDS; i++)
        set(&to[i], packed[i]);
}

/* A write of what the row held before it was emptied may still be on its way: its number must not
 * be one of a newer value. */
static uint64_t next_change(const struct live *live, const struct stored_row *row)
{
    uint64_t changed = get(&row->changed);
    return changed ? changed + 1 : (live->emptied << 32) + 1;
}

uint64_t live_put(struct live *live, uint32_t slot, const struct live_value *value,
                  const uint16_t *text, uint16_t text_words)
{
    struct stored_row *row = row_at(live, slot);
    uint64_t words[COPY_WORDS];
    if (!has_row(live, slot))
        return 0;
    uint64_t changed = next_change(live, row);
    memcpy(words, value, sizeof words);
    for (size_t i = 0; i < COPY_WORDS; i++)
        set(&row->copies[changed & 1][i], words[i]);
    if (text)
        put_text(live, row, changed & 1, text, text_words);
    set(&row->changed, changed);
    return changed;
}

void live_show(struct live *live, uint32_t slot, const struct live_value *value,
               const uint16_t *text, uint16_t text_words)
{
    struct stored_row *row = row_at(live, slot);
    if (!has_row(live, slot) || get(&row->changed) != get(&row->written))
        return;
    struct live_value shown = *value;
    const word *newest = row->copies[get(&row->changed) & 1];
    uint64_t words[COPY_WORDS];
    for (size_t i = 0; i < COPY_WORDS; i++)
        words[i] = get(&newest[i]);
    struct live_value before;
    memcpy(&before, words, sizeof before);
    shown.wall_ms = before.wall_ms;
    shown.steady_ms = before.steady_ms;
    shown.source_ms = before.source_ms;
    shown.settings = 0; /* those of no target */
    set(&row->written, live_put(live, slot, &shown, text, text_words));
}

static void add_one(word *at)
{
    set(at, get(at) + 1);
}

void live_outcome(struct live *live, uint32_t slot, enum live_outcome outcome)
{
    word *at = &row_at(live, slot)->outcome;
    uint64_t session = get(&head_of(live)->session);
    if (has_row(live, slot))
        set(at, (get(at) & SETPOINT) | session << 8 | (uint64_t)outcome);
}

void live_set_setpoint(struct live *live, uint32_t slot, bool is_setpoint)
{
    word *at = &row_at(live, slot)->outcome;
    if (has_row(live, slot))
        set(at, is_setpoint ? get(at) | SETPOINT : get(at) & ~SETPOINT);
}

void live_count(struct live *live, uint32_t slot)
{
    if (has_row(live, slot))
        add_one(&row_at(live, slot)->messages);
}

void live_message(struct live *live, uint32_t slot, enum live_outcome outcome)
{
    live_count(live, slot);
    live_outcome(live, slot, outcome);
}

void live_fault(struct live *live, uint32_t slot, enum fault fault, const char *excerpt, size_t len,
                uint64_t wall_ms)
{
    struct stored_row *row = row_at(live, slot);
    uint64_t words[EXCERPT_WORDS] = {0};
    if (!has_row(live, slot))
        return;
    memcpy(words, excerpt, utf8_cut(excerpt, len, LIVE_EXCERPT_SIZE - 1));
    uint64_t faults = get(&row->faults) + 1;
    struct fault_copy *copy = &row->fault[faults & 1];
    set(&copy->code_and_time, pack_fault(fault, wall_ms));
    for (size_t i = 0; i < EXCERPT_WORDS; i++)
        set(&copy->excerpt[i], words[i]);
    set(&row->faults, faults);
}

void live_reject(struct live *live, uint32_t slot, enum fault fault, const char *excerpt,
                 size_t len, uint64_t wall_ms)
{
    if (!has_row(live, slot))
        return;
    live_fault(live, slot, fault, excerpt, len, wall_ms);
    add_one(&row_at(live, slot)->rejects);
}

void live_written(struct live *live, uint32_t slot, uint64_t changed, uint64_t wall_ms)
{
    struct stored_row *row = row_at(live, slot);
    set(&row->written_wall_ms, wall_ms);
    set(&row->write_fault, 0);
    set(&row->written, changed);
}

/* The byte between code and time. Exceptions are below 64. */
enum { OF_UNIT = 0x40, OF_POLL = 0x80, EXCEPTION_BITS = 0x3f, DETAIL_SHIFT = 48 };

static uint64_t pack_write_fault(const struct live_write_fault *fault, uint64_t wall_ms)
{
    uint64_t detail = (fault->exception & EXCEPTION_BITS) | (fault->is_of_unit ? OF_UNIT : 0U) |
                      (fault->is_of_poll ? OF_POLL : 0U);
    return pack_fault(fault->fault, wall_ms & (((uint64_t)1 << DETAIL_SHIFT) - 1)) |
           detail << DETAIL_SHIFT;
}

static struct live_write_fault write_fault_of(uint64_t packed)
{
    unsigned detail = (unsigned)(packed >> DETAIL_SHIFT & 0xff);
    return (struct live_write_fault){.fault = fault_of(packed),
                                     .exception = (uint8_t)(detail & EXCEPTION_BITS),
                                     .is_of_unit = (detail & OF_UNIT) != 0,
                                     .is_of_poll = (detail & OF_POLL) != 0};
}

void live_write_failed(struct live *live, uint32_t slot, const struct live_write_fault *fault,
                       uint64_t wall_ms)
{
    set(&row_at(live, slot)->write_fault,
        fault->fault == FAULT_NONE ? 0 : pack_write_fault(fault, wall_ms));
}

bool live_write_is_refused(const struct live *live, uint32_t slot)
{
    struct live_write_fault fault = write_fault_of(get(&row_at(live, slot)->write_fault));
    return fault.fault == FAULT_MODBUS_EXCEPTION && !fault.is_of_poll && !fault.is_of_unit;
}

void live_heartbeat(struct live *live, uint64_t steady_ms)
{
    set(&head_of(live)->heartbeat_steady_ms, steady_ms);
}

void live_set_broker(struct live *live, const struct live_broker *broker)
{
    struct stored_head *head = head_of(live);
    uint64_t words[LIVE_BROKER_WORDS_SIZE / sizeof(uint64_t)] = {0};
    memcpy(words, broker->words,
           utf8_cut(broker->words, strlen(broker->words), LIVE_BROKER_WORDS_SIZE - 1));
    uint64_t changes = get(&head->broker_changes) + 1;
    struct broker_copy *copy = &head->broker[changes & 1];
    set(&copy->reason_and_time, (uint64_t)broker->reason << 56 | broker->wall_ms);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        set(&copy->words[i], words[i]);
    set(&head->broker_changes, changes);
    set(&head->broker_steady_ms, broker->steady_ms);
    set(&head->connected, broker->reason == BROKER_CONNECTED);
}

struct live_broker live_broker(const struct live *live)
{
    const struct stored_head *head = head_of(live);
    struct live_broker broker = {.steady_ms = get(&head->broker_steady_ms)};
    uint64_t words[LIVE_BROKER_WORDS_SIZE / sizeof(uint64_t)], changes, reason_and_time;
    do {
        changes = get(&head->broker_changes);
        const struct broker_copy *copy = &head->broker[changes & 1];
        reason_and_time = get(&copy->reason_and_time);
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
            words[i] = get(&copy->words[i]);
    } while (get(&head->broker_changes) != changes);
    memcpy(broker.words, words, sizeof words);
    broker.words[sizeof broker.words - 1] = '\0';
    uint64_t reason = reason_and_time >> 56;
    broker.reason = reason < BROKER_REASON_COUNT ? (enum broker_reason)reason : BROKER_LOST;
    broker.wall_ms = time_of(reason_and_time);
    return broker;
}

void live_set_condition(struct live *live, enum live_condition condition)
{
    set(&head_of(live)->condition, condition);
}

void live_set_revision(struct live *live, uint64_t revision)
{
    set(&head_of(live)->revision, revision);
}

struct live_state live_state(const struct live *live)
{
    const struct stored_head *head = head_of(live);
    return (struct live_state){
        .session = get(&head->session),
        .started_wall_ms = get(&head->started_wall_ms),
        .heartbeat_steady_ms = get(&head->heartbeat_steady_ms),
        .revision = get(&head->revision),
        .connected = get(&head->connected),
        .broker_steady_ms = get(&head->broker_steady_ms),
        .capacity = get(&head->capacity),
        .condition = get(&head->condition) <= LIVE_SERVING
                         ? (enum live_condition)get(&head->condition)
                         : LIVE_STARTING,
    };
}

static void read_text(const struct live *live, const struct stored_row *row, uint64_t copy,
                      uint16_t text[STRING_REGISTERS_MAX])
{
    uint64_t entry = get(&row->text);
    if (entry == 0 || entry > get(&head_of(live)->strings))
        return;
    const word *from = text_at(live, entry - 1)->copies[copy];
    for (size_t i = 0; i < STRING_REGISTERS_MAX; i++)
        text[i] = (uint16_t)(get(&from[i / 4]) >> (16 * (i % 4)));
}

/* Copies the value, again while a put changed it meanwhile. */
static void read_value(const struct live *live, const struct stored_row *stored,
                       struct live_row *row)
{
    uint64_t words[COPY_WORDS];
    do {
        row->changed = get(&stored->changed);
        for (size_t i = 0; i < COPY_WORDS; i++)
            words[i] = get(&stored->copies[row->changed & 1][i]);
        read_text(live, stored, row->changed & 1, row->text);
    } while (get(&stored->changed) != row->changed);
    memcpy(&row->value, words, sizeof words);
}

bool live_pending(const struct live *live, uint32_t slot, struct live_pending *pending)
{
    const struct stored_row *row = row_at(live, slot);
    uint64_t words[COPY_WORDS];
    if (!has_row(live, slot) || (pending->owner = get(&row->owner)) == 0)
        return false;
    pending->written = get(&row->written);
    do {
        pending->changed = get(&row->changed);
        for (size_t i = 0; i < COPY_WORDS; i++)
            words[i] = get(&row->copies[pending->changed & 1][i]);
        memcpy(&pending->value, words, sizeof words);
        if (live_place_is_text(pending->value.place))
            read_text(live, row, pending->changed & 1, pending->words);
    } while (get(&row->changed) != pending->changed);
    bool text = live_place_is_text(pending->value.place);
    for (size_t i = 0; !text && i < 4; i++)
        pending->words[i] = (uint16_t)(pending->value.raw >> (16 * i));
    return !text || get(&row->text) != 0;
}

static void read_fault(const struct stored_row *stored, struct live_row *row)
{
    uint64_t faults, packed, words[EXCERPT_WORDS];
    do {
        faults = get(&stored->faults);
        packed = get(&stored->fault[faults & 1].code_and_time);
        for (size_t i = 0; i < EXCERPT_WORDS; i++)
            words[i] = get(&stored->fault[faults & 1].excerpt[i]);
    } while (get(&stored->faults) != faults);
    row->fault = fault_of(packed);
    row->fault_wall_ms = time_of(packed);
    memcpy(row->excerpt, words, sizeof words);
}

bool live_read(const struct live *live, uint32_t slot, uint64_t owner, struct live_row *row)
{
    *row = (struct live_row){0};
    if (!has_row(live, slot))
        return false;
    const struct stored_row *stored = row_at(live, slot);
    row->owner = get(&stored->owner);
    if (row->owner == 0 || (owner != 0 && row->owner != owner))
        return false;
    /* Before `changed`, or a write of a newer value would seem to be one of this value. */
    row->written = get(&stored->written);
    read_value(live, stored, row);
    read_fault(stored, row);
    uint64_t write_fault = get(&stored->write_fault), outcome = get(&stored->outcome);
    row->written_wall_ms = get(&stored->written_wall_ms);
    row->write_fault = write_fault_of(write_fault);
    row->write_fault_wall_ms = write_fault & (((uint64_t)1 << DETAIL_SHIFT) - 1);
    row->messages = get(&stored->messages);
    row->rejects = get(&stored->rejects);
    row->outcome = (enum live_outcome)(outcome & 0xff);
    row->session = (outcome & ~SETPOINT) >> 8;
    row->is_setpoint = (outcome & SETPOINT) != 0;
    return get(&stored->owner) == row->owner;
}
