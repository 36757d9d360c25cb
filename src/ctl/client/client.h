/* Requests to tagferry-api, with libcurl.
 *
 * A client keeps its connection between requests. What goes wrong on the way is printed to standard
 * error with the URL; what the server refuses is a reply, which problem.h prints. Only reads are
 * repeated: a change whose answer is lost may have been made. */
#ifndef TAGFERRY_CTL_CLIENT_CLIENT_H
#define TAGFERRY_CTL_CLIENT_CLIENT_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "ctl/base/ctl_status.h"

enum { CLIENT_URL_MAX = 2048 };

/* How the server is reached. Texts are borrowed. */
struct client_settings {
    const char *url;        /* "http://127.0.0.1:5000"; may have a path, for a proxy */
    const char *token_file; /* its first line is the token; empty: none */
    const char *ca_file; /* certificates that may sign the server's; empty: those of the system */
    long timeout_ms;     /* for a connection, and without any byte of an answer */
    bool has_timeout;    /* it was asked for, and counts for requests that take long, too */
    bool is_quiet;       /* print no failure and repeat nothing: client_reason has it */
};

struct client;

/* A request. Zero what is not needed. Texts are borrowed. */
struct client_request {
    const char *method; /* NULL: GET, or POST with a body */
    const char *path;   /* after "/api/v1", from client_path; with is_root after the URL itself */
    const char *query;  /* from query.h, or NULL */
    const char *body;   /* or NULL */
    size_t len;         /* of the body */
    const char *type;   /* of the body; NULL: application/json */
    const char *accept; /* NULL: application/json */
    const char *if_match;
    bool is_root;    /* /readyz, /metrics */
    bool takes_long; /* an answer may take minutes, such as to a large import */
    /* Called with the bytes sent of the body, of `len`; or NULL. */
    void (*on_progress)(void *context, size_t sent, size_t len);
    /* Called when no more comes of on_progress, before a failure is printed; or NULL. */
    void (*on_end)(void *context);
    void *context;
};

/* An answer. Lives as long as the client, or until client_forget_replies. */
struct client_reply {
    long status;
    char type[128];   /* Content-Type, without parameters */
    char etag[128];   /* or empty */
    const char *body; /* ends with a NUL that `len` does not count */
    size_t len;
    const char *token_file; /* whose token was sent; empty: none */
    const cJSON *json;      /* of a JSON body; else NULL: with status 204, and of a request that
                               accepts something else */
};

/* Connects to nothing yet. NULL, after a line on standard error, where a setting is wrong. */
struct client *client_create(const struct client_settings *settings);
/* Accepts NULL. */
void client_destroy(struct client *client);

/* Sends a request. CTL_DONE with any answer of Tagferry, also one that refuses. CTL_UNREACHABLE if
 * Tagferry does not answer; a line on standard error says why. */
enum ctl_status client_send(struct client *client, const struct client_request *request,
                            struct client_reply *reply);

/* Frees all replies. A command that runs for long calls it after each turn, and keep_release. */
void client_forget_replies(struct client *client);
/* The time by the server's clock when it sent the newest answer, in ms since 1970, exact to a
 * second; by this machine's where the server did not say. */
double client_server_time(const struct client *client);

/* A path with names in the place of each "{}", percent-encoded: client_path("/devices/{}", name).
 * Each name is a const char *, and as many are given as there are places. Stays until the program
 * ends. */
char *client_path(const char *format, ...);

/* What a stream calls. */
struct client_stream {
    /* Takes bytes of the body. */
    void (*on_bytes)(void *context, const char *bytes, size_t len);
    /* Called at least every `wake_ms`, after bytes, and when `input_fd` can be read. False ends the
     * stream. */
    bool (*on_wake)(void *context, bool has_input);
    void *context;
    int input_fd; /* -1: none */
    int wake_ms;
    long silence_ms; /* the connection is lost after so long without a byte */
};

/* Runs a request whose answer does not end, until on_wake ends it (CTL_DONE), the server refuses it
 * (CTL_DONE with a reply that is not 2xx), or the connection is lost or not made: CTL_UNREACHABLE,
 * without a line; client_reason says why. Nothing is repeated. */
enum ctl_status client_run_stream(struct client *client, const struct client_request *request,
                                  const struct client_stream *stream, struct client_reply *reply);
/* Why the last request or stream had no answer. */
const char *client_reason(const struct client *client);
/* The URL of the server, as configured, without a user and password. */
const char *client_server(const struct client *client);

#endif
