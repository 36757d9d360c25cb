/* A connection of an input with what was asked on it, and what its answers must be. */
#ifndef TAGFERRY_FUZZ_HTTP_TALK_H
#define TAGFERRY_FUZZ_HTTP_TALK_H

#include "answers.h"
#include "link.h"
#include "server.h"
#include "words.h"

enum { TALKS_MAX = 8, REQUESTS_MAX = 48 };

enum {
    FLAG_IF_MATCH = 1,      /* with the newest entity tag of the input */
    FLAG_IF_NONE_MATCH = 2, /* the same */
    FLAG_GZIP = 4,          /* Accept-Encoding */
    FLAG_CLOSE = 8,         /* Connection: close */
    FLAG_EXPECT = 16,       /* Expect: 100-continue, without waiting */
    FLAG_NO_HOST = 32,
    FLAG_NO_TYPE = 64,
    FLAG_TEXT = 128, /* Accept: text/plain */
};

enum framing { FRAMING_LENGTH, FRAMING_CHUNKS, FRAMING_BYTES, FRAMING_SHORT, FRAMING_LONG };

/* A request that the input describes. Its body lies in the input or in http_bodies. */
struct asked {
    uint8_t method, flags, extra;
    bool is_old; /* HTTP/1.0 */
    enum framing framing;
    const struct http_target *target;
    const char *type;
    const uint8_t *body;
    size_t body_len;
};

/* Zero it before talk_open. */
struct talk {
    struct link link;
    unsigned number;
    bool is_clean;  /* only whole requests were sent: each has its answer */
    bool may_write; /* it has sent anything but GET, HEAD and OPTIONS */
    bool has_stream, has_ended_sending;
    bool is_last; /* the newest answer is the last one */
    struct asked asked[REQUESTS_MAX];
    unsigned asked_count, answers;
    int newest;  /* number of the request that was answered last; -1: none */
    size_t read; /* bytes of the answers so far */
};

/* What all answers of an input have shown. */
struct findings {
    char etag[ANSWER_TEXT_SIZE]; /* the newest */
    bool has_written;            /* a request that may write was answered with success */
    const struct asked *written; /* the newest such request */
    struct answer write;         /* its answer, without its body */
};

extern const char *const talk_methods[8];

/* Reads what docs/openapi.json says about statuses. Once. */
void talk_prepare_process(void);
void talk_open(struct talk *talk, unsigned number, const struct server *server, unsigned versions);
/* Puts a request into what is sent next. */
void talk_ask(struct talk *talk, const struct asked *asked, const struct findings *findings);
/* Puts bytes there, which may be anything. */
void talk_put(struct talk *talk, const void *data, size_t len);
/* Takes and checks the answers that have come. */
void talk_take_answers(struct talk *talk, struct findings *findings);
/* Sends the rest, and waits for all answers of a clean one. */
void talk_await_answers(struct talk *talk, struct findings *findings);
/* Ends it, waits for the server's end and checks what it has answered in all. */
void talk_finish(struct talk *talk, struct findings *findings);

#endif
