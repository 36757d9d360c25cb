/* What a server has sent on one connection, cut into answers, each of which is checked: its form as
 * HTTP, JSON where its type says so, and problem documents as docs/openapi.json describes them. */
#ifndef TAGFERRY_FUZZ_HTTP_ANSWERS_H
#define TAGFERRY_FUZZ_HTTP_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ANSWER_TEXT_SIZE = 256 };

/* One answer. Texts are "" without the header. */
struct answer {
    int status;
    char id[ANSWER_TEXT_SIZE], type[ANSWER_TEXT_SIZE], etag[ANSWER_TEXT_SIZE];
    char location[ANSWER_TEXT_SIZE], coding[ANSWER_TEXT_SIZE];
    bool closes; /* Connection: close */
    bool is_chunked, has_length;
    bool is_endless; /* its body ends with the connection */
    size_t length;   /* Content-Length */
    size_t head_len, whole_len;
    const uint8_t *body; /* in what was received */
    size_t body_len;
};

enum answer_result {
    ANSWER_WHOLE,
    ANSWER_PART, /* more has to come */
};

/* Reads the head of an answer at the beginning of `data`. Ends the program if it is malformed. */
enum answer_result answer_read_head(const uint8_t *data, size_t len, struct answer *answer);
/* Finds the end of its body. `has_ended`: the server sends no more. */
enum answer_result answer_read_body(const uint8_t *data, size_t len, bool is_head, bool has_ended,
                                    struct answer *answer);
/* Checks the headers and the body of a whole one. `may_be_other`: a refusal may be
 * in words, as that of an import, or JSON of another kind, as of /readyz. */
void answer_check(const struct answer *answer, bool is_head, bool may_be_other);

#endif
