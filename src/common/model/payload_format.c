/* One row for each format: its name, and its first bytes or the function that recognises it. The
 * functions for formats without a signature check the structure of the whole sample. */
#include "common/model/payload_format.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/base/json_text.h"
#include "common/base/require.h"

const char *const payload_format_names[] = {
    NULL,    "sparkplug",      "gzip", "zlib",    "zstd",     "jpeg",  "png",
    "utf16", "nul_terminated", "cbor", "msgpack", "protobuf", "latin1"};
_Static_assert(sizeof payload_format_names / sizeof payload_format_names[0] == PAYLOAD_FORMAT_COUNT,
               "a name for each");

static unsigned sample_byte_at(const struct payload_sample *sample, size_t at)
{
    return (unsigned char)sample->bytes[at];
}

static bool sample_begins_with(const struct payload_sample *sample, const char *text, size_t len)
{
    return sample->len >= len && memcmp(sample->bytes, text, len) == 0;
}

/* Of C0, DEL and C1 all but tab, CR and LF. */
static bool is_control(unsigned c)
{
    return (c < 0x20 && c != '\t' && c != '\r' && c != '\n') || (c >= 0x7f && c < 0xa0);
}

/* Length of the text at the beginning of the sample: UTF-8 without control characters. */
static size_t sample_text_len(const struct payload_sample *sample)
{
    size_t len = sample->len > 0 ? utf8_prefix_len(sample->bytes, sample->len, sample->len) : 0;
    for (size_t i = 0; i < len; i++) {
        unsigned c = sample_byte_at(sample, i);
        bool is_c1 = c == 0xc2 && sample_byte_at(sample, i + 1) < 0xa0;
        if ((c < 0x80 && is_control(c)) || is_c1)
            return i;
    }
    return len;
}

bool payload_format_is_text(const struct payload_sample *sample)
{
    enum { UTF8_BYTES_MAX = 4 };
    size_t len = sample_text_len(sample);
    REQUIRE(sample->total >= sample->len);
    if (len == sample->len)
        return true;
    /* The sample may end within a character. */
    return sample->total > sample->len && sample->len - len < UTF8_BYTES_MAX &&
           sample_byte_at(sample, len) >= 0xc2;
}

static bool sample_is_sparkplug(const struct payload_sample *sample)
{
    static const char prefix[] = "spBv1.0/";
    return sample->len > 0 && strncmp(sample->topic, prefix, sizeof prefix - 1) == 0;
}

/* The header of RFC 1950 for a window of 32 KiB without a dictionary, and a valid first block. */
static bool sample_is_zlib(const struct payload_sample *sample)
{
    enum { ZLIB_SIZE_MIN = 8, NO_BLOCK = 3 };
    if (sample->len < ZLIB_SIZE_MIN)
        return false;
    unsigned method = sample_byte_at(sample, 0), flags = sample_byte_at(sample, 1);
    return method == 0x78 && (flags & 0x20) == 0 && (method << 8 | flags) % 31 == 0 &&
           (sample_byte_at(sample, 2) >> 1 & 3) != NO_BLOCK;
}

/* With a byte order mark, or ASCII with a NUL beside each character. */
static bool sample_is_utf16(const struct payload_sample *sample)
{
    enum { UTF16_SIZE_MIN = 4 };
    if (sample->len < UTF16_SIZE_MIN || sample->total % 2 != 0)
        return false;
    if (sample_begins_with(sample, "\xff\xfe", 2) || sample_begins_with(sample, "\xfe\xff", 2))
        return true;
    size_t nul = sample_byte_at(sample, 0) == 0 ? 0 : 1;
    for (size_t i = 0; i + 1 < sample->len; i += 2) {
        unsigned c = sample_byte_at(sample, i + 1 - nul);
        if (sample_byte_at(sample, i + nul) != 0 || c >= 0x7f || is_control(c))
            return false;
    }
    return true;
}

static bool sample_is_nul_terminated(const struct payload_sample *sample)
{
    size_t len = sample_text_len(sample);
    if (len == 0 || len == sample->len)
        return false;
    for (size_t i = len; i < sample->len; i++) {
        if (sample->bytes[i] != '\0')
            return false;
    }
    return true;
}

/* Mostly ASCII, without control characters. */
static bool sample_is_latin1(const struct payload_sample *sample)
{
    size_t beyond = 0;
    for (size_t i = 0; i < sample->len; i++) {
        unsigned c = sample_byte_at(sample, i);
        if (is_control(c))
            return false;
        beyond += c >= 0x80;
    }
    return beyond > 0 && beyond <= sample->len / 4 && sample_byte_at(sample, 0) < 0x80;
}

/* The items of a self-describing format, each with a head, then contents or further items. */
struct item_walk {
    const struct payload_sample *sample;
    size_t at;
    bool is_past_end;
    bool has_text; /* some item is a text of two characters or more */
};

enum { ITEM_DEPTH_MAX = 16, ITEM_TEXT_MIN = 2 };

struct item {
    uint64_t content;  /* bytes */
    uint64_t children; /* items in it */
    bool is_text;
};

/* A number of `size` bytes, the most significant first. 0 and is_past_end if some are missing. */
static uint64_t item_read_number(struct item_walk *walk, size_t size)
{
    uint64_t number = 0;
    if (walk->sample->len - walk->at < size) {
        walk->is_past_end = true;
        return 0;
    }
    for (size_t i = 0; i < size; i++)
        number = number << 8 | sample_byte_at(walk->sample, walk->at++);
    return number;
}

/* RFC 8949, except for items of indefinite length and simple values without a meaning. */
static bool cbor_read_head(struct item_walk *walk, struct item *item)
{
    enum { BYTES = 2, TEXT, ARRAY, MAP, TAG, SIMPLE };
    unsigned head = (unsigned)item_read_number(walk, 1), kind = head >> 5, info = head & 0x1f;
    if (info > 27 || (kind == SIMPLE && (info < 20 || info == 24)))
        return false;
    uint64_t number = info < 24 ? info : item_read_number(walk, (size_t)1 << (info - 24));
    *item = (struct item){.is_text = kind == TEXT};
    if (kind == BYTES || kind == TEXT)
        item->content = number;
    else if (kind == ARRAY || kind == MAP)
        item->children = number;
    if (item->children > walk->sample->total)
        return false;
    if (kind == MAP)
        item->children *= 2;
    else if (kind == TAG)
        item->children = 1;
    return true;
}

/* The heads from 0xc0, in order: bytes of the number behind it, and its meaning. */
static const struct {
    uint8_t size;
    char meaning; /* of the number: 'v' a value, 'b' bytes, 't' a text, 'a' array, 'm' map */
    uint8_t more; /* content beside the number's */
} msgpack_heads[] = {
    {0, 'v', 0}, {0, 0, 0},   {0, 'v', 0}, {0, 'v', 0},  {1, 'b', 0}, {2, 'b', 0}, {4, 'b', 0},
    {1, 'b', 1}, {2, 'b', 1}, {4, 'b', 1}, {4, 'v', 0},  {8, 'v', 0}, {1, 'v', 0}, {2, 'v', 0},
    {4, 'v', 0}, {8, 'v', 0}, {1, 'v', 0}, {2, 'v', 0},  {4, 'v', 0}, {8, 'v', 0}, {0, 'v', 2},
    {0, 'v', 3}, {0, 'v', 5}, {0, 'v', 9}, {0, 'v', 17}, {1, 't', 0}, {2, 't', 0}, {4, 't', 0},
    {2, 'a', 0}, {4, 'a', 0}, {2, 'm', 0}, {4, 'm', 0},
};
_Static_assert(sizeof msgpack_heads / sizeof msgpack_heads[0] == 0xe0 - 0xc0, "one for each");

static bool msgpack_read_head(struct item_walk *walk, struct item *item)
{
    unsigned head = (unsigned)item_read_number(walk, 1);
    uint64_t number = head & 0x0f;
    char meaning = head < 0x90 ? 'm' : 'a';
    *item = (struct item){0};
    if (head < 0x80 || head >= 0xe0) { /* small integers */
        meaning = 'v';
    } else if (head >= 0xc0) {
        meaning = msgpack_heads[head - 0xc0].meaning;
        number = item_read_number(walk, msgpack_heads[head - 0xc0].size);
        item->content = msgpack_heads[head - 0xc0].more;
    } else if (head >= 0xa0) {
        meaning = 't';
        number = head & 0x1f;
    }
    item->is_text = meaning == 't';
    if (meaning == 't' || meaning == 'b')
        item->content += number;
    else if (meaning == 'a')
        item->children = number;
    else if (meaning == 'm')
        item->children = 2 * number;
    return meaning != 0 && item->children <= 2 * (uint64_t)walk->sample->total;
}

/* Skips the contents of an item. False when they are no text, though the item is. */
static bool item_skip_contents(struct item_walk *walk, const struct item *item)
{
    size_t left = walk->sample->len - walk->at;
    /* A total that size_t cannot say is not looked at. */
    const struct payload_sample text = {.bytes = walk->sample->bytes + walk->at,
                                        .len = item->content < left ? (size_t)item->content : left,
                                        .total = (size_t)item->content};
    walk->is_past_end = item->content > left;
    walk->has_text |= item->is_text && text.len >= ITEM_TEXT_MIN;
    walk->at += text.len;
    return item->content <= walk->sample->total &&
           (!item->is_text || payload_format_is_text(&text));
}

/* True when the sample is one array or map, with a text in it, and nothing behind it. */
static bool sample_is_items(const struct payload_sample *sample,
                            bool (*read_head)(struct item_walk *walk, struct item *item))
{
    struct item_walk walk = {.sample = sample};
    uint64_t open[ITEM_DEPTH_MAX] = {1}; /* items that are missing, at each depth */
    size_t depth = 1;
    while (depth > 0) {
        struct item item;
        if (open[depth - 1] == 0) {
            depth--;
            continue;
        }
        open[depth - 1]--;
        bool is_first = walk.at == 0;
        bool is_sound = read_head(&walk, &item);
        if (!walk.is_past_end && (!is_sound || !item_skip_contents(&walk, &item)))
            return false;
        if (walk.is_past_end)
            return sample->total > sample->len && walk.has_text;
        if ((is_first && item.children == 0) || (item.children > 0 && depth == ITEM_DEPTH_MAX))
            return false;
        if (item.children > 0)
            open[depth++] = item.children;
    }
    return walk.has_text && walk.at == sample->total;
}

static bool sample_is_cbor(const struct payload_sample *sample)
{
    return sample_begins_with(sample, "\xd9\xd9\xf7", 3) /* RFC 8949, 3.4.6 */ ||
           sample_is_items(sample, cbor_read_head);
}

static bool sample_is_msgpack(const struct payload_sample *sample)
{
    return sample_is_items(sample, msgpack_read_head);
}

/* A varint in its shortest form, of at most ten bytes. False if it is none; at the end of the
 * sample it may still be one. */
static bool protobuf_read_varint(struct item_walk *walk, uint64_t *number)
{
    enum { VARINT_BYTES_MAX = 10 };
    *number = 0;
    for (unsigned i = 0; i < VARINT_BYTES_MAX; i++) {
        uint64_t byte = item_read_number(walk, 1);
        if (walk->is_past_end)
            return true;
        *number |= (byte & 0x7f) << (7 * i);
        if (byte < 0x80)
            return byte != 0 || i == 0;
    }
    return false;
}

/* Several fields in the order of their numbers, as encoders write them, and nothing behind them. */
static bool sample_is_protobuf(const struct payload_sample *sample)
{
    enum { VARINT, FIXED_64, BYTES, FIXED_32 = 5 };
    enum { SIZE_MIN = 8, FIELDS_MIN = 3, FIRST_MAX = 4, STEP_MAX = 16 };
    struct item_walk walk = {.sample = sample};
    uint64_t before = 0, tag, size;
    size_t fields = 0;
    while (walk.at < sample->len) {
        if (!protobuf_read_varint(&walk, &tag))
            return false;
        if (walk.is_past_end)
            break;
        uint64_t number = tag >> 3, kind = tag & 7;
        if (number < before || number == 0 || number > before + (before ? STEP_MAX : FIRST_MAX))
            return false;
        before = number;
        size = kind == FIXED_64 ? 8 : 4;
        if (kind != VARINT && kind != BYTES && kind != FIXED_64 && kind != FIXED_32)
            return false;
        if ((kind == VARINT || kind == BYTES) && !protobuf_read_varint(&walk, &size))
            return false;
        if (walk.is_past_end)
            break;
        if (kind == VARINT)
            size = 0;
        if (size > sample->total - walk.at)
            return false;
        fields++;
        walk.is_past_end = size > sample->len - walk.at;
        if (walk.is_past_end)
            break;
        walk.at += (size_t)size;
    }
    bool is_whole = walk.at == sample->len;
    return fields >= FIELDS_MIN && sample->len >= SIZE_MIN &&
           (is_whole || (walk.is_past_end && sample->total > sample->len));
}

enum payload_format payload_format_guess(const struct payload_sample *sample)
{
    static const struct {
        bool (*is)(const struct payload_sample *sample);
        const char *signature;
        size_t len;
    } rows[PAYLOAD_FORMAT_COUNT] = {
        [PAYLOAD_FORMAT_SPARKPLUG] = {sample_is_sparkplug, "", 0},
        [PAYLOAD_FORMAT_GZIP] = {NULL, "\x1f\x8b\x08", 3},
        [PAYLOAD_FORMAT_ZLIB] = {sample_is_zlib, "", 0},
        [PAYLOAD_FORMAT_ZSTD] = {NULL, "\x28\xb5\x2f\xfd", 4},
        [PAYLOAD_FORMAT_JPEG] = {NULL, "\xff\xd8\xff", 3},
        [PAYLOAD_FORMAT_PNG] = {NULL, "\x89PNG\r\n\x1a\n", 8},
        [PAYLOAD_FORMAT_UTF16] = {sample_is_utf16, "", 0},
        [PAYLOAD_FORMAT_NUL_TERMINATED] = {sample_is_nul_terminated, "", 0},
        [PAYLOAD_FORMAT_CBOR] = {sample_is_cbor, "", 0},
        [PAYLOAD_FORMAT_MSGPACK] = {sample_is_msgpack, "", 0},
        [PAYLOAD_FORMAT_PROTOBUF] = {sample_is_protobuf, "", 0},
        [PAYLOAD_FORMAT_LATIN1] = {sample_is_latin1, "", 0},
    };
    if (payload_format_is_text(sample))
        return PAYLOAD_FORMAT_UNKNOWN;
    for (size_t i = PAYLOAD_FORMAT_UNKNOWN + 1; i < PAYLOAD_FORMAT_COUNT; i++) {
        if (rows[i].is ? rows[i].is(sample)
                       : sample_begins_with(sample, rows[i].signature, rows[i].len))
            return (enum payload_format)i;
    }
    return PAYLOAD_FORMAT_UNKNOWN;
}

void payload_format_write_excerpt(const struct payload_sample *payload, size_t from, char *text,
                                  size_t size)
{
    enum { EXCERPT_SIZE_MIN = 24, PARENTHESES = 3 };
    struct payload_sample sample = *payload;
    REQUIRE(size >= EXCERPT_SIZE_MIN && from <= payload->len && payload->len == payload->total);
    if (payload->len == 0) {
        snprintf(text, size, "an empty payload");
        return;
    }
    from = from < payload->len ? from : 0;
    if (sample.len > PAYLOAD_SAMPLE_BYTES)
        sample.len = PAYLOAD_SAMPLE_BYTES;
    if (payload_format_is_text(&sample)) {
        size_t len = utf8_prefix_len(payload->bytes + from, payload->len - from, size - 1);
        memcpy(text, payload->bytes + from, len);
        text[len] = '\0';
        if (len > 0)
            return;
    }
    const char *name = payload_format_names[payload_format_guess(&sample)];
    size_t at = name ? 0 : from, used = 0;
    if (!name)
        name = "binary";
    size_t end = size - 1 - strlen(name) - PARENTHESES;
    for (; at < payload->len && used + 2 <= end; at++)
        used += (size_t)sprintf(text + used, "%02x", sample_byte_at(payload, at));
    snprintf(text + used, size - used, " (%s)", name);
}
