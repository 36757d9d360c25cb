/* The keys of a survey and their values. */
#include <math.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/json_text.h"
#include "common/model/survey_internal.h"
#include "common/model/value.h"

static uint32_t survey_hash_key(const struct survey_topic_row *row, const char *key, size_t len)
{
    return hash32_add(HASH32_START ^ row->id * UINT32_C(2654435761), key, len);
}

static bool survey_key_is_equal(const struct survey *survey, const struct survey_key_row *row,
                                uint32_t topic_id, uint32_t hash, const char *key, size_t len)
{
    const char *text = survey_at(survey, row->text);
    return row->hash == hash && row->topic_id == topic_id && strncmp(text, key, len) == 0 &&
           text[len] == '\0';
}

/* Adds the number of a new key to those of its topic. */
static bool survey_extend_runs(struct survey *survey, struct survey_topic_row *row, uint32_t number)
{
    struct survey_run *last = row->last_run ? survey_at(survey, row->last_run) : &row->run;
    if (row->keys == 0)
        *last = (struct survey_run){.first = number};
    if (last->first + last->count != number) {
        uint32_t at = survey_alloc(survey, sizeof *last, sizeof(uint32_t));
        if (!at)
            return false;
        row->last_run = last->next = at;
        last = survey_at(survey, at);
        last->first = number;
    }
    last->count++;
    row->keys++;
    return true;
}

struct survey_key_row *survey_find_key_row(const struct survey *survey,
                                           const struct survey_topic_row *row, const char *key,
                                           size_t len, uint32_t *number)
{
    uint32_t hash = survey_hash_key(row, key, len);
    uint32_t at = survey_key_chains(survey)[hash & (survey->key_chains - 1)];
    for (unsigned steps = 0; at && steps <= SURVEY_CHAIN_MAX; steps++) {
        struct survey_key_row *each = survey_key_row(survey, at - 1);
        *number = at - 1;
        if (survey_key_is_equal(survey, each, row->id, hash, key, len))
            return each;
        at = each->next;
    }
    return NULL;
}

struct survey_key_row *survey_take_key(struct survey *survey, struct survey_topic_row *row,
                                       const char *key, size_t len, uint32_t *hint)
{
    uint32_t hash = survey_hash_key(row, key, len);
    if (*hint < survey->keys) {
        struct survey_key_row *expected = survey_key_row(survey, *hint);
        if (survey_key_is_equal(survey, expected, row->id, hash, key, len)) {
            ++*hint;
            return expected;
        }
    }
    uint32_t found;
    struct survey_key_row *there = survey_find_key_row(survey, row, key, len, &found);
    if (there) {
        *hint = found + 1;
        return there;
    }
    uint32_t *chain = &survey_key_chains(survey)[hash & (survey->key_chains - 1)];
    unsigned steps = 0;
    for (uint32_t at = *chain; at; at = survey_key_row(survey, at - 1)->next)
        steps++;

    uint32_t number = survey->keys;
    if (row->keys >= SURVEY_KEYS_MAX || steps >= SURVEY_CHAIN_MAX ||
        !survey_add_row_room(survey, survey_key_pages(survey), survey->key_pages, number,
                             sizeof(struct survey_key_row)))
        return NULL;
    struct survey_key_row *added = survey_key_row(survey, number);
    *added = (struct survey_key_row){
        .hash = hash, .next = *chain, .topic_id = row->id, .smallest = NAN, .largest = NAN};
    added->text = survey_copy_text(survey, key, len);
    if (!added->text || !survey_extend_runs(survey, row, number))
        return NULL;
    *chain = *hint = ++survey->keys;
    return added;
}

bool survey_add_word(struct survey *survey, struct survey_key_row *key, const char *text,
                     size_t len)
{
    uint32_t at = key->words;
    for (unsigned i = 0; i < key->word_count; i++) {
        const char *word = survey_at(survey, at);
        if (strncmp(word + sizeof at, text, len) == 0 && word[sizeof at + len] == '\0')
            return true;
        memcpy(&at, word, sizeof at);
    }
    if (len >= SURVEY_WORD_SIZE || key->word_count >= SURVEY_WORDS_MAX)
        return false;
    at = survey_alloc(survey, sizeof at + len + 1, 1);
    if (!at)
        return false;
    memcpy((char *)survey_at(survey, at) + sizeof at, text, len);
    if (key->word_count++ == 0)
        key->words = at;
    else
        memcpy(survey_at(survey, key->last_word), &at, sizeof at);
    key->last_word = at;
    return true;
}

void survey_set_sample(struct survey *survey, struct survey_key_row *key, const char *text,
                       size_t len)
{
    len = utf8_prefix_len(text, len, SURVEY_WORD_SIZE - 1);
    if (len >= key->sample_room) {
        size_t room = key->sample_room ? key->sample_room * 2U : 8;
        while (room <= len)
            room *= 2;
        uint32_t at = survey_alloc(survey, room, 1);
        if (at) {
            key->sample = at;
            key->sample_room = (uint8_t)room;
        } else if (key->sample_room == 0) {
            return;
        } else {
            len = utf8_prefix_len(text, len, key->sample_room - 1U);
        }
    }
    char *to = survey_at(survey, key->sample);
    memcpy(to, text, len);
    memset(to + len, 0, key->sample_room - len);
}

unsigned survey_count_decimals(const char *text, size_t len)
{
    const char *point = len > 0 ? memchr(text, '.', len) : NULL;
    unsigned count = 0;
    while (point && ++point < text + len && *point >= '0' && *point <= '9')
        count++;
    return count;
}

void survey_note_value(struct survey *survey, struct survey_topic_row *row, const char *key,
                       size_t key_len, const struct survey_value *value, uint32_t *hint)
{
    struct survey_key_row *at =
        key_len < SURVEY_KEY_SIZE ? survey_take_key(survey, row, key, key_len, hint) : NULL;
    if (!at) {
        row->lost_keys++;
        survey->totals.lost_keys++;
        return;
    }
    if (at->newest_message != row->messages) /* an object may have a name twice */
        at->count++;
    at->newest_message = row->messages;
    at->kinds |= (uint16_t)value->kind;
    if (value->kind & (SURVEY_INTEGER | SURVEY_DECIMAL | SURVEY_NUMERIC_TEXT)) {
        if (isfinite(value->number)) {
            at->smallest = fmin(at->smallest, value->number);
            at->largest = fmax(at->largest, value->number);
        }
        if (value->decimals > at->decimals)
            at->decimals = (uint8_t)(value->decimals < UINT8_MAX ? value->decimals : UINT8_MAX);
    }
    size_t len = value->len > 0 ? utf8_prefix_len(value->text, value->len, value->len) : 0;
    if (value->kind == SURVEY_TEXT && !survey_add_word(survey, at, value->text, len))
        at->more_words = true;
    if (value->type && !at->type)
        at->type = survey_copy_text(survey, value->type, strlen(value->type));
    survey_set_sample(survey, at, len > 0 ? value->text : "", len);
}

struct survey_value survey_read_text(const char *text, size_t len)
{
    const struct scalar scalar = {.kind = SCALAR_STRING, .text = text, .len = len};
    struct survey_value result = {.kind = SURVEY_TEXT, .number = NAN, .text = text, .len = len};
    char room[VALUE_TEXT_SIZE];
    struct value value;
    if (len == 0 || value_read_scalar(&scalar, TYPE_FLOAT64, NULL, room, &value) != FAULT_NONE)
        return result;
    result.kind = SURVEY_NUMERIC_TEXT;
    result.number = value_to_double(&value);
    result.decimals = survey_count_decimals(text, len);
    return result;
}
