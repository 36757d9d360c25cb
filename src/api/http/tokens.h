/* Access tokens: a file of names, scopes and digests. Commands write it, each request reads it. */
#ifndef TAGFERRY_API_HTTP_TOKENS_H
#define TAGFERRY_API_HTTP_TOKENS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "api/base/file_owner.h"

enum { TOKEN_NAME_SIZE = 65, TOKEN_DIGEST_BYTES = 32, TOKEN_TEXT_SIZE = 68, TOKENS_WHY_SIZE = 512 };

enum token_scope { SCOPE_READ, SCOPE_WRITE }; /* write includes read */
extern const char *const scope_names[];

struct token {
    char name[TOKEN_NAME_SIZE];
    enum token_scope scope;
    unsigned char digest[TOKEN_DIGEST_BYTES]; /* SHA-256 of the token's text */
    int64_t created_ms;
};

/* A copy of the file. Zero it, except the path, before use. One thread at a time. */
struct tokens {
    const char *path;
    struct token *item;
    size_t count, room;
    bool says_none; /* its last token was revoked */
    bool broken;    /* the file cannot be read, or its tokens are gone: all requests are refused */
    int fault_number; /* when broken: errno, as far as it says why */
    bool looked;
    int error;                   /* of the newest look, as errno has it */
    uint64_t looked_us;          /* `seen` is of the newest look */
    struct stat seen;            /* zeros for no file */
    char read_path[PATH_MAX];    /* of the newest reading */
    char fault[TOKENS_WHY_SIZE]; /* that was logged last; empty: no fault */
};

/* Reads the file again if it is another, or has changed, or could not be read. Logs a
 * failure once. */
void tokens_refresh(struct tokens *tokens);
void tokens_finish(struct tokens *tokens);
/* True when requests must bring a token. */
bool tokens_required(const struct tokens *tokens);
/* The token with this text, or NULL. Takes the same time for all wrong texts. Calls memory_fail. */
const struct token *tokens_find(const struct tokens *tokens, const char *text);

/* The commands. They replace the file by rename, under a lock; it stays one that the owner can
 * read. False with the reason in `why`, and nothing has changed. `left` is how many tokens there
 * are afterwards. */
bool tokens_add(const char *path, const struct file_owner *owner, const char *name,
                enum token_scope scope, char text[TOKEN_TEXT_SIZE], char *why, size_t why_size);
bool tokens_revoke(const char *path, const struct file_owner *owner, const char *name, size_t *left,
                   char *why, size_t why_size);

#endif
