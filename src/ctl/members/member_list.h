/* The members of devices, tags and profiles that a client can set. */
#ifndef TAGFERRY_CTL_MEMBERS_MEMBER_LIST_H
#define TAGFERRY_CTL_MEMBERS_MEMBER_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* What a value is in JSON, beside null. */
enum member_kind {
    MEMBER_TEXT,
    MEMBER_NUMBER,
    MEMBER_INTEGER,
    MEMBER_FLAG,
    MEMBER_CHOICE, /* one of the names */
    MEMBER_ADDRESS,
    MEMBER_STALE,  /* a number, or "nan" */
    MEMBER_SCALAR, /* a number, a text, true or false */
    MEMBER_MAP,    /* an object from any text to a scalar */
    MEMBER_OBJECT,
    MEMBER_GROUP, /* an object whose members have rows of their own */
    MEMBER_ARRAY
};

struct member {
    const char *group; /* "modbus", or NULL: of the object itself */
    const char *name;  /* "scale" */
    enum member_kind kind;
    bool nullable;            /* null is a value; of another member it restores the default */
    const char *const *names; /* of a choice or flag, ended by NULL */
    /* The other columns of resource_fields.h. */
    bool required, has_default;
    long long min, max;
    const char *csv;
};

struct member_list {
    const char *object; /* "device" */
    const struct member *members;
    size_t count;
};

extern const struct member_list device_members, tag_members, profile_members;

/* "modbus.scale". Stays until the program ends. */
const char *member_path(const struct member *member);
/* Finds the member of a path. Of "mqtt.values.ON", which leads into a member, the *rest is "ON";
 * otherwise it is empty. NULL if there is no such member. */
const struct member *member_find(const struct member_list *list, const char *path,
                                 const char **rest);
/* What to say of a path that names no member: those that are meant, or those of its group. Stays
 * until the program ends. */
const char *member_suggest(const struct member_list *list, const char *path);

#endif
