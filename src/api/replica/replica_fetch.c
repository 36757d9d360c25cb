/* One easy handle, whose connection stays open between requests. */
#include "api/replica/replica_fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/require.h"

/* A transfer slower than this is given up. */
enum { SLOW_BYTES = 100, TOKEN_SIZE = 512, FIRST_ROOM = 16384 };
/* An answer of another type than the expected one: a problem document. */
enum { OTHER_TYPE_BYTES = 65536 };

struct replica_fetch {
    CURL *curl;
    bool (*stops)(void *context);
    void *context;
    char *body;
    size_t len, room, limit;
    const char *accept;
    bool is_too_large, has_other_type, no_memory;
    char reason[CURL_ERROR_SIZE];
};

void replica_fetch_prepare_process(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static size_t fetch_take_bytes(char *data, size_t one, size_t len, void *context)
{
    struct replica_fetch *fetch = context;
    (void)one; /* always 1 */
    if (fetch->len == 0) {
        const char *type = NULL;
        curl_easy_getinfo(fetch->curl, CURLINFO_CONTENT_TYPE, &type);
        fetch->has_other_type = !type || strncmp(type, fetch->accept, strlen(fetch->accept)) != 0;
        if (fetch->has_other_type && fetch->limit > OTHER_TYPE_BYTES)
            fetch->limit = OTHER_TYPE_BYTES;
    }
    if (len > fetch->limit - fetch->len) {
        fetch->is_too_large = true;
        return CURL_WRITEFUNC_ERROR;
    }
    if (fetch->room - fetch->len <= len) {
        size_t room = fetch->room ? fetch->room : FIRST_ROOM;
        while (room - fetch->len <= len)
            room *= 2;
        char *body = realloc(fetch->body, room);
        if (!body) {
            fetch->no_memory = true;
            return CURL_WRITEFUNC_ERROR;
        }
        fetch->body = body;
        fetch->room = room;
    }
    memcpy(fetch->body + fetch->len, data, len);
    fetch->len += len;
    fetch->body[fetch->len] = '\0';
    return len;
}

static int fetch_note_progress(void *context, curl_off_t down_all, curl_off_t down,
                               curl_off_t up_all, curl_off_t up)
{
    const struct replica_fetch *fetch = context;
    (void)down_all, (void)down, (void)up_all, (void)up;
    return fetch->stops && fetch->stops(fetch->context);
}

struct replica_fetch *replica_fetch_create(bool (*stops)(void *context), void *context)
{
    struct replica_fetch *fetch = calloc(1, sizeof *fetch);
    if (fetch && !(fetch->curl = curl_easy_init())) {
        free(fetch);
        return NULL;
    }
    if (fetch) {
        fetch->stops = stops;
        fetch->context = context;
    }
    return fetch;
}

void replica_fetch_destroy(struct replica_fetch *fetch)
{
    if (!fetch)
        return;
    curl_easy_cleanup(fetch->curl);
    free(fetch->body);
    free(fetch);
}

/* Reads the token, the first line of its file. */
static bool fetch_read_token(const char *path, char token[TOKEN_SIZE], struct replica_fault *fault)
{
    FILE *file = fopen(path, "re");
    bool ok = file && fgets(token, TOKEN_SIZE, file);
    if (!ok)
        replica_fault_set(fault, REPLICA_NO_TOKEN, "the token file %.300s cannot be read: %s", path,
                          file ? "it is empty" : strerror(errno));
    if (file)
        fclose(file);
    if (!ok)
        return false;
    token[strcspn(token, " \t\r\n")] = '\0';
    return true;
}

static enum replica_code fetch_name_failure(const struct replica_fetch *fetch, CURLcode code)
{
    switch (code) {
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
        return REPLICA_TLS_REFUSED;
    case CURLE_PARTIAL_FILE:
        return REPLICA_TRUNCATED;
    case CURLE_RECV_ERROR:
    case CURLE_OPERATION_TIMEDOUT:
        return fetch->len > 0 ? REPLICA_TRUNCATED : REPLICA_UNREACHABLE;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_GOT_NOTHING:
    case CURLE_BAD_CONTENT_ENCODING:
        return REPLICA_NOT_TAGFERRY;
    case CURLE_FILESIZE_EXCEEDED:
        return REPLICA_TOO_LARGE;
    case CURLE_WRITE_ERROR:
        return !fetch->is_too_large    ? REPLICA_STORE_FAILED
               : fetch->has_other_type ? REPLICA_NOT_TAGFERRY
                                       : REPLICA_TOO_LARGE;
    default:
        return REPLICA_UNREACHABLE;
    }
}

static bool fetch_add_header(struct curl_slist **headers, const char *name, const char *value)
{
    char line[1024];
    if ((size_t)snprintf(line, sizeof line, "%s: %s", name, value) >= sizeof line)
        return false;
    struct curl_slist *more = curl_slist_append(*headers, line);
    if (more)
        *headers = more;
    return more != NULL;
}

/* Sets all options: a reset keeps only the connection. */
static bool fetch_set_options(struct replica_fetch *fetch, const struct api_settings *settings,
                              const struct replica_request *request, struct curl_slist *headers)
{
    CURL *curl = fetch->curl;
    curl_easy_reset(curl);
    fetch->reason[0] = '\0';
    bool ok = curl_easy_setopt(curl, CURLOPT_URL, request->url) == CURLE_OK &&
              curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
              curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
              curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
              curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
              curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, fetch->reason) == CURLE_OK;
    curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->limit);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, request->connect_ms);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, request->timeout_ms);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, request->slow_s);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, fetch_take_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, fetch);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, fetch_note_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, fetch);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    /* With a file of its own, the certificates of the system do not count. */
    return ok && (settings->follow_ca_file[0] == '\0' ||
                  (curl_easy_setopt(curl, CURLOPT_CAINFO, settings->follow_ca_file) == CURLE_OK &&
                   curl_easy_setopt(curl, CURLOPT_CAPATH, NULL) == CURLE_OK));
}

bool replica_fetch_get(struct replica_fetch *fetch, const struct api_settings *settings,
                       const struct replica_request *request, struct replica_answer *answer,
                       struct replica_fault *fault)
{
    char token[TOKEN_SIZE] = "", bearer[TOKEN_SIZE + 16];
    struct curl_slist *headers = NULL;
    *answer = (struct replica_answer){0};
    fetch->len = 0;
    fetch->limit = request->limit;
    fetch->accept = request->accept;
    fetch->is_too_large = fetch->has_other_type = fetch->no_memory = false;
    if (settings->follow_token_file[0] != '\0' &&
        !fetch_read_token(settings->follow_token_file, token, fault))
        return false;
    snprintf(bearer, sizeof bearer, "Bearer %s", token);
    bool ok = fetch_add_header(&headers, "Accept", request->accept) &&
              (token[0] == '\0' || fetch_add_header(&headers, "Authorization", bearer)) &&
              (!request->if_none_match ||
               fetch_add_header(&headers, "If-None-Match", request->if_none_match)) &&
              fetch_set_options(fetch, settings, request, headers);
    CURLcode code = ok ? curl_easy_perform(fetch->curl) : CURLE_OUT_OF_MEMORY;
    curl_slist_free_all(headers);
    if (code == CURLE_OK) {
        const char *type = NULL;
        curl_easy_getinfo(fetch->curl, CURLINFO_RESPONSE_CODE, &answer->status);
        curl_easy_getinfo(fetch->curl, CURLINFO_CONTENT_TYPE, &type);
        snprintf(answer->type, sizeof answer->type, "%.*s", type ? (int)strcspn(type, "; ") : 0,
                 type ? type : "");
        answer->body = fetch->len ? fetch->body : "";
        answer->len = fetch->len;
    } else if (code == CURLE_ABORTED_BY_CALLBACK) {
        answer->is_given_up = true;
    } else {
        enum replica_code name = fetch_name_failure(fetch, code);
        answer->is_slow = code == CURLE_OPERATION_TIMEDOUT;
        replica_fault_set(
            fault, name, "%.*s: %.250s", (int)strcspn(request->url, "?"), request->url,
            fetch->is_too_large || name == REPLICA_TOO_LARGE ? "the answer is too large"
            : fetch->reason[0]                               ? fetch->reason
                                                             : curl_easy_strerror(code));
    }
    if (fetch->room > (size_t)FIRST_ROOM * 64 && fetch->len == 0) { /* of a copy before */
        free(fetch->body);
        fetch->body = NULL;
        fetch->room = 0;
    }
    return code == CURLE_OK;
}
