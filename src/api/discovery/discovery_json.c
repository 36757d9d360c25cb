/* Topics and keys as JSON. */
#include "api/discovery/discovery_json.h"

#include <math.h>
#include <string.h>

#include "common/base/json_text.h"
#include "common/model/payload_format.h"

enum { PAYLOAD_SHOWN_MAX = 4096, KEY_TAGS_SHOWN_MAX = 10 };

void discovery_write_payload(const char *topic, const char *payload, size_t len, size_t total,
                             struct text *text)
{
    struct payload_sample sample = {.topic = topic, .bytes = payload, .len = len, .total = total};
    bool is_text = payload_format_is_text(&sample);
    size_t most = is_text ? PAYLOAD_SHOWN_MAX : PAYLOAD_SHOWN_MAX / 2;
    size_t shown = len < most ? len : most;
    json_write_key(text, "payload");
    if (is_text)
        json_write_string_len(text, payload, utf8_prefix_len(payload, len, shown));
    else
        json_write_hex(text, payload, shown);
    json_write_key(text, "encoding");
    json_write_string(text, is_text ? "text" : "hex");
    json_write_key(text, "looks_like");
    json_write_string_or_null(text,
                              is_text ? NULL : payload_format_names[payload_format_guess(&sample)]);
    json_write_key(text, "bytes");
    json_write_integer(text, (int64_t)total);
}

static void discovery_write_real_or_null(struct text *text, const char *name, double number)
{
    json_write_key(text, name);
    json_write_real(text, number);
}

/* Writes the tags that read a key, as "DEVICE/TAG", or null. */
static void discovery_write_tags(const struct known_tags *known, const struct known_match *match,
                                 const char *key, struct text *text)
{
    size_t count = 0;
    json_write_key(text, "tags");
    for (size_t i = 0; i < match->count; i++) {
        const struct known_tag *tag = known_feed_find(match->feeds[i], key);
        for (; tag && count < KEY_TAGS_SHOWN_MAX; tag = tag->next) {
            if (count++ == 0)
                json_open(text, '[');
            json_write_string(text,
                              arena_format(known->arena, "%s/%s", tag->device->name, tag->name));
        }
    }
    if (count > 0)
        json_close(text, ']');
    else
        json_write_null(text);
}

static void discovery_write_key(const struct survey_topic *topic, const struct survey_key *key,
                                const struct known_tags *known, const struct known_match *match,
                                struct text *text)
{
    static const struct {
        enum survey_kind kind;
        const char *name;
    } kinds[] = {{SURVEY_NULL, "null"},       {SURVEY_BOOL, "boolean"},
                 {SURVEY_INTEGER, "integer"}, {SURVEY_DECIMAL, "decimal"},
                 {SURVEY_TEXT, "text"},       {SURVEY_NUMERIC_TEXT, "number_as_text"},
                 {SURVEY_EMPTY, "empty"}};
    json_open(text, '{');
    json_write_key(text, "key");
    json_write_string(text, key->key);
    json_write_key(text, "types");
    json_open(text, '[');
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (key->kinds & kinds[i].kind)
            json_write_string(text, kinds[i].name);
    }
    json_close(text, ']');
    json_write_key(text, "sample");
    json_write_string(text, key->sample);
    discovery_write_real_or_null(text, "smallest", key->smallest);
    discovery_write_real_or_null(text, "largest", key->largest);
    json_write_key(text, "decimals");
    json_write_integer(text, key->decimals);
    json_write_key(text, "words");
    json_open(text, '[');
    for (size_t i = 0; i < key->word_count; i++)
        json_write_string(text, key->words[i]);
    json_close(text, ']');
    json_write_key(text, "more_words");
    json_write_bool(text, key->more_words);
    json_write_key(text, "present");
    double messages = topic->messages > 0 ? (double)topic->messages : 1;
    json_write_real(text, fmin(1, round((double)key->count / messages * 1000) / 1000));
    if (*key->type) {
        json_write_key(text, "metric_type");
        json_write_string(text, key->type);
    }
    discovery_write_tags(known, match, key->key, text);
    json_close(text, '}');
}

void discovery_write_topic(const struct survey *survey, const struct survey_topic *topic,
                           struct known_tags *known, int64_t elapsed_ms, struct text *text)
{
    const struct known_match *match = known_tags_match(known, topic->topic, topic->where);
    static const char *const formats[] = {[SURVEY_JSON] = "json",
                                          [SURVEY_PLAIN] = "text",
                                          [SURVEY_SPARKPLUG] = "sparkplug",
                                          [SURVEY_BINARY] = "binary",
                                          [SURVEY_NO_PAYLOAD] = "empty"};
    uint64_t live = topic->messages - topic->retained_messages;
    struct survey_key key;
    json_open(text, '{');
    json_write_key(text, "topic");
    json_write_string(text, topic->topic);
    json_write_key(text, "where");
    json_write_raw(text, topic->where ? topic->where : "null");
    json_write_key(text, "messages");
    json_write_integer(text, (int64_t)topic->messages);
    json_write_key(text, "rate");
    json_write_real(text,
                    elapsed_ms > 0 ? round((double)live / (double)elapsed_ms * 1e6) / 1e3 : 0);
    json_write_key(text, "retained");
    json_write_bool(text, topic->retained);
    json_write_key(text, "first_at");
    json_write_time(text, (uint64_t)topic->first_ms);
    json_write_key(text, "newest_at");
    json_write_time(text, (uint64_t)topic->newest_ms);
    json_write_key(text, "format");
    json_write_string(text, formats[topic->format]);
    discovery_write_payload(topic->topic, topic->payload, topic->payload_len,
                            topic->payload_whole_len, text);
    json_write_key(text, "keys");
    json_open(text, '[');
    for (size_t i = 0; i < topic->keys && survey_read_key(survey, topic, i, &key); i++)
        discovery_write_key(topic, &key, known, match, text);
    json_close(text, ']');
    json_write_key(text, "lost_keys");
    json_write_integer(text, (int64_t)topic->lost_keys);
    json_close(text, '}');
}

void discovery_write_totals(const struct survey *survey, uint64_t dropped, struct text *text)
{
    struct survey_totals totals = {0};
    if (survey)
        totals = survey_read_totals(survey);
    const struct {
        const char *name;
        uint64_t count;
    } rows[] = {{"messages", totals.messages},   {"topics", totals.topics},
                {"dropped_messages", dropped},   {"lost_messages", totals.lost_messages},
                {"lost_keys", totals.lost_keys}, {"cut_payloads", totals.cut_payloads}};
    json_open(text, '{');
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_write_key(text, rows[i].name);
        json_write_integer(text, (int64_t)rows[i].count);
    }
    json_close(text, '}');
}
