/* A survey: what a discovery has heard. For each topic: its rate, its newest payload, and its keys
 * down to the leaves with their types, limits and words. Pure.
 *
 * A survey is one block of memory without pointers, so that its used bytes can be written to a file
 * and read by another process. When a topic, key, word or payload does not fit any more, it is
 * counted and left out; the rest goes on. */
#ifndef TAGFERRY_COMMON_MODEL_SURVEY_H
#define TAGFERRY_COMMON_MODEL_SURVEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SURVEY_WORDS_MAX = 16,        /* different words of a key that are kept */
    SURVEY_WORD_SIZE = 64,        /* with the NUL; a longer text is no word */
    SURVEY_KEY_SIZE = 512,        /* with the NUL; a longer key does not fit */
    SURVEY_SHARES_MAX = 256,      /* entries of a topic that several devices share */
    SURVEY_BLOCK_MIN = 64 * 1024, /* bytes of a survey */
    SURVEY_KEYS_MAX = 1000,       /* of one topic */
    SURVEY_PAYLOAD_MAX = 1 << 20, /* bytes of a payload that are kept */
};

/* The kinds of values that a key has had, as bits. */
enum survey_kind {
    SURVEY_NULL = 1,
    SURVEY_BOOL = 2,
    SURVEY_INTEGER = 4, /* a number without a point, within 2^53 */
    SURVEY_DECIMAL = 8, /* any other number, 21.0 too */
    SURVEY_TEXT = 16,   /* a string that is no number */
    SURVEY_NUMERIC_TEXT =
        32,            /* a string that is a decimal number: it counts for smallest and largest */
    SURVEY_EMPTY = 64, /* an array or object without members */
};

enum survey_format {
    SURVEY_JSON,
    SURVEY_PLAIN,      /* text that is no JSON: the key is "", mqtt.payload is text */
    SURVEY_SPARKPLUG,  /* the keys are names of metrics */
    SURVEY_BINARY,     /* no keys; payload_format_guess tells more */
    SURVEY_NO_PAYLOAD, /* always empty */
};

/* A topic as its reader sees it; the texts lie in the survey and end with a NUL. */
struct survey_topic {
    const char *topic;
    /* Of a topic that several devices share: which of its messages these are, as JSON for
     * mqtt.where, such as {"node":"press"}. The survey has an entry for each. NULL: all messages.
     */
    const char *where;
    uint64_t messages, retained_messages;
    bool retained;               /* the newest message was */
    int64_t first_ms, newest_ms; /* since 1970 */
    enum survey_format format;   /* of the newest payload */
    const char *payload;         /* the newest that is not empty; bytes, with a NUL behind them */
    size_t payload_len;          /* bytes kept */
    size_t payload_whole_len;    /* bytes received */
    size_t keys;
    uint64_t lost_keys; /* values of keys that did not fit */
    uint32_t number; /* of the topic in its survey, from 0, about in the order of first messages */
};

/* A key of a topic. */
struct survey_key {
    const char *key;          /* as mqtt.key: a member's name, a pointer with selectors, or "" */
    unsigned kinds;           /* bits of enum survey_kind */
    uint64_t count;           /* messages with this key */
    double smallest, largest; /* of the numbers; NaN without one */
    unsigned decimals;        /* the most digits after the point */
    const char *sample;       /* the newest value, as text; cut at SURVEY_WORD_SIZE bytes */
    const char *words[SURVEY_WORDS_MAX]; /* the different texts, in order of appearance */
    size_t word_count;
    bool more_words;  /* there were others, or longer ones */
    const char *type; /* of a metric of Sparkplug: its data type; else "" */
};

struct survey;

/* Makes an empty survey of `size` bytes, from SURVEY_BLOCK_MIN to 1 GiB, in memory of the caller,
 * which is aligned as malloc's. */
struct survey *survey_make(void *memory, size_t size);
/* The bytes that are used, to be written to a file. */
size_t survey_used_size(const struct survey *survey);
/* Checks a block of bytes, aligned as malloc's, that was read from a file: all offsets and texts
 * are within it. NULL if not. A checked survey can only be read. */
const struct survey *survey_check(const void *memory, size_t size);
/* Makes a survey with the contents of a checked one, to go on with it. What does not fit any more
 * is counted and left out. */
struct survey *survey_copy(void *memory, size_t size, const struct survey *from);

/* Adds a message: JSON, or any text, or bytes.
 *
 * Of JSON each leaf becomes a key that mqtt.key finds again: a member of the payload by its name,
 * any other leaf by a pointer. Elements of an array are named by a selector if all of them have an
 * id-like member that differs ("/values/id=7/v"; the member itself is no key), else by their index,
 * the first few of them. A string that holds an object or an array is looked into.
 *
 * Messages of one topic whose id-like member differs, such as {"node":"press","t":21}, belong to
 * entries of their own: a topic that devices share. The member may also be one of an object in the
 * payload, as "/deviceInfo/devEui", or the base name of SenML, "/0/bn". If the member never returns
 * to a former value, such as the number of the message, there is one entry. */
void survey_add_message(struct survey *survey, const char *topic, const char *payload, size_t len,
                        bool retained, int64_t now_ms);

/* A value that the caller has decoded. */
struct survey_value {
    enum survey_kind kind;
    double number;     /* of numbers; NaN: unknown */
    unsigned decimals; /* of numbers */
    const char *text;  /* in any case; not terminated; of bytes that are no UTF-8 the rest is cut */
    size_t len;
    const char *type; /* of a metric of Sparkplug, or NULL */
};

/* Adds a message of Sparkplug, whose metrics the caller knows: begin, then each metric. Returns the
 * entry for survey_add_metric, or NULL when the topic does not fit; it is valid until the next
 * message. */
struct survey_topic_row *survey_begin_metrics(struct survey *survey, const char *topic,
                                              const char *payload, size_t len, bool retained,
                                              int64_t now_ms);
void survey_add_metric(struct survey *survey, struct survey_topic_row *entry, const char *name,
                       size_t name_len, const struct survey_value *value);

/* The totals, for people. */
struct survey_totals {
    uint64_t messages, topics;
    uint64_t lost_messages; /* of topics that did not fit, or are no UTF-8 */
    uint64_t lost_keys;
    uint64_t cut_payloads;
};
struct survey_totals survey_read_totals(const struct survey *survey);

/* Reads the topic with this number. False when there is none. */
bool survey_read_topic(const struct survey *survey, uint32_t number, struct survey_topic *topic);
/* Finds the first entry of a topic by its text. */
bool survey_find_topic(const struct survey *survey, const char *text, struct survey_topic *topic);
/* Reads a key of a topic, by its number from 0 in the order of appearance. */
bool survey_read_key(const struct survey *survey, const struct survey_topic *topic, size_t number,
                     struct survey_key *key);
/* Finds a key of a topic by its text. */
bool survey_find_key(const struct survey *survey, const struct survey_topic *topic,
                     const char *text, struct survey_key *key);

#endif
