/* Lists, which the server sends in pages. */
#ifndef TAGFERRY_CTL_CLIENT_PAGES_H
#define TAGFERRY_CTL_CLIENT_PAGES_H

#include "ctl/client/client.h"

/* A list, all its pages joined. Stays until the program ends. */
struct pages {
    const cJSON **items;
    size_t count;
    double total;     /* on the server, of all that fit the query */
    const char *next; /* where the rest begins, as JSON: null if there is none */
    const char
        *json; /* {"items": [...], "total": N, "next": ...}: the items as the server wrote them */
};

/* Gets the list at the path, with the query and at most `limit` items (0: all), page by page.
 * Prints what goes wrong, with `what`: "the devices". */
enum ctl_status pages_get(struct client *client, const char *path, const char *query, size_t limit,
                          const char *what, struct pages *pages);

/* Keeps the first items, which may be in another order, and writes `json` from them. */
void pages_keep_items(struct pages *pages, size_t count);
/* Adds a list to the end of `pages`, which may be zeroed. */
void pages_append(struct pages *pages, const struct pages *more);

#endif
