/* Converts texts into UTF-8. */
#include "api/base/text_encoding.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "common/base/json_text.h"

/* The characters 0x80 to 0x9f of Windows-1252; 0: none. */
static const uint16_t cp1252_characters[] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};

static size_t put_utf8(char *to, uint32_t code)
{
    size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = len; i-- > 1; code >>= 6)
        to[i] = (char)(0x80 | (code & 0x3f));
    to[0] = (char)(first[len] | code);
    return len;
}

static bool text_is_cp1252(const unsigned char *text, size_t len)
{
    bool found = false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\0')
            return false;
        if (text[i] < 0x80)
            continue;
        found = true;
        if (text[i] < 0xa0 && cp1252_characters[text[i] - 0x80] == 0)
            return false;
        if (utf8_prefix_len((const char *)text + i, len - i, 4) > 0)
            return false;
    }
    return found;
}

static enum text_encoding text_from_utf16(struct arena *arena, const char **text, size_t *len)
{
    const unsigned char *from = (const unsigned char *)*text;
    bool big = from[0] == 0xfe;
    size_t units = *len / 2, used = 0;
    char *to = arena_alloc(arena, 3 * units + 1);
    for (size_t i = 1; i < units; i++) {
        uint32_t code = big ? (uint32_t)from[2 * i] << 8 | from[2 * i + 1]
                            : (uint32_t)from[2 * i + 1] << 8 | from[2 * i];
        if ((code & 0xfc00) == 0xd800 && i + 1 < units) {
            const unsigned char *next = from + 2 * (i + 1);
            uint32_t low =
                big ? (uint32_t)next[0] << 8 | next[1] : (uint32_t)next[1] << 8 | next[0];
            if ((low & 0xfc00) == 0xdc00) {
                code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
                i++;
            }
        }
        used += put_utf8(to + used, code); /* a lone surrogate is refused as bad UTF-8 later */
    }
    *text = to;
    *len = used;
    return ENCODING_UTF16;
}

enum text_encoding text_encoding_to_utf8(struct arena *arena, const char **text, size_t *len)
{
    const unsigned char *from = (const unsigned char *)*text;
    if (*len >= 2 && ((from[0] == 0xff && from[1] == 0xfe) || (from[0] == 0xfe && from[1] == 0xff)))
        return text_from_utf16(arena, text, len);
    if (!text_is_cp1252(from, *len))
        return ENCODING_UTF8;
    char *to = arena_alloc(arena, 3 * *len + 1);
    size_t used = 0;
    for (size_t i = 0; i < *len; i++) {
        bool special = from[i] >= 0x80 && from[i] < 0xa0;
        used += put_utf8(to + used, special ? cp1252_characters[from[i] - 0x80] : from[i]);
    }
    *text = to;
    *len = used;
    return ENCODING_CP1252;
}
