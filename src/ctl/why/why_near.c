#include "ctl/why/why_near.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"

/* Keys that are listed and compared, levels of a payload, bytes of names that are compared. */
enum { KEYS_LISTED = 30, KEYS_COMPARED = 500, LEVELS_MAX = 8, NAME_MAX_COMPARED = 128 };

struct key_list {
    const char *keys[KEYS_COMPARED];
    size_t count;
};

/* A token of a JSON Pointer. */
static const char *key_escape_token(const char *name)
{
    char *escaped = keep_zeroed(strlen(name) * 2 + 1), *to = escaped;
    for (; *name; name++) {
        if (*name == '~' || *name == '/') {
            *to++ = '~';
            *to++ = *name == '~' ? '0' : '1';
        } else {
            *to++ = *name;
        }
    }
    return escaped;
}

/* Adds the keys of all scalars. `path` is "" at the top. */
static void key_list_add(struct key_list *list, const cJSON *value, const char *path, int level)
{
    int index = 0;
    for (const cJSON *one = value->child; one && list->count < KEYS_COMPARED; one = one->next) {
        const char *name = one->string ? one->string : keep_format("%d", index++);
        const char *pointer = keep_format("%s/%s", path, key_escape_token(name));
        if (cJSON_IsObject(one) || cJSON_IsArray(one)) {
            if (level < LEVELS_MAX)
                key_list_add(list, one, pointer, level + 1);
            continue;
        }
        bool is_name = level == 0 && one->string && name[0] != '\0' && name[0] != '/';
        list->keys[list->count++] = is_name ? name : pointer;
    }
}

const char *why_list_keys(const cJSON *payload)
{
    struct key_list list = {.count = 0};
    const char *text = "";
    if (payload)
        key_list_add(&list, payload, "", 0);
    for (size_t i = 0; i < list.count && i < KEYS_LISTED; i++)
        text = keep_format("%s%s%s", text, i > 0 ? ", " : "", list.keys[i]);
    return list.count > KEYS_LISTED ? keep_format("%s, ...", text) : text;
}

/* Letters to change, add or remove between two texts, in any case of letters; more than `most`
 * counts as most + 1. */
static size_t name_distance(const char *a, const char *b, size_t most)
{
    size_t row[NAME_MAX_COMPARED + 1], len_a = strlen(a), len_b = strlen(b);
    if (len_a > NAME_MAX_COMPARED || len_b > NAME_MAX_COMPARED || len_a > len_b + most ||
        len_b > len_a + most)
        return most + 1;
    for (size_t j = 0; j <= len_b; j++)
        row[j] = j;
    for (size_t i = 1; i <= len_a; i++) {
        size_t diagonal = row[0], least = row[0] = i;
        for (size_t j = 1; j <= len_b; j++) {
            size_t above = row[j], cost = diagonal;
            cost += tolower((unsigned char)a[i - 1]) != tolower((unsigned char)b[j - 1]);
            cost = above + 1 < cost ? above + 1 : cost;
            row[j] = row[j - 1] + 1 < cost ? row[j - 1] + 1 : cost;
            diagonal = above;
            least = row[j] < least ? row[j] : least;
        }
        if (least > most)
            return most + 1;
    }
    return row[len_b] < most ? row[len_b] : row[len_b] > most ? most + 1 : most;
}

/* Letters that may differ in a name of this length. */
static size_t name_tolerance(const char *name)
{
    size_t len = strlen(name);
    return len < 4 ? 0 : len < 10 ? 1 : 2;
}

static const char *key_last_token(const char *key)
{
    const char *slash = key[0] == '/' ? strrchr(key, '/') : NULL;
    return slash ? slash + 1 : key;
}

const char *why_find_near_key(const cJSON *payload, const char *key)
{
    struct key_list list = {.count = 0};
    if (!payload || key[0] == '\0')
        return NULL;
    key_list_add(&list, payload, "", 0);
    const char *token = key_last_token(key);
    for (size_t i = 0; i < list.count; i++) {
        if (strcasecmp(list.keys[i], key) == 0)
            return list.keys[i];
    }
    for (size_t i = 0; i < list.count; i++) {
        if (strcasecmp(key_last_token(list.keys[i]), token) == 0)
            return list.keys[i];
    }
    for (size_t i = 0; i < list.count; i++) {
        size_t most = name_tolerance(token);
        if (most > 0 && name_distance(key_last_token(list.keys[i]), token, most) <= most)
            return list.keys[i];
    }
    return NULL;
}

const char *why_find_near_topic(const cJSON *messages, const char *filter)
{
    const char *last = "";
    size_t most = name_tolerance(filter);
    for (const cJSON *one = messages ? messages->child : NULL; one; one = one->next) {
        const char *topic = json_read_text(one, "topic");
        if (json_read_text(one, "device")[0] || strcmp(topic, last) == 0)
            continue;
        last = topic;
        if (name_distance(topic, filter, most) <= most)
            return topic;
    }
    return NULL;
}

const char *why_widen_topic(const char *filter)
{
    const char *slash = strchr(filter, '/');
    /* A filter that begins with a slash or a wildcard says nothing about its first level. */
    if (!slash || slash == filter || strpbrk(filter, "+#") == filter || filter[0] == '$')
        return "#";
    return keep_format("%.*s/#", (int)(slash - filter), filter);
}

const char *why_quote_word(const char *text)
{
    size_t quotes = 0, i = 0;
    bool is_plain = text[0] != '\0';
    for (; text[i]; i++) {
        is_plain = is_plain && (isalnum((unsigned char)text[i]) || strchr("-._/=:,@%+", text[i]));
        quotes += text[i] == '\'';
    }
    if (is_plain)
        return text;
    char *quoted = keep_zeroed(i + quotes * 3 + 3), *to = quoted;
    *to++ = '\'';
    for (; *text; text++) {
        if (*text == '\'') {
            memcpy(to, "'\\''", 4);
            to += 4;
        } else {
            *to++ = *text;
        }
    }
    *to = '\'';
    return quoted;
}
