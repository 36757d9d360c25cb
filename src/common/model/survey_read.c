/* Reads, checks and copies surveys. */
#include <string.h>

#include "common/base/json_text.h"
#include "common/base/require.h"
#include "common/model/survey_internal.h"

enum { TEXT_BYTES_MAX = 65535, LINK_ALIGN = 4, KINDS = 2 * SURVEY_EMPTY - 1 };

struct survey_totals survey_read_totals(const struct survey *survey)
{
    struct survey_totals totals = survey->totals;
    totals.topics = survey->topics;
    return totals;
}

static const char *survey_text(const struct survey *survey, uint32_t offset)
{
    return offset ? survey_at(survey, offset) : "";
}

bool survey_read_topic(const struct survey *survey, uint32_t number, struct survey_topic *topic)
{
    if (number >= survey->topics)
        return false;
    const struct survey_topic_row *row = survey_topic_row(survey, number);
    const struct survey_sharing *sharing = row->sharing ? survey_at(survey, row->sharing) : NULL;
    *topic = (struct survey_topic){
        .topic = survey_text(survey, row->text),
        .where = sharing && sharing->entries > 1 ? survey_text(survey, row->where) : NULL,
        .messages = row->messages,
        .retained_messages = row->retained_messages,
        .retained = row->retained,
        .first_ms = row->first_ms,
        .newest_ms = row->newest_ms,
        .format = (enum survey_format)row->format,
        .payload = survey_text(survey, row->payload),
        .payload_len = row->payload_len,
        .payload_whole_len = row->payload_whole_len,
        .keys = row->keys,
        .lost_keys = row->lost_keys,
        .number = number};
    return true;
}

bool survey_find_topic(const struct survey *survey, const char *text, struct survey_topic *topic)
{
    uint32_t number;
    return survey_find_first_entry(survey, text, strlen(text), &number) &&
           survey_read_topic(survey, number, topic);
}

static bool survey_find_key_number(const struct survey *survey, const struct survey_topic_row *row,
                                   size_t index, uint32_t *number)
{
    const struct survey_run *run = &row->run;
    if (index >= row->keys)
        return false;
    while (index >= run->count) {
        index -= run->count;
        run = survey_at(survey, run->next);
    }
    *number = run->first + (uint32_t)index;
    return true;
}

static void survey_read_key_row(const struct survey *survey, const struct survey_key_row *row,
                                struct survey_key *key)
{
    *key = (struct survey_key){.key = survey_text(survey, row->text),
                               .kinds = row->kinds,
                               .count = row->count,
                               .smallest = row->smallest,
                               .largest = row->largest,
                               .decimals = row->decimals,
                               .sample = survey_text(survey, row->sample),
                               .word_count = row->word_count,
                               .more_words = row->more_words,
                               .type = survey_text(survey, row->type)};
    uint32_t at = row->words;
    for (size_t i = 0; i < row->word_count; i++) {
        const char *word = survey_at(survey, at);
        key->words[i] = word + sizeof at;
        memcpy(&at, word, sizeof at);
    }
}

bool survey_read_key(const struct survey *survey, const struct survey_topic *topic, size_t number,
                     struct survey_key *key)
{
    uint32_t row;
    REQUIRE(topic->number < survey->topics);
    if (!survey_find_key_number(survey, survey_topic_row(survey, topic->number), number, &row))
        return false;
    survey_read_key_row(survey, survey_key_row(survey, row), key);
    return true;
}

bool survey_find_key(const struct survey *survey, const struct survey_topic *topic,
                     const char *text, struct survey_key *key)
{
    REQUIRE(topic->number < survey->topics);
    struct survey_topic_row *row = survey_topic_row(survey, topic->number);
    uint32_t number;
    size_t len = strlen(text);
    const struct survey_key_row *found = survey_find_key_row(survey, row, text, len, &number);
    if (found)
        survey_read_key_row(survey, found, key);
    return found != NULL;
}

/* Checks. The memory of a row or text must be in the block; what the texts say does not matter. */

static bool block_has(const struct survey *survey, uint32_t offset, size_t bytes, size_t align)
{
    return offset % align == 0 && offset >= sizeof *survey && offset <= survey->used &&
           bytes <= survey->used - offset;
}

static bool block_has_text(const struct survey *survey, uint32_t offset, size_t max)
{
    if (offset == 0)
        return true;
    if (!block_has(survey, offset, 1, 1))
        return false;
    const char *text = survey_at(survey, offset);
    size_t room = survey->used - offset;
    size_t len = strnlen(text, room < max + 1 ? room : max + 1);
    return len <= max && len < room && utf8_is_valid(text, len);
}

static bool block_has_pages(const struct survey *survey, const uint32_t *pages, uint32_t page_count,
                            uint32_t rows, size_t row_bytes)
{
    uint32_t needed = (rows + SURVEY_PAGE_ROWS - 1) / SURVEY_PAGE_ROWS;
    if (needed > page_count)
        return false;
    for (uint32_t i = 0; i < needed; i++) {
        if (!block_has(survey, pages[i], row_bytes * SURVEY_PAGE_ROWS, SURVEY_ALIGN))
            return false;
    }
    return true;
}

static bool count_is_chains(uint32_t count)
{
    return count > 0 && count <= 1 << 24 && (count & (count - 1)) == 0;
}

static bool block_has_tables(const struct survey *survey, size_t size)
{
    if (size < sizeof *survey || memcmp(survey->magic, "TFsurvey", sizeof survey->magic) != 0 ||
        survey->layout != survey_layout_id() || survey->used != size ||
        !count_is_chains(survey->topic_chains) || !count_is_chains(survey->key_chains) ||
        survey->topic_pages > 1 << 24 || survey->key_pages > 1 << 24 || survey->topics > 1 << 30 ||
        survey->keys > 1 << 30)
        return false;
    size_t entries =
        (size_t)survey->topic_chains + survey->key_chains + survey->topic_pages + survey->key_pages;
    return entries * sizeof(uint32_t) <= size - sizeof *survey &&
           block_has_pages(survey, survey_topic_pages(survey), survey->topic_pages, survey->topics,
                           sizeof(struct survey_topic_row)) &&
           block_has_pages(survey, survey_key_pages(survey), survey->key_pages, survey->keys,
                           sizeof(struct survey_key_row));
}

static bool key_row_is_sound(const struct survey *survey, const struct survey_key_row *row)
{
    uint32_t at = row->words;
    if (row->kinds > KINDS || row->word_count > SURVEY_WORDS_MAX || row->next > survey->keys ||
        !row->text || !block_has_text(survey, row->text, SURVEY_KEY_SIZE - 1) ||
        !block_has_text(survey, row->sample, SURVEY_WORD_SIZE - 1) ||
        !block_has_text(survey, row->type, SURVEY_WORD_SIZE - 1))
        return false;
    for (unsigned i = 0; i < row->word_count; i++) {
        if (!block_has(survey, at, sizeof at + 1, 1) ||
            !block_has_text(survey, at + (uint32_t)sizeof at, SURVEY_WORD_SIZE - 1))
            return false;
        memcpy(&at, survey_at(survey, at), sizeof at);
    }
    return true;
}

/* Checks the keys of a topic. `left` keys have no other topic: this bounds the whole check. */
static bool topic_runs_are_sound(const struct survey *survey, const struct survey_topic_row *row,
                                 uint32_t *left)
{
    const struct survey_run *run = &row->run;
    for (uint32_t found = 0; found < row->keys; run = survey_at(survey, run->next)) {
        if (run->count == 0 || run->count > row->keys - found || run->count > *left ||
            run->first > survey->keys || run->count > survey->keys - run->first)
            return false;
        *left -= run->count;
        found += run->count;
        if (found < row->keys && !block_has(survey, run->next, sizeof *run, LINK_ALIGN))
            return false;
    }
    return true;
}

static bool topic_row_is_sound(const struct survey *survey, const struct survey_topic_row *row,
                               uint32_t *keys_left)
{
    if (row->format > SURVEY_NO_PAYLOAD || row->next > survey->topics || !row->text ||
        !block_has_text(survey, row->text, TEXT_BYTES_MAX) || !row->where ||
        !block_has_text(survey, row->where, TEXT_BYTES_MAX) || row->keys > SURVEY_KEYS_MAX)
        return false;
    if (row->sharing && !block_has(survey, row->sharing, sizeof(struct survey_sharing), LINK_ALIGN))
        return false;
    /* With the NUL, the length of a damaged row might not fit a size_t of 32 bits. */
    if (row->payload_len >= survey->used)
        return false;
    if (row->payload ? !block_has(survey, row->payload, (size_t)row->payload_len + 1, 1) ||
                           ((const char *)survey_at(survey, row->payload))[row->payload_len] != '\0'
                     : row->payload_len > 0)
        return false;
    return topic_runs_are_sound(survey, row, keys_left);
}

static bool chains_are_sound(const uint32_t *chains, uint32_t count, uint32_t rows)
{
    for (uint32_t i = 0; i < count; i++) {
        if (chains[i] > rows)
            return false;
    }
    return true;
}

/* A flag of a bool that is neither 0 nor 1 must not be read as one. */
static bool byte_is_flag(const bool *flag)
{
    unsigned char byte;
    memcpy(&byte, flag, 1);
    return byte <= 1;
}

const struct survey *survey_check(const void *memory, size_t size)
{
    const struct survey *survey = memory;
    if (!block_has_tables(survey, size) ||
        !chains_are_sound(survey_topic_chains(survey), survey->topic_chains, survey->topics) ||
        !chains_are_sound(survey_key_chains(survey), survey->key_chains, survey->keys))
        return NULL;
    uint32_t keys_left = survey->keys;
    for (uint32_t i = 0; i < survey->keys; i++) {
        const struct survey_key_row *row = survey_key_row(survey, i);
        if (!byte_is_flag(&row->more_words) || !key_row_is_sound(survey, row))
            return NULL;
    }
    for (uint32_t i = 0; i < survey->topics; i++) {
        const struct survey_topic_row *row = survey_topic_row(survey, i);
        if (!byte_is_flag(&row->retained) || !byte_is_flag(&row->is_first) ||
            !topic_row_is_sound(survey, row, &keys_left))
            return NULL;
    }
    return survey;
}

/* Copying. */

static void survey_copy_keys(struct survey *to, struct survey_topic_row *row,
                             const struct survey *from, const struct survey_topic_row *old)
{
    uint32_t number, hint = UINT32_MAX;
    for (size_t i = 0; survey_find_key_number(from, old, i, &number); i++) {
        const struct survey_key_row *key = survey_key_row(from, number);
        struct survey_key read;
        survey_read_key_row(from, key, &read);
        struct survey_key_row *added = survey_take_key(to, row, read.key, strlen(read.key), &hint);
        if (!added) {
            row->lost_keys++;
            continue;
        }
        added->count = key->count;
        added->smallest = key->smallest;
        added->largest = key->largest;
        added->kinds = key->kinds;
        added->decimals = key->decimals;
        added->more_words = key->more_words;
        for (size_t word = 0; word < read.word_count; word++)
            survey_add_word(to, added, read.words[word], strlen(read.words[word]));
        if (read.type[0] != '\0')
            added->type = survey_copy_text(to, read.type, strlen(read.type));
        survey_set_sample(to, added, read.sample, strlen(read.sample));
    }
}

/* Finds the entry that belongs to a row of the other survey, or adds it. */
static struct survey_topic_row *survey_copy_entry(struct survey *to, const struct survey *from,
                                                  const struct survey_topic_row *old)
{
    const char *topic = survey_text(from, old->text), *text = survey_text(from, old->where);
    struct survey_where where = {.text = text, .len = strlen(text)};
    struct survey_sharing sharing = {0};
    if (old->sharing)
        sharing = *(const struct survey_sharing *)survey_at(from, old->sharing);
    if (sharing.member && block_has_text(from, sharing.member, SURVEY_KEY_SIZE)) {
        where.member = survey_text(from, sharing.member);
        where.member_len = strlen(where.member);
    }
    struct survey_topic_row *row = survey_take_entry(to, topic, &where);
    if (row && row->sharing && sharing.is_off)
        ((struct survey_sharing *)survey_at(to, row->sharing))->is_off = 1;
    return row;
}

struct survey *survey_copy(void *memory, size_t size, const struct survey *from)
{
    struct survey *to = survey_make(memory, size);
    to->totals = from->totals;
    for (uint32_t i = 0; i < from->topics; i++) {
        const struct survey_topic_row *old = survey_topic_row(from, i);
        struct survey_topic_row *row = survey_copy_entry(to, from, old);
        if (!row || row->messages > 0) { /* the second: the block has the entry twice */
            to->totals.lost_messages += row ? 0 : old->messages;
            continue;
        }
        row->messages = old->messages;
        row->retained_messages = old->retained_messages;
        row->lost_keys = old->lost_keys;
        row->first_ms = old->first_ms;
        row->newest_ms = old->newest_ms;
        row->retained = old->retained;
        row->format = old->format;
        if (old->payload)
            survey_keep_payload(to, row, survey_at(from, old->payload), old->payload_len);
        row->payload_whole_len = old->payload_whole_len;
        if (row->sharing && !row->is_first && row->messages > 1)
            ((struct survey_sharing *)survey_at(to, row->sharing))->singles--;
        survey_copy_keys(to, row, from, old);
    }
    return to;
}
