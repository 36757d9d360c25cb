/* zlib at its quickest: on a plant's network the saving is in the repetition that JSON is full of.
 */
#include "api/base/gzip.h"

#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "api/base/request_memory.h"

enum { GZIP_LEVEL = 1, GZIP_WINDOW = 15 + 16, GZIP_MEM_LEVEL = 8 };

/* The weight "q=0" of an encoding means that it is refused. */
static bool gzip_is_refused(const char *parameters, size_t len)
{
    const char *end = parameters + len;
    const char *q = memchr(parameters, 'q', len);
    if (!q || end - q < 3 || q[1] != '=' || q[2] != '0')
        return false;
    for (q += 3; q < end; q++) {
        if (*q >= '1' && *q <= '9')
            return false;
    }
    return true;
}

bool gzip_is_accepted(const char *accept_encoding)
{
    for (const char *at = accept_encoding; at && *at; at += strcspn(at, ",")) {
        at += strspn(at, ", \t");
        size_t len = strcspn(at, ","), name = strcspn(at, ",; \t");
        if (name == 4 && strncasecmp(at, "gzip", 4) == 0)
            return !gzip_is_refused(at + name, len - name);
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
