/* Adds messages to a survey, and gives out its memory. */
#include "common/model/survey.h"

#include <string.h>

#include "common/base/hash.h"
#include "common/base/json_text.h"
#include "common/base/require.h"
#include "common/model/payload_format.h"
#include "common/model/survey_internal.h"
#include "common/model/value.h"

enum {
    TOPIC_BYTES_MAX = 65535,
    PAYLOAD_UNIT = 16,
    WHERE_SIZE = 256,
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

/* Memory. */

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

/* Messages. */

static void survey_count_message(struct survey_topic_row *row, bool retained, int64_t now_ms)
{
    if (row->messages++ == 0)
        row->first_ms = now_ms;
    row->retained_messages += retained;
    row->retained = retained;
    row->newest_ms = now_ms;
}

static bool survey_topic_is_sound(const char *topic)
{
    size_t len = strlen(topic);
    return len > 0 && len <= TOPIC_BYTES_MAX && utf8_is_valid(topic, len);
}

/* Finds which device's message this is on a topic that devices share. */
static void survey_read_where(const struct survey *survey, const char *topic, const char *json,
                              size_t len, char condition[WHERE_SIZE], struct survey_where *where)
{
    uint32_t number;
    const struct survey_topic_row *first =
        survey_find_first_entry(survey, topic, strlen(topic), &number);
    if (!first) {
        survey_find_where(json, len, NULL, 0, condition, WHERE_SIZE, where);
    } else if (first->sharing) {
        const struct survey_sharing *sharing = survey_at(survey, first->sharing);
        const char *member = survey_at(survey, sharing->member);
        if (!sharing->is_off)
            survey_find_where(json, len, member, strlen(member), condition, WHERE_SIZE, where);
    }
}

/* A text that is no JSON: a number or a word. */
static void survey_note_plain(struct survey *survey, struct survey_topic_row *row, const char *text,
                              size_t len)
{
    uint32_t hint = row->run.first;
    struct survey_value value = survey_read_text(text, len);
    survey_note_value(survey, row, "", 0, &value, &hint);
}

static enum survey_format survey_tell_format(const char *topic, const char **text, size_t *len)
{
    size_t at;
    const char *json = *text;
    size_t json_len = *len;
    json_text_skip_padding(&json, &json_len);
    if (json_len > 0 && json_text_is_valid(json, json_len, &at)) {
        *text = json;
        *len = json_len;
        return SURVEY_JSON;
    }
    const struct text_span trimmed = text_span_trim((struct text_span){*text, *len});
    const struct payload_sample sample = {topic, trimmed.text, trimmed.len, trimmed.len};
    if (!payload_format_is_text(&sample))
        return SURVEY_BINARY;
    *text = trimmed.text;
    *len = trimmed.len;
    return SURVEY_PLAIN;
}

void survey_add_message(struct survey *survey, const char *topic, const char *payload, size_t len,
                        bool retained, int64_t now_ms)
{
    REQUIRE(survey && topic && (payload || len == 0));
    survey->totals.messages++;
    char condition[WHERE_SIZE];
    const char *text = payload;
    size_t text_len = len;
    struct survey_where where = {0};
    enum survey_format format =
        len > 0 ? survey_tell_format(topic, &text, &text_len) : SURVEY_NO_PAYLOAD;
    struct survey_topic_row *row = NULL;
    if (survey_topic_is_sound(topic)) {
        if (format == SURVEY_JSON)
            survey_read_where(survey, topic, text, text_len, condition, &where);
        row = survey_take_entry(survey, topic, &where);
    }
    if (!row) {
        survey->totals.lost_messages++;
        return;
    }
    survey_count_message(row, retained, now_ms);
    if (len == 0)
        return;
    row->format = (uint8_t)format;
    survey_keep_payload(survey, row, payload, len);
    if (format == SURVEY_JSON)
        survey_walk_json(survey, row, text, text_len);
    else if (format == SURVEY_PLAIN)
        survey_note_plain(survey, row, text, text_len);
}

struct survey_topic_row *survey_begin_metrics(struct survey *survey, const char *topic,
                                              const char *payload, size_t len, bool retained,
                                              int64_t now_ms)
{
    REQUIRE(survey && topic && (payload || len == 0));
    survey->totals.messages++;
    struct survey_topic_row *row =
        survey_topic_is_sound(topic)
            ? survey_take_entry(survey, topic, &(const struct survey_where){0})
            : NULL;
    if (!row) {
        survey->totals.lost_messages++;
        return NULL;
    }
    survey_count_message(row, retained, now_ms);
    row->format = SURVEY_SPARKPLUG;
    survey_keep_payload(survey, row, payload, len);
    return row;
}

void survey_add_metric(struct survey *survey, struct survey_topic_row *entry, const char *name,
                       size_t name_len, const struct survey_value *value)
{
    uint32_t hint = UINT32_MAX;
    REQUIRE(survey && entry && name && value);
    if (utf8_is_valid(name, name_len) && !memchr(name, '\0', name_len)) {
        survey_note_value(survey, entry, name, name_len, value, &hint);
        return;
    }
    entry->lost_keys++;
    survey->totals.lost_keys++;
}
