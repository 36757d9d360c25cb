/* Decodes with the locale of the user: LC_CTYPE must be set. */
#include "ctl/base/text_width.h"

#include <langinfo.h>
#include <stdbool.h>
#include <string.h>
#include <wchar.h>

#include "common/base/require.h"

/* One character of a text: its bytes and columns. Where it cannot be shown, `bytes` is 1 or more,
 * and it takes one column. */
struct shown_char {
    size_t bytes, columns;
    bool is_shown;
};

/* True for characters that turn the direction of the text around them, or break the line. */
static bool text_is_layout(wchar_t wide)
{
    return wide == 0x61c || wide == 0x200e || wide == 0x200f ||
           (wide >= 0x2028 && wide <= 0x202e) || (wide >= 0x2066 && wide <= 0x2069) ||
           wide == 0xfeff;
}

/* Bytes of the UTF-8 character, of which the locale can show nothing; at least 1. */
static size_t text_count_bytes(const char *text, size_t left)
{
    size_t bytes = 1;
    while ((text[0] & 0xc0) == 0xc0 && bytes < left && bytes < 4 && (text[bytes] & 0xc0) == 0x80)
        bytes++;
    return bytes;
}

static struct shown_char text_read_char(const char *text, size_t left, mbstate_t *state)
{
    wchar_t wide;
    size_t bytes = mbrtowc(&wide, text, left, state);
    if (bytes == (size_t)-1 || bytes == (size_t)-2 || bytes == 0) {
        memset(state, 0, sizeof *state);
        return (struct shown_char){.bytes = text_count_bytes(text, left), .columns = 1};
    }
    int columns = wcwidth(wide);
    if (columns < 0 || text_is_layout(wide))
        return (struct shown_char){.bytes = bytes, .columns = 1};
    return (struct shown_char){.bytes = bytes, .columns = (size_t)columns, .is_shown = true};
}

size_t text_width(const char *text)
{
    REQUIRE(text);
    mbstate_t state = {0};
    size_t width = 0;
    for (size_t left = strlen(text); left > 0;) {
        struct shown_char one = text_read_char(text, left, &state);
        width += one.columns;
        text += one.bytes;
        left -= one.bytes;
    }
    return width;
}

/* Where shown text goes: a stream, or a buffer if `out` is NULL. */
struct text_sink {
    FILE *out;
    char *to;
    size_t size;
};

static void text_put(struct text_sink *sink, const char *bytes, size_t len)
{
    if (sink->out) {
        fwrite(bytes, 1, len, sink->out);
    } else if (sink->to && len < sink->size) {
        memcpy(sink->to, bytes, len);
        sink->to += len;
        sink->size -= len;
    }
}

static size_t text_show(struct text_sink *sink, const char *text, size_t columns)
{
    mbstate_t state = {0};
    bool is_cut = text_width(text) > columns;
    size_t room = is_cut && columns > 0 ? columns - 1 : columns, used = 0;
    for (size_t left = strlen(text); left > 0;) {
        struct shown_char one = text_read_char(text, left, &state);
        if (one.columns > room - used)
            break;
        if (one.is_shown)
            text_put(sink, text, one.bytes);
        else
            text_put(sink, "?", 1);
        used += one.columns;
        text += one.bytes;
        left -= one.bytes;
    }
    if (is_cut && columns > 0) {
        const char *mark = strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? "…" : "~";
        text_put(sink, mark, strlen(mark));
        used++;
    }
    return used;
}

size_t text_print_columns(FILE *out, const char *text, size_t columns)
{
    return text_show(&(struct text_sink){.out = out}, text, columns);
}

size_t text_copy_columns(char *to, size_t size, const char *text, size_t columns)
{
    struct text_sink sink = {.to = to, .size = size};
    size_t used = text_show(&sink, text, columns);
    if (sink.size > 0)
        *sink.to = '\0';
    return used;
}

void text_print_line(FILE *out, const char *text)
{
    text_print_columns(out, text, text_width(text));
    fputc('\n', out);
}
