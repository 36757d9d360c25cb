/* Keeps unacknowledged messages, and finds the one after which the broker closes the connection. */
#include "mqttd/broker/publications.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/require.h"

enum {
    PUBLICATION_CLOSES_ALONE_MAX = 2,
    ANSWER_LIMIT_MS = 10000, /* a close later than this after the message has another cause */
    TRAIT_REFUSED_MIN = 2    /* refused topics with a dot, until all with a dot are refused */
};

struct refused_topic {
    struct refused_topic *next;
    uint64_t until_ms, pause_ms;
    char topic[];
};

void publications_init(struct publications *publications)
{
    REQUIRE(!publications->first && !publications->refused);
    publications->last = &publications->first;
}

void publications_finish(struct publications *publications)
{
    for (struct publication *at = publications->first, *next; at; at = next) {
        next = at->next;
        free(at);
    }
    publications_retry_all(publications);
    *publications = (struct publications){0};
}

void publications_retry_all(struct publications *publications)
{
    for (struct refused_topic *at = publications->refused, *next; at; at = next) {
        next = at->next;
        free(at);
    }
    free(publications->suspect);
    publications->suspect = NULL;
    publications->suspect_closed = false;
    publications->refused = NULL;
    publications->refused_count = 0;
    publications->dots = publications->blanks = (struct topic_trait){0};
}

static struct refused_topic *publications_find_refused(const struct publications *publications,
                                                       const char *topic)
{
    struct refused_topic *at = publications->refused;
    while (at && strcmp(at->topic, topic) != 0)
        at = at->next;
    return at;
}

static bool trait_is_refused(const struct topic_trait *trait, const char *topic, char mark)
{
    return !trait->is_taken && trait->refused >= TRAIT_REFUSED_MIN && strchr(topic, mark) != NULL;
}

bool publications_is_refused(const struct publications *publications, const char *topic,
                             uint64_t now_ms)
{
    if (publications->refused_count == 0)
        return false;
    const struct refused_topic *refused = publications_find_refused(publications, topic);
    if (refused)
        return now_ms < refused->until_ms;
    return trait_is_refused(&publications->dots, topic, '.') ||
           trait_is_refused(&publications->blanks, topic, ' ');
}

struct publication *publications_add(struct publications *publications, const char *topic,
                                     const char *payload, size_t len, int qos, bool retain)
{
    size_t size = strlen(topic) + 1;
    struct publication *publication = malloc(sizeof *publication + size + len);
    REQUIRE(publications->last && qos >= 0 && qos <= 2);
    if (!publication)
        return NULL;
    int number = publications->last_number == INT_MAX ? 1 : publications->last_number + 1;
    publications->last_number = number;
    *publication = (struct publication){.number = number, .qos = qos, .retain = retain, .len = len};
    memcpy(publication->topic, topic, size);
    publication->payload = publication->topic + size;
    if (len > 0)
        memcpy(publication->topic + size, payload, len);
    *publications->last = publication;
    publications->last = &publication->next;

    /* A topic that was refused, or after which the broker closed, is tried alone. */
    publication->is_probe = publications_find_refused(publications, topic) != NULL;
    publications->is_careful |=
        publication->is_probe ||
        (publications->suspect_closed && strcmp(publications->suspect, topic) == 0);
    return publication;
}

struct publication *publications_next_unsent(const struct publications *publications,
                                             uint64_t quiet_since_ms, uint64_t now_ms)
{
    struct publication *at = publications->first;
    while (at && (at->packet != 0 || at->is_held))
        at = at->next;
    if (!at || !publications->is_careful)
        return at;
    if (publications->sent_count > 0 || quiet_since_ms == UINT64_MAX)
        return NULL;
    bool is_suspect = at->closes_alone > 0 || at->is_probe;
    return is_suspect && now_ms - quiet_since_ms < PUBLICATION_QUIET_MS ? NULL : at;
}

void publications_set_sent(struct publications *publications, struct publication *publication,
                           int packet, uint64_t now_ms)
{
    REQUIRE(publication->packet == 0 && packet != 0);
    publication->packet = packet;
    publication->sent_ms = now_ms;
    if (publication->qos > 0) {
        publications->sent_count++;
        return;
    }
    free(publications->suspect);
    publications->suspect = strdup(publication->topic); /* without memory there is no suspect */
    publications->suspect_ms = now_ms;
    publications->suspect_closed = false;
}

void publications_remove(struct publications *publications, struct publication *publication)
{
    struct publication **at = &publications->first;
    while (*at && *at != publication)
        at = &(*at)->next;
    REQUIRE(*at);
    *at = publication->next;
    if (!publication->next)
        publications->last = at;
    publications->sent_count -= publication->packet != 0 && publication->qos > 0;
}

struct publication *publications_take_sent(struct publications *publications, int packet)
{
    struct publication *at = publications->first;
    while (at && at->packet != packet)
        at = at->next;
    if (!at || packet == 0)
        return NULL;
    publications_remove(publications, at);
    if (at->qos == 0)
        return at;
    if (publications->suspect && strcmp(publications->suspect, at->topic) == 0)
        publications->suspect_closed = false;
    publications->dots.is_taken |= strchr(at->topic, '.') != NULL;
    publications->blanks.is_taken |= strchr(at->topic, ' ') != NULL;
    struct refused_topic **refused = &publications->refused;
    while (at->is_probe && *refused && strcmp((*refused)->topic, at->topic) != 0)
        refused = &(*refused)->next;
    if (at->is_probe && *refused) {
        struct refused_topic *gone = *refused;
        *refused = gone->next;
        publications->refused_count--;
        free(gone);
    }
    return at;
}

void publications_put_back(struct publications *publications, struct publication *publication)
{
    publication->packet = 0;
    publication->closes_alone = 0;
    publication->next = publications->first;
    if (!publications->first)
        publications->last = &publication->next;
    publications->first = publication;
}

void publications_reset_sent(struct publications *publications)
{
    for (struct publication *at = publications->first; at; at = at->next)
        at->packet = 0;
    publications->sent_count = 0;
}

bool publications_review(struct publications *publications,
                         enum publication_fate (*judge)(void *context,
                                                        const struct publication *publication),
                         void *context)
{
    bool was_sent = false;
    for (struct publication *at = publications->first, *next; at; at = next) {
        enum publication_fate fate = judge(context, at);
        next = at->next;
        at->is_held = fate == PUBLICATION_HOLD;
        was_sent |= fate != PUBLICATION_SEND && at->packet != 0;
        if (fate != PUBLICATION_DROP)
            continue;
        publications_remove(publications, at);
        free(at);
    }
    return was_sent;
}

void publications_note_lasting(struct publications *publications)
{
    if (!publications->first)
        publications->is_careful = false;
}

/* Messages of QoS 0 are not sent again. */
static void publications_forget_unanswerable(struct publications *publications)
{
    for (struct publication *at = publications->first, *next; at; at = next) {
        next = at->next;
        if (at->qos > 0 || at->packet == 0)
            continue;
        publications_remove(publications, at);
        free(at);
    }
}

enum publications_verdict publications_on_close(struct publications *publications, bool by_broker,
                                                struct publication **culprit, uint64_t now_ms)
{
    publications_forget_unanswerable(publications);
    if (publications->sent_count == 0) {
        publications->suspect_closed = by_broker && publications->suspect &&
                                       now_ms - publications->suspect_ms < PUBLICATION_QUIET_MS;
        return publications->is_careful ? PUBLICATIONS_WAITING : PUBLICATIONS_KEPT;
    }
    struct publication *sent = publications->first;
    while (sent->packet == 0)
        sent = sent->next;
    bool was_careful = publications->is_careful, is_alone = publications->sent_count == 1;
    bool may_be_cause = by_broker && now_ms - sent->sent_ms <= ANSWER_LIMIT_MS;
    if (!was_careful && !may_be_cause)
        return PUBLICATIONS_KEPT;
    publications->is_careful = true;
    publications_reset_sent(publications);
    if (!may_be_cause || (was_careful && !is_alone))
        return PUBLICATIONS_WAITING;
    if (!was_careful || (++sent->closes_alone < PUBLICATION_CLOSES_ALONE_MAX && !sent->is_probe))
        return PUBLICATIONS_SEARCHED;
    publications_remove(publications, sent);
    *culprit = sent;
    return PUBLICATIONS_CULPRIT;
}

struct publication *publications_take_refused(struct publications *publications, uint64_t now_ms)
{
    struct publication *at = publications->first;
    while (at && (at->packet != 0 || at->is_probe ||
                  !publications_is_refused(publications, at->topic, now_ms)))
        at = at->next;
    if (at)
        publications_remove(publications, at);
    return at;
}

unsigned publications_refuse_topic(struct publications *publications,
                                   const struct publication *culprit, uint64_t now_ms)
{
    struct refused_topic *refused = publications_find_refused(publications, culprit->topic);
    if (!refused) {
        size_t size = strlen(culprit->topic) + 1;
        refused = malloc(sizeof *refused + size);
        if (!refused)
            return 0;
        memcpy(refused->topic, culprit->topic, size);
        refused->next = publications->refused;
        refused->pause_ms = PUBLICATION_RETRY_MS / 2;
        publications->refused = refused;
        publications->refused_count++;
        publications->dots.refused += strchr(culprit->topic, '.') != NULL;
        publications->blanks.refused += strchr(culprit->topic, ' ') != NULL;
    }
    refused->pause_ms *= 2;
    if (refused->pause_ms > PUBLICATION_RETRY_MAX_MS)
        refused->pause_ms = PUBLICATION_RETRY_MAX_MS;
    refused->until_ms = now_ms + refused->pause_ms;

    /* The oldest one is forgotten. */
    struct refused_topic **at = &publications->refused;
    while (publications->refused_count > PUBLICATION_REFUSED_MAX && (*at)->next)
        at = &(*at)->next;
    if (publications->refused_count > PUBLICATION_REFUSED_MAX) {
        free(*at);
        *at = NULL;
        publications->refused_count--;
    }
    return (unsigned)(refused->pause_ms / 60000);
}
