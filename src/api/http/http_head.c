/* Collects the headers that the service uses, and checks that the framing is unambiguous. */
#include "api/http/http_head.h"

#include <microhttpd.h>
#include <string.h>
#include <strings.h>

/* Counts the headers for the body's length and for the host. Duplicates, both kinds of length, or a
 * blank before the colon serve to smuggle requests past a proxy. */
struct head_framing {
    int lengths, codings, hosts;
    bool odd;
};

/* The context of head_read_header. */
struct head_reader {
    struct http_head *head;
    struct request *request;
    struct head_framing framing;
};

/* True when the name equals or begins with `whole`; sets *odd in the latter case: when a header has
 * no value and continues on the next line, the library appends that line to the name. */
static bool head_name_begins(const char *name, const char *whole, bool *odd)
{
    size_t len = strlen(whole);
    if (strncasecmp(name, whole, len) != 0)
        return false;
    *odd = *odd || name[len] != '\0';
    return true;
}

static void head_count_framing(struct head_framing *framing, const char *name, const char *value)
{
    bool *odd = &framing->odd;
    if (head_name_begins(name, "Content-Length", odd)) {
        framing->lengths++;
        *odd = *odd || !value || strspn(value, "0123456789") != strlen(value);
    } else if (head_name_begins(name, "Transfer-Encoding", odd)) {
        framing->codings++;
        *odd = *odd || !value || strcasecmp(value, "chunked") != 0;
    } else if (strcasecmp(name, "Host") == 0) {
        framing->hosts++;
    } else if (strpbrk(name, " \t")) {
        *odd = true;
    }
}

/* The member that stores each header. */
static const struct {
    const char *name;
    bool of_request; /* in struct request, else in struct http_head */
    size_t offset;   /* of the member, a pointer */
} headers[] = {
#define HEAD(name, member)                                                                         \
    {                                                                                              \
        name, false, offsetof(struct http_head, member)                                            \
    }
#define REQUEST(name, member)                                                                      \
    {                                                                                              \
        name, true, offsetof(struct request, member)                                               \
    }
    REQUEST("Accept", accept),
    HEAD("Accept-Encoding", accept_encoding),
    HEAD("Accept-Language", accept_language),
    HEAD("Access-Control-Request-Method", asked_method),
    HEAD("Authorization", authorization),
    HEAD("Content-Encoding", content_encoding),
    HEAD("Content-Length", content_length),
    REQUEST("Content-Type", content_type),
    HEAD("Expect", expect),
    HEAD("Host", host),
    REQUEST("If-Match", if_match),
    REQUEST("If-None-Match", if_none_match),
    HEAD("Origin", origin),
    HEAD("Sec-Fetch-Site", fetch_site),
    HEAD("Transfer-Encoding", transfer_encoding),
    HEAD("User-Agent", user_agent),
    HEAD("X-Request-Id", request_id),
    HEAD("X-Requested-With", requested_with),
#undef HEAD
#undef REQUEST
};

enum { HEADERS = sizeof headers / sizeof headers[0] };

static const char **head_field_pointer(const struct head_reader *reading, size_t header)
{
    char *base = headers[header].of_request ? (char *)reading->request : (char *)reading->head;
    return (const char **)(void *)(base + headers[header].offset);
}

/* Keeps the first value of a header that appears twice. */
static enum MHD_Result head_read_header(void *context, enum MHD_ValueKind kind, const char *name,
                                        const char *value)
{
    struct head_reader *reading = context;
    (void)kind;
    for (size_t i = 0; i < HEADERS; i++) {
        if (strcasecmp(headers[i].name, name) != 0)
            continue;
        const char **place = head_field_pointer(reading, i);
        if (!*place)
            *place = value;
        break;
    }
    head_count_framing(&reading->framing, name, value);
    return MHD_YES;
}

/* The library's texts are valid only until the body arrives, so it copies them: after the
 * iteration, because memory_fail must not jump out of the library. */
void http_head_read(struct MHD_Connection *connection, struct http_head *head,
                    struct request *request)
{
    struct head_reader reading = {.head = head, .request = request};
    const struct head_framing *framing = &reading.framing;
    MHD_get_connection_values(connection, MHD_HEADER_KIND, head_read_header, &reading);
    bool one_host = framing->hosts == 1 || (framing->hosts == 0 && !head->needs_host);
    head->sane_framing = !framing->odd && framing->lengths + framing->codings <= 1 && one_host;
    for (size_t i = 0; i < HEADERS; i++) {
        const char **place = head_field_pointer(&reading, i);
        if (*place)
            *place = arena_strdup(request->arena, *place);
    }
    head->method = arena_strdup(request->arena, head->method);
}
