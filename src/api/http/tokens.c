/* The token file: one line per token, "name scope digest time", or a single line that says there
 * are none. GnuTLS computes the digests and the random bits. */
#include "api/http/tokens.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "api/base/request_memory.h"
#include "api/model/fields.h"
#include "common/base/array.h"
#include "common/base/clock.h"
#include "common/base/folder.h"
#include "common/base/log.h"
#include "common/base/require.h"
#include "common/model/tag.h"

const char *const scope_names[] = {"read", "write", NULL};

enum { LOOK_US = 1000, SECRET_BYTES = 32, LINE_SIZE = 256, HEX_SIZE = 2 * TOKEN_DIGEST_BYTES + 1 };

_Static_assert(TOKEN_TEXT_SIZE == 3 + 2 * SECRET_BYTES + 1, "prefix, hex, NUL");
_Static_assert(TOKEN_DIGEST_BYTES == 32, "SHA-256");
_Static_assert(LINE_SIZE > TOKEN_NAME_SIZE + HEX_SIZE + 40, "a whole line fits");

/* Identifies the text as a token, also for tools that search files for secrets. */
static const char text_prefix[] = "tf_";

/* Distinguishes a file whose last token was revoked from a truncated file. */
static const char no_tokens[] = "# no tokens\n";

static void tokens_format_hex(const unsigned char *bytes, size_t count, char *hex)
{
    for (size_t i = 0; i < count; i++)
        snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
}

static bool tokens_parse_hex(const char *hex, unsigned char *bytes, size_t count)
{
    if (strlen(hex) != 2 * count || strspn(hex, "0123456789abcdef") != 2 * count)
        return false;
    for (size_t i = 0; i < count; i++) {
        unsigned byte;
        if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
            return false;
        bytes[i] = (unsigned char)byte;
    }
    return true;
}

static bool tokens_hash_text(const char *text, unsigned char digest[TOKEN_DIGEST_BYTES])
{
    return gnutls_hash_fast(GNUTLS_DIG_SHA256, text, strlen(text), digest) == 0;
}

static bool tokens_parse_line(const char *line, struct token *token)
{
    char scope[8], digest[HEX_SIZE], rest;
    long long created;
    *token = (struct token){0};
    if (sscanf(line, "%64s %7s %64s %lld %c", token->name, scope, digest, &created, &rest) != 4)
        return false;
    int place = name_list_find(scope_names, scope);
    token->scope = (enum token_scope)place;
    token->created_ms = created;
    return place >= 0 && resource_name_is_valid(token->name) &&
           tokens_parse_hex(digest, token->digest, sizeof token->digest);
}

void tokens_finish(struct tokens *tokens)
{
    free(tokens->item);
    tokens->item = NULL;
    tokens->count = tokens->room = 0;
    tokens->broken = tokens->says_none = false;
}

/* False with the reason in `why` for an invalid line or a read error (a folder instead of a file, a
 * bad disk). */
static bool tokens_read_lines(struct tokens *tokens, FILE *file, char *why, size_t why_size)
{
    char line[LINE_SIZE];
    for (long number = 1; fgets(line, sizeof line, file); number++) {
        struct token token;
        if (strcmp(line, no_tokens) == 0) {
            tokens->says_none = true;
            continue;
        }
        if (!tokens_parse_line(line, &token)) {
            snprintf(why, why_size, "%s:%ld: not a token line", tokens->path, number);
            return false;
        }
        if (!ARRAY_PUSH(tokens, token)) {
            tokens->fault_number = ENOMEM;
            snprintf(why, why_size, "%s: %s", tokens->path, strerror(ENOMEM));
            return false;
        }
    }
    tokens->fault_number = errno;
    if (ferror(file))
        snprintf(why, why_size, "%s: %s", tokens->path, strerror(errno));
    return !ferror(file);
}

/* Reads all lines; a missing file counts as empty. */
static bool tokens_read_file(struct tokens *tokens, char *why, size_t why_size)
{
    FILE *file = fopen(tokens->path, "re");
    tokens_finish(tokens);
    if (!file && errno == ENOENT)
        return true;
    tokens->broken = true;
    tokens->fault_number = errno;
    if (!file) {
        snprintf(why, why_size, "%s: %s", tokens->path, strerror(errno));
        return false;
    }
    bool ok = tokens_read_lines(tokens, file, why, why_size);
    fclose(file);
    tokens->broken = !ok;
    return ok;
}

static bool tokens_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* A token file that disappears or becomes empty while the daemon runs is a fault of the file system
 * or of a program that writes the file: refuses all requests rather than accepting them without a
 * token. */
static bool tokens_read_or_refuse(struct tokens *tokens, int error, char *why, size_t why_size)
{
    bool had_tokens = tokens->count > 0 || (tokens->broken && tokens->looked);
    bool same_path = strcmp(tokens->read_path, tokens->path) == 0;
    snprintf(tokens->read_path, sizeof tokens->read_path, "%s", tokens->path);
    if (error == ENOENT && had_tokens && same_path) {
        tokens_finish(tokens);
        tokens->broken = true;
        snprintf(why, why_size, "%s has lost its tokens: %s", tokens->path, strerror(error));
        return false;
    }
    if (!tokens_read_file(tokens, why, why_size))
        return false;
    tokens->broken = tokens->count == 0 && !tokens->says_none && had_tokens && same_path;
    if (!tokens->broken)
        return true;
    tokens->fault_number = 0;
    snprintf(why, why_size, "%s has lost its tokens: it is empty", tokens->path);
    return false;
}

void tokens_refresh(struct tokens *tokens)
{
    struct stat now;
    char why[TOKENS_WHY_SIZE];
    REQUIRE(tokens->path);
    uint64_t time_us = clock_steady_us();
    if (tokens->looked && time_us - tokens->looked_us < LOOK_US)
        return;
    tokens->looked_us = time_us;
    int error = stat(tokens->path, &now) == 0 ? 0 : errno;
    if (error)
        memset(&now, 0, sizeof now);
    /* Retry an unreadable file each time: the cause may be the disk or a lack of memory. */
    if (tokens->looked && !tokens->broken && error == tokens->error &&
        tokens_same_file(&now, &tokens->seen))
        return;
    if (tokens_read_or_refuse(tokens, error, why, sizeof why)) {
        tokens->fault[0] = '\0';
    } else {
        if (strcmp(tokens->fault, why) != 0) /* log each fault once */
            log_error("tokens: %s; all requests are refused until this is fixed", why);
        snprintf(tokens->fault, sizeof tokens->fault, "%s", why);
    }
    tokens->looked = true;
    tokens->error = error;
    tokens->seen = now;
}

bool tokens_required(const struct tokens *tokens)
{
    return tokens->broken || tokens->count > 0;
}

const struct token *tokens_find(const struct tokens *tokens, const char *text)
{
    unsigned char digest[TOKEN_DIGEST_BYTES];
    const struct token *found = NULL;
    if (tokens->broken)
        return NULL;
    if (!tokens_hash_text(text, digest))
        memory_fail();
    for (size_t i = 0; i < tokens->count; i++) {
        if (gnutls_memcmp(digest, tokens->item[i].digest, sizeof digest) == 0)
            found = &tokens->item[i];
    }
    return found;
}

bool tokens_have_digest(const struct tokens *tokens, const unsigned char digest[TOKEN_DIGEST_BYTES])
{
    for (size_t i = 0; i < tokens->count; i++) {
        if (memcmp(tokens->item[i].digest, digest, TOKEN_DIGEST_BYTES) == 0)
            return true;
    }
    return false;
}

static bool tokens_write_file(FILE *file, const struct tokens *tokens)
{
    if (tokens->count == 0)
        fputs(no_tokens, file);
    for (size_t i = 0; i < tokens->count; i++) {
        const struct token *token = &tokens->item[i];
        char digest[HEX_SIZE];
        tokens_format_hex(token->digest, sizeof token->digest, digest);
        fprintf(file, "%s %s %s %lld\n", token->name, scope_names[token->scope], digest,
                (long long)token->created_ms);
    }
    return fflush(file) == 0 && fsync(fileno(file)) == 0;
}

/* Gives the new file the owner and mode of the old one if the daemon can read it then, else
 * `owner`. */
static bool tokens_make_readable(int fd, const char *path, const struct file_owner *owner)
{
    struct stat old;
    if (stat(path, &old) == 0 && file_owner_can_read(owner, &old)) {
        struct file_owner same = {old.st_uid, old.st_gid};
        return file_owner_give(&same, fd) && fchmod(fd, old.st_mode & 0777) == 0;
    }
    return file_owner_give(owner, fd);
}

static bool tokens_replace_file(const struct tokens *tokens, const struct file_owner *owner,
                                char *why, size_t why_size)
{
    char path[4096];
    if ((size_t)snprintf(path, sizeof path, "%s.new", tokens->path) >= sizeof path) {
        snprintf(why, why_size, "the path of the token file is too long");
        return false;
    }
    unlink(path); /* left by a command that was killed */
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    bool ok =
        file && tokens_make_readable(fd, tokens->path, owner) && tokens_write_file(file, tokens);
    int error = errno;
    if (file && fclose(file) != 0 && ok) {
        ok = false;
        error = errno;
    }
    if (ok && rename(path, tokens->path) != 0) {
        ok = false;
        error = errno;
    }
    if (ok) {
        ok = folder_sync_parent(tokens->path);
        if (!ok)
            snprintf(why, why_size, "%s: changed, but a power cut may undo it: %s", tokens->path,
                     strerror(errno));
        return ok;
    }
    snprintf(why, why_size, "%s: %s; nothing was changed", path, strerror(error));
    if (fd >= 0 && !file)
        close(fd);
    if (fd >= 0)
        unlink(path);
    return false;
}

/* Takes the lock that serializes commands. Returns its descriptor, or -1 with the reason in `why`.
 */
static int tokens_lock_file(const char *path, const struct file_owner *owner, char *why,
                            size_t why_size)
{
    char name[4096];
    snprintf(name, sizeof name, "%s.lock", path);
    int fd = open(name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0 || !file_owner_give(owner, fd) || flock(fd, LOCK_EX) != 0) {
        snprintf(why, why_size, "%s: %s", name, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

static int tokens_find_name(const struct tokens *tokens, const char *name)
{
    for (size_t i = 0; i < tokens->count; i++) {
        if (strcmp(tokens->item[i].name, name) == 0)
            return (int)i;
    }
    return -1;
}

static bool tokens_make_token(const char *name, enum token_scope scope, struct token *token,
                              char text[TOKEN_TEXT_SIZE])
{
    unsigned char secret[SECRET_BYTES];
    if (gnutls_rnd(GNUTLS_RND_KEY, secret, sizeof secret) != 0)
        return false;
    memcpy(text, text_prefix, sizeof text_prefix);
    tokens_format_hex(secret, sizeof secret, text + sizeof text_prefix - 1);
    gnutls_memset(secret, 0, sizeof secret);
    *token = (struct token){.scope = scope, .created_ms = (int64_t)clock_wall_ms()};
    snprintf(token->name, sizeof token->name, "%s", name);
    return tokens_hash_text(text, token->digest);
}

bool tokens_add(const char *path, const struct file_owner *owner, const char *name,
                enum token_scope scope, char text[TOKEN_TEXT_SIZE], char *why, size_t why_size)
{
    struct tokens tokens = {.path = path};
    struct token token;
    bool ok = false;
    int fd = tokens_lock_file(path, owner, why, why_size);
    if (fd < 0 || !tokens_read_file(&tokens, why, why_size))
        goto done;
    if (!resource_name_is_valid(name)) {
        snprintf(why, why_size, "\"%s\" is not a valid name", name);
    } else if (tokens_find_name(&tokens, name) >= 0) {
        snprintf(why, why_size, "a token %s exists already", name);
    } else if (!tokens_make_token(name, scope, &token, text)) {
        snprintf(why, why_size, "GnuTLS cannot make random bits");
    } else if (!ARRAY_PUSH(&tokens, token)) {
        snprintf(why, why_size, "%s", strerror(ENOMEM));
    } else {
        ok = tokens_replace_file(&tokens, owner, why, why_size);
    }
done:
    if (fd >= 0)
        close(fd);
    tokens_finish(&tokens);
    return ok;
}

bool tokens_revoke(const char *path, const struct file_owner *owner, const char *name, size_t *left,
                   char *why, size_t why_size)
{
    struct tokens tokens = {.path = path};
    bool ok = false;
    int fd = tokens_lock_file(path, owner, why, why_size);
    if (fd < 0 || !tokens_read_file(&tokens, why, why_size))
        goto done;
    int place = tokens_find_name(&tokens, name);
    if (place < 0) {
        snprintf(why, why_size, "no token has the name %s", name);
        goto done;
    }
    tokens.item[place] = tokens.item[--tokens.count];
    *left = tokens.count;
    ok = tokens_replace_file(&tokens, owner, why, why_size);
done:
    if (fd >= 0)
        close(fd);
    tokens_finish(&tokens);
    return ok;
}
