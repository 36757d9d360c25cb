/* Parses lists of entity tags. */
#include "api/http/etag.h"

#include <stddef.h>
#include <string.h>

static const char coding[] = "-gzip\"";

/* Compares a tag of the list with ours. */
static bool etag_equals(const char *tag, size_t len, const char *etag)
{
    size_t own = strlen(etag);
    if (len == own && memcmp(tag, etag, len) == 0)
        return true;
    size_t suffix = sizeof coding - 1;
    return len == own - 1 + suffix && memcmp(tag, etag, own - 1) == 0 &&
           memcmp(tag + own - 1, coding, suffix) == 0;
}

bool etag_matches(const char *list, const char *etag, bool weak)
{
    if (!etag)
        return false;
    while (*list) {
        list += strspn(list, " \t,");
        if (*list == '*')
            return true;
        bool is_weak = strncmp(list, "W/", 2) == 0;
        if (is_weak)
            list += 2;
        if (*list != '"')
            return false;
        const char *end = strchr(list + 1, '"');
        if (!end)
            return false;
        size_t len = (size_t)(end - list) + 1;
        if ((weak || !is_weak) && etag_equals(list, len, etag))
            return true;
        list += len;
    }
    return false;
}
