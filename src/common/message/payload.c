/* Checks a text against RFC 8259 first, since cJSON accepts much that is not JSON, and then parses
 * it. cJSON spends most of its time on numbers. Those that the check has read are replaced by a
 * null in the text that cJSON gets, and put into their items afterwards.
 *
 * The trees are in a pool: a block of memory for each thread, which is used again when its last
 * tree is deleted. With the heap, a fifth of the time for a message of a hundred keys would be
 * spent in malloc. The pool is a variable of the thread, since cJSON's hooks have no context. */
#include "common/message/payload.h"

#include <cjson/cJSON.h>
#include <sanitizer/asan_interface.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/json_text.h"
#include "common/base/require.h"

enum { POOL_BYTES = 32 * 1024, POOL_ALIGN = alignof(max_align_t), FINDINGS_MAX = 512 };

static _Thread_local struct {
    alignas(max_align_t) char bytes[POOL_BYTES];
    size_t used;
    size_t trees;     /* that are not deleted yet */
    bool has_outside; /* they may have pieces on the heap, too */
    bool parsing;
    bool failed; /* there was no memory during the newest parse */
} pool;

/* Unused memory is poisoned for AddressSanitizer, as in the heap: at least one byte between two
 * pieces.
 */
static void *payload_pool_alloc(size_t size)
{
    size_t step = (size / POOL_ALIGN + 1) * POOL_ALIGN;
    if (!pool.parsing || size > POOL_BYTES || step > POOL_BYTES - pool.used) {
        void *piece = malloc(size);
        pool.failed |= !piece;
        pool.has_outside |= pool.parsing;
        return piece;
    }
    char *piece = pool.bytes + pool.used;
    pool.used += step;
    ASAN_UNPOISON_MEMORY_REGION(piece, size);
    return piece;
}

static bool pool_has_piece(const void *piece)
{
    return (uintptr_t)piece - (uintptr_t)pool.bytes < POOL_BYTES;
}

static void payload_pool_free(void *piece)
{
    if (!pool_has_piece(piece))
        free(piece);
}

void payload_install_pool(void)
{
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = payload_pool_alloc, .free_fn = payload_pool_free});
}

/* cJSON cuts a string at \u0000. The escape is replaced by another one of the same length, of a
 * character that Unicode reserves for a program's internal use. */
static const char nul_escape[] = "\\u0000";
static const char own_escape[] = "\\ufdd0";
static const char own_text[] = "\xef\xb7\x90";

enum { ESCAPE_BYTES = sizeof nul_escape - 1 };

_Static_assert(sizeof own_escape == sizeof nul_escape, "one escape replaces the other in place");

/* Returns the next \u0000 at or after `from`, or NULL. Skips one whose backslash is itself escaped.
 */
static char *payload_find_nul(const char *text, const char *from, size_t len)
{
    for (;;) {
        const char *at = memchr(from, '\\', len - (size_t)(from - text)); /* the faster search */
        if (at)
            at = memmem(at, len - (size_t)(at - text), nul_escape, ESCAPE_BYTES);
        if (!at)
            return NULL;
        size_t backslashes = 0;
        while (at - backslashes > text && at[-(ptrdiff_t)backslashes - 1] == '\\')
            backslashes++;
        if (backslashes % 2 == 0)
            return (char *)(uintptr_t)at;
        from = at + 1;
    }
}

/* Replaces each \u0000. True when there is one. */
static bool payload_replace_nuls(char *text, size_t len)
{
    char *first = payload_find_nul(text, text, len);
    for (char *nul = first; nul; nul = payload_find_nul(text, nul, len))
        memcpy(nul, own_escape, ESCAPE_BYTES);
    return first;
}

static const char null_word[] = "null";

enum { NULL_BYTES = sizeof null_word - 1 };

/* Copies a text with a null in the place of each number found. Returns the bytes. */
static size_t payload_copy_text(const char *text, size_t len, const struct json_findings *findings,
                                char *to)
{
    char *begin = to;
    size_t at = 0;
    for (size_t i = 0; i < findings->count; i++) {
        const struct json_finding *each = &findings->item[i];
        memcpy(to, text + at, each->at - at);
        to += each->at - at;
        memcpy(to, null_word, NULL_BYTES);
        to += NULL_BYTES;
        at = each->at + each->len;
    }
    memcpy(to, text + at, len - at);
    return (size_t)(to - begin) + len - at;
}

/* Puts the findings from `next` to `end` into the nulls of the items from `item` on, in the order
 * of the text. Returns the first finding that is left. */
static const struct json_finding *payload_put_numbers(cJSON *item, const struct json_finding *next,
                                                      const struct json_finding *end)
{
    for (; item && next < end; item = item->next) {
        if (item->child) {
            next = payload_put_numbers(item->child, next, end);
        } else if (item->type == cJSON_NULL) {
            if (!next->is_null) {
                item->type = cJSON_Number;
                cJSON_SetNumberHelper(item, next->number);
            }
            next++;
        }
    }
    return next;
}

/* The tree of a text. NULL if it is not valid, when `at` receives the offset of its first wrong
 * byte, if cJSON refuses it, or with `is_short`. */
static cJSON *payload_build_tree(struct payload *payload, const char *text, size_t len, size_t *at)
{
    struct json_finding found[FINDINGS_MAX];
    struct json_findings findings = {.item = found, .max = FINDINGS_MAX};
    if (!json_text_check(text, len, at, &findings))
        return NULL;
    pool.failed = false;
    pool.parsing = true;
    char *copy = payload_pool_alloc(len + findings.count * NULL_BYTES);
    cJSON *tree = NULL;
    if (copy) {
        len = payload_copy_text(text, len, &findings, copy);
        if (payload_replace_nuls(copy, len))
            payload->ignored = own_text;
        tree = cJSON_ParseWithLength(copy, len);
    }
    pool.parsing = false;
    payload_pool_free(copy);
    payload->is_short |= !tree && pool.failed;
    payload_put_numbers(tree, found, found + findings.count);
    return tree;
}

enum fault payload_parse(struct payload *payload, const char *text, size_t len, size_t max,
                         size_t *at)
{
    REQUIRE(text || len == 0);
    *payload = (struct payload){0};
    *at = 0;
    if (len > max)
        return FAULT_TOO_LARGE;
    size_t before = json_text_skip_padding(&text, &len);
    if (pool.trees == 0) {
        pool.used = 0;
        pool.has_outside = false;
        ASAN_POISON_MEMORY_REGION(pool.bytes, POOL_BYTES);
    }
    if (len > 0)
        payload->root = payload_build_tree(payload, text, len, at);
    *at += before;
    if (!payload->root)
        return FAULT_INVALID_JSON;
    pool.trees++;
    return FAULT_NONE;
}

/* The tree of a string becomes the child of its item. cJSON deletes it with the item. The item of a
 * string that is not JSON gets this number. */
enum { STRING_IS_NOT_JSON = -1 };

static const cJSON *payload_open_string(void *context, const cJSON *item)
{
    struct payload *payload = context;
    cJSON *string = (cJSON *)(uintptr_t)item; /* the tree is the payload's own */
    if (string->child || string->valueint == STRING_IS_NOT_JSON)
        return string->child;
    const char *text = string->valuestring;
    size_t len = strlen(text), at;
    bool is_cut = payload->ignored && strstr(text, payload->ignored);
    json_text_skip_padding(&text, &len);
    if (!is_cut)
        string->child = payload_build_tree(payload, text, len, &at);
    if (!string->child && !payload->is_short)
        string->valueint = STRING_IS_NOT_JSON;
    return string->child;
}

bool payload_find_keys(struct payload *payload, const struct key_tree *keys,
                       struct key_tree_scratch *scratch, key_tree_found *found, void *context)
{
    const struct key_tree_input input = {payload->root, &payload->ignored, payload_open_string,
                                         payload};
    payload->is_short = false;
    return key_tree_walk(keys, &input, scratch, found, context) && !payload->is_short;
}

void payload_finish(struct payload *payload)
{
    if (payload->root) {
        REQUIRE(pool.trees > 0);                                /* parsed by this thread */
        if (pool.has_outside || !pool_has_piece(payload->root)) /* else the pool has all of it */
            cJSON_Delete(payload->root);
        pool.trees--;
    }
    *payload = (struct payload){0};
}

/* Drops blanks and NULs at both ends of a text. False when a NUL is left. */
static bool payload_trim_nuls(const char *nul, const char **text, size_t *len)
{
    static const char blanks[] = " \t\r\n";
    size_t nul_len = strlen(nul), step;
    do {
        step = strspn(*text, blanks);
        if (strncmp(*text + step, nul, nul_len) == 0)
            step += nul_len;
        *text += step;
    } while (step > 0);
    *len = strlen(*text);
    do {
        step = *len;
        if (*len >= nul_len && memcmp(*text + *len - nul_len, nul, nul_len) == 0)
            *len -= nul_len;
        while (*len > 0 && strchr(blanks, (*text)[*len - 1]))
            --*len;
    } while (*len < step);
    return !memmem(*text, *len, nul, nul_len);
}

void payload_read_scalar(const struct payload *payload, const struct cJSON *item,
                         struct scalar *scalar)
{
    *scalar = (struct scalar){.kind = SCALAR_OTHER};
    switch (item->type & 0xff) {
    case cJSON_Number:
        scalar->kind = SCALAR_NUMBER;
        scalar->number = item->valuedouble;
        break;
    case cJSON_String:
        scalar->text = item->valuestring;
        scalar->len = strlen(item->valuestring);
        if (payload->ignored && strstr(item->valuestring, payload->ignored) &&
            !payload_trim_nuls(payload->ignored, &scalar->text, &scalar->len))
            break;
        scalar->kind = SCALAR_STRING;
        break;
    case cJSON_True:
    case cJSON_False:
        scalar->kind = SCALAR_BOOL;
        scalar->truth = (item->type & cJSON_True) != 0;
        break;
    case cJSON_NULL:
        scalar->kind = SCALAR_NULL;
        break;
    }
}

void payload_write_excerpt(const struct scalar *scalar, char *text, size_t size)
{
    char number[VALUE_TEXT_SIZE] = "";
    const char *from = number;
    REQUIRE(size > 0);
    switch (scalar->kind) {
    case SCALAR_NUMBER:
        value_format_double(scalar->number, number);
        break;
    case SCALAR_STRING:
        from = scalar->text;
        break;
    case SCALAR_BOOL:
        from = scalar->truth ? "true" : "false";
        break;
    case SCALAR_NULL:
        from = "null";
        break;
    case SCALAR_OTHER:
        from = scalar->text ? scalar->text : "an array or object";
        break;
    }
    size_t len = from == scalar->text ? scalar->len : strlen(from);
    if (len >= size)
        len = size - 1;
    memcpy(text, from, len);
    text[len] = '\0';
}
