/* Which payloads are text, and the format of others. The bytes are those of real encoders: zlib,
 * zstd, and the npm packages cbor, @msgpack/msgpack, protobufjs and sparkplug-payload. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "common/model/payload_format.h"

#define BYTES(text) text, sizeof(text) - 1

static struct payload_sample sample_of(const char *topic, const char *bytes, size_t len)
{
    return (struct payload_sample){.topic = topic, .bytes = bytes, .len = len, .total = len};
}

static void test_formats(void **state)
{
    static const struct {
        const char *name, *topic, *bytes;
        size_t len, total; /* total 0: len */
        enum payload_format format;
    } rows[] = {
        {"gzip", "t",
         BYTES("\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x2a\x49\xcd\x2d\x50\xb2\x32\x32"
               "\xd4\x33\xd5\x51\xca\x4c\x51\xb2\x52\x4a\x54\xaa\x05\x00\xb9\x41\x7e\x35\x16\x00"
               "\x00\x00"),
         0, PAYLOAD_FORMAT_GZIP},
        {"zlib, level 1", "t",
         BYTES("\x78\x01\xab\x56\x2a\x49\xcd\x2d\x50\xb2\x32\x32\xd4\x33\xd5\x51\xca\x4c\x51\xb2"
               "\x52\x4a\x54\xaa\x05\x00\x49\x91\x06\x0f"),
         0, PAYLOAD_FORMAT_ZLIB},
        {"zlib, level 6", "t",
         BYTES("\x78\x9c\xab\x56\x2a\x49\xcd\x2d\x50\xb2\x32\x32\xd4\x33\xd5\x51\xca\x4c\x51\xb2"
               "\x52\x4a\x54\xaa\x05\x00\x49\x91\x06\x0f"),
         0, PAYLOAD_FORMAT_ZLIB},
        {"its first bytes", "t", BYTES("\x78\x9c\xab\x56\x2a\x49\xcd\x2d\x50\xb2"), 30,
         PAYLOAD_FORMAT_ZLIB},
        {"too little", "t", BYTES("\x78\x9c\xab\x56"), 0, PAYLOAD_FORMAT_UNKNOWN},
        {"zstd", "t",
         BYTES("\x28\xb5\x2f\xfd\x04\x58\x69\x00\x00\x7b\x22\x74\x65\x6d\x70\x22\x3a\x32\x31\x2e"
               "\x35\x7d\xb0\x31\xce\xb5"),
         0, PAYLOAD_FORMAT_ZSTD},
        {"a JPEG", "t", BYTES("\xff\xd8\xff\xe0\x00\x10\x4a\x46\x49\x46\x00\x01"), 9000,
         PAYLOAD_FORMAT_JPEG},
        {"a PNG", "t", BYTES("\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52"),
         9000, PAYLOAD_FORMAT_PNG},
        {"Sparkplug, by sparkplug-payload", "spBv1.0/g/DDATA/n/d",
         BYTES("\x08\x80\xd0\x95\xff\xbc\x31\x12\x14\x0a\x04\x74\x65\x6d\x70\x18\x80\xd0\x95\xff"
               "\xbc\x31\x20\x09\x65\x00\x00\xac\x41\x18\x03"),
         0, PAYLOAD_FORMAT_SPARKPLUG},
        {"on another topic", "other",
         BYTES("\x08\x80\xd0\x95\xff\xbc\x31\x12\x14\x0a\x04\x74\x65\x6d\x70\x18\x80\xd0\x95\xff"
               "\xbc\x31\x20\x09\x65\x00\x00\xac\x41\x18\x03"),
         0, PAYLOAD_FORMAT_PROTOBUF},
        {"CBOR", "t", BYTES("\xa2\x64\x74\x65\x6d\x70\xfa\x41\xac\x00\x00\x62\x6f\x6e\xf5"), 0,
         PAYLOAD_FORMAT_CBOR},
        {"a byte missing", "t", BYTES("\xa2\x64\x74\x65\x6d\x70\xfa\x41\xac\x00\x00\x62\x6f\x6e"),
         0, PAYLOAD_FORMAT_UNKNOWN},
        {"a byte more", "t",
         BYTES("\xa2\x64\x74\x65\x6d\x70\xfa\x41\xac\x00\x00\x62\x6f\x6e\xf5\x00"), 0,
         PAYLOAD_FORMAT_UNKNOWN},
        {"SenML in CBOR", "t",
         BYTES("\x82\xa3\x21\x69\x75\x72\x6e\x3a\x64\x65\x76\x3a\x31\x00\x64\x74\x65\x6d\x70\x02"
               "\xfa\x41\xbc\x00\x00\xa2\x00\x63\x68\x75\x6d\x02\x18\x43"),
         0, PAYLOAD_FORMAT_CBOR},
        {"self-described CBOR", "t", BYTES("\xd9\xd9\xf7\xa1\x61\x61\x01"), 0, PAYLOAD_FORMAT_CBOR},
        {"the beginning of CBOR", "t",
         BYTES("\xa1\x66\x76\x61\x6c\x75\x65\x73\x98\x1e\x69\x63\x68\x61\x6e\x6e\x65\x6c\x20\x30"
               "\x69\x63\x68\x61"),
         330, PAYLOAD_FORMAT_CBOR},
        {"MessagePack", "t",
         BYTES("\x82\xa4\x74\x65\x6d\x70\xcb\x40\x35\x80\x00\x00\x00\x00\x00\xa2\x6f\x6e\xc3"), 0,
         PAYLOAD_FORMAT_MSGPACK},
        {"MessagePack, an array", "t",
         BYTES("\x92\x82\xa1\x6e\xa4\x74\x65\x6d\x70\xa1\x76\xfd\x82\xa1\x6e\xa3\x68\x75\x6d\xa1"
               "\x76\xce\x00\x01\x05\xb8"),
         0, PAYLOAD_FORMAT_MSGPACK},
        {"the beginning of MessagePack", "t",
         BYTES("\x81\xa6\x76\x61\x6c\x75\x65\x73\xdc\x00\x1e\xa9\x63\x68\x61\x6e\x6e\x65\x6c\x20"
               "\x30\xa9\x63\x68"),
         331, PAYLOAD_FORMAT_MSGPACK},
        {"Protobuf, texts in a message", "t",
         BYTES("\x0a\x07\x08\x43\x12\x03\x01\x02\x03\x12\x08\x4c\x6f\x6e\x67\x46\x61\x73\x74\x1a"
               "\x09\x21\x61\x31\x62\x32\x63\x33\x64\x34"),
         0, PAYLOAD_FORMAT_PROTOBUF},
        {"Protobuf, numbers", "t",
         BYTES("\x0d\x00\x00\xac\x41\x15\x00\x00\x70\x42\x18\x07\x20\x80\xd0\x95\xff\xbc\x31"), 0,
         PAYLOAD_FORMAT_PROTOBUF},
        {"its beginning", "t",
         BYTES("\x0a\x07\x08\x43\x12\x03\x01\x02\x03\x12\x08\x4c\x6f\x6e\x67\x46\x61\x73\x74\x1a"
               "\x09\x21\x61\x31"),
         30, PAYLOAD_FORMAT_PROTOBUF},
        {"UTF-16", "t", BYTES("\xff\xfe\x7b\x00\x22\x00\x76\x00\x22\x00\x3a\x00\x31\x00\x7d\x00"),
         0, PAYLOAD_FORMAT_UTF16},
        {"UTF-16 without a mark", "t", BYTES("\x32\x00\x31\x00"), 0, PAYLOAD_FORMAT_UTF16},
        {"UTF-16, high byte first", "t", BYTES("\x00\x32\x00\x31"), 0, PAYLOAD_FORMAT_UTF16},
        {"a terminated number", "t", BYTES("\x32\x31\x2e\x35\x00"), 0,
         PAYLOAD_FORMAT_NUL_TERMINATED},
        {"terminated JSON", "t", BYTES("\x7b\x22\x76\x22\x3a\x32\x7d\x00\x00"), 0,
         PAYLOAD_FORMAT_NUL_TERMINATED},
        {"something behind the NUL", "t", BYTES("\x32\x31\x2e\x35\x00\x31"), 0,
         PAYLOAD_FORMAT_UNKNOWN},
        {"Latin-1", "t", BYTES("\x32\x31\x2e\x35\x20\xb0\x43"), 0, PAYLOAD_FORMAT_LATIN1},
        {"gzip, only its mark", "t", BYTES("\x1f\x8b\x08"), 0, PAYLOAD_FORMAT_GZIP},
        {"another method than gzip's", "t", BYTES("\x1f\x8b\x07"), 0, PAYLOAD_FORMAT_UNKNOWN},
        {"zstd, only its mark", "t", BYTES("\x28\xb5\x2f\xfd"), 0, PAYLOAD_FORMAT_ZSTD},
        {"a part of it", "t", BYTES("\x28\xb5\x2f"), 0, PAYLOAD_FORMAT_UNKNOWN},
        {"a JPEG, only its mark", "t", BYTES("\xff\xd8\xff"), 0, PAYLOAD_FORMAT_JPEG},
        {"nearly a JPEG", "t", BYTES("\xff\xd8\xfe"), 0, PAYLOAD_FORMAT_UNKNOWN},
        {"a PNG, only its mark", "t", BYTES("\x89PNG\r\n\x1a\n"), 0, PAYLOAD_FORMAT_PNG},
        {"a part of it", "t", BYTES("\x89PNG\r\n\x1a"), 0, PAYLOAD_FORMAT_UNKNOWN},
        {"zlib, the least", "t", BYTES("\x78\x9c\x00\x01\x02\x03\x04\x05"), 0, PAYLOAD_FORMAT_ZLIB},
        {"zlib, too short", "t", BYTES("\x78\x9c\x00\x01\x02\x03\x04"), 0, PAYLOAD_FORMAT_UNKNOWN},
        {"zlib with a dictionary", "t", BYTES("\x78\xbb\x00\x01\x02\x03\x04\x05"), 0,
         PAYLOAD_FORMAT_UNKNOWN},
        {"zlib, a wrong check", "t", BYTES("\x78\x9d\x00\x01\x02\x03\x04\x05"), 0,
         PAYLOAD_FORMAT_UNKNOWN},
        {"zlib, no such block", "t", BYTES("\x78\x9c\x06\x01\x02\x03\x04\x05"), 0,
         PAYLOAD_FORMAT_UNKNOWN},
        {"zlib, dynamic codes", "t", BYTES("\x78\x9c\x05\x01\x02\x03\x04\x05"), 0,
         PAYLOAD_FORMAT_ZLIB},
        {"UTF-16, the other mark", "t", BYTES("\xfe\xff\x00\x32"), 0, PAYLOAD_FORMAT_UTF16},
        {"UTF-16, a mark alone", "t", BYTES("\xff\xfe"), 0, PAYLOAD_FORMAT_UNKNOWN},
        {"UTF-16, an odd length", "t", BYTES("\xff\xfe\x32\x00\x31"), 0, PAYLOAD_FORMAT_UNKNOWN},
        {"UTF-16, cut", "t", BYTES("\x32\x00\x31\x00\x30"), 8, PAYLOAD_FORMAT_UTF16},
        {"UTF-16 with DEL", "t", BYTES("\x32\x00\x7f\x00"), 0, PAYLOAD_FORMAT_UNKNOWN},
        {"UTF-16 with a tilde", "t", BYTES("\x32\x00\x7e\x00"), 0, PAYLOAD_FORMAT_UTF16},
        {"UTF-16 with a line end", "t", BYTES("\x32\x00\n\x00"), 0, PAYLOAD_FORMAT_UTF16},
        {"UTF-16 with a control", "t", BYTES("\x32\x00\x1f\x00"), 0, PAYLOAD_FORMAT_UNKNOWN},
        {"a mixture", "t", BYTES("\x32\x00\x00\x31"), 0, PAYLOAD_FORMAT_UNKNOWN},
        {"only NULs", "t", BYTES("\x00\x00"), 0, PAYLOAD_FORMAT_UNKNOWN},
        {"Latin-1, a fourth", "t", BYTES("abc\xb0"), 0, PAYLOAD_FORMAT_LATIN1},
        {"more than a fourth", "t", BYTES("ab\xb0"), 0, PAYLOAD_FORMAT_UNKNOWN},
        {"Latin-1, two of eight", "t", BYTES("abcdef\xb0\xb0"), 0, PAYLOAD_FORMAT_LATIN1},
        {"two of seven", "t", BYTES("abcde\xb0\xb0"), 0, PAYLOAD_FORMAT_UNKNOWN},
        {"Latin-1 in front", "t",
         BYTES("\xb0"
               "abc"),
         0, PAYLOAD_FORMAT_UNKNOWN},
        {"Latin-1, a hard blank", "t", BYTES("abc\xa0"), 0, PAYLOAD_FORMAT_LATIN1},
        {"a control of C1", "t", BYTES("abc\x9f"), 0, PAYLOAD_FORMAT_UNKNOWN},
        {"Latin-1, lines", "t", BYTES("a\t\r\n\xb0"), 0, PAYLOAD_FORMAT_LATIN1},
        {"Latin-1 with ESC", "t", BYTES("abcd\x1b\xb0"), 0, PAYLOAD_FORMAT_UNKNOWN},
        {"a topic that is nearly Sparkplug's", "spBv1.0", BYTES("\x08\x01"), 0,
         PAYLOAD_FORMAT_UNKNOWN},
        {"Protobuf, three fields", "t", BYTES("\x08\x01\x10\x02\x18\x80\x80\x01"), 0,
         PAYLOAD_FORMAT_PROTOBUF},
        {"too short", "t", BYTES("\x08\x01\x10\x02\x18\x80\x01"), 0, PAYLOAD_FORMAT_UNKNOWN},
        {"two fields", "t", BYTES("\x08\x80\x80\x80\x01\x10\x80\x01"), 0, PAYLOAD_FORMAT_UNKNOWN},
        {"fields 4, 20 and 36", "t", BYTES("\x20\x01\xa0\x01\x02\xa0\x02\x03"), 0,
         PAYLOAD_FORMAT_PROTOBUF},
        {"field 5 first", "t", BYTES("\x28\x01\xa0\x01\x02\xa0\x02\x03"), 0,
         PAYLOAD_FORMAT_UNKNOWN},
        {"fields 4 and 21", "t", BYTES("\x20\x01\xa8\x01\x02\xb0\x01\x03"), 0,
         PAYLOAD_FORMAT_UNKNOWN},
        {"field 0", "t", BYTES("\x00\x01\x08\x01\x10\x02\x18\x03"), 0, PAYLOAD_FORMAT_UNKNOWN},
        {"a field twice", "t", BYTES("\x08\x01\x08\x02\x08\x03\x10\x04"), 0,
         PAYLOAD_FORMAT_PROTOBUF},
        {"descending", "t", BYTES("\x10\x01\x08\x02\x18\x03\x20\x04"), 0, PAYLOAD_FORMAT_UNKNOWN},
        {"a group", "t", BYTES("\x08\x01\x10\x02\x1b\x1c\x20\x04"), 0, PAYLOAD_FORMAT_UNKNOWN},
        {"no such kind", "t", BYTES("\x08\x01\x10\x02\x18\x03\x26\x04"), 0, PAYLOAD_FORMAT_UNKNOWN},
        {"a last number with a byte too many", "t", BYTES("\x08\x01\x10\x02\x18\x03\x20\x84\x00"),
         0, PAYLOAD_FORMAT_UNKNOWN},
        {"a last number of eleven bytes", "t",
         BYTES("\x08\x01\x10\x02\x18\x03\x20\x84\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"), 0,
         PAYLOAD_FORMAT_UNKNOWN},
        {"a long zero", "t", BYTES("\x08\x80\x00\x10\x02\x18\x03\x20\x04"), 0,
         PAYLOAD_FORMAT_UNKNOWN},
        {"of 64, 32 bits and bytes", "t",
         BYTES("\x09\x01\x02\x03\x04\x05\x06\x07\x08\x15\x01\x02\x03\x04\x1a\x02"
               "ab"),
         0, PAYLOAD_FORMAT_PROTOBUF},
        {"of 64, 32 bits and too few bytes", "t",
         BYTES("\x09\x01\x02\x03\x04\x05\x06\x07\x08\x15\x01\x02\x03\x04\x1a\x02"
               "a"),
         0, PAYLOAD_FORMAT_UNKNOWN},
        {"the same, cut", "t",
         BYTES("\x09\x01\x02\x03\x04\x05\x06\x07\x08\x15\x01\x02\x03\x04\x1a\x02"
               "a"),
         18, PAYLOAD_FORMAT_PROTOBUF},
        {"the same, with a byte more", "t",
         BYTES("\x09\x01\x02\x03\x04\x05\x06\x07\x08\x15\x01\x02\x03\x04\x1a\x02"
               "ab\x00"),
         0, PAYLOAD_FORMAT_UNKNOWN},
        {"two numbers of 16 bits", "t", BYTES("\x00\x17\x00\xff"), 0, PAYLOAD_FORMAT_UNKNOWN},
        {"one byte", "t", BYTES("\x00"), 0, PAYLOAD_FORMAT_UNKNOWN},
        {"a float", "t", BYTES("\x41\xac\x00\x00"), 0, PAYLOAD_FORMAT_UNKNOWN},
        {"encrypted", "t",
         BYTES("\xd7\x3f\x92\x0e\x5c\xb8\x61\xe4\x19\xaf\x03\x7a\xc6\x88\x2d\xf1"), 0,
         PAYLOAD_FORMAT_UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct payload_sample sample = sample_of(rows[i].topic, rows[i].bytes, rows[i].len);
        if (rows[i].total > 0)
            sample.total = rows[i].total;
        assert_false(payload_format_is_text(&sample));
        enum payload_format format = payload_format_guess(&sample);
        if (format != rows[i].format)
            fail_msg("%s: %s", rows[i].name, payload_format_names[format]);
    }
}

/* An array of the text "ab" and this item is a payload of the format; with a byte less or more it
 * is none, and a cut one is seen by its beginning. */
static void check_item(enum payload_format format, const char *array, const char *item, size_t len,
                       bool is_sound)
{
    char bytes[80];
    size_t total = 4 + len;
    memcpy(bytes, array, 4);
    memcpy(bytes + 4, item, len);
    bytes[total] = '\x01';
    struct payload_sample whole = sample_of("t", bytes, total);
    enum payload_format expected = is_sound ? format : PAYLOAD_FORMAT_UNKNOWN;
    struct payload_sample cut = whole, more = whole, less = whole;
    cut.len--;
    less.len = less.total = total - 1;
    more.len = more.total = total + 1;
    if (payload_format_guess(&whole) != expected)
        fail_msg("%s with the head %02x", payload_format_names[format], item[0] & 0xff);
    if (!is_sound)
        return;
    if (payload_format_guess(&cut) != format)
        fail_msg("%s with the head %02x, cut", payload_format_names[format], item[0] & 0xff);
    if (payload_format_guess(&less) != PAYLOAD_FORMAT_UNKNOWN ||
        payload_format_guess(&more) != PAYLOAD_FORMAT_UNKNOWN)
        fail_msg("%s with the head %02x, a byte less or more", payload_format_names[format],
                 item[0] & 0xff);
}

static void test_each_head(void **state)
{
    static const struct {
        const char *item;
        size_t len;
        bool is_sound;
    } cbor[] =
        {
            {BYTES("\x17"), true},
            {BYTES("\x18\xff"), true},
            {BYTES("\x19\x01\x01"), true},
            {BYTES("\x1a\x01\x01\x01\x01"), true},
            {BYTES("\x1b\x01\x01\x01\x01\x01\x01\x01\x01"), true},
            {BYTES("\x37"), true},
            {BYTES("\x3b\x01\x01\x01\x01\x01\x01\x01\x01"), true},
            {BYTES("\x43\xff\xff\xff"), true},
            {BYTES("\x58\x02\xff\xff"), true},
            {BYTES("\x59\x00\x02\xff\xff"), true},
            {BYTES("\x5a\x00\x00\x00\x02\xff\xff"), true},
            {BYTES("\x5b\x00\x00\x00\x00\x00\x00\x00\x02\xff\xff"), true},
            {BYTES("\x63"
                   "abc"),
             true},
            {BYTES("\x78\x03"
                   "abc"),
             true},
            {BYTES("\x63"
                   "a\xff"
                   "c"),
             false},
            {BYTES("\x63"
                   "a\x01"
                   "c"),
             false},
            {BYTES("\x82\x01\x02"), true},
            {BYTES("\x98\x02\x01\x02"), true},
            {BYTES("\x99\x00\x02\x01\x02"), true},
            {BYTES("\xa1\x01\x02"), true},
            {BYTES("\xb8\x02\x01\x02\x03\x04"), true},
            {BYTES("\xc1\x02"), true},
            {BYTES("\xd8\x20\x02"), true},
            {BYTES("\xf4"), true},
            {BYTES("\xf7"), true},
            {BYTES("\xf9\x01\x01"), true},
            {BYTES("\xfa\x01\x01\x01\x01"), true},
            {BYTES("\xfb\x01\x01\x01\x01\x01\x01\x01\x01"), true},
            {BYTES("\xf3"), false},
            {BYTES("\xf8\xff"), false},
            {BYTES("\x1c"), false},
            {BYTES("\x5f"), false},
            {BYTES("\x9f"), false},
            {BYTES("\xff"), false},
        },
      msgpack[] = {
          {BYTES("\x7f"), true},
          {BYTES("\xe0"), true},
          {BYTES("\xff"), true},
          {BYTES("\x81\x01\x02"), true},
          {BYTES("\x92\x01\x02"), true},
          {BYTES("\xa3"
                 "abc"),
           true},
          {BYTES("\xa3"
                 "a\x01"
                 "c"),
           false},
          {BYTES("\xc0"), true},
          {BYTES("\xc1"), false},
          {BYTES("\xc2"), true},
          {BYTES("\xc3"), true},
          {BYTES("\xc4\x02\xff\xff"), true},
          {BYTES("\xc5\x00\x02\xff\xff"), true},
          {BYTES("\xc6\x00\x00\x00\x02\xff\xff"), true},
          {BYTES("\xc7\x02\x05\xff\xff"), true},
          {BYTES("\xc8\x00\x02\x05\xff\xff"), true},
          {BYTES("\xc9\x00\x00\x00\x02\x05\xff\xff"), true},
          {BYTES("\xca\x01\x01\x01\x01"), true},
          {BYTES("\xcb\x01\x01\x01\x01\x01\x01\x01\x01"), true},
          {BYTES("\xcc\x01"), true},
          {BYTES("\xcd\x01\x01"), true},
          {BYTES("\xce\x01\x01\x01\x01"), true},
          {BYTES("\xcf\x01\x01\x01\x01\x01\x01\x01\x01"), true},
          {BYTES("\xd0\x01"), true},
          {BYTES("\xd1\x01\x01"), true},
          {BYTES("\xd2\x01\x01\x01\x01"), true},
          {BYTES("\xd3\x01\x01\x01\x01\x01\x01\x01\x01"), true},
          {BYTES("\xd4\x05\x01"), true},
          {BYTES("\xd5\x05\x01\x01"), true},
          {BYTES("\xd6\x05\x01\x01\x01\x01"), true},
          {BYTES("\xd7\x05\x01\x01\x01\x01\x01\x01\x01\x01"), true},
          {BYTES("\xd8\x05\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01"), true},
          {BYTES("\xd9\x02"
                 "ab"),
           true},
          {BYTES("\xda\x00\x02"
                 "ab"),
           true},
          {BYTES("\xdb\x00\x00\x00\x02"
                 "ab"),
           true},
          {BYTES("\xdc\x00\x02\x01\x02"), true},
          {BYTES("\xdd\x00\x00\x00\x02\x01\x02"), true},
          {BYTES("\xde\x00\x01\x01\x02"), true},
          {BYTES("\xdf\x00\x00\x00\x01\x01\x02"), true},
      };
    (void)state;
    for (size_t i = 0; i < COUNT(cbor); i++)
        check_item(PAYLOAD_FORMAT_CBOR,
                   "\x82\x62"
                   "ab",
                   cbor[i].item, cbor[i].len, cbor[i].is_sound);
    for (size_t i = 0; i < COUNT(msgpack); i++)
        check_item(PAYLOAD_FORMAT_MSGPACK,
                   "\x92\xa2"
                   "ab",
                   msgpack[i].item, msgpack[i].len, msgpack[i].is_sound);
}

/* Fifteen arrays in one another are looked at, and a text of one character is not enough. */
static void test_depth_of_items(void **state)
{
    static const struct {
        size_t depth;
        const char *text;
        bool is_one;
    } rows[] = {{1, "ab", true}, {1, "a", false}, {15, "ab", true}, {16, "ab", false}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char bytes[32];
        size_t depth = rows[i].depth, len = strlen(rows[i].text);
        memset(bytes, '\x81', depth);
        bytes[depth] = (char)(0x60 + len);
        memcpy(bytes + depth + 1, rows[i].text, len);
        struct payload_sample sample = sample_of("t", bytes, depth + 1 + len);
        assert_int_equal(payload_format_guess(&sample),
                         rows[i].is_one ? PAYLOAD_FORMAT_CBOR : PAYLOAD_FORMAT_UNKNOWN);
        memset(bytes, '\x91', depth);
        bytes[depth] = (char)(0xa0 + len);
        assert_int_equal(payload_format_guess(&sample),
                         rows[i].is_one ? PAYLOAD_FORMAT_MSGPACK : PAYLOAD_FORMAT_UNKNOWN);
    }
}

static void test_texts(void **state)
{
    static const struct {
        const char *bytes;
        size_t len, total; /* total 0: len */
        bool is_text;
    } rows[] = {
        {BYTES(""), 0, true},
        {BYTES("{\"t\": 21.5}\r\n\t"), 0, true},
        {BYTES("20.5 \xe2\x84\x83"), 0, true},
        {BYTES("20.5 \xe2\x84"), 0, false},
        {BYTES("20.5 \xe2\x84"), 9, true}, /* cut within a character */
        {BYTES("20.5 \x84"), 9, false},
        {BYTES("\xef\xbb\xbf{}"), 0, true},
        {BYTES("\x1b[31m"), 0, false},
        {BYTES("a\x7f"), 0, false},
        {BYTES("a\xc2\x85"), 0, false}, /* a control character of C1 */
        {BYTES("a\xc2\xa0"), 0, true},
        {BYTES("x^2 \x00"), 0, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct payload_sample sample = sample_of("spBv1.0/STATE/h", rows[i].bytes, rows[i].len);
        if (rows[i].total > 0)
            sample.total = rows[i].total;
        if (payload_format_is_text(&sample) != rows[i].is_text)
            fail_msg("row %zu", i);
        if (rows[i].is_text)
            assert_int_equal(payload_format_guess(&sample), PAYLOAD_FORMAT_UNKNOWN);
    }
}

/* Numbers of a generator: fewer than one of a hundred payloads without any format gets a name. */
static void test_random_bytes(void **state)
{
    enum { ROUNDS = 50000, BYTES_MAX = 64 };
    uint64_t word = 88172645463325252;
    size_t named[PAYLOAD_FORMAT_COUNT] = {0};
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        char bytes[BYTES_MAX];
        size_t len = 1 + round % BYTES_MAX;
        for (size_t i = 0; i < len; i++) {
            word ^= word << 13;
            word ^= word >> 7;
            word ^= word << 17;
            bytes[i] = (char)(word >> 32);
        }
        struct payload_sample sample = sample_of("t", bytes, len);
        named[payload_format_guess(&sample)]++;
        sample.total += round % 3;
        payload_format_guess(&sample);
    }
    size_t wrong = 0;
    for (size_t i = PAYLOAD_FORMAT_UNKNOWN + 1; i < PAYLOAD_FORMAT_COUNT; i++)
        wrong += named[i];
    if (wrong >= ROUNDS / 100)
        fail_msg("%zu of %u", wrong, (unsigned)ROUNDS);
}

static void test_excerpts(void **state)
{
    static const struct {
        const char *bytes;
        size_t len, from;
        const char *text;
    } rows[] = {
        {BYTES(""), 0, "an empty payload"},
        {BYTES("{\"t\": nan}"), 6, "nan}"},
        {BYTES("{\"t\": 1"), 7, "{\"t\": 1"},
        {BYTES("unavailable, and a longer text than this"), 0, "unavailable, and a longer text "},
        {BYTES("\x00\x17"), 0, "0017 (binary)"},
        {BYTES("{\"a\":\"\x1b[31m\"}"), 6, "1b5b33316d227d (binary)"},
        {BYTES("21.5\x00"), 4, "32312e3500 (nul_terminated)"},
        {BYTES("\xd9\xd9\xf7\xa1\x61\x61\x01"), 0, "d9d9f7a1616101 (cbor)"},
    };
    char text[32], longer[400];
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct payload_sample payload = sample_of("t", rows[i].bytes, rows[i].len);
        payload_format_write_excerpt(&payload, rows[i].from, text, sizeof text);
        assert_string_equal(text, rows[i].text);
    }
    /* A fault far behind, in a payload whose beginning is a text. */
    memset(longer, 'x', sizeof longer);
    const struct payload_sample payload = sample_of("t", longer, sizeof longer);
    longer[396] = 'y';
    payload_format_write_excerpt(&payload, 396, text, sizeof text);
    assert_string_equal(text, "yxxx");
    longer[396] = '\xff';
    payload_format_write_excerpt(&payload, 396, text, sizeof text);
    assert_string_equal(text, "ff787878 (binary)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats),        cmocka_unit_test(test_each_head),
        cmocka_unit_test(test_depth_of_items), cmocka_unit_test(test_texts),
        cmocka_unit_test(test_random_bytes),   cmocka_unit_test(test_excerpts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
