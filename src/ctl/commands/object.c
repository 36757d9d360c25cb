#include "ctl/commands/object.h"

#include <string.h>

#include "common/base/require.h"
#include "ctl/base/keep.h"

bool object_read(const struct ctl *ctl, const char *operand, unsigned kinds, struct object *object)
{
    REQUIRE(operand && kinds != 0);
    static const char prefix[] = "profile:";
    const char *slash = strchr(operand, '/');
    *object = (struct object){.kind = slash ? OBJECT_TAG : OBJECT_DEVICE, .text = operand};
    if (strncmp(operand, prefix, sizeof prefix - 1) == 0) {
        object->kind = OBJECT_PROFILE;
        object->name = operand + sizeof prefix - 1;
        object->path = client_path("/profiles/{}", object->name);
    } else if (slash) {
        object->device = keep_bytes(operand, (size_t)(slash - operand));
        object->name = object->tag = slash + 1;
        object->path = client_path("/devices/{}/tags/{}", object->device, object->tag);
    } else {
        object->name = object->device = operand;
        object->path = client_path("/devices/{}", operand);
    }
    bool is_whole = object->name[0] != '\0' && !strchr(object->name, '/') &&
                    (object->kind != OBJECT_TAG || object->device[0] != '\0');
    if (is_whole && (kinds & object->kind) != 0)
        return true;
    const char *wanted = kinds == OBJECT_TAG             ? "DEVICE/TAG"
                         : kinds == OBJECT_DEVICE        ? "DEVICE"
                         : kinds == OBJECT_PROFILE       ? "profile:NAME"
                         : (kinds & OBJECT_PROFILE) == 0 ? "DEVICE or DEVICE/TAG"
                                                         : "DEVICE, DEVICE/TAG or profile:NAME";
    ctl_print_usage_error(ctl, "\"%s\" must be %s", operand, wanted);
    return false;
}
