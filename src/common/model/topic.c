/* Checks and matches MQTT topics. */
#include "common/model/topic.h"

#include <stddef.h>
#include <string.h>

#include "common/base/json_text.h"

/* mosquitto closes the connection of a client that sends a topic with more slashes. */
enum { SLASHES_MAX = 200 };

/* True for control characters and noncharacters (MQTT 5, section 1.5.4): libmosquitto refuses a
 * whole packet of filters with one of them, and a broker closes the connection. `at` is the start
 * of a UTF-8 sequence. */
static bool topic_is_barred_char(const unsigned char *at)
{
    if (at[0] < 0x80)
        return at[0] < 0x20 || at[0] == 0x7f;
    if (at[0] == 0xc2)
        return at[1] < 0xa0;
    if (at[0] == 0xef && at[1] == 0xb7)
        return at[2] >= 0x90 && at[2] <= 0xaf;
    if (at[0] == 0xef)
        return at[1] == 0xbf && at[2] >= 0xbe;
    return at[0] >= 0xf0 && (at[1] & 0x0f) == 0x0f && at[2] == 0xbf && at[3] >= 0xbe;
}

static bool topic_text_is_valid(const char *text)
{
    size_t len = strlen(text), slashes = 0;
    if (len < 1 || len > TOPIC_BYTES_MAX || !utf8_is_valid(text, len))
        return false;
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        bool begins = (*at & 0xc0) != 0x80;
        if (begins && topic_is_barred_char(at))
            return false;
        slashes += *at == '/';
    }
    return slashes <= SLASHES_MAX;
}

bool topic_has_wildcard(const char *filter)
{
    return strpbrk(filter, "+#") != NULL;
}

bool topic_name_is_valid(const char *name)
{
    return topic_text_is_valid(name) && !topic_has_wildcard(name);
}

const char *topic_filter_body(const char *filter)
{
    static const char prefix[] = "$share/";
    if (strncmp(filter, prefix, sizeof prefix - 1) != 0)
        return filter;
    const char *slash = strchr(filter + sizeof prefix - 1, '/');
    return slash ? slash + 1 : "";
}

static bool topic_share_is_named(const char *filter)
{
    const char *body = topic_filter_body(filter);
    if (body == filter)
        return true;
    const char *group = strchr(filter, '/') + 1;
    return body - group > 1 && strcspn(group, "+#/") == (size_t)(body - group) - 1;
}

bool topic_filter_is_valid(const char *filter)
{
    if (!topic_text_is_valid(filter) || !topic_share_is_named(filter))
        return false;
    const char *body = topic_filter_body(filter);
    if (*body == '\0')
        return false;
    for (const char *level = body;; level++) {
        size_t len = strcspn(level, "/");
        bool last = level[len] == '\0';
        if (memchr(level, '#', len) && !(len == 1 && last))
            return false;
        if (memchr(level, '+', len) && len != 1)
            return false;
        if (last)
            return true;
        level += len;
    }
}

bool topic_matches(const char *filter, const char *name)
{
    if (name[0] == '$' && (filter[0] == '+' || filter[0] == '#'))
        return false;
    for (;;) {
        size_t filter_len = strcspn(filter, "/"), name_len = strcspn(name, "/");
        if (filter[0] == '#')
            return true;
        if (filter[0] != '+' && (filter_len != name_len || memcmp(filter, name, filter_len) != 0))
            return false;
        filter += filter_len;
        name += name_len;
        if (*name == '\0')
            return *filter == '\0' || strcmp(filter, "/#") == 0;
        if (*filter == '\0')
            return false;
        filter++;
        name++;
    }
}

bool topic_restore_dots(const char *filter, const char *name, char *restored)
{
    bool has_changed = false;
    for (; *filter && *filter != '#'; filter++) {
        if (*filter == '+') {
            while (*name && *name != '/')
                *restored++ = *name++;
            continue;
        }
        if (*filter != *name && !(*filter == '.' && *name == '/'))
            return false;
        has_changed |= *filter != *name;
        *restored++ = *filter;
        name++;
    }
    while (*filter == '#' && *name)
        *restored++ = *name++;
    *restored = '\0';
    return has_changed && *name == '\0';
}
