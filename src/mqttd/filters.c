/* Counts the users of each filter in a hash table of chains. */
#include "mqttd/filters.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { QOS_COUNT = 3, UNSUBSCRIBED = -1 };

struct filter {
    struct filter *next;    /* in the bucket */
    struct filter *changed; /* in the list of those to look at */
    unsigned users[QOS_COUNT];
    int told; /* the QoS that the broker knows, or UNSUBSCRIBED */
    bool is_changed, is_repeated;
    uint32_t code;
    char text[];
};

struct filters {
    struct filter **buckets;
    size_t bucket_count, count;
    struct filter *changed;
};

static uint32_t code_of(const char *text)
{
    uint32_t code = 2166136261U;
    for (; *text; text++)
        code = (code ^ (unsigned char)*text) * 16777619U;
    return code;
}

struct filters *filters_create(void)
{
    struct filters *filters = calloc(1, sizeof *filters);
    if (!filters)
        return NULL;
    filters->bucket_count = 64;
    filters->buckets = calloc(filters->bucket_count, sizeof(struct filter *));
    if (filters->buckets)
        return filters;
    free(filters);
    return NULL;
}

void filters_destroy(struct filters *filters)
{
    if (!filters)
        return;
    for (size_t i = 0; i < filters->bucket_count; i++) {
        for (struct filter *at = filters->buckets[i], *next; at; at = next) {
            next = at->next;
            free(at);
        }
    }
    free(filters->buckets);
    free(filters);
}

static struct filter **place_of(const struct filters *filters, const char *text, uint32_t code)
{
    struct filter **at = &filters->buckets[code & (filters->bucket_count - 1)];
    while (*at && !((*at)->code == code && strcmp((*at)->text, text) == 0))
        at = &(*at)->next;
    return at;
}

/* A table that cannot grow is slower, and works. */
static void grow(struct filters *filters)
{
    size_t count = filters->bucket_count * 2;
    struct filter **buckets = calloc(count, sizeof *buckets);
    if (!buckets)
        return;
    for (size_t i = 0; i < filters->bucket_count; i++) {
        for (struct filter *at = filters->buckets[i], *next; at; at = next) {
            next = at->next;
            at->next = buckets[at->code & (count - 1)];
            buckets[at->code & (count - 1)] = at;
        }
    }
    free(filters->buckets);
    filters->buckets = buckets;
    filters->bucket_count = count;
}

static void mark_changed(struct filters *filters, struct filter *filter)
{
    if (filter->is_changed)
        return;
    filter->is_changed = true;
    filter->changed = filters->changed;
    filters->changed = filter;
}

bool filters_add(struct filters *filters, const char *text, int qos)
{
    uint32_t code = code_of(text);
    struct filter **at = place_of(filters, text, code);
    if (!*at) {
        size_t size = strlen(text) + 1;
        struct filter *filter = calloc(1, sizeof *filter + size);
        if (!filter)
            return false;
        filter->told = UNSUBSCRIBED;
        filter->code = code;
        memcpy(filter->text, text, size);
        *at = filter;
        if (++filters->count > filters->bucket_count)
            grow(filters);
        at = place_of(filters, text, code);
    }
    (*at)->users[qos]++;
    mark_changed(filters, *at);
    return true;
}

void filters_drop(struct filters *filters, const char *text, int qos)
{
    struct filter *filter = *place_of(filters, text, code_of(text));
    if (!filter || filter->users[qos] == 0)
        return;
    filter->users[qos]--;
    mark_changed(filters, filter);
}

void filters_repeat(struct filters *filters, const char *text)
{
    struct filter *filter = *place_of(filters, text, code_of(text));
    if (!filter)
        return;
    filter->is_repeated = true;
    mark_changed(filters, filter);
}

static int wanted_qos(const struct filter *filter)
{
    int qos = QOS_COUNT - 1;
    while (qos >= 0 && filter->users[qos] == 0)
        qos--;
    return qos;
}

bool filters_has(const struct filters *filters, const char *text)
{
    const struct filter *filter = *place_of(filters, text, code_of(text));
    return filter && wanted_qos(filter) != UNSUBSCRIBED;
}

void filters_each(const struct filters *filters, void (*take)(void *context, const char *filter),
                  void *context)
{
    for (size_t i = 0; i < filters->bucket_count; i++) {
        for (const struct filter *at = filters->buckets[i]; at; at = at->next) {
            if (wanted_qos(at) != UNSUBSCRIBED)
                take(context, at->text);
        }
    }
}

/* The lists that are told, one for each QoS, and one (the first) for what is over. */
struct lists {
    const char **item[QOS_COUNT + 1];
    size_t count[QOS_COUNT + 1];
};

static bool make_lists(struct lists *lists, size_t room)
{
    *lists = (struct lists){0};
    for (int i = 0; i <= QOS_COUNT; i++) {
        lists->item[i] = malloc((room + 1) * sizeof *lists->item[i]);
        if (!lists->item[i])
            return false;
    }
    return true;
}

static void put(struct lists *lists, const struct filter *filter, int qos)
{
    lists->item[qos + 1][lists->count[qos + 1]++] = filter->text;
}

static void tell_lists(struct lists *lists, filters_tell *tell, void *context)
{
    for (int i = 0; i <= QOS_COUNT; i++) {
        if (lists->item[i] && lists->count[i] > 0)
            tell(context, lists->item[i], lists->count[i], i - 1);
    }
}

static void free_lists(struct lists *lists)
{
    for (int i = 0; i <= QOS_COUNT; i++)
        free(lists->item[i]);
}

static void delete_filter(struct filters *filters, struct filter *filter)
{
    struct filter **at = place_of(filters, filter->text, filter->code);
    *at = filter->next;
    filters->count--;
    free(filter);
}

/* Ends the list of changes. The texts must not be used any more. */
static void forget_changes(struct filters *filters)
{
    for (struct filter *at = filters->changed, *next; at; at = next) {
        next = at->changed;
        at->is_changed = at->is_repeated = false;
        at->told = wanted_qos(at);
        if (at->told == UNSUBSCRIBED)
            delete_filter(filters, at);
    }
    filters->changed = NULL;
}

bool filters_tell_changes(struct filters *filters, filters_tell *tell, void *context)
{
    struct lists lists;
    size_t room = 0;
    for (const struct filter *at = filters->changed; at; at = at->changed)
        room++;
    bool ok = make_lists(&lists, room);
    for (const struct filter *at = filters->changed; ok && at; at = at->changed) {
        if (wanted_qos(at) != at->told || (at->is_repeated && at->told != UNSUBSCRIBED))
            put(&lists, at, wanted_qos(at));
    }
    if (ok) {
        tell_lists(&lists, tell, context);
        forget_changes(filters);
    }
    free_lists(&lists);
    return ok;
}

bool filters_tell_all(struct filters *filters, filters_tell *tell, void *context)
{
    struct lists lists;
    bool ok = make_lists(&lists, filters->count);
    for (size_t i = 0; ok && i < filters->bucket_count; i++) {
        for (const struct filter *at = filters->buckets[i]; at; at = at->next)
            put(&lists, at, wanted_qos(at));
    }
    if (ok) {
        tell_lists(&lists, tell, context);
        forget_changes(filters);
    }
    free_lists(&lists);
    return ok;
}
