/* Which type of answer a client prefers: the Accept header (RFC 9110, section 12.5.1). Pure. */
#ifndef TAGFERRY_API_HTTP_ACCEPT_H
#define TAGFERRY_API_HTTP_ACCEPT_H

#include <stdbool.h>

/* True when the header, or NULL, has the type, with more weight than the other one, or with the
 * same and before it. */
bool accept_prefers(const char *accept, const char *type, const char *other);

#endif
