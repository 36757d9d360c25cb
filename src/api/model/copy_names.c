/* Finds what names a device in its topic, and replaces it. */
#include "api/model/copy_names.h"

#include <string.h>

#include "api/base/text.h"

enum { SHORTEST_NAME = 3 };

struct copy_levels {
    const char *level[COPY_LEVELS_MAX];
    int count; /* -1: too many */
};

static struct copy_levels copy_split_topic(struct arena *arena, const char *topic)
{
    struct copy_levels levels = {.count = 0};
    for (;; topic++) {
        size_t len = strcspn(topic, "/");
        if (levels.count == COPY_LEVELS_MAX) {
            levels.count = -1;
            return levels;
        }
        levels.level[levels.count++] = arena_strndup(arena, topic, len);
        topic += len;
        if (!*topic)
            return levels;
    }
}

static const char *copy_join_levels(struct arena *arena, const struct copy_levels *levels,
                                    int first, int end)
{
    const char *joined = "";
    for (int i = first; i < end; i++)
        joined = arena_format(arena, "%s%s%s", joined, i > first ? "/" : "", levels->level[i]);
    return joined;
}

static void copy_add_pair(struct copy_names *names, const char *old, const char *new, int place)
{
    bool is_wildcard = strpbrk(old, "+#") || strpbrk(new, "+#");
    if (*old && *new && !is_wildcard && strcmp(old, new) != 0 && names->count <= COPY_LEVELS_MAX)
        names->pairs[names->count++] = (struct copy_pair){old, new, place};
}

struct copy_names copy_names_make(struct arena *arena, const char *old_name, const char *new_name,
                                  const char *old_topic, const char *new_topic)
{
    struct copy_names names = {.arena = arena};
    struct copy_levels old = copy_split_topic(arena, old_topic),
                       new = copy_split_topic(arena, new_topic);
    if (old.count > 0 && old.count == new.count) {
        for (int i = 0; i < old.count; i++)
            copy_add_pair(&names, old.level[i], new.level[i], i);
    } else if (old.count > 0 && new.count > 0) {
        /* What lies between the first and the last levels, which are equal. */
        int least = old.count < new.count ? old.count : new.count, first = 0, last = 0;
        while (first < least && strcmp(old.level[first], new.level[first]) == 0)
            first++;
        while (last < least - first &&
               strcmp(old.level[old.count - 1 - last], new.level[new.count - 1 - last]) == 0)
            last++;
        copy_add_pair(&names, copy_join_levels(arena, &old, first, old.count - last),
                      copy_join_levels(arena, &new, first, new.count - last), -1);
    }
    copy_add_pair(&names, old_name, new_name, -1);
    return names;
}

static bool copy_is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (unsigned char)c >= 0x80;
}

/* Returns the place of the name in the text, at or after `from`, where nothing continues it. */
static const char *copy_find_name(const char *text, const char *from, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = from; (at = strstr(at, name)); at++) {
        bool begins = at == text || !copy_is_word(at[-1]) || !copy_is_word(name[0]);
        if (begins && (!copy_is_word(at[len]) || !copy_is_word(name[len - 1])))
            return at;
    }
    return NULL;
}

const char *copy_names_in_text(const struct copy_names *names, const char *text)
{
    struct text result = {0};
    const char *at = text;
    /* At each place the first pair that fits: what was replaced is not replaced again. */
    for (;;) {
        const struct copy_pair *pair = NULL;
        const char *place = NULL;
        for (size_t i = 0; i < names->count; i++) {
            const char *found = strlen(names->pairs[i].old) >= SHORTEST_NAME
                                    ? copy_find_name(text, at, names->pairs[i].old)
                                    : NULL;
            if (found && (!place || found < place)) {
                place = found;
                pair = &names->pairs[i];
            }
        }
        if (!pair)
            break;
        text_append(&result, at, (size_t)(place - at));
        text_puts(&result, pair->new);
        at = place + strlen(pair->old);
    }
    if (at == text)
        return text;
    text_puts(&result, at);
    const char *copy = arena_strdup(names->arena, result.data);
    text_finish(&result);
    return copy;
}

const char *copy_names_in_topic(const struct copy_names *names, const char *topic)
{
    struct copy_levels levels = copy_split_topic(names->arena, topic);
    bool has_place = false, is_placed[COPY_LEVELS_MAX] = {false};
    for (int i = 0; i < levels.count; i++) {
        for (size_t p = 0; p < names->count; p++) {
            const struct copy_pair *pair = &names->pairs[p];
            bool fits = pair->place == i || (pair->place < 0 && !strchr(pair->old, '/'));
            if (!fits || strcmp(levels.level[i], pair->old) != 0)
                continue;
            levels.level[i] = pair->new;
            has_place = is_placed[i] = true;
            break;
        }
    }
    if (!has_place)
        return copy_names_in_text(names, topic);
    for (int i = 0; i < levels.count; i++) {
        if (!is_placed[i])
            levels.level[i] = copy_names_in_text(names, levels.level[i]);
    }
    return copy_join_levels(names->arena, &levels, 0, levels.count);
}
