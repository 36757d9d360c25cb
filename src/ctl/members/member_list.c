#include "ctl/members/member_list.h"

#include <string.h>
#include <strings.h>

#include "common/base/require.h"
#include "common/model/resource_fields.h"
#include "common/model/tag.h"
#include "ctl/base/keep.h"

/* A member is meant where it differs from the typed one in so many letters. */
enum { LETTERS_WRONG = 2, PATH_LETTERS = 63 };

static const char *const true_and_false[] = {"true", "false", NULL};

#define KIND_TEXT(check)   .kind = MEMBER_TEXT
#define KIND_REAL(check)   .kind = MEMBER_NUMBER
#define KIND_OBJECT(check) .kind = (enum member_kind)MEMBER_OBJECT_##check
#define KIND_FLAG          .kind = MEMBER_FLAG, .names = true_and_false
#define KIND_U8            .kind = MEMBER_INTEGER
#define KIND_U16           .kind = MEMBER_INTEGER
#define KIND_U32           .kind = MEMBER_INTEGER
#define KIND_BIT           .kind = MEMBER_INTEGER
#define KIND_BYTE          .kind = MEMBER_CHOICE, .names = byte_names
#define KIND_ADDRESS       .kind = MEMBER_ADDRESS
#define KIND_CHOICE(list)  .kind = MEMBER_CHOICE, .names = (list)
#define KIND_STATUS_TABLE  .kind = MEMBER_CHOICE, .names = status_table_names
#define KIND_VALUES        .kind = MEMBER_MAP
#define KIND_ON_STALE      .kind = MEMBER_STALE
#define KIND_SCALAR        .kind = MEMBER_SCALAR
enum {
    MEMBER_OBJECT_profile = MEMBER_OBJECT,
    MEMBER_OBJECT_request = MEMBER_OBJECT,
    MEMBER_OBJECT_where = MEMBER_MAP
};

#define DEFAULT_INTEGER(n) true
#define DEFAULT_REAL(n)    true
#define DEFAULT_TEXT(t)    true
#define fallback           has_default

#define MEMBER_ROW(id, in_group, member, column, kind, ...)                                        \
    {.group = (in_group), .name = #member, KIND_##kind, __VA_ARGS__},
#define POINT_ROW(id, member, place, kind, ...)                                                    \
    {.group = "modbus", .name = #member, KIND_##kind, __VA_ARGS__},

static const struct member device_rows[] = {
    DEVICE_FIELD_LIST(MEMBER_ROW, MEMBER_ROW){.name = "network", .kind = MEMBER_GROUP},
    {.name = "mqtt", .kind = MEMBER_GROUP},
    {.name = "status", .kind = MEMBER_GROUP, .nullable = true},
};
static const struct member tag_rows[] = {
    TAG_FIELD_LIST(MEMBER_ROW, MEMBER_ROW, POINT_ROW){.name = "device", .kind = MEMBER_TEXT},
    {.name = "mqtt", .kind = MEMBER_GROUP},
    {.name = "modbus", .kind = MEMBER_GROUP},
};
static const struct member profile_rows[] = {
    {.name = "name", .kind = MEMBER_TEXT},        {.name = "label", .kind = MEMBER_TEXT},
    {.name = "description", .kind = MEMBER_TEXT}, {.name = "params", .kind = MEMBER_OBJECT},
    {.name = "room", .kind = MEMBER_OBJECT},      {.name = "device", .kind = MEMBER_OBJECT},
    {.name = "tags", .kind = MEMBER_ARRAY},
};
#undef fallback

#define MEMBER_COUNT(rows) (sizeof(rows) / sizeof(rows)[0])
const struct member_list device_members = {"device", device_rows, MEMBER_COUNT(device_rows)};
const struct member_list tag_members = {"tag", tag_rows, MEMBER_COUNT(tag_rows)};
const struct member_list profile_members = {"profile", profile_rows, MEMBER_COUNT(profile_rows)};

const char *member_path(const struct member *member)
{
    return member->group ? keep_format("%s.%s", member->group, member->name) : member->name;
}

const struct member *member_find(const struct member_list *list, const char *path,
                                 const char **rest)
{
    REQUIRE(list && path && rest);
    const struct member *found = NULL;
    size_t longest = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct member *member = &list->members[i];
        const char *own = member_path(member);
        size_t len = strlen(own);
        bool leads_on = member->kind == MEMBER_OBJECT || member->kind == MEMBER_MAP;
        if (strncmp(path, own, len) != 0 || len < longest)
            continue;
        if (path[len] == '\0' || (path[len] == '.' && path[len + 1] != '\0' && leads_on)) {
            found = member;
            longest = len;
            *rest = path[len] == '.' ? path + len + 1 : "";
        }
    }
    return found;
}

/* The number of letters that are to be added, removed or replaced. */
static size_t member_count_differences(const char *a, const char *b)
{
    size_t row[PATH_LETTERS + 1], len = strlen(b);
    if (len > PATH_LETTERS)
        return len;
    for (size_t i = 0; i <= len; i++)
        row[i] = i;
    for (; *a; a++) {
        size_t corner = row[0]++;
        for (size_t i = 1; i <= len; i++) {
            size_t replaced = corner + (*a != b[i - 1]);
            corner = row[i];
            row[i] = row[i] + 1 < replaced ? row[i] + 1 : replaced;
            row[i] = row[i - 1] + 1 < row[i] ? row[i - 1] + 1 : row[i];
        }
    }
    return row[len];
}

/* True if the typed name is perhaps that of the member. */
static bool member_is_near(const struct member *member, const char *name)
{
    size_t len = strlen(name), wrong = member_count_differences(name, member->name);
    return member->kind != MEMBER_GROUP && (strncasecmp(member->name, name, len) == 0 ||
                                            (wrong <= LETTERS_WRONG && wrong * 2 < len));
}

/* "a", then "a, b". */
static const char *member_join(const char *names, const char *name)
{
    return names ? keep_format("%s, %s", names, name) : name;
}

const char *member_suggest(const struct member_list *list, const char *path)
{
    char *typed = keep_text(path + (path[0] == '/'));
    for (char *slash = typed; (slash = strchr(slash, '/'));)
        *slash = '.';
    const char *dot = strrchr(typed, '.'), *name = dot ? dot + 1 : typed;
    size_t group_len = strcspn(typed, ".");
    const char *same = NULL, *near = NULL, *in_group = NULL, *own = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const struct member *member = &list->members[i];
        const char *full = member_path(member);
        if (strcasecmp(member->name, name) == 0)
            same = member_join(same, full);
        else if (name[0] != '\0' && member_is_near(member, name))
            near = member_join(near, full);
        if (member->group && strncmp(member->group, typed, group_len) == 0 &&
            member->group[group_len] == '\0')
            in_group = member_join(in_group, member->name);
        if (!member->group)
            own = member_join(own,
                              member->kind == MEMBER_GROUP ? keep_format("%s.MEMBER", full) : full);
    }
    if (same || near)
        return keep_format("do you mean %s?", same ? same : near);
    if (in_group)
        return keep_format("%.*s has %s", (int)group_len, typed, in_group);
    return keep_format("a %s has %s", list->object, own);
}
