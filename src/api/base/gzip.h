/* Compression of responses and of parts of the store. Pure. */
#ifndef TAGFERRY_API_BASE_GZIP_H
#define TAGFERRY_API_BASE_GZIP_H

#include "api/base/text.h"

/* True when the Accept-Encoding header accepts gzip. NULL: the request has none. */
bool gzip_is_accepted(const char *accept_encoding);
/* Replaces the text by its gzip form. False, with the text unchanged, when the gzip form is not
 * smaller or when out of memory. */
bool gzip_compress_text(struct text *text);

/* Replaces the gzip form of a text of `size` bytes by the text. False, with the text unchanged,
 * when it is no such form or when out of memory. */
bool gzip_expand_text(struct text *text, size_t size);
/* The size of a text below 4 GiB, as its gzip form of at least GZIP_BYTES_MIN says. */
enum { GZIP_BYTES_MIN = 18 };
size_t gzip_read_size(const char *packed, size_t len);

#endif
