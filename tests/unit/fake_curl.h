/* A server for tagferryctl without a network: the functions of libcurl that it calls, and those of
 * the C library that say the time, wait, or ask about the terminal, are replaced
 * (-Wl,--wrap=...). */
#ifndef TAGFERRY_TESTS_FAKE_CURL_H
#define TAGFERRY_TESTS_FAKE_CURL_H

#include <stdbool.h>
#include <stddef.h>

/* One answer of the server. Texts are copied. */
struct fake_answer {
    char key[256]; /* "GET /devices?limit=1", or without the query for any */
    long status;
    int code; /* of libcurl, where there is no answer */
    char type[96], etag[96], date[64], location[96];
    char reason[96];
    size_t len; /* of the body */
    char *body; /* of a stream: parts, separated by lines that begin with "~" */
};

/* What the streams of this process are. */
struct fake_terminal {
    bool is_terminal[3];
    int columns, lines;
};

/* Answers are asked for in the order in which they were added; the last one of a key stays. */
void fake_add_answer(const struct fake_answer *answer);
/* Replaces those of its key. */
void fake_set_answer(const struct fake_answer *answer);
void fake_forget_answers(void);
/* Takes the requests since the last call: a line each, with all options of the first one if
 * is_verbose. The caller frees. */
char *fake_take_requests(void);
void fake_be_verbose(bool is_verbose);
void fake_set_terminal(const struct fake_terminal *terminal);
/* Sets the clocks to the time at which they began. */
void fake_reset_clocks(void);
/* True if all handles were given back. */
bool fake_is_idle(void);

#endif
