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
#include "common/model/json_cursor.h"
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

enum {
    ID_MEMBERS = sizeof id_members / sizeof id_members[0],
    ID_MEMBERS_OF_DEVICES = 24, /* the first ones: of these, "gatewayid" is the last one */
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

/* The text of a string, a number or a boolean as a selector has it. False when none stands for it:
 * null, containers, empty and long texts, NULs. */
static bool json_selector_text(const struct json_cursor *value, char text[SELECTOR_TEXT_SIZE],
                               size_t *len)
{
    struct json_cursor at = *value;
    if (*at.at == '"') {
        struct text_span string = json_cursor_read_string(&at);
        if (string.len == 0 || string.len >= SELECTOR_TEXT_SIZE)
            return false;
        *len = json_cursor_decode_string(string, text);
        return !memchr(text, '\0', *len);
    }
    if (*at.at == '{' || *at.at == '[' || *at.at == 'n')
        return false;
    struct text_span word = json_cursor_read_word(&at);
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
    for (size_t i = 0; i < ID_MEMBERS; i++) {
        if (strcasecmp(plain, id_members[i].name) == 0)
            return is_number && !id_members[i].may_be_number ? -1 : (int)i;
    }
    return -1;
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
    for (bool more = json_cursor_enter(&at); more && count < SELECTOR_CANDIDATES;
         more = json_cursor_has_more(&at)) {
        struct text_span name = json_cursor_read_name(&at);
        int rank = id_member_rank(name, *at.at != '"');
        if (rank >= 0 && *at.at != '{' && *at.at != '[') {
            list[count].name = name;
            list[count].failed = false;
            list[count++].rank = rank;
        }
        json_cursor_skip_value(&at);
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
    for (bool more = count > 0; more && elements < SURVEY_KEYS_MAX;
         more = json_cursor_has_more(&at)) {
        if (*at.at != '{')
            return false;
        for (size_t i = 0; i < count; i++) {
            char text[SELECTOR_TEXT_SIZE];
            size_t len;
            struct json_cursor value;
            list[i].failed |= !json_cursor_find_member(&at, list[i].name, &value) ||
                              !json_selector_text(&value, text, &len);
            if (!list[i].failed)
                list[i].texts[elements] = hash64_add(HASH64_START, text, len);
        }
        elements++;
        json_cursor_skip_value(&at);
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

/* A member that tells devices apart: of the payload itself, or of an object in it. */
struct id_place {
    struct text_span outer; /* the object's name or index; empty: of the payload itself */
    struct text_span name;
    struct json_cursor value;
};

/* Finds the best member of an object, by `rank_end`; with a `wanted` name only that one. */
static bool id_place_find(const struct json_cursor *object, struct text_span wanted, int rank_end,
                          struct id_place *place)
{
    struct json_cursor at = *object;
    int best_rank = rank_end;
    for (bool more = json_cursor_enter(&at); more; more = json_cursor_has_more(&at)) {
        struct text_span name = json_cursor_read_name(&at);
        int rank = -1;
        if (!wanted.text || text_span_is_equal(name, wanted))
            rank = id_member_rank(name, *at.at != '"');
        if (rank >= 0 && rank < best_rank && (*at.at == '"' || (*at.at >= '0' && *at.at <= '9'))) {
            place->name = name;
            place->value = at;
            best_rank = rank;
        }
        json_cursor_skip_value(&at);
    }
    return best_rank < rank_end;
}

/* Finds the base name of a pack of SenML: of the first record. */
static bool id_place_find_base(const struct json_cursor *array, struct id_place *place)
{
    static const struct text_span index = {"0", 1}, name = {"bn", 2};
    struct json_cursor first = *array;
    if (!json_cursor_enter(&first) || *first.at != '{' ||
        !json_cursor_find_member(&first, name, &place->value) || *place->value.at != '"')
        return false;
    place->outer = index;
    place->name = name;
    return true;
}

/* Looks into the objects of an object, such as "deviceInfo" of LoRaWAN servers; with a `wanted`
 * pointer only at that member. */
static bool id_place_find_inner(const struct json_cursor *object, struct text_span wanted,
                                struct id_place *place)
{
    struct text_span outer = {NULL, 0}, inner = {NULL, 0};
    const char *slash = wanted.text ? memchr(wanted.text + 1, '/', wanted.len - 1) : NULL;
    if (slash) {
        outer = (struct text_span){wanted.text + 1, (size_t)(slash - wanted.text - 1)};
        inner = (struct text_span){slash + 1, wanted.len - (size_t)(slash + 1 - wanted.text)};
    }
    struct json_cursor at = *object;
    for (bool more = json_cursor_enter(&at); more; more = json_cursor_has_more(&at)) {
        struct text_span name = json_cursor_read_name(&at);
        bool is_plain = name.len > 0;
        for (size_t i = 0; i < name.len && is_plain; i++)
            is_plain = !strchr("/~=\\", name.text[i]) && (unsigned char)name.text[i] > ' ';
        if (*at.at == '{' && is_plain && (!outer.text || text_span_is_equal(name, outer)) &&
            id_place_find(&at, inner, ID_MEMBERS_OF_DEVICES, place)) {
            place->outer = name;
            return true;
        }
        json_cursor_skip_value(&at);
    }
    return false;
}

bool survey_find_where(const char *json, size_t len, const char *wanted, size_t wanted_len,
                       char *text, size_t size, struct survey_where *where)
{
    const struct text_span name = {wanted, wanted_len};
    struct json_cursor at = {json, json + len};
    struct id_place place = {{NULL, 0}, {NULL, 0}, {NULL, NULL}};
    bool is_inner = wanted_len > 0 && wanted[0] == '/', is_found = false;
    char first = json_cursor_skip_space(&at);
    if (first == '[')
        is_found = (!wanted || is_inner) && id_place_find_base(&at, &place);
    else if (first == '{')
        is_found = (!is_inner && id_place_find(&at, name, ID_MEMBERS, &place)) ||
                   ((!wanted || is_inner) && id_place_find_inner(&at, name, &place));
    if (!is_found)
        return false;
    struct json_cursor behind = place.value;
    json_cursor_skip_value(&behind);
    size_t value_len = (size_t)(behind.at - place.value.at);
    int member_len = place.outer.len == 0
                         ? snprintf(text, size, "{\"%.*s", (int)place.name.len, place.name.text)
                         : snprintf(text, size, "{\"/%.*s/%.*s", (int)place.outer.len,
                                    place.outer.text, (int)place.name.len, place.name.text);
    if (member_len < 0 || (size_t)member_len >= size)
        return false;
    int rest = snprintf(text + member_len, size - (size_t)member_len, "\":%.*s}", (int)value_len,
                        place.value.at);
    char word[SELECTOR_TEXT_SIZE];
    size_t word_len;
    if (rest < 0 || (size_t)member_len + (size_t)rest >= size ||
        !json_selector_text(&place.value, word, &word_len) ||
        (*place.value.at != '"' && strspn(place.value.at, "0123456789") != value_len))
        return false;
    *where = (struct survey_where){.member = text + 2,
                                   .member_len = (size_t)member_len - 2,
                                   .text = text,
                                   .len = (size_t)member_len + (size_t)rest};
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
        char c = (char)(i < head_len ? head[i] : tail[i - head_len]);
        bool is_escaped = c == '~' || c == '/';
        if (len + is_escaped + 2 > sizeof walk->key)
            return false;
        if (is_escaped) {
            walk->key[len++] = '~';
            c = (char)(c == '~' ? '0' : '1');
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
    json_cursor_skip_value(&walk->text);
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
    struct text_span word = json_cursor_read_word(&walk->text);
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
    char c = json_cursor_skip_space(&inside);
    if ((c != '{' && c != '[') || !json_text_is_valid(text, len, &at))
        return false;
    struct json_cursor first = inside;
    if (!json_cursor_enter(&first))
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
    struct text_span string = json_cursor_read_string(&walk->text);
    size_t room = string.len > 0 && memchr(string.text, '\\', string.len) ? string.len : 0;
    bool has_nul = false;
    if (room > 0) {
        char *copy = survey_borrow_scratch(walk->survey, room);
        if (!copy) {
            walk_count_lost(walk);
            return;
        }
        string = (struct text_span){copy, json_cursor_decode_string(string, copy)};
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
    for (bool more = json_cursor_enter(&walk->text); more;
         more = json_cursor_has_more(&walk->text)) {
        struct text_span name = json_cursor_read_name(&walk->text);
        char decoded[SURVEY_KEY_SIZE];
        is_empty = false;
        if (selector && text_span_is_equal(name, *selector)) {
            json_cursor_skip_value(&walk->text);
            continue;
        }
        if (name.len >= sizeof decoded) {
            walk_count_lost(walk);
            json_cursor_skip_value(&walk->text);
            continue;
        }
        size_t len = json_cursor_decode_string(name, decoded);
        if (memchr(decoded, '\0', len))
            json_cursor_skip_value(&walk->text); /* no key can name it */
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
    if (*walk->text.at != '{' || !json_cursor_find_member(&walk->text, *member, &value) ||
        !json_selector_text(&value, text, &text_len) || name_len < 0 ||
        !walk_push_token(walk, name, (size_t)name_len, text, text_len)) {
        walk_count_lost(walk);
        json_cursor_skip_value(&walk->text);
        return;
    }
    walk_object(walk, member);
    walk->key_len = key_len;
    walk->depth--;
}

static void walk_array(struct survey_walk *walk)
{
    struct text_span member;
    if (!json_cursor_enter(&walk->text)) {
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
            json_cursor_skip_value(&walk->text);
        }
        index++;
    } while (json_cursor_has_more(&walk->text));
}

static void walk_value(struct survey_walk *walk)
{
    switch (json_cursor_skip_space(&walk->text)) {
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
    walk.is_object = json_cursor_skip_space(&walk.text) == '{';
    walk_value(&walk);
}
