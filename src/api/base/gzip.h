/* Compression of answers. Pure. */
#ifndef TAGFERRY_API_BASE_GZIP_H
#define TAGFERRY_API_BASE_GZIP_H

#include "api/base/text.h"

/* True when the Accept-Encoding header, or NULL, takes gzip. */
bool gzip_is_accepted(const char *accept_encoding);
/* Replaces the text by its gzip form. False, with the text as it was, when that is not smaller, or
 * there is no memory. */
bool gzip_compress_text(struct text *text);

#endif
