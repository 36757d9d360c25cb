/* Entity tags and the conditions on them (RFC 9110, section 13.1). Pure. */
#ifndef TAGFERRY_API_HTTP_ETAG_H
#define TAGFERRY_API_HTTP_ETAG_H

#include <stdbool.h>

/* True when the list of entity tags in an If-Match or If-None-Match header contains `etag` or is
 * "*". `etag` includes its quotes; NULL, for a resource that does not exist, matches nothing. Weak
 * tags match only when `weak` is set. The suffix of a content coding ("7-gzip") is ignored. */
bool etag_matches(const char *list, const char *etag, bool weak);

#endif
