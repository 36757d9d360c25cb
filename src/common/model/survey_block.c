/* The block of a survey: makes it, and gives out its memory. */
#include <string.h>

#include "common/base/hash.h"
#include "common/base/require.h"
#include "common/model/survey_internal.h"

enum {
    PAYLOAD_UNIT = 16,
    /* The block has a chain of topics for so many bytes, and as many more of keys. */
    BYTES_PER_CHAIN = 512,
    KEY_CHAINS_PER_TOPIC_CHAIN = 2,
};

static const char survey_magic[8] = "TFsurvey";

uint32_t survey_layout_id(void)
{
    const uint32_t sizes[] = {sizeof(struct survey), sizeof(struct survey_topic_row),
                              sizeof(struct survey_key_row), sizeof(struct survey_sharing), 1};
    return hash32_add(HASH32_START, sizes, sizeof sizes);
}

struct survey *survey_make(void *memory, size_t size)
{
    REQUIRE(memory && size >= SURVEY_BLOCK_MIN && size <= 1 << 30);
    struct survey *survey = memory;
    uint32_t chains = 1;
    while (2 * (size_t)chains <= size / BYTES_PER_CHAIN)
        chains *= 2;
    *survey = (struct survey){
        .layout = survey_layout_id(),
        .size = (uint32_t)size / SURVEY_ALIGN * SURVEY_ALIGN,
        .topic_chains = chains,
        .key_chains = chains * KEY_CHAINS_PER_TOPIC_CHAIN,
        .topic_pages = (uint32_t)(size / (sizeof(struct survey_topic_row) * SURVEY_PAGE_ROWS) + 1),
        .key_pages = (uint32_t)(size / (sizeof(struct survey_key_row) * SURVEY_PAGE_ROWS) + 1),
        .next_id = 1};
    memcpy(survey->magic, survey_magic, sizeof survey->magic);
    size_t tables = ((size_t)survey->topic_chains + survey->key_chains + survey->topic_pages +
                     survey->key_pages) *
                    sizeof(uint32_t);
    memset(survey + 1, 0, tables);
    survey->used = (uint32_t)(sizeof *survey + tables);
    return survey;
}

size_t survey_used_size(const struct survey *survey)
{
    return survey->used;
}

uint32_t survey_alloc(struct survey *survey, size_t bytes, size_t align)
{
    size_t from = (survey->used + align - 1) / align * align;
    size_t end = survey->size - survey->scratch;
    if (from > end || bytes > end - from)
        return 0;
    memset((char *)survey + survey->used, 0, from + bytes - survey->used);
    survey->used = (uint32_t)(from + bytes);
    return (uint32_t)from;
}

uint32_t survey_copy_text(struct survey *survey, const char *text, size_t len)
{
    uint32_t at = survey_alloc(survey, len + 1, 1);
    if (at)
        memcpy(survey_at(survey, at), text, len);
    return at;
}

char *survey_borrow_scratch(struct survey *survey, size_t bytes)
{
    if (bytes > survey->size - survey->scratch - survey->used)
        return NULL;
    survey->scratch += (uint32_t)bytes;
    return survey_at(survey, survey->size - survey->scratch);
}

void survey_return_scratch(struct survey *survey, size_t bytes)
{
    REQUIRE(bytes <= survey->scratch);
    survey->scratch -= (uint32_t)bytes;
}

/* Makes room for a row of this number in pages. */
bool survey_add_row_room(struct survey *survey, uint32_t *pages, uint32_t page_count,
                         uint32_t number, size_t row_bytes)
{
    uint32_t page = number / SURVEY_PAGE_ROWS;
    if (page >= page_count)
        return false;
    if (pages[page] == 0)
        pages[page] = survey_alloc(survey, row_bytes * SURVEY_PAGE_ROWS, SURVEY_ALIGN);
    return pages[page] != 0;
}

/* Payloads. Their memory is used again, and is at most half of the block, so that large ones leave
 * room for topics. */

static size_t survey_payload_room(unsigned which)
{
    return ((size_t)PAYLOAD_UNIT << which) + SURVEY_ALIGN;
}

void survey_free_payload(struct survey *survey, struct survey_topic_row *row)
{
    unsigned which = 0;
    if (!row->payload)
        return;
    while (survey_payload_room(which) < row->payload_room)
        which++;
    memcpy(survey_at(survey, row->payload), &survey->free_payloads[which], sizeof(uint32_t));
    survey->free_payloads[which] = row->payload;
    row->payload = row->payload_room = row->payload_len = 0;
}

static bool survey_make_payload_room(struct survey *survey, struct survey_topic_row *row,
                                     size_t len)
{
    unsigned which = 0;
    if (len < row->payload_room)
        return true;
    while (survey_payload_room(which) <= len)
        which++;
    REQUIRE(which < SURVEY_PAYLOAD_SIZES);
    size_t room = survey_payload_room(which);
    uint32_t at = survey->free_payloads[which];
    if (at) {
        memcpy(&survey->free_payloads[which], survey_at(survey, at), sizeof(uint32_t));
    } else if (survey->payload_bytes + room <= survey->size / 2) {
        at = survey_alloc(survey, room, sizeof(uint32_t));
        survey->payload_bytes += at ? (uint32_t)room : 0;
    }
    if (!at)
        return false;
    survey_free_payload(survey, row);
    row->payload = at;
    row->payload_room = (uint32_t)room;
    return true;
}

void survey_keep_payload(struct survey *survey, struct survey_topic_row *row, const char *payload,
                         size_t len)
{
    size_t kept = len < SURVEY_PAYLOAD_MAX ? len : SURVEY_PAYLOAD_MAX;
    if (!survey_make_payload_room(survey, row, kept))
        kept = row->payload_room > 0 ? row->payload_room - 1 : 0;
    row->payload_whole_len = (uint32_t)(len < UINT32_MAX ? len : UINT32_MAX);
    row->payload_len = (uint32_t)kept;
    survey->totals.cut_payloads += kept < len;
    if (!row->payload)
        return;
    char *to = survey_at(survey, row->payload);
    if (kept > 0)
        memcpy(to, payload, kept);
    to[kept] = '\0';
}
