/* The file has a head, with the place of each unit, and a block of bitmaps for each unit that has
 * an owner. The counts of owners are in pages, which exist where there are owners.
 *
 * A reader that misses an owner looks again, between two looks at the generation: the writer
 * changes it after it has set the new bits and before it clears any. So a reader that finds it
 * unchanged has seen all bits of that generation. */
#include "common/shared/register_owners.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/require.h"
#include "common/shared/shared_word.h"

enum {
    OWNERS_LAYOUT = 1,
    OWNER_UNITS = 256,
    WORD_BITS = 64,
    TABLE_WORDS = TABLE_SIZE / WORD_BITS,
    PAGE_ADDRESSES = 256,
    PAGE_WORDS = PAGE_ADDRESSES / WORD_BITS,
    TABLE_PAGES = TABLE_SIZE / PAGE_ADDRESSES,
    HEAD_SIZE = 4096,
    LOOKS_MAX = 4, /* of a reader, while the writer changes the generation */
};

struct owner_block {
    word owned[PDU_NONE][TABLE_WORDS];
    word coils[TABLE_WORDS], holding_registers[TABLE_WORDS]; /* that take writes */
};

struct stored_owners {
    struct shm_header header;
    word published; /* 1: the bits are valid */
    word generation;
    word spare[2];
    word places[OWNER_UNITS]; /* as in struct register_owners */
    word unused[(HEAD_SIZE - sizeof(struct shm_header)) / sizeof(word) - 4 - OWNER_UNITS];
    struct owner_block blocks[];
};

_Static_assert(sizeof(struct stored_owners) == HEAD_SIZE, "blocks begin at a page");
_Static_assert(sizeof(struct owner_block) == 49152, "the format stays as it is");

/* The owners of each address of a page. A count that has reached its maximum stays there. */
struct owner_page {
    uint16_t owned[PAGE_ADDRESSES], writable[PAGE_ADDRESSES];
    uint8_t unit, table, index; /* of the page in its table */
    bool is_changed;
    struct owner_page *next_changed;
};

struct owner_pages {
    struct owner_page *of[PDU_NONE][TABLE_PAGES];
};

static struct stored_owners *stored_owners_of(const struct shm *shm)
{
    return (struct stored_owners *)shm->base;
}

static size_t owners_file_size(size_t blocks)
{
    return HEAD_SIZE + blocks * sizeof(struct owner_block);
}

static struct shm_spec owners_file_spec(const char *runtime_dir, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/register-owners", runtime_dir);
    return (struct shm_spec){.path = path,
                             .magic = "TFowners",
                             .layout = OWNERS_LAYOUT,
                             .size = owners_file_size(0),
                             .map = owners_file_size(OWNER_UNITS)};
}

/* The bitmap of a kind and table; NULL for writes of a table that cannot be written. */
static word *owners_bitmap(struct owner_block *block, enum owner_kind kind, enum pdu_table table)
{
    if (kind == OWNER_OF_ANY_KIND)
        return block->owned[table];
    if (table == PDU_COILS)
        return block->coils;
    return table == PDU_HOLDING_REGISTERS ? block->holding_registers : NULL;
}

/* Takes over the places of the units in the file. False when they cannot be right. */
static bool owners_take_places(struct register_owners *owners)
{
    const struct stored_owners *stored = stored_owners_of(&owners->shm);
    bool is_used[OWNER_UNITS + 1] = {false};
    size_t room = (shm_file_size(&owners->shm) - HEAD_SIZE) / sizeof(struct owner_block);
    for (size_t unit = 0; unit < OWNER_UNITS; unit++) {
        uint64_t place = shared_word_load(&stored->places[unit]);
        if (place > room || place > OWNER_UNITS || (place > 0 && is_used[place]))
            return false;
        is_used[place] = true;
        owners->places[unit] = (uint16_t)place;
        owners->blocks = place > owners->blocks ? (uint16_t)place : owners->blocks;
    }
    return true;
}

bool register_owners_open_writer(struct register_owners *owners, const char *runtime_dir, char *why,
                                 size_t why_size)
{
    char path[PATH_MAX];
    const struct shm_spec spec = owners_file_spec(runtime_dir, path);
    *owners = (struct register_owners){.shm.fd = -1};
    if (shm_open_writer(&owners->shm, &spec, true, why, why_size) == SHM_FAILED)
        return false;
    if (!owners_take_places(owners)) {
        memset(owners->places, 0, sizeof owners->places);
        owners->blocks = 0;
        if (!shm_begin_again(&owners->shm, "the places of units are not valid")) {
            snprintf(why, why_size, "%s: is damaged, and cannot be replaced", path);
            register_owners_close(owners);
            return false;
        }
    }
    owners->generation = shared_word_load(&stored_owners_of(&owners->shm)->generation);
    return true;
}

/* Returns the block of a unit; NULL when it has none. */
static struct owner_block *owners_find_block(const struct register_owners *owners, uint8_t unit)
{
    uint16_t place = owners->places[unit];
    return place > 0 ? &stored_owners_of(&owners->shm)->blocks[place - 1] : NULL;
}

/* Returns the block of a unit, which gets one if it has none. NULL when the file cannot grow. */
static struct owner_block *owners_place_unit(struct register_owners *owners, uint8_t unit)
{
    struct stored_owners *stored = stored_owners_of(&owners->shm);
    if (owners->places[unit] == 0) {
        size_t size = owners_file_size(owners->blocks + 1U);
        if (shm_file_size(&owners->shm) < size && !shm_grow(&owners->shm, size))
            return NULL;
        owners->places[unit] = ++owners->blocks;
        for (size_t i = 0; i < sizeof(struct owner_block) / sizeof(word); i++)
            shared_word_store(&stored->blocks[owners->blocks - 1].owned[0][0] + i, 0);
    }
    if (shared_word_load(&stored->places[unit]) != owners->places[unit])
        shared_word_store(&stored->places[unit], owners->places[unit]);
    return owners_find_block(owners, unit);
}

/* Returns the page of an address, or NULL if it does not exist. With `create` it is created; NULL
 * then means that memory is short. */
static struct owner_page *owners_find_page(struct register_owners *owners,
                                           const struct owned_span *span, uint32_t address,
                                           bool create)
{
    struct owner_pages **pages = &owners->pages[span->unit];
    if (!*pages && create)
        *pages = calloc(1, sizeof **pages);
    if (!*pages)
        return NULL;
    struct owner_page **page = &(*pages)->of[span->table][address / PAGE_ADDRESSES];
    if (!*page && create) {
        *page = calloc(1, sizeof **page);
        if (*page) {
            (*page)->unit = span->unit;
            (*page)->table = (uint8_t)span->table;
            (*page)->index = (uint8_t)(address / PAGE_ADDRESSES);
        }
    }
    return *page;
}

static uint32_t owned_span_end(const struct owned_span *span)
{
    uint32_t end = (uint32_t)span->address + span->count;
    REQUIRE(span->table < PDU_NONE);
    return end < TABLE_SIZE ? end : TABLE_SIZE;
}

/* Counts an owner, and sets the bit of the first one. */
static void owners_count_one(uint16_t *count, word *bits, uint32_t address)
{
    word *at = &bits[address / WORD_BITS];
    if (*count < UINT16_MAX)
        (*count)++;
    uint64_t before = shared_word_load(at), bit = UINT64_C(1) << address % WORD_BITS;
    if (!(before & bit))
        shared_word_store(at, before | bit);
}

void register_owners_add(struct register_owners *owners, const struct owned_span *span)
{
    if (!owners->shm.base || span->count == 0)
        return;
    struct owner_block *block = owners_place_unit(owners, span->unit);
    owners->is_incomplete |= !block;
    for (uint32_t at = span->address; block && at < owned_span_end(span); at++) {
        struct owner_page *page = owners_find_page(owners, span, at, true);
        if (!page) {
            owners->is_incomplete = true;
            return;
        }
        word *writable = owners_bitmap(block, OWNER_OF_WRITES, span->table);
        owners_count_one(&page->owned[at % PAGE_ADDRESSES],
                         owners_bitmap(block, OWNER_OF_ANY_KIND, span->table), at);
        if (span->takes_writes && writable)
            owners_count_one(&page->writable[at % PAGE_ADDRESSES], writable, at);
    }
}

static void owners_discount_one(uint16_t *count)
{
    if (*count > 0 && *count < UINT16_MAX)
        (*count)--;
}

void register_owners_remove(struct register_owners *owners, const struct owned_span *span)
{
    if (!owners->shm.base || span->count == 0)
        return;
    for (uint32_t at = span->address; at < owned_span_end(span); at++) {
        struct owner_page *page = owners_find_page(owners, span, at, false);
        if (!page)
            continue;
        owners_discount_one(&page->owned[at % PAGE_ADDRESSES]);
        if (span->takes_writes)
            owners_discount_one(&page->writable[at % PAGE_ADDRESSES]);
        if (!page->is_changed) {
            page->is_changed = true;
            page->next_changed = owners->changed;
            owners->changed = page;
        }
    }
}

/* Stores the bits of 256 counts; of zeros for NULL. */
static void owners_store_bits(word *words, const uint16_t *counts)
{
    for (size_t i = 0; i < PAGE_WORDS; i++) {
        uint64_t bits = 0;
        for (size_t bit = 0; counts && bit < WORD_BITS; bit++)
            bits |= (uint64_t)(counts[i * WORD_BITS + bit] != 0) << bit;
        if (shared_word_load(&words[i]) != bits)
            shared_word_store(&words[i], bits);
    }
}

static void owners_store_page(struct owner_block *block, enum pdu_table table, size_t index,
                              const struct owner_page *page)
{
    word *writable = owners_bitmap(block, OWNER_OF_WRITES, table);
    owners_store_bits(owners_bitmap(block, OWNER_OF_ANY_KIND, table) + index * PAGE_WORDS,
                      page ? page->owned : NULL);
    if (writable)
        owners_store_bits(writable + index * PAGE_WORDS, page ? page->writable : NULL);
}

/* Stores the bits of all addresses of all units. */
static void owners_store_all(struct register_owners *owners)
{
    for (size_t unit = 0; unit < OWNER_UNITS; unit++) {
        struct owner_block *block = owners_find_block(owners, (uint8_t)unit);
        const struct owner_pages *pages = owners->pages[unit];
        for (enum pdu_table table = 0; block && table < PDU_NONE; table++) {
            for (size_t i = 0; i < TABLE_PAGES; i++)
                owners_store_page(block, table, i, pages ? pages->of[table][i] : NULL);
        }
    }
}

void register_owners_publish(struct register_owners *owners)
{
    struct stored_owners *stored = stored_owners_of(&owners->shm);
    if (!stored)
        return;
    if (owners->is_incomplete) {
        shared_word_store(&stored->published, 0);
        return;
    }
    shared_word_store(&stored->generation, ++owners->generation);
    if (!owners->is_swept)
        owners_store_all(owners);
    owners->is_swept = true;
    for (struct owner_page *page = owners->changed; page; page = page->next_changed) {
        owners_store_page(owners_find_block(owners, page->unit), (enum pdu_table)page->table,
                          page->index, page);
        page->is_changed = false;
    }
    owners->changed = NULL;
    shared_word_store(&stored->published, 1);
}

/* True when a part of the file may be lost, which a repair would replace by zeros. */
static bool owners_file_is_damaged(const struct shm *shm)
{
    return shm_is_lost(shm) || shm_file_size(shm) < shm->size ||
           memcmp(shm->base, &shm->header, sizeof shm->header) != 0;
}

bool register_owners_keep_file(struct register_owners *owners)
{
    if (!owners->shm.base)
        return false;
    if (owners_file_is_damaged(&owners->shm))
        shared_word_store(&stored_owners_of(&owners->shm)->published, 0);
    owners->is_incomplete |= shm_repair_file(&owners->shm) != SHM_SOUND;
    return owners->is_incomplete;
}

void register_owners_forget(struct register_owners *owners)
{
    for (size_t unit = 0; unit < OWNER_UNITS; unit++) {
        struct owner_pages *pages = owners->pages[unit];
        for (size_t i = 0; pages && i < (size_t)PDU_NONE * TABLE_PAGES; i++)
            free(pages->of[i / TABLE_PAGES][i % TABLE_PAGES]);
        free(pages);
        owners->pages[unit] = NULL;
    }
    owners->changed = NULL;
    owners->is_swept = owners->is_incomplete = false;
}

void register_owners_close(struct register_owners *owners)
{
    if (!owners)
        return;
    register_owners_forget(owners);
    shm_close(&owners->shm);
}

/* True when the file is valid and has at least this number of blocks. */
static bool owners_view_is_whole(const struct owners_view *view, uint64_t blocks)
{
    return shared_word_load(&stored_owners_of(&view->shm)->published) == 1 &&
           blocks <= OWNER_UNITS && !shm_is_lost(&view->shm) &&
           shm_file_size(&view->shm) >= owners_file_size((size_t)blocks);
}

static bool owners_view_is_known(const struct owners_view *view)
{
    const struct stored_owners *stored = stored_owners_of(&view->shm);
    uint64_t blocks = 0;
    for (size_t unit = 0; stored && unit < OWNER_UNITS; unit++) {
        uint64_t place = shared_word_load(&stored->places[unit]);
        blocks = place > blocks ? place : blocks;
    }
    return stored && owners_view_is_whole(view, blocks);
}

bool owners_view_follow(struct owners_view *view, const char *runtime_dir)
{
    char path[PATH_MAX], why[SHM_WHY_SIZE];
    struct shm_spec spec = owners_file_spec(runtime_dir, path);
    bool is_known = owners_view_is_known(view);
    struct owners_view newer;
    if ((view->shm.base && !shm_was_replaced(&view->shm, path)) ||
        !shm_open_reader(&newer.shm, &spec, why, sizeof why))
        return is_known;
    bool newer_is_known = owners_view_is_known(&newer);
    if (is_known && !newer_is_known) {
        owners_view_close(&newer);
        return true;
    }
    owners_view_close(view);
    *view = newer;
    return newer_is_known;
}

/* True when all of the addresses, up to before `end`, have their bits, or with `any` one of them.
 */
static inline bool owners_scan_bits(const word *bits, uint32_t address, uint32_t end, bool any)
{
    const word *at = bits + address / WORD_BITS, *last = bits + (end - 1) / WORD_BITS;
    uint64_t mask = UINT64_MAX << address % WORD_BITS;
    uint64_t tail = UINT64_MAX >> (WORD_BITS - 1 - (end - 1) % WORD_BITS);
    for (; at < last; at++, mask = UINT64_MAX) {
        uint64_t here = shared_word_load(at);
        if (((any ? here : ~here) & mask) != 0)
            return any;
    }
    uint64_t here = shared_word_load(last);
    return (((any ? here : ~here) & mask & tail) != 0) == any;
}

/* One look at the bits, which may miss an owner that moves. */
static inline bool owners_view_look(const struct owners_view *view, enum owner_kind kind,
                                    uint8_t unit, enum pdu_table table, uint32_t address,
                                    uint32_t end, bool any)
{
    struct stored_owners *stored = stored_owners_of(&view->shm);
    uint64_t place = shared_word_load(&stored->places[unit]);
    if (place == 0 || place > OWNER_UNITS)
        return false;
    const word *bits = owners_bitmap(&stored->blocks[place - 1], kind, table);
    return bits && owners_scan_bits(bits, address, end, any);
}

/* After a look that has missed an owner: true when there is one, or when that is not known. */
static __attribute__((noinline)) bool owners_view_doubt(const struct owners_view *view,
                                                        enum owner_kind kind, uint8_t unit,
                                                        enum pdu_table table, uint32_t address,
                                                        uint32_t end, bool any)
{
    struct stored_owners *stored = stored_owners_of(&view->shm);
    for (int look = 0; stored && look < LOOKS_MAX; look++) {
        uint64_t before = shared_word_load(&stored->generation);
        if (owners_view_look(view, kind, unit, table, address, end, any))
            return true;
        uint64_t place = shared_word_load(&stored->places[unit]);
        if (shared_word_load(&stored->generation) == before)
            return !owners_view_is_whole(view, place);
    }
    return true;
}

bool owners_view_has_all(const struct owners_view *view, uint8_t unit, enum pdu_table table,
                         uint16_t address, uint16_t count)
{
    uint32_t end = (uint32_t)address + count;
    REQUIRE(table < PDU_NONE && count >= 1 && end <= TABLE_SIZE);
    return (view->shm.base &&
            owners_view_look(view, OWNER_OF_ANY_KIND, unit, table, address, end, false)) ||
           owners_view_doubt(view, OWNER_OF_ANY_KIND, unit, table, address, end, false);
}

bool owners_view_has_any(const struct owners_view *view, enum owner_kind kind, uint8_t unit,
                         enum pdu_table table, uint16_t address, uint16_t count)
{
    uint32_t end = (uint32_t)address + count;
    REQUIRE(table < PDU_NONE && count >= 1 && end <= TABLE_SIZE);
    return (view->shm.base && owners_view_look(view, kind, unit, table, address, end, true)) ||
           owners_view_doubt(view, kind, unit, table, address, end, true);
}

void owners_view_close(struct owners_view *view)
{
    if (view)
        shm_close(&view->shm);
}
