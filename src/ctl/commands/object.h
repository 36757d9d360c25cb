/* The objects that operands name: DEVICE, DEVICE/TAG or profile:NAME. */
#ifndef TAGFERRY_CTL_COMMANDS_OBJECT_H
#define TAGFERRY_CTL_COMMANDS_OBJECT_H

#include "ctl/command/command.h"

enum object_kind { OBJECT_DEVICE = 1, OBJECT_TAG = 2, OBJECT_PROFILE = 4 };

/* Texts stay until the program ends. */
struct object {
    enum object_kind kind;
    const char *text;   /* as it was given */
    const char *device; /* of a device or tag */
    const char *tag;    /* of a tag */
    const char *name;   /* of the object itself */
    const char *path;   /* "/devices/boiler-7/tags/temp" */
};

/* Reads an operand, which must be of one of the kinds (a sum of enum object_kind). False, after a
 * line on standard error, where it is not. The server decides whether there is such an object. */
bool object_read(const struct ctl *ctl, const char *operand, unsigned kinds, struct object *object);

#endif
