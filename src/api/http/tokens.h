/* Access tokens: a file of names, scopes and digests. Commands write it; the service follows its
 * changes. */
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
    bool says_none; /* the file says that its last token was revoked */
    bool broken; /* the file cannot be read, or its tokens have disappeared: refuse all requests */
    int fault_number;            /* errno when broken, or 0 */
    bool looked;                 /* tokens_refresh has checked the file */
    int error;                   /* errno of the newest check, or 0 */
    uint64_t looked_us;          /* time of the newest check, steady */
    struct stat seen;            /* file status at the newest check; zeros: no file */
    char read_path[PATH_MAX];    /* path of the file that was read last */
    char fault[TOKENS_WHY_SIZE]; /* the fault that was logged last; empty: none */
};

/* Reads the file again if its path or content has changed, or if it could not be read. Checks at
 * most once per millisecond. Logs each failure once. */
void tokens_refresh(struct tokens *tokens);
/* Frees the tokens; the struct can be used again. */
void tokens_finish(struct tokens *tokens);
/* True when requests must send a token. */
bool tokens_required(const struct tokens *tokens);
/* Finds the token with this text, or NULL. Takes the same time for all wrong texts. Calls
 * memory_fail. */
const struct token *tokens_find(const struct tokens *tokens, const char *text);
/* True when one of the tokens has this digest. */
bool tokens_have_digest(const struct tokens *tokens,
                        const unsigned char digest[TOKEN_DIGEST_BYTES]);

/* The commands. They replace the file by rename, under a lock; `owner` can read the new file. False
 * with the reason in `why`: the file is unchanged unless the reason says otherwise. *left is the
 * number of remaining tokens. */
bool tokens_add(const char *path, const struct file_owner *owner, const char *name,
                enum token_scope scope, char text[TOKEN_TEXT_SIZE], char *why, size_t why_size);
bool tokens_revoke(const char *path, const struct file_owner *owner, const char *name, size_t *left,
                   char *why, size_t why_size);

#endif
