/* The service under test: tagferry-api as its main starts it, in this process, on a port of its own
 * and with a store in a temporary folder. */
#ifndef TAGFERRY_FUZZ_HTTP_SERVER_H
#define TAGFERRY_FUZZ_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "answers.h"

/* One service, in plain HTTP or with TLS. */
struct server {
    uint16_t port;
    bool is_tls;
    size_t descriptors; /* of this process while nobody is connected, without those of the store */
    size_t known;       /* the same with all, when they were counted last */
};

/* Starts both services and brings them into the state before each input. Once. */
void server_start_all(struct server *plain, struct server *secure);

/* Lets `ms` pass on the clock of the service, beside the real time. */
void server_advance_clock(uint64_t ms);
/* Waits until no connection is left; ends the program if one stays. */
void server_check_idle(struct server *server);

/* One request, on a connection that begins with the first one after server_hang_up. `keep` gets the
 * answer's text, at most `size` - 1 bytes; NULL: it is not kept. */
void server_ask(const struct server *server, const char *method, const char *target,
                const char *body, struct answer *answer, char *keep, size_t size);
void server_hang_up(void);
/* Undoes all changes. */
void server_reset(const struct server *server);

#endif
