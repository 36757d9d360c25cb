/* Keys found in one walk over a payload are those that a slow look-up finds, one by one. The
 * look-up shares nothing with the walk: it decodes tokens, reads strings as JSON and compares once
 * more. The tree is the one that cJSON makes of the same text. The format of any payload can be
 * guessed.
 *
 * Input: keys, a line each, up to an empty line; then the payload. */
#include <cjson/cJSON.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/json_text.h"
#include "common/message/key_tree.h"
#include "common/message/payload.h"
#include "common/model/payload_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { KEYS_MAX = 16, MAX = 65536, NESTED_MAX = 64, EXCERPT_SIZE = 32 };

static const char nul_mark[] = "\xef\xb7\x90"; /* what payload.c puts in the place of a NUL */

/* The trees of strings that the look-up has read, which end with the input. */
struct look_up {
    bool has_nul;
    cJSON *nested[NESTED_MAX];
    size_t nested_count;
};

static bool matches_nothing(const struct look_up *look_up, const char *text)
{
    return look_up->has_nul && strstr(text, nul_mark);
}

/* The text with each \u0000 replaced, as payload.c does. */
static char *without_nul(const char *text, size_t len, bool *has_nul)
{
    char *copy = malloc(len + 1);
    memcpy(copy, text, len);
    copy[len] = '\0';
    for (size_t i = 0; i + 1 < len; i++) {
        if (copy[i] != '\\')
            continue;
        if (strncmp(copy + i, "\\u0000", 6) == 0) {
            memcpy(copy + i, "\\ufdd0", 6);
            *has_nul = true;
        }
        i++; /* what follows a backslash begins no escape */
    }
    return copy;
}

/* True for the last member of its name. */
static bool counts(const cJSON *member)
{
    for (const cJSON *later = member->next; later; later = later->next) {
        if (strcmp(later->string, member->string) == 0)
            return false;
    }
    return true;
}

static const cJSON *member(const struct look_up *look_up, const cJSON *object, const char *name)
{
    const cJSON *each;
    cJSON_ArrayForEach(each, object)
    {
        if (strcmp(each->string, name) == 0 && counts(each) &&
            !matches_nothing(look_up, each->string))
            return each;
    }
    return NULL;
}

static bool is_selected(const struct look_up *look_up, const cJSON *element, const char *token)
{
    const char *equals = strchr(token, '=');
    char *name = strndup(token, (size_t)(equals - token));
    const cJSON *value = cJSON_IsObject(element) ? member(look_up, element, name) : NULL;
    const char *text = equals + 1;
    bool is_it = false;
    free(name);
    if (cJSON_IsString(value)) {
        is_it = strcmp(value->valuestring, text) == 0 && !matches_nothing(look_up, text);
    } else if (cJSON_IsBool(value)) {
        is_it = strcmp(text, cJSON_IsTrue(value) ? "true" : "false") == 0;
    } else if (cJSON_IsNumber(value) && fabs(value->valuedouble) < 9007199254740992.0) {
        char digits[64];
        double number = value->valuedouble;
        bool is_whole = number == trunc(number);
        snprintf(digits, sizeof digits, "%.0f", number == 0 ? 0.0 : number);
        for (int precision = fabs(number) < DBL_MIN ? 1 : 15; !is_whole && precision <= 17;
             precision++) {
            snprintf(digits, sizeof digits, "%.*g", precision, number);
            if (strtod(digits, NULL) == number)
                break;
        }
        is_it = strcmp(digits, text) == 0;
    }
    return is_it;
}

static const cJSON *select_element(const struct look_up *look_up, const cJSON *from,
                                   const char *token)
{
    const char *equals = strchr(token, '=');
    const cJSON *each;
    if (!equals || equals == token)
        return NULL;
    cJSON_ArrayForEach(each, from)
    {
        if ((cJSON_IsArray(from) || counts(each)) && is_selected(look_up, each, token))
            return each;
    }
    return NULL;
}

static const cJSON *element(const struct look_up *look_up, const cJSON *array, const char *token)
{
    char ahead[16], behind[16];
    const cJSON *each;
    int index = 0, count = cJSON_GetArraySize(array);
    cJSON_ArrayForEach(each, array)
    {
        snprintf(ahead, sizeof ahead, "%d", index);
        snprintf(behind, sizeof behind, "-%d", count - index);
        if (strcmp(ahead, token) == 0 || strcmp(behind, token) == 0)
            return each;
        index++;
    }
    return select_element(look_up, array, token);
}

/* The value of a string that is JSON, or NULL; also when there were too many. */
static const cJSON *read_string(struct look_up *look_up, const char *text)
{
    size_t len = strlen(text), at;
    if (matches_nothing(look_up, text) || look_up->nested_count == NESTED_MAX)
        return NULL;
    if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3, len -= 3;
    if (!json_text_is_valid(text, len, &at))
        return NULL;
    char *copy = without_nul(text, len, &look_up->has_nul);
    cJSON *tree = cJSON_Parse(copy);
    free(copy);
    if (tree)
        look_up->nested[look_up->nested_count++] = tree;
    return tree;
}

static size_t next_token(const char *key, char *token)
{
    size_t at = 1, len = 0;
    for (; key[at] && key[at] != '/'; at++) {
        char c = key[at];
        if (c == '~')
            c = key[++at] == '0' ? '~' : '/';
        token[len++] = c;
    }
    token[len] = '\0';
    return at;
}

static const cJSON *find_key(struct look_up *look_up, const cJSON *at, const char *key)
{
    char token[MAX];
    if (key[0] != '/')
        return key[0] == '\0' ? at : cJSON_IsObject(at) ? member(look_up, at, key) : NULL;
    while (at && *key) {
        key += next_token(key, token);
        while (cJSON_IsString(at))
            at = read_string(look_up, at->valuestring);
        if (cJSON_IsObject(at)) {
            const cJSON *own = member(look_up, at, token);
            at = own ? own : select_element(look_up, at, token);
        } else {
            at = cJSON_IsArray(at) ? element(look_up, at, token) : NULL;
        }
    }
    return at;
}

static void find(void *context, uint32_t owner, const cJSON *item)
{
    const cJSON **found = context;
    if (found[owner])
        abort();
    found[owner] = item;
}

/* The look-up reads strings into trees of its own: there the values are compared, not the places.
 */
static void compare(struct payload *payload, const char *const *keys, uint32_t count,
                    const cJSON *const *found)
{
    for (uint32_t i = 0; i < count; i++) {
        struct look_up look_up = {.has_nul = payload->ignored != NULL};
        const cJSON *expected = find_key(&look_up, payload->root, keys[i]);
        if (!expected != !found[i])
            abort();
        if (look_up.nested_count == 0 && expected != found[i])
            abort();
        if (expected && expected != found[i]) {
            char *a = cJSON_PrintUnformatted(expected), *b = cJSON_PrintUnformatted(found[i]);
            if (strcmp(a, b) != 0)
                abort();
            cJSON_free(a);
            cJSON_free(b);
        }
        while (look_up.nested_count > 0)
            cJSON_Delete(look_up.nested[--look_up.nested_count]);
    }
}

static void check(struct payload *payload, const char *const *keys, uint32_t count)
{
    const cJSON *found[KEYS_MAX] = {NULL}, *again[KEYS_MAX] = {NULL};
    struct key_tree_size room = {0};
    struct key_tree_scratch scratch = {0};
    struct key_tree_builder builder;
    struct key_tree tree;
    for (uint32_t i = 0; i < count; i++)
        key_tree_size_add(&room, keys[i]);
    void *memory = malloc(key_tree_size_bytes(&room));
    key_tree_init(&tree, &room, memory, &builder);
    for (uint32_t i = 0; i < count; i++)
        key_tree_add(&builder, keys[i], i);
    if (!payload_find_keys(payload, &tree, &scratch, find, found) ||
        !payload_find_keys(payload, &tree, &scratch, find, again))
        abort();
    if (memcmp(found, again, sizeof found) != 0)
        abort();
    compare(payload, keys, count, found);
    key_tree_scratch_finish(&scratch);
    free(memory);
}

static bool is_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static void compare_trees(const cJSON *a, const cJSON *b)
{
    for (; a && b; a = a->next, b = b->next) {
        if (a->type != b->type || a->valueint != b->valueint ||
            memcmp(&a->valuedouble, &b->valuedouble, sizeof a->valuedouble) != 0 ||
            !is_same_text(a->string, b->string) || !is_same_text(a->valuestring, b->valuestring))
            abort();
        compare_trees(a->child, b->child);
    }
    if (a || b)
        abort();
}

/* Compares the tree of a payload with that of cJSON alone. */
static void check_tree(const struct payload *payload, const char *text, size_t len)
{
    bool has_nul = false;
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3, len -= 3;
    char *copy = without_nul(text, len, &has_nul);
    cJSON *plain = cJSON_Parse(copy);
    compare_trees(payload->root, plain);
    cJSON_Delete(plain);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    payload_install_pool();
    const char *keys[KEYS_MAX];
    uint32_t count = 0;
    size_t at;
    struct payload payload;
    char *text = malloc(size + 1), *line = text;
    memcpy(text, data, size);
    text[size] = '\0';
    for (char *end; count < KEYS_MAX && (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        if (*line == '\0')
            break;
        if (json_pointer_is_valid(line[0] == '/' ? line : ""))
            keys[count++] = strcmp(line, "-") == 0 ? "" : line;
    }
    if (*line == '\0' && line < text + size)
        line++;
    size_t len = size - (size_t)(line - text);
    const struct payload_sample sample = {.topic = "t", .bytes = line, .len = len, .total = len};
    const struct payload_sample cut = {.topic = "t", .bytes = line, .len = len / 2, .total = len};
    char excerpt[EXCERPT_SIZE];
    payload_format_write_excerpt(&sample, len / 2, excerpt, sizeof excerpt);
    payload_format_guess(&cut);
    /* The mark itself means a NUL once the payload has one, in whatever order strings are read. */
    bool is_marked = memmem(data, size, nul_mark, 3) || memmem(data, size, "fdd0", 4) ||
                     memmem(data, size, "FDD0", 4);
    if (!is_marked && payload_parse(&payload, line, len, MAX, &at) == FAULT_NONE) {
        check_tree(&payload, line, len);
        check(&payload, keys, count);
    } else {
        payload = (struct payload){0};
    }
    payload_finish(&payload);
    free(text);
    return 0;
}
