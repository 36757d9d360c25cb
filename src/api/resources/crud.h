/* GET, POST, PUT, PATCH and DELETE of one resource, the same for devices and tags. */
#ifndef TAGFERRY_API_RESOURCES_CRUD_H
#define TAGFERRY_API_RESOURCES_CRUD_H

#include "api/handler/thread_ctx.h"
#include "api/http/request.h"
#include "api/model/fields.h"
#include "api/resources/config_service.h"

/* The differences between devices and tags. */
struct resource_ops {
    const struct resource *resource;
    bool of_device; /* it belongs to a device, whose name precedes its own in the path */
    /* Applies the rules between the fields of `record`, which replaces `old`, or is new when `old`
     * is NULL. `device` is the device of a tag. */
    void (*apply_rules)(const struct config_service *config_service, const struct record *device,
                        const struct record *old, struct record *record,
                        struct validation *validation, struct validation *warnings);
    /* The functions of config_service.h. */
    void (*create)(const struct config_service *config_service, const struct record *device,
                   struct record *record, struct validation *validation,
                   struct validation *warnings);
    void (*change)(const struct config_service *config_service, const struct record *device,
                   const struct record *old, struct record *record, struct validation *validation);
    void (*remove)(const struct config_service *config_service, const struct record *record);
};

/* The operand of a route whose handler is one of those below. */
struct crud_target {
    const struct resource_ops *ops;
    const char *group; /* the body is this group of the resource; NULL: the whole resource */
    bool merge;        /* the body is a merge patch (RFC 7396) */
};

/* Handlers; request->operand is a struct crud_target. crud_handle_put also handles PATCH. POST and
 * DELETE are for the whole resource only. */
handler crud_handle_get, crud_handle_post, crud_handle_put, crud_handle_delete;

#endif
