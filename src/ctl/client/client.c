/* One easy handle for requests, whose connection stays open between them. */
#include "ctl/client/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "common/base/clock.h"
#include "common/base/require.h"
#include "ctl/base/keep.h"
#include "ctl/client/query.h"

/* A reply larger than this is given up. */
#define REPLY_LIMIT ((size_t)1 << 30)
enum { TOKEN_SIZE = 512, READ_ATTEMPTS = 3, FIRST_PAUSE_MS = 200 };
enum { LONG_ANSWER_S = 600 };
static const char may_have_been_made[] =
    "The change may have been made: look before you repeat it.\n";

struct client {
    struct client_settings settings;
    char *base; /* the URL without a slash at its end */
    const char *shown;
    char token[TOKEN_SIZE];
    CURL *curl;
    char reason[CURL_ERROR_SIZE];
    struct client_part *parts; /* newest first */
    time_t server_time;        /* of the newest answer; or -1 */
};

/* What a reply points to. */
struct client_part {
    struct client_part *before;
    char *body;
    size_t len, room;
    bool is_too_large;
    cJSON *json;
    char etag[sizeof((struct client_reply *)NULL)->etag];
    time_t date; /* of the answer, by the server's clock; or -1 */
};

static bool client_read_token(struct client *client, const char *path)
{
    FILE *file = fopen(path, "re");
    bool is_read = file && fgets(client->token, TOKEN_SIZE, file);
    const char *why = file ? "it is empty" : strerror(errno);
    if (file)
        fclose(file);
    client->token[strcspn(client->token, " \t\r\n")] = '\0';
    if (is_read && client->token[0] != '\0')
        return true;
    fprintf(stderr, "tagferryctl: the token file %s cannot be used: %s\n", path, why);
    return false;
}

/* The URL for messages: without a user and password. */
static const char *client_shown_url(const char *url)
{
    const char *host = strstr(url, "://") + 3;
    size_t len = strcspn(host, "/");
    const char *at = host;
    for (const char *next; (next = memchr(at, '@', len - (size_t)(at - host)));)
        at = next + 1;
    return keep_format("%.*s%s", (int)(host - url), url, at);
}

static bool client_check_ca_file(const char *path)
{
    FILE *file = fopen(path, "re");
    int byte = file ? fgetc(file) : EOF;
    const char *why = byte == EOF && (!file || ferror(file)) ? strerror(errno) : "it is empty";
    if (file)
        fclose(file);
    if (byte == EOF)
        fprintf(stderr, "tagferryctl: the CA file %s cannot be used: %s\n", path, why);
    return byte != EOF;
}

struct client *client_create(const struct client_settings *settings)
{
    const char *url = settings->url;
    if (strncasecmp(url, "http://", 7) != 0 && strncasecmp(url, "https://", 8) != 0) {
        fprintf(stderr,
                "tagferryctl: the URL \"%s\" must begin with http:// or https://, such as "
                "http://127.0.0.1:5000\n",
                url);
        return NULL;
    }
    size_t len = strlen(url);
    while (len > 0 && url[len - 1] == '/')
        len--;
    if (len <= (size_t)(strstr(url, "://") + 2 - url)) {
        fprintf(stderr, "tagferryctl: the URL \"%s\" has no host, as in http://127.0.0.1:5000\n",
                url);
        return NULL;
    }
    if (len > CLIENT_URL_MAX || strpbrk(url, "?# \t\r\n")) {
        fprintf(stderr, "tagferryctl: the URL \"%.100s\" is too long, or has a blank, ? or #\n",
                url);
        return NULL;
    }
    struct client *client = keep_zeroed(sizeof *client);
    client->settings = *settings;
    client->base = keep_bytes(url, len);
    client->shown = client_shown_url(client->base);
    client->server_time = -1;
    if (settings->token_file[0] != '\0' && !client_read_token(client, settings->token_file))
        return NULL;
    if (settings->ca_file[0] != '\0' && !client_check_ca_file(settings->ca_file))
        return NULL;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    client->curl = curl_easy_init();
    if (!client->curl) {
        fputs("tagferryctl: no memory\n", stderr);
        return NULL;
    }
    return client;
}

void client_destroy(struct client *client)
{
    if (!client)
        return;
    client_forget_replies(client);
    curl_easy_cleanup(client->curl);
    curl_global_cleanup();
}

void client_forget_replies(struct client *client)
{
    while (client->parts) {
        struct client_part *part = client->parts;
        client->parts = part->before;
        cJSON_Delete(part->json);
        free(part->body);
        free(part);
    }
}

double client_server_time(const struct client *client)
{
    return 1000.0 * (double)(client->server_time == -1 ? time(NULL) : client->server_time);
}

const char *client_server(const struct client *client)
{
    return client->shown;
}

char *client_path(const char *format, ...)
{
    REQUIRE(format[0] == '/');
    va_list args;
    char *path = keep_text("");
    va_start(args, format);
    for (const char *place; (place = strstr(format, "{}")); format = place + 2)
        path = keep_format("%s%.*s%s", path, (int)(place - format), format,
                           url_encode(va_arg(args, const char *)));
    va_end(args);
    return keep_format("%s%s", path, format);
}

static size_t client_take_bytes(char *data, size_t one, size_t len, void *context)
{
    struct client_part *part = context;
    (void)one; /* always 1 */
    if (len > REPLY_LIMIT - part->len) {
        part->is_too_large = true;
        return CURL_WRITEFUNC_ERROR;
    }
    if (part->room - part->len <= len) {
        part->room = (part->len + len) * 2 + 1;
        part->body = keep_realloc(part->body, part->room);
    }
    memcpy(part->body + part->len, data, len);
    part->len += len;
    part->body[part->len] = '\0';
    return len;
}

/* True if the line is this header, whose name ends in ":", with its value without blanks. */
static bool client_read_header(const char *line, size_t len, const char *name, char *value,
                               size_t size)
{
    size_t name_len = strlen(name);
    if (len < name_len || strncasecmp(line, name, name_len) != 0)
        return false;
    line += name_len;
    len -= name_len;
    while (len > 0 && (*line == ' ' || *line == '\t')) {
        line++;
        len--;
    }
    while (len > 0 && strchr(" \t\r\n", line[len - 1]))
        len--;
    snprintf(value, size, "%.*s", (int)len, line);
    return true;
}

/* A date of HTTP. curl_getdate would return the time_t that libcurl was built with. */
static time_t client_read_date(const char *text)
{
    struct tm utc = {0};
    const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    return end && *end == '\0' ? timegm(&utc) : -1;
}

static size_t client_take_header(char *line, size_t one, size_t len, void *context)
{
    struct client_part *part = context;
    char date[64];
    (void)one; /* always 1 */
    if (client_read_header(line, len, "date:", date, sizeof date))
        part->date = client_read_date(date);
    else
        client_read_header(line, len, "etag:", part->etag, sizeof part->etag);
    return len;
}

static int client_note_progress(void *context, curl_off_t down_all, curl_off_t down,
                                curl_off_t up_all, curl_off_t up)
{
    const struct client_request *request = context;
    (void)down_all, (void)down, (void)up_all;
    request->on_progress(request->context, (size_t)up, request->len);
    return 0;
}

static struct curl_slist *client_add_header(struct curl_slist *headers, const char *name,
                                            const char *value)
{
    struct curl_slist *longer = curl_slist_append(headers, keep_format("%s: %s", name, value));
    if (!longer) {
        fputs("tagferryctl: no memory\n", stderr);
        exit(CTL_REFUSED);
    }
    return longer;
}

/* How long the server may be silent. */
static long client_silence_s(const struct client *client, const struct client_request *request)
{
    const struct client_settings *settings = &client->settings;
    return request->takes_long && !settings->has_timeout ? LONG_ANSWER_S
                                                         : (settings->timeout_ms + 999) / 1000;
}

/* Sets all options of a transfer, and returns its headers. */
static struct curl_slist *client_set_options(const struct client *client, CURL *curl,
                                             const struct client_request *request)
{
    struct curl_slist *headers = NULL;
    const struct client_settings *settings = &client->settings;
    headers = client_add_header(headers, "Accept",
                                request->accept ? request->accept : "application/json");
    headers = client_add_header(headers, "User-Agent", "tagferryctl/" TAGFERRY_VERSION);
    headers = client_add_header(headers, "Expect", ""); /* no pause before a body */
    if (request->body)
        headers = client_add_header(headers, "Content-Type",
                                    request->type ? request->type : "application/json");
    if (request->if_match)
        headers = client_add_header(headers, "If-Match", request->if_match);
    if (client->token[0] != '\0')
        headers =
            client_add_header(headers, "Authorization", keep_format("Bearer %s", client->token));

    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL,
                     keep_format("%s%s%s%s%s", client->base, request->is_root ? "" : "/api/v1",
                                 request->path, request->query ? "?" : "",
                                 request->query ? request->query : ""));
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L); /* a name may be ".." */
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, settings->timeout_ms);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, client_silence_s(client, request));
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (settings->ca_file[0] != '\0') { /* the certificates of the system do not count then */
        curl_easy_setopt(curl, CURLOPT_CAINFO, settings->ca_file);
        curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    }
    if (request->body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->len);
    }
    if (request->method)
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    if (request->on_progress) {
        curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, client_note_progress);
        curl_easy_setopt(curl, CURLOPT_XFERINFODATA, (void *)(size_t)request);
    }
    return headers;
}

static bool client_is_worth_repeating(CURLcode code)
{
    return code == CURLE_COULDNT_CONNECT || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ||
           code == CURLE_GOT_NOTHING || code == CURLE_PARTIAL_FILE;
}

/* One attempt, whose bytes go to a new part. */
static CURLcode client_try_request(struct client *client, const struct client_request *request,
                                   struct client_part **part)
{
    struct client_part *fresh = keep_malloc(sizeof *fresh);
    *fresh = (struct client_part){.before = client->parts, .date = -1};
    client->parts = *part = fresh;
    client_take_bytes("", 1, 0, fresh);
    struct curl_slist *headers = client_set_options(client, client->curl, request);
    client->reason[0] = '\0';
    curl_easy_setopt(client->curl, CURLOPT_ERRORBUFFER, client->reason);
    curl_easy_setopt(client->curl, CURLOPT_WRITEFUNCTION, client_take_bytes);
    curl_easy_setopt(client->curl, CURLOPT_WRITEDATA, fresh);
    curl_easy_setopt(client->curl, CURLOPT_HEADERFUNCTION, client_take_header);
    curl_easy_setopt(client->curl, CURLOPT_HEADERDATA, fresh);
    CURLcode code = curl_easy_perform(client->curl);
    curl_slist_free_all(headers);
    return code;
}

static void client_print_failure(const struct client *client, CURLcode code, bool is_too_large,
                                 bool is_change)
{
    const char *why = is_too_large ? "the answer is too large" : client->reason;
    fprintf(stderr, "tagferryctl: %s does not answer: %s\n", client->shown, why);
    if (is_change && code != CURLE_COULDNT_CONNECT && code != CURLE_COULDNT_RESOLVE_HOST)
        fputs(may_have_been_made, stderr);
    else if (code == CURLE_COULDNT_CONNECT)
        fputs("Does tagferry-api run there? Another server is chosen with --url.\n", stderr);
    else if (code == CURLE_GOT_NOTHING && strncasecmp(client->base, "http:", 5) == 0)
        fputs("Does the server want https://?\n", stderr);
    else if (code == CURLE_PEER_FAILED_VERIFICATION)
        fputs("The certificate that signed the server's is named with --ca-file.\n", stderr);
}

/* Fills the reply from the part. False, with the reason, if it is not Tagferry's. */
static bool client_read_reply(struct client *client, const struct client_request *request,
                              struct client_part *part, struct client_reply *reply)
{
    const char *type = NULL;
    *reply = (struct client_reply){
        .body = part->body, .len = part->len, .token_file = client->settings.token_file};
    client->server_time = part->date;
    curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &reply->status);
    curl_easy_getinfo(client->curl, CURLINFO_CONTENT_TYPE, &type);
    snprintf(reply->type, sizeof reply->type, "%.*s", type ? (int)strcspn(type, "; ") : 0,
             type ? type : "");
    memcpy(reply->etag, part->etag, sizeof reply->etag);
    bool is_json = strstr(reply->type, "json") != NULL;
    if (is_json)
        reply->json = part->json = cJSON_ParseWithLength(part->body, part->len);
    bool has_no_body = part->len == 0 && reply->status == 204;
    bool is_expected =
        is_json || has_no_body || (request->accept && strcmp(reply->type, request->accept) == 0);
    if (is_expected && (!is_json || reply->json))
        return true;
    char *elsewhere = NULL;
    curl_easy_getinfo(client->curl, CURLINFO_REDIRECT_URL, &elsewhere);
    snprintf(client->reason, sizeof client->reason,
             "it answers, but not as tagferry-api does (status %ld, %s%.100s)", reply->status,
             elsewhere        ? "go to "
             : is_json        ? "invalid JSON"
             : reply->type[0] ? reply->type
             : part->len == 0 ? "nothing else"
                              : "without a type",
             elsewhere ? elsewhere : "");
    return false;
}

enum ctl_status client_send(struct client *client, const struct client_request *request,
                            struct client_reply *reply)
{
    REQUIRE(request->path && request->path[0] == '/');
    REQUIRE(request->body || request->len == 0);
    bool is_change = request->body || request->method;
    int attempts = is_change || client->settings.is_quiet ? 1 : READ_ATTEMPTS;
    struct client_part *part;
    CURLcode code = CURLE_OK;
    long pause_ms = FIRST_PAUSE_MS;
    for (int attempt = 1; attempt <= attempts; attempt++, pause_ms *= 2) {
        code = client_try_request(client, request, &part);
        if (!client_is_worth_repeating(code))
            break;
        if (attempt < attempts)
            nanosleep(&(struct timespec){.tv_nsec = pause_ms * 1000000}, NULL);
    }
    if (request->on_end)
        request->on_end(request->context);
    if (code != CURLE_OK && client->reason[0] == '\0')
        snprintf(client->reason, sizeof client->reason, "%s", curl_easy_strerror(code));
    if (strncmp(client->reason, "Operation too slow", 18) == 0)
        snprintf(client->reason, sizeof client->reason, "nothing came for %ld s; see --timeout",
                 client_silence_s(client, request));
    if (code != CURLE_OK && !client->settings.is_quiet)
        client_print_failure(client, code, part->is_too_large, is_change);
    if (code != CURLE_OK)
        return CTL_UNREACHABLE;
    if (client_read_reply(client, request, part, reply))
        return CTL_DONE;
    if (!client->settings.is_quiet)
        fprintf(stderr, "tagferryctl: %s: %s\n", client->shown, client->reason);
    if (is_change && !client->settings.is_quiet)
        fputs(may_have_been_made, stderr);
    return CTL_UNREACHABLE;
}

const char *client_reason(const struct client *client)
{
    return client->reason;
}

/* A stream that runs. */
struct client_running {
    struct client *client;
    const struct client_stream *stream;
    struct client_part *part; /* takes the body of an answer that is not 2xx */
    uint64_t heard_ms;        /* when bytes came last; at first when it began */
};

static size_t client_take_stream(char *data, size_t one, size_t len, void *context)
{
    struct client_running *running = context;
    long status = 0;
    running->heard_ms = clock_steady_ms();
    curl_easy_getinfo(running->client->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status < 200 || status > 299)
        return client_take_bytes(data, one, len, running->part);
    running->stream->on_bytes(running->stream->context, data, len);
    return len;
}

static bool client_wait_for_stream(CURLM *multi, const struct client_stream *stream)
{
    struct curl_waitfd input = {.fd = stream->input_fd, .events = CURL_WAIT_POLLIN};
    int ready = 0;
    curl_multi_poll(multi, &input, stream->input_fd >= 0 ? 1 : 0, stream->wake_ms, &ready);
    return stream->on_wake(stream->context, stream->input_fd >= 0 && input.revents != 0);
}

enum ctl_status client_run_stream(struct client *client, const struct client_request *request,
                                  const struct client_stream *stream, struct client_reply *reply)
{
    REQUIRE(stream->on_bytes && stream->on_wake && stream->wake_ms > 0);
    REQUIRE(request->path && request->path[0] == '/');
    struct client_running running = {client, stream, keep_malloc(sizeof *running.part),
                                     clock_steady_ms()};
    *running.part = (struct client_part){.before = client->parts, .date = -1};
    client->parts = running.part;
    client_take_bytes("", 1, 0, running.part);
    *reply = (struct client_reply){0};
    CURLM *multi = curl_multi_init();
    struct curl_slist *headers = client_set_options(client, client->curl, request);
    client->reason[0] = '\0';
    curl_easy_setopt(client->curl, CURLOPT_ERRORBUFFER, client->reason);
    curl_easy_setopt(client->curl, CURLOPT_WRITEFUNCTION, client_take_stream);
    curl_easy_setopt(client->curl, CURLOPT_WRITEDATA, &running);
    curl_easy_setopt(client->curl, CURLOPT_LOW_SPEED_TIME, 0L); /* it counts too slowly */
    int transfers = 1;
    bool is_silent = false;
    bool goes_on = multi && curl_multi_add_handle(multi, client->curl) == CURLM_OK;
    while (goes_on && !is_silent && transfers > 0) {
        goes_on = curl_multi_perform(multi, &transfers) == CURLM_OK &&
                  client_wait_for_stream(multi, stream);
        is_silent = clock_steady_ms() - running.heard_ms > (uint64_t)stream->silence_ms;
    }
    int left;
    const CURLMsg *end = multi && transfers == 0 ? curl_multi_info_read(multi, &left) : NULL;
    CURLcode code = end ? end->data.result : CURLE_OK;
    bool is_refused = end && code == CURLE_OK;
    if (end && client->reason[0] == '\0')
        snprintf(client->reason, sizeof client->reason, "%s",
                 code != CURLE_OK ? curl_easy_strerror(code) : "the server has ended the stream");
    if (multi) {
        curl_multi_remove_handle(multi, client->curl);
        curl_multi_cleanup(multi);
    }
    curl_slist_free_all(headers);
    if (goes_on && is_silent) {
        snprintf(client->reason, sizeof client->reason, "nothing came for %ld s",
                 stream->silence_ms / 1000);
        return CTL_UNREACHABLE;
    }
    if (!end)
        return CTL_DONE;
    if (!is_refused || !client_read_reply(client, request, running.part, reply))
        return CTL_UNREACHABLE;
    return reply->status >= 200 && reply->status < 300 ? CTL_UNREACHABLE : CTL_DONE;
}
