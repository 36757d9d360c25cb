/* zlib at its fastest level, which is enough for JSON with its many repetitions. */
#include "api/base/gzip.h"

#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "api/base/request_memory.h"
#include "common/base/require.h"

enum { GZIP_LEVEL = 1, GZIP_WINDOW = 15 + 16, GZIP_MEM_LEVEL = 8 };

bool gzip_is_accepted(const char *accept_encoding)
{
    for (const char *at = accept_encoding; at && *at; at += strcspn(at, ",")) {
        at += strspn(at, ", \t");
        size_t len = strcspn(at, ","), name = strcspn(at, ",; \t");
        if (name != 4 || strncasecmp(at, "gzip", 4) != 0)
            continue;
        /* The weight q=0, which may be written q=0.000, refuses the encoding. */
        const char *end = at + len, *q = memchr(at + name, 'q', len - name);
        return !q || end - q < 3 || strncmp(q, "q=0", 3) != 0 ||
               q + 3 + strcspn(q + 3, "123456789,") < end;
    }
    return false;
}

bool gzip_compress_text(struct text *text)
{
    z_stream stream = {0};
    struct text packed = {0};
    if (deflateInit2(&stream, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, GZIP_MEM_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    packed.size = text->len;
    packed.data = memory_try_alloc(packed.size + 1);
    if (!packed.data) {
        deflateEnd(&stream);
        return false;
    }
    stream.next_in = (Bytef *)text->data;
    stream.avail_in = (uInt)text->len;
    stream.next_out = (Bytef *)packed.data;
    stream.avail_out = (uInt)packed.size;
    bool smaller = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    packed.len = stream.total_out;
    deflateEnd(&stream);
    memory_adopt(packed.data);
    if (!smaller) {
        text_finish(&packed);
        return false;
    }
    text_finish(text);
    *text = packed;
    return true;
}

bool gzip_expand_text(struct text *text, size_t size)
{
    z_stream stream = {.next_in = (Bytef *)text->data, .avail_in = (uInt)text->len};
    struct text plain = {.size = size};
    if (inflateInit2(&stream, GZIP_WINDOW) != Z_OK)
        return false;
    plain.data = memory_try_alloc(size + 1);
    if (!plain.data) {
        inflateEnd(&stream);
        return false;
    }
    stream.next_out = (Bytef *)plain.data;
    stream.avail_out = (uInt)size;
    bool whole = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.total_out == size;
    plain.len = stream.total_out;
    plain.data[plain.len] = '\0';
    inflateEnd(&stream);
    memory_adopt(plain.data);
    text_finish(whole ? text : &plain);
    if (whole)
        *text = plain;
    return whole;
}

/* The last four bytes, from the least significant. */
size_t gzip_read_size(const char *packed, size_t len)
{
    REQUIRE(len >= GZIP_BYTES_MIN);
    const unsigned char *end = (const unsigned char *)packed + len;
    return end[-4] | (size_t)end[-3] << 8 | (size_t)end[-2] << 16 | (size_t)end[-1] << 24;
}
