/* Tells text from binary payloads, and guesses the format of those that are not text, so that
 * messages and the log say what a device sends. Pure. */
#ifndef TAGFERRY_COMMON_MODEL_PAYLOAD_FORMAT_H
#define TAGFERRY_COMMON_MODEL_PAYLOAD_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

enum payload_format {
    PAYLOAD_FORMAT_UNKNOWN, /* or text */
    PAYLOAD_FORMAT_SPARKPLUG,
    PAYLOAD_FORMAT_GZIP,
    PAYLOAD_FORMAT_ZLIB,
    PAYLOAD_FORMAT_ZSTD,
    PAYLOAD_FORMAT_JPEG,
    PAYLOAD_FORMAT_PNG,
    PAYLOAD_FORMAT_UTF16,
    PAYLOAD_FORMAT_NUL_TERMINATED, /* text, and NULs behind it */
    PAYLOAD_FORMAT_CBOR,
    PAYLOAD_FORMAT_MSGPACK,
    PAYLOAD_FORMAT_PROTOBUF,
    PAYLOAD_FORMAT_LATIN1, /* text in ISO 8859-1 or a code page of Windows */
    PAYLOAD_FORMAT_COUNT
};

/* The names in the API, in the order of the enum; NULL for the first. */
extern const char *const payload_format_names[];

/* Bytes that are enough for a guess. */
enum { PAYLOAD_SAMPLE_BYTES = 159 };

/* The beginning of a payload. */
struct payload_sample {
    const char *topic;
    const char *bytes; /* may be NULL when `len` is 0 */
    size_t len;
    size_t total; /* of the payload: `len`, or more if the sample is cut */
};

/* True for UTF-8 without control characters except tab, CR and LF. */
bool payload_format_is_text(const struct payload_sample *sample);
/* Guesses the format of a payload that is not text. Prefers UNKNOWN to a wrong answer. */
enum payload_format payload_format_guess(const struct payload_sample *sample);

/* Writes what a person needs to recognise a payload that is refused at the offset `from`, in at
 * most `size` bytes with the NUL: of a text the part from there, of others bytes in hex and the
 * format. The sample is the whole payload; `size` is at least 24. */
void payload_format_write_excerpt(const struct payload_sample *payload, size_t from, char *text,
                                  size_t size);

#endif
