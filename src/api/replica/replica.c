/* The thread asks the leader each 250 ms; a leader asks the gateway that it followed once, each 5
 * s, whether that one leads as well. Without another gateway the thread sleeps. A mutex protects
 * what other threads see. */
#include "api/replica/replica.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/base/request_memory.h"
#include "api/handler/health.h"
#include "api/replica/replica_copy.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/plural.h"
#include "common/base/require.h"
#include "common/base/thread.h"
#include "common/store/db.h"

enum {
    POLL_MS = 250,
    POLL_SLOW_MS = 5000, /* of a leader whose answers are of no use */
    SAY_MS = 60000,      /* the log says each fault at most this often */
    COMPARE_MS = 5000,   /* a leader looks at its former leader */
    LIST_MS = 5000,      /* a follower reads the list of gateways */
    HEALTH_MS = 1000,
    CONNECT_MS = 2000,
    COPY_MS = 600000,
    PATIENCE_S = 10, /* a leader that says nothing for so long has failed, or has much to send: */
    PATIENCE_MAX_S = 160, /* the next time it gets twice the time */
    LIST_BYTES = 1 << 20,
    COMMAND_MS = 20000,
};

enum command_stage { COMMAND_NONE, COMMAND_WAITS, COMMAND_RUNS, COMMAND_ENDED };

struct replica {
    struct thread thread;
    struct replica_spec spec;
    pthread_mutex_t mutex; /* protects all from `peers` to `said` */
    pthread_cond_t ended;  /* of a command */
    struct replica_peers peers;
    struct replica_fault fault;
    bool follows;
    uint64_t equal_ms; /* when the store had all changes of the leader last, steady */
    char *leader_list; /* a JSON array, or NULL */
    struct {
        struct replica_ask ask; /* of the leader with a term that is not lower */
        uint64_t seen_ms;
    } rival;
    enum command_stage stage;
    const struct replica_command *command;
    enum replica_outcome outcome;
    char said[REPLICA_SAID_SIZE];

    /* Used by the thread only. */
    const struct api_settings *settings; /* in force in this turn */
    const char *configured;              /* [api] follow of the settings that were applied last */
    struct store *writer;
    struct replica_fetch *fetch;
    struct memory memory;
    uint64_t version; /* of the store when these were read */
    struct store_lineage own;
    struct store_role role;
    struct replica_ask ask;
    bool has_more; /* the leader has more rows for the last answer */
    bool rests;    /* nothing is due by time: no other gateway is known */
    long patience_s;
    unsigned int useless;        /* answers in a row that were of no use */
    enum replica_code said_code; /* what the log says last */
    uint64_t said_ms[REPLICA_CODES];
    uint64_t compared_ms, listed_ms, health_ms;
};

bool replica_check_settings(const struct api_settings *settings)
{
    char url[STORE_URL_SIZE];
    const char *why;
    if (settings->follow[0] == '\0' || store_role_read_url(settings->follow, url, &why))
        return true;
    log_error("[api] follow: %s", why);
    return false;
}

void replica_name_self(const struct api_settings *settings, char gateway[REPLICA_NAME_SIZE],
                       char host[REPLICA_HOST_SIZE])
{
    snprintf(gateway, REPLICA_NAME_SIZE, "%s", settings->common.gateway);
    if (gethostname(host, REPLICA_HOST_SIZE) != 0)
        host[0] = '\0';
    host[REPLICA_HOST_SIZE - 1] = '\0';
    for (char *c = host; *c; c++)
        *c = (char)(isalnum((unsigned char)*c) || *c == '.' || *c == '_' ? *c : '-');
}

/* Logs a new fault, and its end, but each at most once a minute: of a fault that comes and goes, or
 * lasts for hours, the log says little. */
static void replica_log_fault(struct replica *replica, const struct replica_fault *fault)
{
    uint64_t now = clock_steady_ms(), *said_ms = &replica->said_ms[fault->code];
    if (fault->code == replica->said_code || (*said_ms != 0 && now - *said_ms < SAY_MS))
        return;
    *said_ms = now;
    replica->said_code = fault->code;
    if (fault->code != REPLICA_OK)
        log_warning("gateways: %s: %s", replica_code_names[fault->code], fault->detail);
    else if (replica->role.leader[0] != '\0')
        log_info("gateways: following %s again", replica->role.leader);
}

/* Sets or clears the fault. */
static void replica_set_fault(struct replica *replica, const struct replica_fault *fault)
{
    pthread_mutex_lock(&replica->mutex);
    enum replica_code before = replica->fault.code;
    uint64_t at_ms = replica->fault.at_ms;
    replica->fault = *fault;
    replica->fault.at_ms = fault->code == before ? at_ms : clock_wall_ms();
    pthread_mutex_unlock(&replica->mutex);
    replica_log_fault(replica, fault);
}

static void replica_mark_equal(struct replica *replica)
{
    pthread_mutex_lock(&replica->mutex);
    replica->equal_ms = clock_steady_ms();
    pthread_mutex_unlock(&replica->mutex);
}

/* [api] follow counts until a command has decided. */
static bool replica_apply_settings(struct replica *replica)
{
    char url[STORE_URL_SIZE] = "";
    const char *why, *follow = replica->settings->follow;
    if (replica->configured && strcmp(replica->configured, follow) == 0)
        return true;
    if (*follow != '\0' && !store_role_read_url(follow, url, &why))
        return false;
    if (!store_begin(replica->writer))
        return false;
    store_role_configure(replica->writer, url);
    if (!replica->configured)
        store_role_renew_instance(replica->writer);
    if (!store_commit(replica->writer))
        return false;
    replica->configured = follow;
    return true;
}

/* Reads what the own store has and whom it follows, if the store has changed. */
static bool replica_read_store(struct replica *replica)
{
    struct store *store = replica->spec.thread_ctx->store;
    uint64_t version = store_read_version(store);
    if (version == 0)
        return false;
    if (version == replica->version)
        return true;
    char leader[STORE_URL_SIZE];
    snprintf(leader, sizeof leader, "%s", replica->role.leader);
    if (!store_begin(store))
        return false;
    bool ok = store_lineage_read(store, &replica->own) && store_role_read(store, &replica->role);
    if (!store_commit(store) || !ok)
        return false;
    if (replica->version == 0 || strcmp(leader, replica->role.leader) != 0) {
        static const struct replica_fault none;
        bool follows = replica->role.leader[0] != '\0';
        pthread_mutex_lock(&replica->mutex);
        replica->follows = follows;
        replica->fault = none;
        replica->equal_ms = clock_steady_ms();
        free(replica->leader_list);
        replica->leader_list = NULL;
        pthread_mutex_unlock(&replica->mutex);
        replica->has_more = false;
        replica->useless = 0;
        replica->patience_s = PATIENCE_S;
        replica->said_code = REPLICA_OK;
        memset(replica->said_ms, 0, sizeof replica->said_ms);
        replica->compared_ms = replica->listed_ms = 0;
        if (follows)
            log_info("gateways: this one follows %s", replica->role.leader);
        else if (replica->version != 0)
            log_info("gateways: this one leads, term %lld, revision %lld",
                     (long long)replica->own.position.term,
                     (long long)replica->own.position.revision);
    }
    replica->version = version;
    return true;
}

static void replica_describe_self(struct replica *replica)
{
    struct replica_ask *ask = &replica->ask;
    struct thread_ctx *thread_ctx = replica->spec.thread_ctx;
    uint64_t now = clock_steady_ms();
    ask->have = replica->own.position;
    ask->leads = replica->role.leader[0] == '\0';
    if (replica->health_ms == 0 || now - replica->health_ms >= HEALTH_MS) {
        struct health_part parts[HEALTH_PARTS];
        struct arena arena = {0};
        int64_t revision;
        size_t len = 0;
        replica->health_ms = now;
        live_view_refresh(&thread_ctx->live);
        health_read_parts(thread_ctx, &arena, parts, &revision);
        for (int i = 0; i < HEALTH_PARTS && len < sizeof ask->parts; i++)
            len += (size_t)snprintf(ask->parts + len, sizeof ask->parts - len, "%s%s%s%s",
                                    i ? "," : "", health_part_names[i], parts[i].reason ? ":" : "",
                                    parts[i].reason ? parts[i].reason : "");
        arena_finish(&arena);
        replica_name_self(replica->settings, ask->gateway, ask->host);
    }
    pthread_mutex_lock(&replica->mutex);
    const char *code = replica_code_names[replica->fault.code];
    snprintf(ask->error, sizeof ask->error, "%s", code ? code : "");
    snprintf(ask->detail, sizeof ask->detail, "%s", code ? replica->fault.detail : "");
    pthread_mutex_unlock(&replica->mutex);
}

static enum replica_code replica_apply_answer(struct replica *replica,
                                              const struct replica_answer *answer,
                                              struct replica_fault *fault)
{
    struct replica_copy copy = {.store = replica->writer,
                                .settings = replica->settings,
                                .leader = replica->role.leader,
                                .bytes = answer->body,
                                .len = answer->len};
    uint64_t began = clock_steady_ms();
    enum replica_code code = replica_copy_apply(&copy, fault);
    if (code != REPLICA_OK)
        return code;
    replica->has_more = !copy.facts.complete;
    const struct store_position *now = &copy.facts.leader.position;
    if (copy.facts.whole)
        log_info("gateways: took the whole store of %s, %zu bytes, term %lld, revision %lld, in "
                 "%llu ms",
                 replica->role.leader, answer->len, (long long)now->term, (long long)now->revision,
                 (unsigned long long)(clock_steady_ms() - began));
    else if (now->revision != replica->own.position.revision)
        log_info("gateways: revision %lld from %s", (long long)now->revision, replica->role.leader);
    if (!replica->has_more)
        replica_mark_equal(replica);
    return REPLICA_OK;
}

/* Asks the leader for what this store lacks, and applies it. */
static void replica_follow_leader(struct replica *replica)
{
    static const char type[] = "application/vnd.sqlite3";
    char etag[STORE_POSITION_SIZE];
    struct replica_fault fault = {0};
    struct replica_answer answer;
    struct arena arena = {0};
    struct text target = {0};
    replica_describe_self(replica);
    store_position_format(&replica->own.position, etag);
    text_puts(&target, replica->role.leader);
    replica_ask_write(&replica->ask, &arena, &target);
    const struct replica_request request = {.url = target.data,
                                            .if_none_match = etag,
                                            .accept = type,
                                            .limit = DELTA_BYTES_MAX,
                                            .timeout_ms = COPY_MS,
                                            .connect_ms = CONNECT_MS,
                                            .slow_s = replica->patience_s};
    bool ok = replica_fetch_get(replica->fetch, replica->settings, &request, &answer, &fault);
    replica->has_more = false;
    if (ok && answer.status == 304)
        replica_mark_equal(replica);
    else if (ok && answer.status == 200 && strcmp(answer.type, type) == 0)
        replica_apply_answer(replica, &answer, &fault);
    else if (ok)
        replica_role_read_problem(&answer, replica->role.leader, &fault);
    text_finish(&target);
    arena_finish(&arena);
    if (answer.is_given_up)
        return;
    if (!answer.is_slow)
        replica->patience_s = PATIENCE_S;
    else if (replica->patience_s < PATIENCE_MAX_S)
        replica->patience_s *= 2;
    bool is_useless = fault.code != REPLICA_OK && fault.code != REPLICA_UNREACHABLE &&
                      fault.code != REPLICA_NO_TOKEN && fault.code != REPLICA_NOT_LEADER;
    replica->useless = is_useless ? replica->useless + 1 : 0;
    replica_set_fault(replica, &fault);
}

/* Reads the leader's list of gateways, for GET /gateways. */
static void replica_read_list(struct replica *replica)
{
    struct replica_fault fault = {0};
    struct replica_answer answer;
    struct text target = {0};
    uint64_t now = clock_steady_ms();
    if (replica->fault.code != REPLICA_OK ||
        (replica->listed_ms != 0 && now - replica->listed_ms < LIST_MS))
        return;
    replica->listed_ms = now;
    text_printf(&target, "%s/api/v1/gateways", replica->role.leader);
    const struct replica_request request = {.url = target.data,
                                            .accept = "application/json",
                                            .limit = LIST_BYTES,
                                            .timeout_ms = CONNECT_MS,
                                            .connect_ms = CONNECT_MS,
                                            .slow_s = PATIENCE_S};
    bool ok = replica_fetch_get(replica->fetch, replica->settings, &request, &answer, &fault) &&
              answer.status == 200;
    text_finish(&target);
    cJSON *body = ok ? cJSON_ParseWithLength(answer.body, answer.len) : NULL;
    const cJSON *items = cJSON_GetObjectItemCaseSensitive(body, "items");
    char *printed = cJSON_IsArray(items) ? cJSON_PrintUnformatted(items) : NULL;
    char *kept = printed ? strdup(printed) : NULL;
    cJSON_free(printed);
    cJSON_Delete(body);
    pthread_mutex_lock(&replica->mutex);
    free(replica->leader_list);
    replica->leader_list = kept;
    pthread_mutex_unlock(&replica->mutex);
}

/* Describes a leader beside this one. True when there is one. */
static bool replica_note_rival(const struct store_position *own, int64_t term, bool is_other,
                               const char *who, struct replica_fault *fault)
{
    if (term > own->term)
        replica_fault_set(fault, REPLICA_SUPERSEDED,
                          "%.200s leads with term %lld, this gateway with term %lld: let this one "
                          "follow it",
                          who, (long long)term, (long long)own->term);
    else if (term == own->term && is_other)
        replica_fault_set(fault, REPLICA_TWO_LEADERS,
                          "%.200s leads, too, with the same term %lld: let one of them follow the "
                          "other",
                          who, (long long)term);
    return fault->code != REPLICA_OK;
}

/* Compares the term with that of the leader that this gateway has followed, or that [api] follow
 * names, and with that of a leader that has asked. */
static void replica_compare_terms(struct replica *replica)
{
    struct replica_fault fault = {0};
    struct replica_state state;
    uint64_t now = clock_steady_ms();
    const char *other = replica->role.former[0] ? replica->role.former : replica->settings->follow;
    const struct store_position *own = &replica->own.position;
    if (replica->compared_ms != 0 && now - replica->compared_ms < COMPARE_MS)
        return;
    replica->compared_ms = now;
    replica_describe_self(replica);
    pthread_mutex_lock(&replica->mutex);
    if (replica->rival.seen_ms != 0 && now - replica->rival.seen_ms >= REPLICA_KEPT_MS)
        replica->rival.seen_ms = 0;
    if (replica->rival.seen_ms != 0) {
        const struct replica_ask *ask = &replica->rival.ask;
        replica_note_rival(own, ask->have.term, strcmp(ask->have.branch, own->branch) != 0,
                           ask->host[0] ? ask->host : "another gateway", &fault);
    }
    pthread_mutex_unlock(&replica->mutex);
    struct replica_fault ignored = {0};
    if (fault.code == REPLICA_OK && other[0] != '\0') {
        if (!replica_role_probe(replica->fetch, replica->settings, other, &replica->ask, &state,
                                &ignored))
            return;      /* what it said last still counts */
        if (state.leads) /* also a copy of this store, of the same branch */
            replica_note_rival(own, state.term,
                               strcmp(state.branch, own->branch) != 0 ||
                                   strcmp(state.instance, replica->role.instance) != 0,
                               other, &fault);
    }
    replica_set_fault(replica, &fault);
}

static void replica_run_waiting(struct replica *replica)
{
    char said[REPLICA_SAID_SIZE] = "";
    pthread_mutex_lock(&replica->mutex);
    bool waits = replica->stage == COMMAND_WAITS;
    const struct replica_command *command = replica->command;
    if (waits)
        replica->stage = COMMAND_RUNS; /* its caller waits for the end from here on */
    pthread_mutex_unlock(&replica->mutex);
    if (!waits)
        return;
    enum replica_outcome outcome =
        replica_role_change(replica->writer, replica->fetch, replica->settings, command, said);
    replica->useless = 0;
    replica_read_store(replica); /* whoever waits sees the new role */
    pthread_mutex_lock(&replica->mutex);
    replica->outcome = outcome;
    snprintf(replica->said, sizeof replica->said, "%s", said);
    replica->stage = COMMAND_ENDED;
    pthread_cond_broadcast(&replica->ended);
    pthread_mutex_unlock(&replica->mutex);
}

/* True for a leader that knows of no other gateway and has no fault. */
static bool replica_is_alone(struct replica *replica)
{
    pthread_mutex_lock(&replica->mutex);
    bool is_alone = replica->fault.code == REPLICA_OK && replica->rival.seen_ms == 0;
    pthread_mutex_unlock(&replica->mutex);
    return is_alone && replica->role.leader[0] == '\0' && replica->role.former[0] == '\0' &&
           replica->settings->follow[0] == '\0';
}

static void replica_take_turn(void *context)
{
    struct replica *replica = context;
    if (!replica_apply_settings(replica))
        return;
    replica_run_waiting(replica);
    if (!replica_read_store(replica))
        return;
    if (replica->role.leader[0] == '\0') {
        replica_compare_terms(replica);
        replica->rests = replica_is_alone(replica);
        return;
    }
    replica_follow_leader(replica);
    replica_read_list(replica);
}

/* When out of memory, this turn has done nothing, and the next one tries again. */
static void replica_run_thread(void *context)
{
    struct replica *replica = context;
    while (!thread_is_stopping(&replica->thread)) {
        replica->settings = atomic_load(replica->spec.settings);
        replica->spec.thread_ctx->settings = replica->settings;
        replica->rests = false;
        if (!memory_run(&replica->memory, replica_take_turn, replica)) {
            store_abort_request(replica->writer);
            store_abort_request(replica->spec.thread_ctx->store);
            memory_finish(&replica->memory);
            replica_set_fault(replica,
                              &(struct replica_fault){REPLICA_STORE_FAILED, "no memory", 0});
            pthread_mutex_lock(&replica->mutex);
            if (replica->stage == COMMAND_RUNS) {
                replica->outcome = REPLICA_FAILED;
                snprintf(replica->said, sizeof replica->said, "There is no memory for it now.");
                replica->stage = COMMAND_ENDED;
                pthread_cond_broadcast(&replica->ended);
            }
            pthread_mutex_unlock(&replica->mutex);
        }
        uint64_t wait_ms = POLL_MS;
        for (unsigned int i = 1; i < replica->useless && wait_ms < POLL_SLOW_MS; i++)
            wait_ms *= 2;
        if (replica->rests)
            thread_wait(&replica->thread, THREAD_FOREVER);
        else if (!replica->has_more)
            thread_wait(&replica->thread, (int)(wait_ms < POLL_SLOW_MS ? wait_ms : POLL_SLOW_MS));
    }
}

/* A command does not wait for a request that takes long. */
static bool replica_gives_up(void *context)
{
    struct replica *replica = context;
    pthread_mutex_lock(&replica->mutex);
    bool waits = replica->stage == COMMAND_WAITS;
    pthread_mutex_unlock(&replica->mutex);
    return waits || thread_is_stopping(&replica->thread);
}

struct replica *replica_start(const struct replica_spec *spec)
{
    char why[DB_WHY_SIZE];
    struct replica *replica = calloc(1, sizeof *replica);
    pthread_condattr_t monotonic;
    if (!replica) {
        log_error("gateways: no memory");
        return NULL;
    }
    replica->spec = *spec;
    pthread_mutex_init(&replica->mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&replica->ended, &monotonic);
    pthread_condattr_destroy(&monotonic);
    replica->fetch = replica_fetch_create(replica_gives_up, replica);
    replica->writer =
        store_open(spec->thread_ctx->settings->common.database, STORE_WRITE, why, sizeof why);
    if (!replica->fetch || !replica->writer) {
        log_error("gateways: %s", replica->fetch ? why : "no memory");
        replica_stop(replica);
        return NULL;
    }
    store_set_shared(replica->writer, spec->shared);
    replica->settings = atomic_load(spec->settings);
    if (!replica_apply_settings(replica))
        log_error("gateways: the role cannot be stored: %s", store_failure_reason(replica->writer));
    if (thread_start(&replica->thread, "gateways", replica_run_thread, replica))
        return replica;
    log_error("gateways: cannot start a thread");
    replica_stop(replica);
    return NULL;
}

void replica_stop(struct replica *replica)
{
    if (!replica)
        return;
    thread_join(&replica->thread);
    memory_finish(&replica->memory);
    replica_fetch_destroy(replica->fetch);
    store_close(replica->writer);
    pthread_cond_destroy(&replica->ended);
    pthread_mutex_destroy(&replica->mutex);
    free(replica->leader_list);
    free(replica);
}

void replica_look(struct replica *replica)
{
    thread_wake(&replica->thread);
}

void replica_note_ask(struct replica *replica, const struct replica_ask *ask,
                      const struct store_position *own)
{
    uint64_t now = clock_steady_ms();
    bool is_equal = ask->have.term == own->term && ask->have.revision == own->revision &&
                    strcmp(ask->have.branch, own->branch) == 0;
    if (ask->have.branch[0] == '\0' || ask->host[0] == '\0' ||
        (ask->leads && strcmp(ask->have.branch, own->branch) == 0))
        return; /* a person with curl; or a command */
    pthread_mutex_lock(&replica->mutex);
    if (ask->leads && ask->have.term >= own->term && !is_equal) {
        replica->rival.ask = *ask;
        replica->rival.seen_ms = now;
        replica_look(replica);
    } else if (strcmp(replica->rival.ask.gateway, ask->gateway) == 0 &&
               strcmp(replica->rival.ask.host, ask->host) == 0) {
        replica->rival.seen_ms = 0; /* it has stopped leading */
    }
    replica_peers_note(&replica->peers, ask, is_equal, now, clock_wall_ms());
    pthread_mutex_unlock(&replica->mutex);
}

enum replica_outcome replica_run_command(struct replica *replica,
                                         const struct replica_command *command, char *said)
{
    struct timespec until;
    enum replica_outcome outcome = REPLICA_FAILED;
    snprintf(said, REPLICA_SAID_SIZE, "Another command is running; try again.");
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += COMMAND_MS / 1000;
    pthread_mutex_lock(&replica->mutex);
    if (replica->stage == COMMAND_NONE) {
        int rc = 0;
        replica->stage = COMMAND_WAITS;
        replica->command = command;
        thread_wake(&replica->thread);
        /* Once it runs, it ends within seconds; the command must last until then. */
        while (replica->stage != COMMAND_ENDED && (rc == 0 || replica->stage == COMMAND_RUNS))
            rc = replica->stage == COMMAND_RUNS
                     ? pthread_cond_wait(&replica->ended, &replica->mutex)
                     : pthread_cond_timedwait(&replica->ended, &replica->mutex, &until);
        if (replica->stage == COMMAND_ENDED) {
            outcome = replica->outcome;
            snprintf(said, REPLICA_SAID_SIZE, "%s", replica->said);
        } else {
            snprintf(said, REPLICA_SAID_SIZE,
                     "A copy of the store is under way; try again when it has ended.");
        }
        replica->stage = COMMAND_NONE;
        replica->command = NULL;
    }
    pthread_mutex_unlock(&replica->mutex);
    return outcome;
}

void replica_read_status(struct replica *replica, struct replica_status *status)
{
    pthread_mutex_lock(&replica->mutex);
    status->follows = replica->follows;
    status->fault = replica->fault;
    status->lag_s = replica->follows ? (double)(clock_steady_ms() - replica->equal_ms) / 1000 : -1;
    pthread_mutex_unlock(&replica->mutex);
}

void replica_each_peer(struct replica *replica,
                       void (*take)(void *context, const struct replica_peer *, double lag_s),
                       void *context)
{
    uint64_t now = clock_steady_ms();
    pthread_mutex_lock(&replica->mutex);
    replica_peers_expire(&replica->peers, now);
    struct replica_peers *copy = memory_try_alloc(sizeof *copy);
    if (copy)
        *copy = replica->peers;
    pthread_mutex_unlock(&replica->mutex);
    if (!copy)
        memory_fail();
    memory_adopt(copy); /* `take` may leave this function */
    for (size_t i = 0; i < copy->count; i++)
        take(context, &copy->item[i], (double)(now - copy->item[i].equal_ms) / 1000);
    memory_free(copy);
}

void replica_append_leader_list(struct replica *replica, struct text *list)
{
    pthread_mutex_lock(&replica->mutex);
    char *copy = replica->leader_list ? memory_try_strdup(replica->leader_list) : NULL;
    pthread_mutex_unlock(&replica->mutex);
    if (!copy)
        return;
    memory_adopt(copy);
    text_puts(list, copy);
    memory_free(copy);
}
