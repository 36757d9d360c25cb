/* How a survey lies in its block. Offsets count from the block's beginning; 0: none. Chains hold
 * numbers of rows plus 1; 0: the end. */
#ifndef TAGFERRY_COMMON_MODEL_SURVEY_INTERNAL_H
#define TAGFERRY_COMMON_MODEL_SURVEY_INTERNAL_H

#include "common/model/survey.h"

enum {
    SURVEY_PAGE_ROWS = 64,
    SURVEY_ALIGN = 8,          /* of rows */
    SURVEY_CHAIN_MAX = 256,    /* rows of a chain: it bounds what constructed collisions cost */
    SURVEY_PAYLOAD_SIZES = 17, /* a payload has room for (16 << n) bytes and a NUL */
    SURVEY_DEPTH_MAX = 32,     /* tokens of a key */
    SURVEY_ELEMENTS_MAX = 8,   /* of an array without a selector */
};

/* Which messages of a topic belong to which of its entries. */
struct survey_sharing {
    uint32_t member;  /* text: the member that tells them apart, as in JSON without quotes */
    uint32_t entries; /* of the topic */
    uint32_t singles; /* of these, with one message */
    uint32_t is_off;  /* the member has another value in each message: there is one entry */
};

/* Keys of a topic with consecutive numbers. */
struct survey_run {
    uint32_t first, count;
    uint32_t next; /* run of the topic, at a greater offset */
};

struct survey_topic_row {
    uint64_t messages, retained_messages, lost_keys;
    int64_t first_ms, newest_ms;
    uint32_t hash, next; /* of its chain */
    uint32_t id;         /* stays when the row moves */
    uint32_t text, where;
    uint32_t sharing; /* or 0 */
    uint32_t payload, payload_room, payload_len, payload_whole_len;
    uint32_t keys, last_run; /* last_run: 0 while `run` is the last one */
    struct survey_run run;
    uint8_t format;
    bool retained, is_first; /* is_first: of the entries of its topic */
};

struct survey_key_row {
    uint64_t count, newest_message;
    double smallest, largest;
    uint32_t hash, next;
    uint32_t topic_id;
    uint32_t text, type;
    uint32_t words, last_word; /* each: the offset of the next one, then its text */
    uint32_t sample;
    uint16_t kinds;
    uint8_t decimals, word_count, sample_room;
    bool more_words;
};

struct survey {
    char magic[8];
    uint32_t layout; /* of the structs above */
    uint32_t size, used;
    uint32_t scratch; /* bytes at the end of the block that are in use for a moment */
    uint32_t topic_chains, key_chains, topic_pages, key_pages; /* entries of the four tables */
    uint32_t topics, keys, next_id;
    uint32_t payload_bytes;
    uint32_t free_payloads[SURVEY_PAYLOAD_SIZES];
    struct survey_totals totals;
};

/* The tables behind the struct, in this order. */
static inline uint32_t *survey_topic_chains(const struct survey *survey)
{
    return (uint32_t *)(uintptr_t)(survey + 1);
}

static inline uint32_t *survey_key_chains(const struct survey *survey)
{
    return survey_topic_chains(survey) + survey->topic_chains;
}

static inline uint32_t *survey_topic_pages(const struct survey *survey)
{
    return survey_key_chains(survey) + survey->key_chains;
}

static inline uint32_t *survey_key_pages(const struct survey *survey)
{
    return survey_topic_pages(survey) + survey->topic_pages;
}

static inline void *survey_at(const struct survey *survey, uint32_t offset)
{
    return (char *)(uintptr_t)survey + offset;
}

static inline struct survey_topic_row *survey_topic_row(const struct survey *survey,
                                                        uint32_t number)
{
    struct survey_topic_row *page =
        survey_at(survey, survey_topic_pages(survey)[number / SURVEY_PAGE_ROWS]);
    return &page[number % SURVEY_PAGE_ROWS];
}

static inline struct survey_key_row *survey_key_row(const struct survey *survey, uint32_t number)
{
    struct survey_key_row *page =
        survey_at(survey, survey_key_pages(survey)[number / SURVEY_PAGE_ROWS]);
    return &page[number % SURVEY_PAGE_ROWS];
}

/* The rest is for adding. */

/* Differs between versions whose structs differ. */
uint32_t survey_layout_id(void);
/* Zeroed memory. 0 when it does not fit. */
uint32_t survey_alloc(struct survey *survey, size_t bytes, size_t align);
/* Makes room for a row of this number in pages of rows. */
bool survey_add_row_room(struct survey *survey, uint32_t *pages, uint32_t page_count,
                         uint32_t number, size_t row_bytes);
/* The text and a NUL. 0 when it does not fit. */
uint32_t survey_copy_text(struct survey *survey, const char *text, size_t len);
/* Memory for a moment, or NULL. Give it back in reverse order. */
char *survey_borrow_scratch(struct survey *survey, size_t bytes);
void survey_return_scratch(struct survey *survey, size_t bytes);

struct survey_where {
    const char *member; /* as in JSON without quotes; NULL: none */
    size_t member_len;
    const char *text; /* {"member":value} */
    size_t len;
};
/* Finds the entry of this message, or adds it. NULL when it does not fit. */
struct survey_topic_row *survey_take_entry(struct survey *survey, const char *topic,
                                           const struct survey_where *where);
/* Finds the first entry of a topic. NULL without one. */
struct survey_topic_row *survey_find_first_entry(const struct survey *survey, const char *topic,
                                                 size_t len, uint32_t *number);
/* Adds an entry, even if there is one already. NULL when it does not fit. */
struct survey_topic_row *survey_add_entry(struct survey *survey, const char *topic, size_t len,
                                          const struct survey_where *where, bool is_first);
void survey_free_payload(struct survey *survey, struct survey_topic_row *row);
void survey_keep_payload(struct survey *survey, struct survey_topic_row *row, const char *payload,
                         size_t len);
/* Finds or adds a key of a topic. `*hint` is the number of the key that the caller expects, and
 * becomes that of the key behind this one. NULL when it does not fit. */
struct survey_key_row *survey_take_key(struct survey *survey, struct survey_topic_row *row,
                                       const char *key, size_t len, uint32_t *hint);
/* Finds a key of a topic. NULL without one. */
struct survey_key_row *survey_find_key_row(const struct survey *survey,
                                           const struct survey_topic_row *row, const char *key,
                                           size_t len, uint32_t *number);
bool survey_add_word(struct survey *survey, struct survey_key_row *key, const char *text,
                     size_t len);
void survey_set_sample(struct survey *survey, struct survey_key_row *key, const char *text,
                       size_t len);
/* Adds a value to a key. The text may be any bytes. */
void survey_note_value(struct survey *survey, struct survey_topic_row *row, const char *key,
                       size_t key_len, const struct survey_value *value, uint32_t *hint);
/* A text as a number, if it is one. */
struct survey_value survey_read_text(const char *text, size_t len);
/* Digits after the point. */
unsigned survey_count_decimals(const char *text, size_t len);

/* Adds the leaves of a text that is valid JSON to the entry. */
void survey_walk_json(struct survey *survey, struct survey_topic_row *row, const char *text,
                      size_t len);
/* Finds the member of a valid JSON object that tells devices apart; with a `wanted` member only
 * that one. `text` receives the condition. False without one. */
bool survey_find_where(const char *json, size_t len, const char *wanted, size_t wanted_len,
                       char *text, size_t size, struct survey_where *where);

#endif
