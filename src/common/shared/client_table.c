/* Entries of atomic words. The number of an entry is 0 while the writer fills it, so that a reader
 * can detect that its copy has changed. Counters and the last request, one word each, change
 * without that. */
#include "common/shared/client_table.h"

#include <stdio.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/json_text.h"
#include "common/base/require.h"

enum { LAYOUT = 2, DETAIL_WORDS = CLIENT_DETAIL_SIZE / 8 };

const char *const client_side_names[] = {"scada", "inputs", "outputs", NULL};
const char *const client_protocol_names[] = {
    [CLIENT_TCP] = "tcp",       [CLIENT_RTU] = "rtu", [CLIENT_UDP] = "udp",
    [CLIENT_SERIAL] = "serial", [CLIENT_TLS] = "tls", [CLIENT_PROTOCOLS] = NULL};

#define FUNCTION_CODE(code, ...) [CLIENT_FUNCTION_##code] = (code),
const uint8_t client_function_codes[CLIENT_FUNCTIONS] = {PDU_FUNCTIONS(FUNCTION_CODE)};

const char *const client_refusal_names[] = {
    [CLIENT_NO_RULE] = "no_allow_rule",
    [CLIENT_LIMIT] = "max_connections",
    [CLIENT_IP_LIMIT] = "max_connections_per_ip",
    [CLIENT_PROCESS_FULL] = "process_side_full",
    [CLIENT_NO_MEMORY] = "no_memory",
    [CLIENT_NO_DESCRIPTORS] = "no_descriptors",
    [CLIENT_NOT_MODBUS] = "not_modbus",
    [CLIENT_FRAME_TIMEOUT] = "frame_timeout",
    [CLIENT_WRITE_TIMEOUT] = "write_timeout",
    [CLIENT_IDLE_TIMEOUT] = "idle_timeout",
    [CLIENT_RULE_CHANGED] = "allow_rule_changed",
    [CLIENT_NOT_STORED] = "write_not_stored",
    [CLIENT_NO_PROXY_HEADER] = "no_proxy_header",
    [CLIENT_TLS_HANDSHAKE] = "tls_handshake",
    [CLIENT_TLS_TIMEOUT] = "tls_timeout",
    [CLIENT_TLS_TOO_MANY] = "tls_handshakes_per_ip",
    [CLIENT_TLS_NO_CERTIFICATE] = "tls_no_certificate",
    [CLIENT_TLS_UNTRUSTED] = "tls_certificate_untrusted",
    [CLIENT_TLS_EXPIRED] = "tls_certificate_expired",
    [CLIENT_TLS_REVOKED] = "tls_certificate_revoked",
    [CLIENT_TLS_BAD_ROLE] = "tls_bad_role",
    [CLIENT_REASON_COUNT] = NULL,
};

struct stored_refusal {
    word number;
    word address[2];
    word kind; /* port, side and reason */
    word at_ms, first_ms, count;
    word detail[DETAIL_WORDS];
};

struct stored_client {
    word words[CLIENT_WORDS];
};

struct stored_table {
    struct shm_header header;
    word spare[4];
    struct stored_refusal refusals[CLIENT_REFUSALS];
    struct stored_client clients[];
};

_Static_assert(offsetof(struct stored_table, refusals) == 64, "the format stays as it is");
_Static_assert(sizeof(struct stored_refusal) == 216, "the format stays as it is");
_Static_assert(CLIENT_FUNCTIONS <= 32, "a bit of client_entry.changed for each");
_Static_assert(CLIENT_SLOTS_FIRST % 64 == 0, "the bits of the slots fill words");

static struct stored_table *client_table_of(const struct client_table *table)
{
    return (struct stored_table *)table->shm.base;
}

static size_t client_table_size(size_t slots)
{
    return sizeof(struct stored_table) + slots * sizeof(struct stored_client);
}

/* Describes the file; `path` receives its path. With other functions its layout is another one. */
static struct shm_spec client_table_spec(const char *runtime_dir, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/clients", runtime_dir);
    uint64_t layout = hash64_add(HASH64_START + LAYOUT, client_function_codes, CLIENT_FUNCTIONS);
    return (struct shm_spec){.path = path,
                             .magic = "TFclient",
                             .layout = layout,
                             .size = client_table_size(CLIENT_SLOTS_FIRST),
                             .map = client_table_size(CLIENT_SLOTS_MAX)};
}

static size_t client_table_slots_in_file(const struct client_table *table)
{
    size_t size = shm_file_size(&table->shm), fixed = client_table_size(0);
    size_t slots = size > fixed ? (size - fixed) / sizeof(struct stored_client) : 0;
    return slots < CLIENT_SLOTS_MAX ? slots : CLIENT_SLOTS_MAX;
}

bool client_table_open_writer(struct client_table *table, const char *runtime_dir, char *why,
                              size_t why_size)
{
    char path[PATH_MAX];
    struct shm_spec spec = client_table_spec(runtime_dir, path);
    *table = (struct client_table){.shm.fd = -1};
    if (shm_open_writer(&table->shm, &spec, true, why, why_size) == SHM_FAILED)
        return false;
    struct stored_table *stored = client_table_of(table);
    table->slots = client_table_slots_in_file(table) / 64 * 64;
    for (size_t i = 0; i < CLIENT_REFUSALS; i++)
        shared_word_store(&stored->refusals[i].number, 0);
    for (size_t i = 0; i < client_table_slots_in_file(table); i++)
        shared_word_store(&stored->clients[i].words[CLIENT_WORD_NUMBER], 0);
    return true;
}

/* Returns the lowest free slot; the file grows if there is none. CLIENT_SLOTS_MAX: no room. */
static size_t client_table_take_slot(struct client_table *table)
{
    size_t group = 0;
    while (group < table->slots / 64 && table->used[group] == UINT64_MAX)
        group++;
    if (group == table->slots / 64) {
        size_t wanted = 2 * table->slots < CLIENT_SLOTS_MAX ? 2 * table->slots : CLIENT_SLOTS_MAX;
        if (wanted == table->slots || !shm_grow(&table->shm, client_table_size(wanted)))
            return CLIENT_SLOTS_MAX;
        table->slots = wanted;
    }
    unsigned bit = (unsigned)__builtin_ctzll(~table->used[group]);
    table->used[group] |= UINT64_C(1) << bit;
    return group * 64 + bit;
}

void client_table_write_entry(struct client_entry *entry)
{
    REQUIRE(entry->shared);
    shared_word_store(&entry->shared[CLIENT_WORD_NUMBER], 0);
    for (size_t i = CLIENT_WORD_NUMBER + 1; i < CLIENT_WORDS; i++)
        shared_word_store(&entry->shared[i], entry->words[i]);
    shared_word_store(&entry->shared[CLIENT_WORD_NUMBER], entry->words[CLIENT_WORD_NUMBER]);
}

void client_table_add_client(struct client_table *table, const struct client_facts *facts,
                             struct client_entry *entry)
{
    REQUIRE(facts->side < CLIENT_SIDES && facts->protocol < CLIENT_PROTOCOLS &&
            entry->words[CLIENT_WORD_NUMBER] == 0);
    memcpy(&entry->words[CLIENT_WORD_ADDRESS], facts->address, CLIENT_ADDRESS_SIZE);
    entry->words[CLIENT_WORD_PORT] =
        facts->port | (uint64_t)facts->side << 16 | (uint64_t)facts->protocol << 24;
    memcpy(&entry->words[CLIENT_WORD_ROLE], facts->role, CLIENT_ROLE_SIZE);
    entry->words[CLIENT_WORD_SINCE] = facts->since_ms;
    entry->shared = entry->unseen;
    if (!table->shm.base)
        return;
    entry->words[CLIENT_WORD_NUMBER] = ++table->numbers;
    entry->slot = client_table_take_slot(table);
    if (entry->slot == CLIENT_SLOTS_MAX)
        return;
    entry->shared = client_table_of(table)->clients[entry->slot].words;
    client_table_write_entry(entry);
}

void client_table_remove_client(struct client_table *table, struct client_entry *entry)
{
    if (!table->shm.base || entry->words[CLIENT_WORD_NUMBER] == 0)
        return;
    if (entry->shared != entry->unseen) {
        shared_word_store(&entry->shared[CLIENT_WORD_NUMBER], 0);
        table->used[entry->slot / 64] &= ~(UINT64_C(1) << entry->slot % 64);
    }
    entry->words[CLIENT_WORD_NUMBER] = 0;
    entry->shared = entry->unseen;
}

static struct client_last_request client_request_unpack(uint64_t packed)
{
    struct client_last_request request = {.function = CLIENT_FUNCTION_OTHER,
                                          .code = (uint8_t)(packed >> 32),
                                          .unit = (uint8_t)(packed >> 40),
                                          .exception = (uint8_t)(packed >> 48),
                                          .start = (uint16_t)(packed >> 16),
                                          .count = (uint16_t)packed};
    for (size_t i = 0; i < CLIENT_FUNCTION_OTHER; i++) {
        if (client_function_codes[i] == request.code)
            request.function = (enum client_function)i;
    }
    request.has_range = (packed >> 56 & 1) != 0 && request.function != CLIENT_FUNCTION_OTHER &&
                        request.code != FC_REPORT_SERVER_ID && request.code != FC_ENCAPSULATED;
    if (request.code == FC_WRITE_COIL || request.code == FC_WRITE_REGISTER ||
        request.code == FC_MASK_WRITE)
        request.count = 1; /* the request has a value there */
    return request;
}

void client_entry_publish(struct client_entry *entry, uint64_t wall_ms)
{
    if (entry->changed == 0)
        return;
    entry->words[CLIENT_WORD_LAST_AT] = wall_ms;
    for (size_t i = CLIENT_WORD_EXCEPTIONS; i < CLIENT_WORD_FUNCTIONS; i++)
        shared_word_store(&entry->shared[i], entry->words[i]);
    for (; entry->changed != 0; entry->changed &= entry->changed - 1) {
        size_t which = CLIENT_WORD_FUNCTIONS + (size_t)__builtin_ctz(entry->changed);
        shared_word_store(&entry->shared[which], entry->words[which]);
    }
}

void client_entry_take_beat(struct client_entry *entry, uint64_t wall_ms)
{
    size_t place = (size_t)(entry->beats % CLIENT_RATE_BEATS);
    bool young = entry->beats < CLIENT_RATE_BEATS; /* its rate is that since its beginning */
    uint64_t requests = 0, from = young ? 0 : entry->past_requests[place];
    uint64_t from_ms = young ? entry->words[CLIENT_WORD_SINCE] : entry->past_ms[place];
    for (size_t i = 0; i < CLIENT_FUNCTIONS; i++)
        requests += entry->words[CLIENT_WORD_FUNCTIONS + i];
    entry->past_requests[place] = requests;
    entry->past_ms[place] = wall_ms;
    entry->beats++;
    if (wall_ms > from_ms) /* else the clock was set back */
        entry->words[CLIENT_WORD_RATE] = (requests - from) * 1000 * 1000 / (wall_ms - from_ms);
    shared_word_store(&entry->shared[CLIENT_WORD_RATE], entry->words[CLIENT_WORD_RATE]);
}

static void client_table_write_refusal(const struct client_table *table, size_t place)
{
    const struct client_refusal *refusal = &table->refused[place];
    struct stored_refusal *stored = &client_table_of(table)->refusals[place];
    uint64_t address[2], detail[DETAIL_WORDS];
    memcpy(address, refusal->address, sizeof address);
    memcpy(detail, refusal->detail, sizeof detail);
    shared_word_store(&stored->number, 0);
    shared_word_store(&stored->address[0], address[0]);
    shared_word_store(&stored->address[1], address[1]);
    shared_word_store(&stored->kind, refusal->port | (uint64_t)refusal->side << 16 |
                                         (uint64_t)refusal->reason << 24);
    shared_word_store(&stored->at_ms, refusal->at_ms);
    shared_word_store(&stored->first_ms, refusal->first_ms);
    shared_word_store(&stored->count, refusal->count);
    for (size_t i = 0; i < DETAIL_WORDS; i++)
        shared_word_store(&stored->detail[i], detail[i]);
    shared_word_store(&stored->number, refusal->number);
}

static bool client_refusal_is_same(const struct client_refusal *a, const struct client_refusal *b)
{
    return a->number != 0 && a->reason == b->reason && a->side == b->side &&
           memcmp(a->address, b->address, CLIENT_ADDRESS_SIZE) == 0;
}

void client_table_note_refusal(struct client_table *table, const struct client_refusal *refusal)
{
    size_t place = 0, i = 0;
    uint64_t count = 0, first_ms = refusal->at_ms;
    REQUIRE(refusal->side < CLIENT_SIDES && refusal->reason < CLIENT_REASON_COUNT);
    if (!table->shm.base)
        return;
    for (; i < CLIENT_REFUSALS && !client_refusal_is_same(&table->refused[i], refusal); i++) {
        if (table->refused[i].number < table->refused[place].number)
            place = i; /* free, or the oldest */
    }
    if (i < CLIENT_REFUSALS) {
        place = i;
        count = table->refused[i].count;
        first_ms = table->refused[i].first_ms;
    }
    table->refused[place] = *refusal;
    table->refused[place].count = count + 1;
    table->refused[place].first_ms = first_ms;
    table->refused[place].number = ++table->refusals;
    client_table_write_refusal(table, place);
}

bool client_table_repair_file(struct client_table *table)
{
    if (!table->shm.base || shm_repair_file(&table->shm) != SHM_RENEWED)
        return false;
    for (size_t i = 0; i < CLIENT_REFUSALS; i++)
        client_table_write_refusal(table, i);
    return true;
}

bool client_table_open_reader(struct client_table *table, const char *runtime_dir, char *why,
                              size_t why_size)
{
    char path[PATH_MAX];
    struct shm_spec spec = client_table_spec(runtime_dir, path);
    *table = (struct client_table){.shm.fd = -1};
    return shm_open_reader(&table->shm, &spec, why, why_size);
}

bool client_table_has_writer(const struct client_table *table)
{
    return shm_has_writer(&table->shm);
}

size_t client_table_count_slots(const struct client_table *table)
{
    return client_table_slots_in_file(table);
}

bool client_table_read_client(const struct client_table *table, size_t slot,
                              struct client_facts *facts)
{
    uint64_t words[CLIENT_WORDS];
    REQUIRE(slot < CLIENT_SLOTS_MAX);
    const word *shared = client_table_of(table)->clients[slot].words;
    for (size_t i = 0; i < CLIENT_WORDS; i++)
        words[i] = shared_word_load(&shared[i]);
    const uint64_t number = words[CLIENT_WORD_NUMBER];
    const uint64_t side = words[CLIENT_WORD_PORT] >> 16 & 0xFF,
                   protocol = words[CLIENT_WORD_PORT] >> 24;
    if (number == 0 || shared_word_load(&shared[CLIENT_WORD_NUMBER]) != number ||
        side >= CLIENT_SIDES || protocol >= CLIENT_PROTOCOLS)
        return false;
    *facts = (struct client_facts){.port = (uint16_t)words[CLIENT_WORD_PORT],
                                   .side = (enum client_side)side,
                                   .protocol = (enum client_protocol)protocol,
                                   .since_ms = words[CLIENT_WORD_SINCE],
                                   .exceptions = words[CLIENT_WORD_EXCEPTIONS],
                                   .rate_milli = words[CLIENT_WORD_RATE],
                                   .last_ms = words[CLIENT_WORD_LAST_AT],
                                   .last = client_request_unpack(words[CLIENT_WORD_LAST])};
    memcpy(facts->address, &words[CLIENT_WORD_ADDRESS], CLIENT_ADDRESS_SIZE);
    memcpy(facts->role, &words[CLIENT_WORD_ROLE], CLIENT_ROLE_SIZE);
    utf8_terminate_text(facts->role, CLIENT_ROLE_SIZE);
    memcpy(facts->units, &words[CLIENT_WORD_UNITS], sizeof facts->units);
    memcpy(facts->functions, &words[CLIENT_WORD_FUNCTIONS], sizeof facts->functions);
    for (size_t i = 0; i < CLIENT_FUNCTIONS; i++)
        facts->requests += facts->functions[i];
    return true;
}

bool client_table_read_refusal(const struct client_table *table, size_t place,
                               struct client_refusal *refusal)
{
    uint64_t address[2], detail[DETAIL_WORDS];
    REQUIRE(place < CLIENT_REFUSALS);
    const struct stored_refusal *stored = &client_table_of(table)->refusals[place];
    uint64_t number = shared_word_load(&stored->number), kind = shared_word_load(&stored->kind);
    address[0] = shared_word_load(&stored->address[0]);
    address[1] = shared_word_load(&stored->address[1]);
    *refusal = (struct client_refusal){.number = number,
                                       .port = (uint16_t)kind,
                                       .at_ms = shared_word_load(&stored->at_ms),
                                       .first_ms = shared_word_load(&stored->first_ms),
                                       .count = shared_word_load(&stored->count)};
    for (size_t i = 0; i < DETAIL_WORDS; i++)
        detail[i] = shared_word_load(&stored->detail[i]);
    uint64_t side = kind >> 16 & UINT8_MAX, reason = kind >> 24;
    if (number == 0 || shared_word_load(&stored->number) != number || side >= CLIENT_SIDES ||
        reason >= CLIENT_REASON_COUNT)
        return false;
    refusal->side = (enum client_side)side;
    refusal->reason = (enum client_refusal_reason)reason;
    memcpy(refusal->address, address, sizeof address);
    memcpy(refusal->detail, detail, sizeof detail);
    utf8_terminate_text(refusal->detail, sizeof refusal->detail);
    return true;
}

void client_table_close(struct client_table *table)
{
    if (table)
        shm_close(&table->shm);
}
