/* tagferry-api's HTTP side as its main starts it, plain and with TLS, and clients that send what
 * the input describes: several connections, requests in pipelines, cut anywhere, ended anywhere.
 *
 * The first byte of an input chooses TLS. Each step is a byte with the connection and the kind,
 * and the bytes that this kind needs. http/talk.c has the rules for answers. After each input a
 * plain request is answered, the last change is there, a refused one is not, and no descriptor is
 * left over. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/talk.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SLOTS = 4, STEPS_MAX = 60, INPUT_MAX = 2048, RAW_BODY = 0xE0, STREAM = 255 };

static struct server plain, secure;
static char store_etag[2][ANSWER_TEXT_SIZE]; /* of the state before each input */

/* The run of one input. */
static struct run {
    const uint8_t *data;
    size_t size;
    struct server *server;
    unsigned versions; /* of TLS */
    struct talk talks[TALKS_MAX];
    unsigned talk_count;
    struct talk *slots[SLOTS];
    struct findings findings;
} run;

static uint8_t take_byte(void)
{
    if (run.size == 0)
        return 0;
    run.size--;
    return *run.data++;
}

/* A byte with the length, and so many bytes. */
static const uint8_t *take_bytes(size_t *len)
{
    size_t wanted = take_byte();
    const uint8_t *bytes = run.data;
    *len = wanted < run.size ? wanted : run.size;
    run.data += *len;
    run.size -= *len;
    return bytes;
}

/* The open connection of a slot, or a new one. NULL when there were too many. */
static struct talk *find_talk(unsigned slot)
{
    struct talk *talk = run.slots[slot];
    if (talk && talk->link.fd >= 0)
        return talk;
    if (run.talk_count == TALKS_MAX)
        return NULL;
    talk = run.slots[slot] = &run.talks[run.talk_count++];
    talk_open(talk, run.talk_count - 1, run.server, run.versions);
    return talk;
}

static void step_ask(struct talk *talk)
{
    static const enum framing framings[8] = {FRAMING_LENGTH, FRAMING_LENGTH, FRAMING_LENGTH,
                                             FRAMING_LENGTH, FRAMING_CHUNKS, FRAMING_BYTES,
                                             FRAMING_SHORT,  FRAMING_LONG};
    uint8_t kind = take_byte(), target = take_byte();
    struct asked asked = {.method = kind & 7,
                          .framing = framings[kind >> 3 & 7],
                          .is_old = kind >> 6 == 3,
                          .target =
                              &http_targets[target == STREAM ? http_target_count - 1
                                                             : target % (http_target_count - 1)],
                          .flags = take_byte()};
    asked.extra = (uint8_t)(take_byte() % http_header_count);
    uint8_t body = take_byte();
    const struct http_body *known = &http_bodies[body % http_body_count];
    asked.type = known->type;
    asked.body = (const uint8_t *)known->text;
    asked.body_len = strlen(known->text);
    if (body >= RAW_BODY) {
        asked.type = "application/json";
        asked.body = take_bytes(&asked.body_len);
    }
    talk_ask(talk, &asked, &run.findings);
}

static void step_repeat(struct talk *talk)
{
    unsigned count = take_byte() % 8 + 1;
    if (talk->asked_count == 0)
        return;
    const struct asked again = talk->asked[talk->asked_count - 1];
    for (unsigned i = 0; i < count; i++)
        talk_ask(talk, &again, &run.findings);
}

/* Bytes beneath TLS; without it, a part of a request. */
static void step_beneath(struct talk *talk, const void *bytes, size_t len)
{
    if (!run.server->is_tls || len == 0) {
        talk_put(talk, bytes, len);
        return;
    }
    talk->is_clean = false;
    link_put_beneath(&talk->link, bytes, len);
}

static void step_end(struct talk *talk)
{
    link_flush(&talk->link, LINK_SENT_MAX - 2);
    link_end_sending(&talk->link);
    talk->has_ended_sending = true;
    talk->is_clean = false; /* libmicrohttpd takes it for the end of the connection */
}

/* The answers that have not come are lost. */
static void step_close(struct talk *talk, bool with_reset)
{
    if (!with_reset)
        talk_take_answers(talk, &run.findings);
    talk->is_clean = false;
    link_close(&talk->link, with_reset);
}

/* Connections that wait are closed. */
static void step_let_time_pass(void)
{
    server_advance_clock(take_byte() * 250u);
    for (unsigned i = 0; i < run.talk_count; i++) {
        run.talks[i].is_clean = false;
        run.talks[i].link.may_fail = true;
    }
}

static void run_step(void)
{
    enum {
        ASK,
        ASK_MORE,
        ASK_ALSO,
        PUT,
        SNIPPET,
        FLUSH,
        RECEIVE,
        AWAIT,
        END,
        RESET,
        CLOSE,
        BENEATH,
        BENEATH_SNIPPET,
        SHAKE,
        TIME,
        REPEAT
    };
    uint8_t step = take_byte();
    struct talk *talk = find_talk(step % SLOTS);
    const uint8_t *bytes;
    const char *snippet;
    size_t len;
    if (!talk)
        return;
    switch (step / SLOTS % 16) {
    case PUT:
        bytes = take_bytes(&len);
        talk_put(talk, bytes, len);
        break;
    case SNIPPET:
        snippet = http_snippets[take_byte() % http_snippet_count];
        talk_put(talk, snippet, strlen(snippet));
        break;
    case FLUSH:
        link_flush(&talk->link, take_byte() * 3u + 1);
        break;
    case RECEIVE:
        talk_take_answers(talk, &run.findings);
        break;
    case AWAIT:
        talk_await_answers(talk, &run.findings);
        break;
    case END:
        step_end(talk);
        break;
    case RESET:
    case CLOSE:
        step_close(talk, step / SLOTS % 16 == RESET);
        break;
    case BENEATH:
        bytes = take_bytes(&len);
        step_beneath(talk, bytes, len);
        break;
    case BENEATH_SNIPPET:
        snippet = http_snippets[take_byte() % http_snippet_count];
        step_beneath(talk, snippet, strlen(snippet));
        break;
    case SHAKE:
        link_step_handshake(&talk->link);
        break;
    case TIME:
        step_let_time_pass();
        break;
    case REPEAT:
        step_repeat(talk);
        break;
    default: /* ASK */
        step_ask(talk);
        break;
    }
}

/* The clock moves when all is sent, and all answers of clean ones are there. */
static void finish_talks(void)
{
    for (unsigned i = 0; i < run.talk_count; i++) {
        struct talk *talk = &run.talks[i];
        if (talk->link.fd >= 0)
            talk_await_answers(talk, &run.findings);
    }
    for (unsigned i = 0; i < run.talk_count; i++) {
        if (run.talks[i].link.fd >= 0)
            talk_finish(&run.talks[i], &run.findings);
    }
}

/* True when the input's only changes came from one connection, and all its answers are known. */
static bool changes_are_known(void)
{
    unsigned writers = 0;
    bool known = true;
    for (unsigned i = 0; i < run.talk_count; i++) {
        writers += run.talks[i].may_write;
        known = known && (run.talks[i].is_clean || !run.talks[i].may_write);
    }
    return known && writers <= 1;
}

static bool etag_is_equal(const char *one, const char *other)
{
    size_t len = strcspn(one + 1, "\"-"), other_len = strcspn(other + 1, "\"-");
    return one[0] && other[0] && len == other_len && memcmp(one, other, len + 1) == 0;
}

/* The last change is there: a resource is as its answer says, and a deleted one is gone. */
static void check_last_change(void)
{
    static const char *const left_out[] = {
        "?",        "/import", "/copy",     "/revert",        "/value",
        "/preview", "http:",   "/gateways", "/meter/devices", NULL};
    const struct asked *asked = run.findings.written;
    const struct answer *write = &run.findings.write;
    struct answer answer;
    if (!asked || !changes_are_known() ||
        memmem(asked->body, asked->body_len, "\"name\"", 6) != NULL)
        return;
    for (size_t i = 0; left_out[i]; i++) {
        if (strstr(asked->target->text, left_out[i]))
            return;
    }
    const char *target = write->location[0] ? write->location : asked->target->text;
    server_ask(run.server, "GET", target, "", &answer, NULL, 0);
    if (asked->method == 5)
        fuzz_check(answer.status == 404, "what was deleted is still there");
    else
        fuzz_check(answer.status == 200 && (!write->etag[0] || !answer.etag[0] ||
                                            etag_is_equal(write->etag, answer.etag)),
                   "a change is not there");
}

/* The entity tag of a list is the revision of the store. */
static void read_store_etag(const struct server *server, char etag[ANSWER_TEXT_SIZE])
{
    struct answer answer;
    server_ask(server, "GET", "/api/v1/devices?limit=1", "", &answer, NULL, 0);
    fuzz_check(answer.status == 200 && answer.etag[0], "a plain request is refused");
    snprintf(etag, ANSWER_TEXT_SIZE, "%s", answer.etag);
}

/* A refused change has changed nothing. Undoes the others. */
static void check_store(void)
{
    char *before = store_etag[run.server->is_tls], now[ANSWER_TEXT_SIZE];
    read_store_etag(run.server, now);
    bool is_same = strcmp(before, now) == 0;
    fuzz_check(is_same || run.findings.has_written || !changes_are_known(),
               "the store has changed without a change");
    if (is_same && !run.findings.has_written)
        return;
    server_reset(run.server);
    read_store_etag(run.server, before);
}

/* The threads of the service allocate and run beside the inputs: leaks are looked for at the end,
 * and how often a branch was taken tells nothing. */
static void add_options(int *argc, char ***argv)
{
    static char *words[256];
    static char leaks[] = "-detect_leaks=0", counters[] = "-use_counters=0";
    int count = 0;
    for (; count < *argc && count < 252; count++)
        words[count] = (*argv)[count];
    words[count++] = leaks;
    words[count++] = counters;
    *argc = count;
    *argv = words;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    add_options(argc, argv);
    server_start_all(&plain, &secure);
    talk_prepare_process();
    read_store_etag(&plain, store_etag[0]);
    server_hang_up();
    read_store_etag(&secure, store_etag[1]);
    server_hang_up();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > INPUT_MAX)
        return 0;
    run.data = data;
    run.size = size;
    uint8_t first = take_byte();
    run.server = first & 1 ? &secure : &plain;
    run.versions = first >> 1 & 3;
    for (unsigned steps = 0; run.size > 0 && steps < STEPS_MAX; steps++)
        run_step();
    finish_talks();
    server_check_idle(run.server); /* and no request is in a queue */
    check_last_change();
    check_store();
    server_hang_up();
    for (unsigned i = 0; i < run.talk_count; i++) {
        link_finish(&run.talks[i].link);
        memset(&run.talks[i], 0, sizeof run.talks[i]);
    }
    memset(run.slots, 0, sizeof run.slots);
    run.talk_count = 0;
    run.findings = (struct findings){.has_written = false};
    return 0;
}
