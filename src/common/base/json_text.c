/* A recogniser for RFC 8259 without recursion, UTF-8 checks, JSON Pointer tokens. */
#include "common/base/json_text.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "common/base/require.h"

/* Bytes of the well-formed UTF-8 sequence at `text`, or 0 (Unicode 15, table 3-7). */
static size_t utf8_sequence_len(const unsigned char *text, size_t len)
{
    static const struct {
        unsigned char first_low, first_high, second_low, second_high, bytes;
    } forms[] = {
        {0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (text[0] < forms[i].first_low || text[0] > forms[i].first_high)
            continue;
        if (len < forms[i].bytes)
            return 0;
        if (forms[i].bytes > 1 && (text[1] < forms[i].second_low || text[1] > forms[i].second_high))
            return 0;
        for (size_t j = 2; j < forms[i].bytes; j++) {
            if ((text[j] & 0xc0) != 0x80)
                return 0;
        }
        return forms[i].bytes;
    }
    return 0;
}

size_t utf8_prefix_len(const char *text, size_t len, size_t max)
{
    size_t at = 0;
    while (at < len) {
        size_t bytes = utf8_sequence_len((const unsigned char *)text + at, len - at);
        if (bytes == 0 || at + bytes > max)
            break;
        at += bytes;
    }
    return at;
}

bool utf8_is_valid(const char *text, size_t len)
{
    return utf8_prefix_len(text, len, len) == len;
}

void utf8_terminate_text(char *text, size_t size)
{
    REQUIRE(size > 0);
    text[size - 1] = '\0';
    if (!utf8_is_valid(text, strlen(text)))
        text[0] = '\0';
}

struct json_scan {
    const char *text, *at, *end;
    struct json_findings *findings; /* or NULL */
    size_t depth;
    bool is_object[JSON_DEPTH_MAX]; /* of each open bracket */
};

static int json_peek_char(const struct json_scan *scan)
{
    return scan->at < scan->end ? (unsigned char)*scan->at : -1;
}

static bool json_accept_char(struct json_scan *scan, char c)
{
    if (json_peek_char(scan) != (unsigned char)c)
        return false;
    scan->at++;
    return true;
}

static inline void json_skip_space(struct json_scan *scan)
{
    for (int c; (c = json_peek_char(scan)) <= ' '; scan->at++) { /* most texts have little */
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
            return;
    }
}

/* Appends digits to `number`, which is right for 19 of them. Returns how many there are. */
static size_t json_scan_digits(struct json_scan *scan, uint64_t *number)
{
    const char *from = scan->at, *at = from;
    uint64_t digits = *number;
    for (; at < scan->end && *at >= '0' && *at <= '9'; at++)
        digits = digits * 10 + (uint64_t)(*at - '0');
    *number = digits;
    scan->at = at;
    return (size_t)(at - from);
}

static void json_note_finding(struct json_scan *scan, const char *from, double number, bool is_null)
{
    struct json_findings *findings = scan->findings;
    if (findings && findings->count < findings->max)
        findings->item[findings->count++] = (struct json_finding){.number = number,
                                                                  .at = (size_t)(from - scan->text),
                                                                  .len = (uint8_t)(scan->at - from),
                                                                  .is_null = is_null};
}

/* JSON_TEXT_NARROW is for a test of what processors of 32 bits do. */
#if defined(__SIZEOF_INT128__) && !defined(JSON_TEXT_NARROW)
/* Divides more digits than a double has, with at least 64 bits of the quotient; the last one says,
 * too, whether there are more. Then the conversion rounds, once. `digits` > 0. */
static double json_divide_digits(uint64_t digits, uint64_t power)
{
    __extension__ typedef unsigned __int128 wide;
    int shift = 64 + __builtin_clzll(digits);
    wide number = (wide)digits << shift, quotient = number / power;
    return ldexp((double)(quotient | (quotient * power != number)), -shift);
}
#else
static double json_divide_digits(uint64_t digits, uint64_t power)
{
    (void)digits;
    (void)power;
    return NAN; /* the parser does it */
}
#endif

/* With method 1, as on s390x, only a float is calculated with more bits. */
enum { DOUBLES_ARE_DOUBLES = FLT_EVAL_METHOD == 0 || FLT_EVAL_METHOD == 1 };

/* Notes a number, with the double that strtod would return. Up to 2^53 the digits are a double, and
 * so is the power of ten: IEEE 754 rounds their quotient right, unless the processor calculates
 * with more bits. */
static void json_note_number(struct json_scan *scan, const char *from, uint64_t digits,
                             size_t digit_count, size_t fraction_count)
{
    static const uint64_t powers[] = {1U,
                                      10U,
                                      100U,
                                      1000U,
                                      10000U,
                                      100000U,
                                      1000000U,
                                      10000000U,
                                      100000000U,
                                      1000000000U,
                                      10000000000U,
                                      100000000000U,
                                      1000000000000U,
                                      10000000000000U,
                                      100000000000000U,
                                      1000000000000000U,
                                      10000000000000000U,
                                      100000000000000000U,
                                      1000000000000000000U,
                                      10000000000000000000U};
    if (digit_count > JSON_FINDING_DIGITS_MAX)
        return;
    uint64_t power = powers[fraction_count];
    bool is_short =
        digits <= UINT64_C(1) << 53 && (DOUBLES_ARE_DOUBLES || fraction_count == 0 || digits == 0);
    double number = is_short ? (double)digits / (double)power : json_divide_digits(digits, power);
    if (!isnan(number))
        json_note_finding(scan, from, *from == '-' ? -number : number, false);
}

static bool json_scan_number(struct json_scan *scan)
{
    const char *from = scan->at;
    uint64_t digits = 0, exponent = 0;
    size_t fraction_count = 0;
    json_accept_char(scan, '-');
    size_t count = json_accept_char(scan, '0') ? 1 : json_scan_digits(scan, &digits);
    if (count == 0)
        return false;
    if (json_accept_char(scan, '.') && (fraction_count = json_scan_digits(scan, &digits)) == 0)
        return false;
    if (json_accept_char(scan, 'e') || json_accept_char(scan, 'E')) {
        if (!json_accept_char(scan, '+'))
            json_accept_char(scan, '-');
        return json_scan_digits(scan, &exponent) > 0;
    }
    json_note_number(scan, from, digits, count + fraction_count, fraction_count);
    return true;
}

static bool json_scan_hex(struct json_scan *scan, unsigned *unit)
{
    *unit = 0;
    for (int i = 0; i < 4; i++, scan->at++) {
        int c = json_peek_char(scan);
        unsigned digit;
        if (c >= '0' && c <= '9')
            digit = (unsigned)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            digit = (unsigned)((c | 0x20) - 'a' + 10);
        else
            return false;
        *unit = *unit << 4 | digit;
    }
    return true;
}

/* Scans the characters after the backslash. A surrogate is valid only in a pair; cJSON refuses
 * others, too. */
static bool json_scan_escape(struct json_scan *scan)
{
    unsigned unit;
    int c = json_peek_char(scan);
    if (c < 0 || (c != 'u' && !memchr("\"\\/bfnrt", c, 8)))
        return false;
    scan->at++;
    if (c != 'u')
        return true;
    if (!json_scan_hex(scan, &unit) || (unit >= 0xdc00 && unit <= 0xdfff))
        return false;
    if (unit < 0xd800 || unit > 0xdbff)
        return true;
    return json_accept_char(scan, '\\') && json_accept_char(scan, 'u') &&
           json_scan_hex(scan, &unit) && unit >= 0xdc00 && unit <= 0xdfff;
}

/* Skips the characters of a string that are ASCII and stand for themselves. */
static int json_skip_plain(struct json_scan *scan)
{
    const char *at = scan->at;
    while (at < scan->end && (signed char)*at >= 0x20 && *at != '"' && *at != '\\')
        at++;
    scan->at = at;
    return json_peek_char(scan);
}

static bool json_scan_string(struct json_scan *scan)
{
    if (!json_accept_char(scan, '"'))
        return false;
    for (;;) {
        int c = json_skip_plain(scan);
        if (c < 0x20)
            return false;
        if (c == '"') {
            scan->at++;
            return true;
        }
        if (c == '\\') {
            scan->at++;
            if (!json_scan_escape(scan))
                return false;
            continue;
        }
        size_t bytes =
            utf8_sequence_len((const unsigned char *)scan->at, (size_t)(scan->end - scan->at));
        if (bytes == 0)
            return false;
        scan->at += bytes;
    }
}

static bool json_scan_word(struct json_scan *scan, const char *word)
{
    size_t len = strlen(word);
    if ((size_t)(scan->end - scan->at) < len || memcmp(scan->at, word, len) != 0)
        return false;
    scan->at += len;
    return true;
}

static bool json_scan_key(struct json_scan *scan)
{
    if (!json_scan_string(scan))
        return false;
    json_skip_space(scan);
    if (!json_accept_char(scan, ':'))
        return false;
    json_skip_space(scan);
    return true;
}

/* After a value: closes the brackets that end here. True with *more when another value must follow,
 * without it at the end of the text. */
static bool json_scan_after_value(struct json_scan *scan, bool *more)
{
    for (json_skip_space(scan); scan->depth > 0; json_skip_space(scan)) {
        bool object = scan->is_object[scan->depth - 1];
        if (json_accept_char(scan, ',')) {
            json_skip_space(scan);
            return !object || json_scan_key(scan);
        }
        if (!json_accept_char(scan, object ? '}' : ']'))
            return false;
        scan->depth--;
    }
    *more = false;
    return scan->at == scan->end;
}

/* Scans a scalar, an empty array or object, or the opening bracket of another one with the key of
 * its first member; then up to the next value or the end of the text. */
static bool json_scan_value(struct json_scan *scan, bool *more)
{
    bool ok, object;
    switch (json_peek_char(scan)) {
    case '{':
    case '[':
        if (scan->depth == JSON_DEPTH_MAX)
            return false;
        object = *scan->at++ == '{';
        scan->is_object[scan->depth++] = object;
        json_skip_space(scan);
        if (!json_accept_char(scan, object ? '}' : ']'))
            return !object || json_scan_key(scan);
        scan->depth--;
        ok = true;
        break;
    case '"':
        ok = json_scan_string(scan);
        break;
    case 't':
        ok = json_scan_word(scan, "true");
        break;
    case 'f':
        ok = json_scan_word(scan, "false");
        break;
    case 'n':
        ok = json_scan_word(scan, "null");
        if (ok)
            json_note_finding(scan, scan->at - strlen("null"), 0, true);
        break;
    default:
        ok = json_scan_number(scan);
    }
    return ok && json_scan_after_value(scan, more);
}

bool json_text_check(const char *text, size_t len, size_t *at, struct json_findings *findings)
{
    struct json_scan scan;
    scan.text = scan.at = text;
    scan.end = text + len;
    scan.findings = findings;
    scan.depth = 0;
    bool more = true, ok = true;
    json_skip_space(&scan);
    while (ok && more)
        ok = json_scan_value(&scan, &more);
    *at = (size_t)(scan.at - text);
    return ok;
}

bool json_text_is_valid(const char *text, size_t len, size_t *at)
{
    return json_text_check(text, len, at, NULL);
}

size_t json_text_skip_padding(const char **text, size_t *len)
{
    static const char mark[] = "\xef\xbb\xbf";
    if (*len == 0 || (**text != mark[0] && (unsigned char)(*text)[*len - 1] > ' '))
        return 0;
    size_t before = *len >= 3 && memcmp(*text, mark, 3) == 0 ? 3 : 0;
    *text += before;
    *len -= before;
    size_t end = *len;
    while (end > 0 && memchr(" \t\r\n", (*text)[end - 1], 5)) /* or its NUL */
        end--;
    if (end > 0 && ((*text)[end - 1] == '}' || (*text)[end - 1] == ']'))
        *len = end;
    return before;
}

bool json_pointer_is_valid(const char *pointer)
{
    if (pointer[0] != '/')
        return pointer[0] == '\0';
    for (const char *tilde = strchr(pointer, '~'); tilde; tilde = strchr(tilde + 1, '~')) {
        if (tilde[1] != '0' && tilde[1] != '1')
            return false;
    }
    return true;
}

size_t json_pointer_next_token(const char **pointer, char *token, size_t size)
{
    const char *from = *pointer + 1;
    size_t len = 0;
    REQUIRE(**pointer == '/' && size > 0);
    for (; *from && *from != '/'; from++) {
        char c = *from;
        if (c == '~' && (from[1] == '0' || from[1] == '1'))
            c = *++from == '0' ? '~' : '/';
        if (len + 1 < size)
            token[len++] = c;
    }
    token[len] = '\0';
    *pointer = from;
    return len;
}
