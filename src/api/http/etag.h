/* Entity tags and the conditions on them (RFC 9110, section 13.1). Pure. */
#ifndef TAGFERRY_API_HTTP_ETAG_H
#define TAGFERRY_API_HTTP_ETAG_H

#include <stdbool.h>

/* True when a list of entity tags, as If-Match and If-None-Match have it, names `etag` or is "*".
 * `etag` has its quotes; NULL, for what does not exist, matches nothing. Weak tags match only when
 * `weak` is set. A tag's suffix of its coding ("7-gzip") does not count. */
bool etag_matches(const char *list, const char *etag, bool weak);

#endif
