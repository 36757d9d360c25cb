/* Adds messages to a survey. */
#include "common/model/survey.h"

#include <string.h>

#include "common/base/json_text.h"
#include "common/base/require.h"
#include "common/model/payload_format.h"
#include "common/model/survey_internal.h"
#include "common/model/topic.h"
#include "common/model/value.h"

enum { WHERE_SIZE = 256 };

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
