/* Reads Accept headers. */
#include "api/http/accept.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Returns the weight of a type in an Accept header, and its place; 0 if it is not there. */
static double accept_weight_of(const char *accept, const char *type, const char **place)
{
    for (const char *at = accept; at && *at; at += strcspn(at, ",")) {
        at += strspn(at, ", \t");
        size_t len = strcspn(at, ",; \t");
        if (len != strlen(type) || strncasecmp(at, type, len) != 0)
            continue;
        const char *q = strcasestr(at, "q=");
        *place = at;
        return q && q < at + strcspn(at, ",") ? strtod(q + 2, NULL) : 1;
    }
    return 0;
}

bool accept_prefers(const char *accept, const char *type, const char *other)
{
    const char *type_at = NULL, *other_at = NULL;
    double weight = accept_weight_of(accept, type, &type_at);
    double rest = accept_weight_of(accept, other, &other_at);
    return weight > 0 && (weight > rest || (weight == rest && type_at < other_at));
}
