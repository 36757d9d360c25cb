/* A client's connection to a server of this process: over loopback, in plain HTTP or TLS. The
 * caller chooses how the bytes are cut, and how the connection ends. All waits are bounded: what
 * takes longer than FUZZ_WAIT_MS ends the program. */
#ifndef TAGFERRY_FUZZ_HTTP_LINK_H
#define TAGFERRY_FUZZ_HTTP_LINK_H

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FUZZ_WAIT_MS = 20000, LINK_SENT_MAX = 1 << 15 };

/* Zero it before link_open. */
struct link {
    int fd;        /* -1: closed */
    int server_fd; /* the other end, in this process; -1: not found yet */
    bool is_tls, is_established;
    bool may_fail;  /* TLS: bytes were sent that belong to no record, or time has passed */
    bool has_ended; /* the server sends no more */
    gnutls_session_t session;
    size_t piece;                /* the most bytes of one send */
    unsigned cuts;               /* since link_flush began */
    uint8_t sent[LINK_SENT_MAX]; /* all that was to be sent */
    size_t sent_len, flushed;    /* of `sent`: how much is given to the kernel */
    uint8_t *got;
    size_t got_len, got_size;
};

/* Called before fuzz_check ends the program; NULL: nothing. */
extern void (*fuzz_clean_up)(void);
/* Ends the program, after it has said what does not hold, unless it holds. */
void fuzz_check(bool holds, const char *what);
uint64_t fuzz_now_ms(void);
/* Lets the other threads run, in the nth turn of a loop that waits for them. */
void fuzz_rest(unsigned turn);

/* Call it once, before the first link_open. Certificates are not checked. */
void link_prepare_process(void);
/* The ports that this process may connect to; all other connections are refused. */
void link_allow_port(uint16_t port);
/* Connects. `versions`: 0 both versions of TLS, 1 only TLS 1.2, 2 only TLS 1.3. */
void link_open(struct link *link, uint16_t port, bool is_tls, unsigned versions);
/* Appends bytes to those that link_flush sends. Drops those beyond LINK_SENT_MAX; false then. */
bool link_put(struct link *link, const void *data, size_t len);
/* Sends in pieces of at most `piece` bytes; the server reads one before the next follows. What is
 * left after some cuts goes at once. With TLS it completes the handshake first, and an odd `piece`
 * cuts what TLS sends in place of the text. */
void link_flush(struct link *link, size_t piece);
/* TLS: goes on with the handshake as far as it goes without waiting. */
void link_step_handshake(struct link *link);
/* Sends bytes beneath TLS. */
void link_put_beneath(struct link *link, const void *data, size_t len);
/* Takes what has arrived, without waiting. True if something has. */
bool link_receive(struct link *link);
/* Waits for something to receive, at most `ms`. False without. */
bool link_wait(const struct link *link, int ms);
/* Sends the end; the other direction stays open. */
void link_end_sending(struct link *link);
/* Closes it, with a reset if asked to. Accepts a closed one. */
void link_close(struct link *link, bool with_reset);
/* Frees what it has received. */
void link_finish(struct link *link);

#endif
