#include "ctl/client/pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/json_cursor.h"
#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/client/problem.h"
#include "ctl/client/query.h"

enum { PAGE_ITEMS = 1000 };

/* The text of the elements of the member "items", between its brackets. */
static struct text_span pages_items_text(const char *body, size_t len)
{
    struct json_cursor at = {body, body + len}, value;
    struct text_span none = {0}, span;
    if (json_cursor_skip_space(&at) != '{' ||
        !json_cursor_find_member(&at, (struct text_span){"items", 5}, &value) ||
        json_cursor_skip_space(&value) != '[')
        return none;
    span.text = value.at + 1;
    json_cursor_skip_value(&value);
    span.len = (size_t)(value.at - 1 - span.text);
    return span;
}

static void pages_add(struct pages *pages, const cJSON *items)
{
    size_t more = (size_t)cJSON_GetArraySize(items);
    pages->items = keep_resize(pages->items, (pages->count + more) * sizeof *pages->items);
    for (const cJSON *item = items ? items->child : NULL; item; item = item->next)
        pages->items[pages->count++] = item;
}

enum ctl_status pages_get(struct client *client, const char *path, const char *query, size_t limit,
                          const char *what, struct pages *pages)
{
    char *json = NULL;
    size_t len = 0;
    const char *after = NULL;
    enum ctl_status status;
    *pages = (struct pages){0};
    FILE *text = open_memstream(&json, &len);
    if (!text) {
        fputs("tagferryctl: no memory\n", stderr);
        return CTL_REFUSED;
    }
    fputs("{\"items\":[", text);
    do {
        size_t wanted =
            limit > 0 && limit - pages->count < PAGE_ITEMS ? limit - pages->count : PAGE_ITEMS;
        struct client_request request = {.path = path};
        struct client_reply reply;
        request.query =
            query_add(query_add_number(query, "limit", (long long)wanted), "after", after);
        status = client_send_checked(client, &request, &reply, what);
        if (status != CTL_DONE)
            break;
        struct text_span items = pages_items_text(reply.body, reply.len);
        fprintf(text, "%s%.*s", pages->count > 0 && items.len > 0 ? "," : "", (int)items.len,
                items.text);
        size_t before = pages->count;
        pages_add(pages, json_read_array(reply.json, "items"));
        pages->total = json_read_number(reply.json, "total");
        const char *next = json_read_text(reply.json, "next");
        /* A page that is empty or repeats its end is of no server that will ever come to an end. */
        bool goes_on = next[0] && pages->count > before && !(after && strcmp(after, next) == 0);
        after = goes_on ? next : NULL;
    } while (after && (limit == 0 || pages->count < limit));
    pages->next = after ? keep_format("\"%s\"", after) : "null";
    fprintf(text, "],\"total\":%.0f,\"next\":%s}", pages->total, pages->next);
    fclose(text);
    pages->json = keep_text(json ? json : "");
    free(json);
    return status;
}

void pages_append(struct pages *pages, const struct pages *more)
{
    const char *json = pages->json ? pages->json : "";
    struct text_span first = pages_items_text(json, strlen(json));
    struct text_span second = pages_items_text(more->json, strlen(more->json));
    pages->items = keep_resize(pages->items, (pages->count + more->count) * sizeof *pages->items);
    for (size_t i = 0; i < more->count; i++)
        pages->items[pages->count++] = more->items[i];
    pages->total += more->total;
    pages->next = more->next;
    pages->json =
        keep_format("{\"items\":[%.*s%s%.*s],\"total\":%.0f,\"next\":%s}", (int)first.len,
                    first.text ? first.text : "", first.len > 0 && second.len > 0 ? "," : "",
                    (int)second.len, second.text ? second.text : "", pages->total, pages->next);
}

void pages_keep_items(struct pages *pages, size_t count)
{
    const char *items = "";
    for (size_t i = 0; i < count; i++)
        items = keep_format("%s%s%s", items, i > 0 ? "," : "", json_value_json(pages->items[i]));
    pages->count = count;
    pages->total = (double)count;
    pages->next = "null";
    pages->json = keep_format("{\"items\":[%s],\"total\":%zu,\"next\":null}", items, count);
}
