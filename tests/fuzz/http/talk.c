/* Requests and the rules for their answers. */
#include "talk.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/base/embedded.h"

enum {
    METHODS = 8,
    STATUS_MAX = 600,
    TARGETS_MAX = 128,
    STREAM_TURN_MS = 1100,
    STREAM_WAIT_MS = 20,
    QUIET_WAIT_MS = 100,
    QUIET_TURNS = 20,
    IDLE_MS = 60000
};

/* The last one is a method that nobody knows. */
const char *const talk_methods[METHODS] = {"GET",   "HEAD",   "POST",    "PUT",
                                           "PATCH", "DELETE", "OPTIONS", "BREW"};

/* By target, method and status: what docs/openapi.json lists. */
static bool is_listed[TARGETS_MAX][METHODS][STATUS_MAX], has_method[TARGETS_MAX][METHODS];

void talk_prepare_process(void)
{
    cJSON *document = cJSON_Parse(openapi_files[0].data);
    const cJSON *paths = cJSON_GetObjectItemCaseSensitive(document, "paths");
    fuzz_check(cJSON_IsObject(paths) && http_target_count <= TARGETS_MAX, "openapi.json");
    for (size_t i = 0; i < http_target_count; i++) {
        const char *path = http_targets[i].path;
        const cJSON *item = path ? cJSON_GetObjectItemCaseSensitive(paths, path) : NULL, *status;
        fuzz_check(!path || item, path);
        for (size_t method = 0; item && method < METHODS; method++) {
            const char *name = method == 1 ? "get" : talk_methods[method];
            const cJSON *operation = cJSON_GetObjectItem(item, name);
            has_method[i][method] = operation != NULL;
            cJSON_ArrayForEach(status, cJSON_GetObjectItemCaseSensitive(operation, "responses"))
            {
                is_listed[i][method][atoi(status->string) % STATUS_MAX] = true;
            }
        }
    }
    cJSON_Delete(document);
}

void talk_open(struct talk *talk, unsigned number, const struct server *server, unsigned versions)
{
    talk->number = number;
    talk->is_clean = true;
    talk->newest = -1;
    link_open(&talk->link, server->port, server->is_tls, versions);
}

static bool method_writes(unsigned method)
{
    return method >= 2 && method <= 5;
}

/* Appends a body: as it is, or in chunks. */
static bool talk_put_body(struct talk *talk, const struct asked *asked)
{
    size_t piece = asked->framing == FRAMING_BYTES ? 1 : asked->body_len;
    char line[32];
    bool fits = true;
    if (asked->framing != FRAMING_CHUNKS && asked->framing != FRAMING_BYTES)
        return link_put(&talk->link, asked->body, asked->body_len);
    for (size_t at = 0; at < asked->body_len; at += piece) {
        snprintf(line, sizeof line, "%zx\r\n", piece);
        fits = fits && link_put(&talk->link, line, strlen(line)) &&
               link_put(&talk->link, asked->body + at, piece) && link_put(&talk->link, "\r\n", 2);
    }
    return fits && link_put(&talk->link, "0\r\n\r\n", 5);
}

static size_t write_length(const struct asked *asked, char *text, size_t size)
{
    bool is_chunked = asked->framing == FRAMING_CHUNKS || asked->framing == FRAMING_BYTES;
    size_t length = asked->body_len;
    if (asked->framing == FRAMING_SHORT)
        length /= 2;
    if (asked->framing == FRAMING_LONG)
        length = length % 2 == 0 ? length + 7 : 99999999;
    if (is_chunked)
        return (size_t)snprintf(text, size, "Transfer-Encoding: chunked\r\n");
    if (length == 0 && asked->framing == FRAMING_LENGTH)
        return 0;
    return (size_t)snprintf(text, size, "Content-Length: %zu\r\n", length);
}

void talk_ask(struct talk *talk, const struct asked *asked, const struct findings *findings)
{
    char head[3072], length[64] = "";
    size_t before = talk->link.sent_len;
    if (talk->asked_count == REQUESTS_MAX || talk->has_ended_sending)
        return;
    write_length(asked, length, sizeof length);
    const char *etag = findings->etag[0] ? findings->etag : "*";
    int len = snprintf(
        head, sizeof head,
        "%s %s HTTP/1.%c\r\nX-Request-Id: f%u-%u\r\n%s%s%s%s%s%s%s%s%s%s%s%s%s%s%s%s%s\r\n",
        talk_methods[asked->method], asked->target->text, asked->is_old ? '0' : '1', talk->number,
        talk->asked_count, asked->flags & FLAG_NO_HOST ? "" : "Host: 127.0.0.1\r\n",
        asked->flags & FLAG_IF_MATCH ? "If-Match: " : "", asked->flags & FLAG_IF_MATCH ? etag : "",
        asked->flags & FLAG_IF_MATCH ? "\r\n" : "",
        asked->flags & FLAG_IF_NONE_MATCH ? "If-None-Match: " : "",
        asked->flags & FLAG_IF_NONE_MATCH ? etag : "",
        asked->flags & FLAG_IF_NONE_MATCH ? "\r\n" : "",
        asked->flags & FLAG_GZIP ? "Accept-Encoding: gzip\r\n" : "",
        asked->flags & FLAG_CLOSE ? "Connection: close\r\n" : "",
        asked->flags & FLAG_EXPECT ? "Expect: 100-continue\r\n" : "",
        asked->flags & FLAG_TEXT ? "Accept: text/plain\r\n" : "",
        asked->type && !(asked->flags & FLAG_NO_TYPE) ? "Content-Type: " : "",
        asked->type && !(asked->flags & FLAG_NO_TYPE) ? asked->type : "",
        asked->type && !(asked->flags & FLAG_NO_TYPE) ? "\r\n" : "", http_headers[asked->extra],
        asked->extra ? "\r\n" : "", length);
    fuzz_check(len > 0 && (size_t)len < sizeof head, "a head is too long");
    if (!link_put(&talk->link, head, (size_t)len) || !talk_put_body(talk, asked)) {
        talk->link.sent_len = before;
        return;
    }
    talk->asked[talk->asked_count++] = *asked;
    talk->is_clean = talk->is_clean && asked->framing <= FRAMING_BYTES;
    talk->may_write = talk->may_write || method_writes(asked->method);
    if (asked->method == 0 && strstr(asked->target->text, "/stream")) {
        talk->is_clean = false;
        talk->has_stream = true;
    }
}

void talk_put(struct talk *talk, const void *data, size_t len)
{
    if (len == 0 || talk->has_ended_sending || !link_put(&talk->link, data, len))
        return;
    talk->is_clean = false;
    talk->may_write = talk->has_stream = true; /* for all that is known */
}

/* The number of the request that the answer names, or -1. */
static int talk_find_request(const struct talk *talk, const struct answer *answer)
{
    unsigned of, number;
    char again[64];
    if (sscanf(answer->id, "f%u-%u", &of, &number) != 2)
        return -1;
    snprintf(again, sizeof again, "f%u-%u", of, number);
    if (strcmp(again, answer->id) != 0)
        return -1;
    fuzz_check(of == talk->number && number < talk->asked_count,
               "an answer belongs to another connection");
    return (int)number;
}

/* Whether the answer is one to HEAD. Behind other bytes, a request may have another method than it
 * seems to have: then only what follows the answer tells. False when that has not come yet. */
static bool talk_knows_head(const struct talk *talk, int number, const uint8_t *after, size_t len,
                            bool *is_head)
{
    static const char version[] = "HTTP/1.";
    const struct link *link = &talk->link;
    *is_head = number >= 0 && talk->asked[number].method == 1;
    if (number >= 0 && talk->is_clean)
        return true;
    bool is_open = memmem(link->sent, link->sent_len, "HEAD", 4) != NULL;
    size_t known = len < strlen(version) ? len : strlen(version);
    *is_head = is_open && memcmp(after, version, known) == 0;
    return !is_open || known == strlen(version) || link->has_ended;
}

static void talk_check_status(const struct asked *asked, const struct answer *answer)
{
    size_t target = (size_t)(asked->target - http_targets);
    bool holds = !asked->target->path || is_listed[target][asked->method][answer->status] ||
                 (!has_method[target][asked->method] && answer->status >= 400) ||
                 asked->method == 6;
    if (!holds)
        fprintf(stderr, "%s %s: %d\n", talk_methods[asked->method], asked->target->text,
                answer->status);
    fuzz_check(holds, "openapi.json does not list this status");
}

static void talk_note_answer(struct talk *talk, int number, const struct answer *answer,
                             struct findings *findings)
{
    if (answer->etag[0])
        snprintf(findings->etag, sizeof findings->etag, "%s", answer->etag);
    if (number < 0)
        return;
    const struct asked *asked = &talk->asked[number];
    if (talk->is_clean)
        talk_check_status(asked, answer);
    if (method_writes(asked->method) && answer->status < 300) {
        findings->has_written = true;
        findings->written = asked;
        findings->write = *answer;
    }
}

/* False when no whole answer is there. */
static bool talk_take_answer(struct talk *talk, struct findings *findings)
{
    const struct link *link = &talk->link;
    size_t len = link->got_len - talk->read;
    struct answer answer;
    if (len == 0)
        return false;
    const uint8_t *data = link->got + talk->read;
    if (answer_read_head(data, len, &answer) == ANSWER_PART)
        return false;
    if (answer.status == 100) {
        talk->read += answer.head_len;
        return true;
    }
    /* libmicrohttpd 0.9.75 sends the head of some refusals twice, and ends the connection. */
    if (!answer.id[0] && answer.status >= 400 && len >= 2 * answer.head_len &&
        memcmp(data, data + answer.head_len, answer.head_len) == 0) {
        talk->read += answer.head_len;
        return true;
    }
    int number = talk_find_request(talk, &answer);
    bool is_head;
    if (!talk_knows_head(talk, number, data + answer.head_len, len - answer.head_len, &is_head) ||
        answer_read_body(data, len, is_head, link->has_ended, &answer) == ANSWER_PART)
        return false;
    const char *target = number < 0 ? "" : talk->asked[number].target->text;
    answer_check(&answer, is_head,
                 number < 0 || strstr(target, "/import") || strstr(target, "/readyz"));
    fuzz_check(!talk->is_last, "an answer follows the last one");
    fuzz_check(number < 0 || number > talk->newest, "answers are out of order");
    fuzz_check(!talk->is_clean || number == talk->newest + 1 || number < 0,
               "an answer is left out");
    talk->newest = number >= 0 ? number : talk->newest;
    talk->is_last = answer.closes || answer.is_endless;
    talk->answers++;
    talk->read += answer.whole_len;
    talk_note_answer(talk, number, &answer, findings);
    return true;
}

void talk_take_answers(struct talk *talk, struct findings *findings)
{
    link_receive(&talk->link);
    while (talk_take_answer(talk, findings)) {
    }
}

static bool talk_is_complete(const struct talk *talk)
{
    return talk->is_last || talk->answers == talk->asked_count;
}

/* A request that may end the connection, with others behind it: what arrives after that resets it.
 */
static bool talk_may_lose_answers(const struct talk *talk)
{
    for (unsigned i = talk->answers; i + 1 < talk->asked_count; i++) {
        const struct asked *asked = &talk->asked[i];
        if (asked->is_old || asked->extra > 0 || strchr(asked->target->text, ' ') ||
            (asked->flags & (FLAG_CLOSE | FLAG_NO_HOST | FLAG_EXPECT)) != 0)
            return true;
    }
    return false;
}

void talk_await_answers(struct talk *talk, struct findings *findings)
{
    uint64_t until = fuzz_now_ms() + FUZZ_WAIT_MS;
    if (!talk->has_ended_sending)
        link_flush(&talk->link, LINK_SENT_MAX - 2);
    for (;;) {
        talk_take_answers(talk, findings);
        if (!talk->is_clean || talk_is_complete(talk))
            return;
        if (talk->link.has_ended && talk_may_lose_answers(talk)) {
            talk->is_clean = false;
            return;
        }
        if (talk->link.has_ended)
            fprintf(stderr, "%u answers to: %.*s\n", talk->answers, (int)talk->link.sent_len,
                    (const char *)talk->link.sent);
        fuzz_check(!talk->link.has_ended, "the connection ends without an answer");
        fuzz_check(fuzz_now_ms() < until, "a request is not answered");
        link_wait(&talk->link, 100);
    }
}

/* Each request but the last ends its head with an empty line. */
static unsigned talk_count_requests(const struct link *link)
{
    unsigned count = 1;
    for (size_t i = 0; i + 1 < link->sent_len; i++) {
        const uint8_t *at = link->sent + i;
        count += at[0] == '\n' &&
                 (at[1] == '\n' || (i + 2 < link->sent_len && at[1] == '\r' && at[2] == '\n'));
    }
    return count;
}

void talk_finish(struct talk *talk, struct findings *findings)
{
    struct link *link = &talk->link;
    uint64_t until = fuzz_now_ms() + FUZZ_WAIT_MS;
    talk_await_answers(talk, findings);
    if (!talk->has_ended_sending)
        link_end_sending(link);
    talk_take_answers(talk, findings);
    for (unsigned quiet = 0; !link->has_ended; talk_take_answers(talk, findings)) {
        fuzz_check(fuzz_now_ms() < until, "a connection stays after its client has ended it");
        if (link_wait(link, talk->has_stream ? STREAM_WAIT_MS : QUIET_WAIT_MS))
            continue;
        if (talk->has_stream)
            server_advance_clock(STREAM_TURN_MS);
        else if (++quiet == QUIET_TURNS) /* the library has missed the end: there is a deadline */
            server_advance_clock(IDLE_MS);
    }
    fuzz_check(!talk->is_clean || talk->read == link->got_len, "an answer is cut off");
    fuzz_check(talk->answers <= talk_count_requests(link), "more answers than requests");
    link_close(link, false);
}
