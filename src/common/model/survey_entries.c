/* The entries of a survey: topics, and which messages of a shared topic are whose. */
#include <string.h>

#include "common/base/hash.h"
#include "common/base/require.h"
#include "common/model/survey_internal.h"

enum {
    /* Of a topic with so many entries, a member that hardly ever returns tells no devices apart. */
    SHARES_ON_PROBATION = 48
};

static uint32_t survey_hash_topic(const char *topic, size_t len, const char *where,
                                  size_t where_len)
{
    return hash32_add(hash32_add(HASH32_START, topic, len), where, where_len);
}

struct survey_topic_row *survey_find_first_entry(const struct survey *survey, const char *topic,
                                                 size_t len, uint32_t *number)
{
    uint32_t hash = survey_hash_topic(topic, len, "", 0);
    uint32_t at = survey_topic_chains(survey)[hash & (survey->topic_chains - 1)];
    for (unsigned steps = 0; at && steps < SURVEY_CHAIN_MAX; steps++) {
        struct survey_topic_row *row = survey_topic_row(survey, at - 1);
        const char *text = survey_at(survey, row->text);
        *number = at - 1;
        if (row->is_first && row->hash == hash && strncmp(text, topic, len) == 0 &&
            text[len] == '\0')
            return row;
        at = row->next;
    }
    return NULL;
}

/* Finds another entry of the topic of `first`. */
static struct survey_topic_row *survey_find_share(const struct survey *survey,
                                                  const struct survey_topic_row *first,
                                                  const char *topic,
                                                  const struct survey_where *where)
{
    if (where->len == strlen(survey_at(survey, first->where)) &&
        memcmp(survey_at(survey, first->where), where->text, where->len) == 0)
        return (struct survey_topic_row *)(uintptr_t)first;
    uint32_t hash = survey_hash_topic(topic, strlen(topic), where->text, where->len);
    uint32_t at = survey_topic_chains(survey)[hash & (survey->topic_chains - 1)];
    for (unsigned steps = 0; at && steps < SURVEY_CHAIN_MAX; steps++) {
        struct survey_topic_row *row = survey_topic_row(survey, at - 1);
        if (row->hash == hash && row->sharing == first->sharing && !row->is_first &&
            strcmp(survey_at(survey, row->where), where->text) == 0)
            return row;
        at = row->next;
    }
    return NULL;
}

static unsigned survey_topic_chain_len(const struct survey *survey, uint32_t hash)
{
    unsigned steps = 0;
    uint32_t at = survey_topic_chains(survey)[hash & (survey->topic_chains - 1)];
    for (; at; at = survey_topic_row(survey, at - 1)->next)
        steps++;
    return steps;
}

struct survey_topic_row *survey_add_entry(struct survey *survey, const char *topic, size_t len,
                                          const struct survey_where *where, bool is_first)
{
    uint32_t hash =
        survey_hash_topic(topic, len, where->text ? where->text : "", is_first ? 0 : where->len);
    uint32_t number = survey->topics;
    if (survey_topic_chain_len(survey, hash) >= SURVEY_CHAIN_MAX ||
        !survey_add_row_room(survey, survey_topic_pages(survey), survey->topic_pages, number,
                             sizeof(struct survey_topic_row)))
        return NULL;
    struct survey_topic_row *row = survey_topic_row(survey, number);
    *row = (struct survey_topic_row){
        .hash = hash, .id = survey->next_id, .format = SURVEY_NO_PAYLOAD, .is_first = is_first};
    row->text = survey_copy_text(survey, topic, len);
    row->where = survey_copy_text(survey, where->text ? where->text : "", where->len);
    if (!row->text || !row->where)
        return NULL;
    uint32_t *chain = &survey_topic_chains(survey)[hash & (survey->topic_chains - 1)];
    row->next = *chain;
    *chain = ++survey->topics;
    survey->next_id++;
    return row;
}

static uint32_t *survey_find_link(const struct survey *survey, uint32_t hash, uint32_t number)
{
    uint32_t *link = &survey_topic_chains(survey)[hash & (survey->topic_chains - 1)];
    while (*link != number + 1)
        link = &survey_topic_row(survey, *link - 1)->next;
    return link;
}

/* Removes an entry; the last one takes its number. Its keys stay as unused memory. */
static void survey_remove_entry(struct survey *survey, uint32_t number)
{
    struct survey_topic_row *row = survey_topic_row(survey, number);
    uint32_t last = survey->topics - 1;
    survey_free_payload(survey, row);
    *survey_find_link(survey, row->hash, number) = row->next;
    if (number != last) {
        struct survey_topic_row *moved = survey_topic_row(survey, last);
        *survey_find_link(survey, moved->hash, last) = number + 1;
        *row = *moved;
    }
    survey->topics = last;
}

/* True when the member that tells the entries apart has proved to have ever new values. Then the
 * first entry remains. */
static bool survey_end_sharing(struct survey *survey, struct survey_topic_row *first)
{
    struct survey_sharing *sharing = survey_at(survey, first->sharing);
    uint32_t id = first->id, offset = first->sharing;
    if (sharing->entries < SHARES_ON_PROBATION || sharing->singles < sharing->entries / 4 * 3)
        return false;
    for (uint32_t number = survey->topics; number-- > 0;) {
        const struct survey_topic_row *row = survey_topic_row(survey, number);
        if (row->sharing == offset && row->id != id)
            survey_remove_entry(survey, number);
    }
    sharing->entries = 1;
    sharing->is_off = 1;
    return true;
}

/* Notes with which member the first message of a topic can be told from those of other devices. */
static void survey_begin_sharing(struct survey *survey, struct survey_topic_row *row,
                                 const struct survey_where *where)
{
    uint32_t at = survey_alloc(survey, sizeof(struct survey_sharing), sizeof(uint32_t));
    uint32_t member = survey_copy_text(survey, where->member, where->member_len);
    if (!at || !member)
        return;
    struct survey_sharing *sharing = survey_at(survey, at);
    *sharing = (struct survey_sharing){.member = member, .entries = 1};
    row->sharing = at;
}

struct survey_topic_row *survey_take_entry(struct survey *survey, const char *topic,
                                           const struct survey_where *where)
{
    uint32_t number;
    size_t len = strlen(topic);
    struct survey_topic_row *first = survey_find_first_entry(survey, topic, len, &number);
    if (!first) {
        first = survey_add_entry(survey, topic, len, where, true);
        if (first && where->member)
            survey_begin_sharing(survey, first, where);
        return first;
    }
    struct survey_sharing *sharing = first->sharing ? survey_at(survey, first->sharing) : NULL;
    if (!where->member || !sharing || sharing->is_off)
        return first;
    struct survey_topic_row *row = survey_find_share(survey, first, topic, where);
    if (row) {
        sharing->singles -= row->messages == 1 && !row->is_first;
        return row;
    }
    uint32_t id = first->id;
    if (survey_end_sharing(survey, first)) {
        first = survey_find_first_entry(survey, topic, len, &number);
        REQUIRE(first && first->id == id);
        return first;
    }
    row = sharing->entries < SURVEY_SHARES_MAX ? survey_add_entry(survey, topic, len, where, false)
                                               : NULL;
    if (row) {
        row->sharing = first->sharing;
        sharing->entries++;
        sharing->singles++;
    }
    return row;
}
