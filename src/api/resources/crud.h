/* GET, POST, PUT, PATCH and DELETE of one resource, the same for devices and tags. */
#ifndef TAGFERRY_API_RESOURCES_CRUD_H
#define TAGFERRY_API_RESOURCES_CRUD_H

#include "api/handler/handler.h"

/* A request on one device or tag. */
struct subject {
    struct worker *worker;
    const struct request *request;
    struct registry registry;
    struct record device; /* of a tag: the device that it belongs to */
};

/* What differs between the kinds of resources. */
struct kind {
    const struct resource *resource;
    size_t param; /* the place of the resource's name among the path's parameters */
    /* Finds what the resource is part of; false when the response is an error. NULL: nothing. */
    bool (*find_parent)(struct subject *subject, struct response *response);
    bool (*find)(struct subject *subject, const char *name, struct record *record);
    void (*apply_rules)(const struct subject *subject, const struct record *old,
                        struct record *record, struct flaws *flaws, struct flaws *warnings);
    void (*create)(const struct subject *subject, struct record *record, struct flaws *flaws,
                   struct flaws *warnings);
    void (*change)(const struct subject *subject, const struct record *old, struct record *record,
                   struct flaws *flaws);
    void (*remove)(const struct subject *subject, const struct record *record);
    const char *(*location)(const struct subject *subject, const struct record *record);
};

/* How a body becomes a resource. */
struct edit {
    const char *group; /* the body is this group alone, or NULL */
    bool merge;        /* a merge patch (RFC 7396) */
};

/* The whole resource, or one group of it. */
void edit_get(struct worker *worker, const struct request *request, const struct kind *kind,
              const char *group, struct response *response);
void edit_post(struct worker *worker, const struct request *request, const struct kind *kind,
               struct response *response);
/* PUT and PATCH, of the whole resource or of one group. */
void edit_put(struct worker *worker, const struct request *request, const struct kind *kind,
              const struct edit *edit, struct response *response);
void edit_delete(struct worker *worker, const struct request *request, const struct kind *kind,
                 struct response *response);

#endif
