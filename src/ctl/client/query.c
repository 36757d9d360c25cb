#include "ctl/client/query.h"

#include <ctype.h>
#include <string.h>

#include "common/base/require.h"
#include "ctl/base/keep.h"

char *url_encode(const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    char *encoded = keep_zeroed(strlen(text) * 3 + 1), *to = encoded;
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (isalnum(c) || strchr("-._~", c)) {
            *to++ = (char)c;
        } else {
            *to++ = '%';
            *to++ = digits[c >> 4];
            *to++ = digits[c & 15];
        }
    }
    return encoded;
}

const char *query_add(const char *query, const char *name, const char *value)
{
    REQUIRE(name && name[0]);
    if (!value)
        return query;
    return keep_format("%s%s%s=%s", query ? query : "", query ? "&" : "", name, url_encode(value));
}

const char *query_add_number(const char *query, const char *name, long long value)
{
    return query_add(query, name, keep_format("%lld", value));
}
