/* The words of the fuzz target http: what its requests are made of, besides the bytes of the input.
 */
#ifndef TAGFERRY_FUZZ_HTTP_WORDS_H
#define TAGFERRY_FUZZ_HTTP_WORDS_H

#include <stddef.h>

/* A target of a request, and the path of docs/openapi.json that it belongs to, or NULL. */
struct http_target {
    const char *text, *path;
};

struct http_body {
    const char *type; /* Content-Type; NULL: none is sent */
    const char *text;
};

extern const struct http_target http_targets[];
extern const size_t http_target_count;
extern const struct http_body http_bodies[]; /* the first is empty */
extern const size_t http_body_count;
extern const char *const http_headers[]; /* whole lines without their end; the first is empty */
extern const size_t http_header_count;
extern const char *const http_snippets[]; /* parts of requests, good and bad */
extern const size_t http_snippet_count;

/* The whole configuration before each input. */
extern const char http_first_devices[], http_first_profile[];

/* Of the server, as PEM. Made for this target, and of use for nothing else. */
extern const char http_certificate[], http_key[];

#endif
