/* Walks the leaves of a JSON text for a survey. The text is valid: it was checked before, so that
 * the walk needs neither a tree nor memory for it. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/hash.h"
#include "common/base/json_text.h"
#include "common/model/survey_internal.h"
#include "common/model/value.h"

enum {
    NUMBER_BYTES_MAX = 400,
    SELECTOR_CANDIDATES = 3,
    SELECTOR_TEXT_SIZE = 128,
    PLAIN_WORD_BYTES = 32,
};

/* Names of members that tell devices or elements apart, without case, `_` and `-`; the first that
 * is there counts. A number does so only if the name says that it is one. */
static const struct {
    const char *name;
    bool may_be_number;
} id_members[] = {
    {"device", false},     {"deviceid", true}, {"devid", true},       {"deveui", true},
    {"devicename", false}, {"node", false},    {"nodeid", true},      {"sensor", false},
    {"sensorid", true},    {"serial", true},   {"serialno", true},    {"serialnumber", true},
    {"sn", true},          {"mac", false},     {"macaddress", false}, {"meter", false},
    {"meterid", true},     {"station", false}, {"stationid", true},   {"machine", false},
    {"machineid", true},   {"asset", false},   {"assetid", true},     {"gatewayid", true},
    {"uid", true},         {"uuid", true},     {"id", true},          {"name", false},
    {"tag", false},        {"tagname", false}, {"point", false},      {"key", true},
    {"n", false},          {"channel", true},  {"idx", true},         {"index", true},
};

/* A piece of the text, and where its reader is. */
struct json_cursor {
    const char *at, *end;
};

struct survey_walk {
    struct survey *survey;
    struct survey_topic_row *row;
    struct json_cursor text;
    char key[SURVEY_KEY_SIZE]; /* a pointer */
    size_t key_len;
    unsigned depth;
    bool is_object; /* the payload itself: its members have names */
    bool in_string; /* the text is the value of a string */
    uint32_t hint;
};

static void walk_value(struct survey_walk *walk);

/* Reading. */

static char cursor_skip_space(struct json_cursor *text)
{
    while (text->at < text->end && (unsigned char)*text->at <= ' ')
        text->at++;
    return text->at < text->end ? *text->at : '\0';
}

/* Returns a string as it is between its quotes, and moves behind it. */
static struct text_span cursor_read_string(struct json_cursor *text)
{
    const char *from = ++text->at;
    while (text->at < text->end && *text->at != '"')
        text->at += *text->at == '\\' ? 2 : 1;
    const struct text_span string = {from, (size_t)(text->at - from)};
    text->at++;
    return string;
}

/* Returns a number, true, false or null, and moves behind it. */
static struct text_span cursor_read_word(struct json_cursor *text)
{
    const char *from = text->at;
    while (text->at < text->end && (unsigned char)*text->at > ' ' && !strchr(",]}", *text->at))
        text->at++;
    return (struct text_span){from, (size_t)(text->at - from)};
}

static void cursor_skip_value(struct json_cursor *text)
{
    size_t open = 0;
    do {
        char c = cursor_skip_space(text);
        if (c == '\0')
            return;
        if (c == '"') {
            cursor_read_string(text);
        } else if (strchr("{[]},:", c)) {
            open += c == '{' || c == '[';
            open -= c == '}' || c == ']';
            text->at++;
        } else {
            cursor_read_word(text);
        }
    } while (open > 0);
}

/* Begins with the bracket, or continues behind a member or element. False at the end, which is
 * skipped. */
static bool cursor_has_next(struct json_cursor *text)
{
    text->at++; /* the bracket, or the comma */
    char c = cursor_skip_space(text);
    if (c != '}' && c != ']')
        return true;
    text->at++;
    return false;
}

/* Moves behind a value to the comma, or behind the closing bracket. */
static bool cursor_has_more(struct json_cursor *text)
{
    if (cursor_skip_space(text) == ',') {
        text->at++;
        cursor_skip_space(text);
        return true;
    }
    text->at++;
    return false;
}

/* Reads the name of a member and moves to its value. */
static struct text_span cursor_read_name(struct json_cursor *text)
{
    struct text_span name = cursor_read_string(text);
    cursor_skip_space(text);
    text->at++; /* the colon */
    cursor_skip_space(text);
    return name;
}

static unsigned json_hex_unit(const char *digits)
{
    char copy[5] = {digits[0], digits[1], digits[2], digits[3], '\0'};
    return (unsigned)strtoul(copy, NULL, 16);
}

static size_t utf8_write(uint32_t character, char *to)
{
    if (character < 0x80) {
        to[0] = (char)character;
        return 1;
    }
    size_t bytes = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = bytes - 1; i > 0; i--, character >>= 6)
        to[i] = (char)(0x80 | (character & 0x3f));
    to[0] = (char)(marks[bytes] | character);
    return bytes;
}

/* Decodes a string into as many bytes or fewer. */
static size_t json_decode_string(struct text_span string, char *to)
{
    static const char escapes[] = "bfnrt", meant[] = "\b\f\n\r\t";
    size_t len = 0;
    for (const char *at = string.text, *end = at + string.len; at < end; at++) {
        if (*at != '\\') {
            to[len++] = *at;
        } else if (*++at != 'u') {
            const char *escape = strchr(escapes, *at);
            to[len++] = escape ? meant[escape - escapes] : *at;
        } else {
            uint32_t unit = json_hex_unit(at + 1);
            at += 4;
            if (unit >= 0xd800 && unit < 0xdc00) {
                unit = 0x10000 + ((unit - 0xd800) << 10) + (json_hex_unit(at + 3) - 0xdc00);
                at += 6;
            }
            len += utf8_write(unit, to + len);
        }
    }
    return len;
}

/* The text of a string, a number or a boolean as a selector has it. False when none stands for it:
 * null, containers, empty and long texts, NULs. */
static bool json_selector_text(const struct json_cursor *value, char text[SELECTOR_TEXT_SIZE],
                               size_t *len)
{
    struct json_cursor at = *value;
    if (*at.at == '"') {
        struct text_span string = cursor_read_string(&at);
        if (string.len == 0 || string.len >= SELECTOR_TEXT_SIZE)
            return false;
        *len = json_decode_string(string, text);
        return !memchr(text, '\0', *len);
    }
    if (*at.at == '{' || *at.at == '[' || *at.at == 'n')
        return false;
    struct text_span word = cursor_read_word(&at);
    if (word.len >= PLAIN_WORD_BYTES)
        return false;
    memcpy(text, word.text, word.len);
    text[ *len = word.len] = '\0';
    if (*text == 't' || *text == 'f')
        return true;
    double number = strtod(text, NULL);
    if (!(fabs(number) < 0x1p53))
        return false;
    if (number == trunc(number))
        snprintf(text, SELECTOR_TEXT_SIZE, "%" PRId64, (int64_t)number);
    else
        value_format_double(number, text);
    *len = strlen(text);
    return true;
}

/* Members that tell elements, or devices, apart. */

static int id_member_rank(struct text_span name, bool is_number)
{
    char plain[PLAIN_WORD_BYTES];
    size_t len = 0;
    for (size_t i = 0; i < name.len; i++) {
        if (name.text[i] == '_' || name.text[i] == '-')
            continue;
        if (len + 1 == sizeof plain)
            return -1;
        plain[len++] = name.text[i];
    }
    plain[len] = '\0';
    for (size_t i = 0; i < sizeof id_members / sizeof id_members[0]; i++) {
        if (strcasecmp(plain, id_members[i].name) == 0)
            return is_number && !id_members[i].may_be_number ? -1 : (int)i;
    }
    return -1;
}

/* Finds the value of a member of an object. */
static bool json_find_member(const struct json_cursor *object, struct text_span name,
                             struct json_cursor *value)
{
    struct json_cursor at = *object;
    for (bool more = cursor_has_next(&at); more; more = cursor_has_more(&at)) {
        if (text_span_is_equal(cursor_read_name(&at), name)) {
            *value = at;
            return true;
        }
        cursor_skip_value(&at);
    }
    return false;
}

struct selector_candidate {
    struct text_span name;
    int rank;
    uint64_t texts[SURVEY_KEYS_MAX]; /* hashes, of the elements */
    bool failed;
};

/* Lists the first id-like members of an object. */
static size_t selector_list(const struct json_cursor *object, struct selector_candidate *list)
{
    size_t count = 0;
    struct json_cursor at = *object;
    for (bool more = cursor_has_next(&at); more && count < SELECTOR_CANDIDATES;
         more = cursor_has_more(&at)) {
        struct text_span name = cursor_read_name(&at);
        int rank = id_member_rank(name, *at.at != '"');
        if (rank >= 0 && *at.at != '{' && *at.at != '[') {
            list[count].name = name;
            list[count].failed = false;
            list[count++].rank = rank;
        }
        cursor_skip_value(&at);
    }
    return count;
}

static int selector_compare_hash(const void *a, const void *b)
{
    const uint64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static bool selector_texts_differ(struct selector_candidate *candidate, size_t count)
{
    qsort(candidate->texts, count, sizeof candidate->texts[0], selector_compare_hash);
    for (size_t i = 1; i < count; i++) {
        if (candidate->texts[i] == candidate->texts[i - 1])
            return false;
    }
    return true;
}

/* Finds the member that selects each element of an array, which is at its first one. False when
 * the elements have to be counted. */
static bool selector_find(const struct json_cursor *first, struct text_span *member)
{
    struct selector_candidate list[SELECTOR_CANDIDATES];
    struct json_cursor at = *first;
    size_t elements = 0, count = *at.at == '{' ? selector_list(&at, list) : 0;
    for (bool more = count > 0; more && elements < SURVEY_KEYS_MAX; more = cursor_has_more(&at)) {
        if (*at.at != '{')
            return false;
        for (size_t i = 0; i < count; i++) {
            char text[SELECTOR_TEXT_SIZE];
            size_t len;
            struct json_cursor value;
            list[i].failed |= !json_find_member(&at, list[i].name, &value) ||
                              !json_selector_text(&value, text, &len);
            if (!list[i].failed)
                list[i].texts[elements] = hash64_add(HASH64_START, text, len);
        }
        elements++;
        cursor_skip_value(&at);
    }
    int best = -1;
    for (size_t i = 0; i < count; i++) {
        if (list[i].failed || (best >= 0 && list[i].rank > list[best].rank))
            continue;
        if (selector_texts_differ(&list[i], elements))
            best = (int)i;
    }
    if (best >= 0)
        *member = list[best].name;
    return best >= 0;
}

bool survey_find_where(const char *json, size_t len, const char *wanted, size_t wanted_len,
                       char *text, size_t size, struct survey_where *where)
{
    const struct text_span name = {wanted, wanted_len};
    struct json_cursor at = {json, json + len};
    struct text_span best = {NULL, 0};
    struct json_cursor value = {0};
    int best_rank = -1;
    if (cursor_skip_space(&at) != '{')
        return false;
    for (bool more = cursor_has_next(&at); more; more = cursor_has_more(&at)) {
        struct text_span each = cursor_read_name(&at);
        int rank = -1;
        if (wanted ? text_span_is_equal(each, name) : true)
            rank = id_member_rank(each, *at.at != '"');
        if (rank >= 0 && (best_rank < 0 || rank < best_rank) &&
            (*at.at == '"' || (*at.at >= '0' && *at.at <= '9'))) {
            best = each;
            value = at;
            best_rank = rank;
        }
        cursor_skip_value(&at);
    }
    if (best_rank < 0)
        return false;
    struct json_cursor behind = value;
    cursor_skip_value(&behind);
    int written = snprintf(text, size, "{\"%.*s\":%.*s}", (int)best.len, best.text,
                           (int)(behind.at - value.at), value.at);
    char word[SELECTOR_TEXT_SIZE];
    size_t word_len;
    if (written < 0 || (size_t)written >= size || !json_selector_text(&value, word, &word_len) ||
        (*value.at != '"' && strspn(value.at, "0123456789") != (size_t)(behind.at - value.at)))
        return false;
    *where = (struct survey_where){
        .member = best.text, .member_len = best.len, .text = text, .len = (size_t)written};
    return true;
}

/* The walk. */

static void walk_count_lost(struct survey_walk *walk)
{
    walk->row->lost_keys++;
    walk->survey->totals.lost_keys++;
}

/* Adds a token to the key, in one or two parts. False when it does not fit. */
static bool walk_push_token(struct survey_walk *walk, const char *head, size_t head_len,
                            const char *tail, size_t tail_len)
{
    size_t len = walk->key_len;
    if (walk->depth >= SURVEY_DEPTH_MAX || len + 2 > sizeof walk->key)
        return false;
    walk->key[len++] = '/';
    for (size_t i = 0; i < head_len + tail_len; i++) {
        char c = i < head_len ? head[i] : tail[i - head_len];
        if (len + 3 > sizeof walk->key)
            return false;
        if (c == '~' || c == '/') {
            walk->key[len++] = '~';
            c = c == '~' ? '0' : '1';
        }
        walk->key[len++] = c;
    }
    walk->key_len = len;
    walk->depth++;
    return true;
}

/* Walks the value below a token, or skips it when the token does not fit. */
static void walk_below(struct survey_walk *walk, const char *head, size_t head_len,
                       const char *tail, size_t tail_len)
{
    size_t key_len = walk->key_len;
    if (walk_push_token(walk, head, head_len, tail, tail_len)) {
        walk_value(walk);
        walk->key_len = key_len;
        walk->depth--;
        return;
    }
    walk_count_lost(walk);
    cursor_skip_value(&walk->text);
}

/* Notes a leaf. A member of the payload itself is called by its name, unless that looks like
 * another kind of key. */
static void walk_note(struct survey_walk *walk, const struct survey_value *value)
{
    char name[SURVEY_KEY_SIZE];
    const char *key = walk->key;
    size_t len = walk->key_len;
    walk->key[len] = '\0';
    if (walk->depth == 1 && walk->is_object && !walk->in_string) {
        const char *pointer = key;
        size_t name_len = json_pointer_next_token(&pointer, name, sizeof name);
        if (name_len > 0 && name[0] != '/' && strncmp(name, "./", 2) != 0) {
            key = name;
            len = name_len;
        }
    }
    survey_note_value(walk->survey, walk->row, key, len, value, &walk->hint);
}

static void walk_word(struct survey_walk *walk)
{
    struct text_span word = cursor_read_word(&walk->text);
    struct survey_value value = {.number = NAN, .text = word.text, .len = word.len};
    if (word.text[0] == 'n') {
        value.kind = SURVEY_NULL;
    } else if (word.text[0] == 't' || word.text[0] == 'f') {
        value.kind = SURVEY_BOOL;
    } else {
        char copy[NUMBER_BYTES_MAX + 1];
        if (word.len < sizeof copy) {
            memcpy(copy, word.text, word.len);
            copy[word.len] = '\0';
            value.number = strtod(copy, NULL);
        }
        bool is_integer = !memchr(word.text, '.', word.len) && fabs(value.number) <= 0x1p53 &&
                          value.number == trunc(value.number);
        value.kind = is_integer ? SURVEY_INTEGER : SURVEY_DECIMAL;
        value.decimals = survey_count_decimals(word.text, word.len);
    }
    walk_note(walk, &value);
}

/* Looks into a string that holds an object or an array with members. */
static bool walk_into_string(struct survey_walk *walk, const char *text, size_t len)
{
    size_t at;
    json_text_skip_padding(&text, &len);
    struct json_cursor inside = {text, text + len};
    char c = cursor_skip_space(&inside);
    if ((c != '{' && c != '[') || !json_text_is_valid(text, len, &at))
        return false;
    struct json_cursor first = inside;
    if (!cursor_has_next(&first))
        return false;
    struct json_cursor outside = walk->text;
    bool in_string = walk->in_string;
    walk->text = inside;
    walk->in_string = true;
    walk_value(walk);
    walk->text = outside;
    walk->in_string = in_string;
    return true;
}

static void walk_string(struct survey_walk *walk)
{
    struct text_span string = cursor_read_string(&walk->text);
    size_t room = string.len > 0 && memchr(string.text, '\\', string.len) ? string.len : 0;
    bool has_nul = false;
    if (room > 0) {
        char *copy = survey_borrow_scratch(walk->survey, room);
        if (!copy) {
            walk_count_lost(walk);
            return;
        }
        string = (struct text_span){copy, json_decode_string(string, copy)};
        if (memchr(string.text, '\0', string.len))
            string = text_span_trim(string);
        has_nul = memchr(string.text, '\0', string.len) != NULL;
        string.len = strnlen(string.text, string.len);
    }
    if (has_nul || !walk_into_string(walk, string.text, string.len)) {
        struct survey_value value = survey_read_text(string.text, string.len);
        walk_note(walk, &value);
    }
    survey_return_scratch(walk->survey, room);
}

/* Walks the members. The one named `selector` names the element, and is no key of its own. */
static void walk_object(struct survey_walk *walk, const struct text_span *selector)
{
    bool is_empty = true;
    for (bool more = cursor_has_next(&walk->text); more; more = cursor_has_more(&walk->text)) {
        struct text_span name = cursor_read_name(&walk->text);
        char decoded[SURVEY_KEY_SIZE];
        is_empty = false;
        if (selector && text_span_is_equal(name, *selector)) {
            cursor_skip_value(&walk->text);
            continue;
        }
        if (name.len >= sizeof decoded) {
            walk_count_lost(walk);
            cursor_skip_value(&walk->text);
            continue;
        }
        size_t len = json_decode_string(name, decoded);
        if (memchr(decoded, '\0', len))
            cursor_skip_value(&walk->text); /* no key can name it */
        else
            walk_below(walk, decoded, len, "", 0);
    }
    if (is_empty)
        walk_note(walk, &(const struct survey_value){SURVEY_EMPTY, NAN, 0, "{}", 2, NULL});
}

static void walk_selected(struct survey_walk *walk, const struct text_span *member)
{
    char name[PLAIN_WORD_BYTES + SELECTOR_TEXT_SIZE], text[SELECTOR_TEXT_SIZE];
    size_t text_len, key_len = walk->key_len;
    struct json_cursor value;
    int name_len = snprintf(name, sizeof name, "%.*s=", (int)member->len, member->text);
    if (*walk->text.at != '{' || !json_find_member(&walk->text, *member, &value) ||
        !json_selector_text(&value, text, &text_len) || name_len < 0 ||
        !walk_push_token(walk, name, (size_t)name_len, text, text_len)) {
        walk_count_lost(walk);
        cursor_skip_value(&walk->text);
        return;
    }
    walk_object(walk, member);
    walk->key_len = key_len;
    walk->depth--;
}

static void walk_array(struct survey_walk *walk)
{
    struct text_span member;
    if (!cursor_has_next(&walk->text)) {
        walk_note(walk, &(const struct survey_value){SURVEY_EMPTY, NAN, 0, "[]", 2, NULL});
        return;
    }
    bool has_selector = selector_find(&walk->text, &member);
    size_t index = 0;
    do {
        if (has_selector) {
            walk_selected(walk, &member);
        } else if (index < SURVEY_ELEMENTS_MAX) {
            char digits[16];
            int len = snprintf(digits, sizeof digits, "%zu", index);
            walk_below(walk, digits, (size_t)len, "", 0);
        } else {
            walk_count_lost(walk);
            cursor_skip_value(&walk->text);
        }
        index++;
    } while (cursor_has_more(&walk->text));
}

static void walk_value(struct survey_walk *walk)
{
    switch (cursor_skip_space(&walk->text)) {
    case '{':
        walk_object(walk, NULL);
        break;
    case '[':
        walk_array(walk);
        break;
    case '"':
        walk_string(walk);
        break;
    default:
        walk_word(walk);
    }
}

void survey_walk_json(struct survey *survey, struct survey_topic_row *row, const char *text,
                      size_t len)
{
    struct survey_walk walk = {
        .survey = survey, .row = row, .text = {text, text + len}, .hint = row->run.first};
    walk.is_object = cursor_skip_space(&walk.text) == '{';
    walk_value(&walk);
}
