/* GET, POST, PUT, PATCH and DELETE of one resource, the same for devices and tags. */
#ifndef TAGFERRY_API_RESOURCES_CRUD_H
#define TAGFERRY_API_RESOURCES_CRUD_H

#include "api/handler/thread_ctx.h"
#include "api/http/request.h"
#include "api/model/fields.h"
#include "api/resources/config_service.h"

/* A request on one device or tag. */
struct crud_ctx {
    struct thread_ctx *thread_ctx;
    const struct request *request;
    struct config_service config_service;
    struct record device; /* of a tag: the device that it belongs to */
};

/* What differs between the kinds of resources. */
struct resource_ops {
    const struct resource *resource;
    size_t param; /* the place of the resource's name among the path's parameters */
    /* Finds what the resource is part of; false when the response is an error. NULL: nothing. */
    bool (*find_parent)(struct crud_ctx *crud_ctx, struct response *response);
    bool (*find)(struct crud_ctx *crud_ctx, const char *name, struct record *record);
    void (*apply_rules)(const struct crud_ctx *crud_ctx, const struct record *old,
                        struct record *record, struct validation *validation,
                        struct validation *warnings);
    void (*create)(const struct crud_ctx *crud_ctx, struct record *record,
                   struct validation *validation, struct validation *warnings);
    void (*change)(const struct crud_ctx *crud_ctx, const struct record *old, struct record *record,
                   struct validation *validation);
    void (*remove)(const struct crud_ctx *crud_ctx, const struct record *record);
    const char *(*location)(const struct crud_ctx *crud_ctx, const struct record *record);
};

/* The operand of a route whose handler is one of those below. */
struct crud_target {
    const struct resource_ops *ops;
    const char *group; /* the body is this group of the resource alone; NULL: the whole resource */
    bool merge;        /* the body is a merge patch (RFC 7396) */
};

/* Handlers; request->operand is a struct crud_target. PUT and PATCH are one handler. POST and
 * DELETE are for the whole resource. */
handler crud_handle_get, crud_handle_post, crud_handle_put, crud_handle_delete;

#endif
