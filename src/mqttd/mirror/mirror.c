/* The connection of the mirror, its clock, and what is due by time. */
#include "mqttd/mirror/mirror.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"
#include "mqttd/mirror/mirror_internal.h"

enum { MIRROR_CLOCK_LAYOUT = 1, MIRROR_TICK_MS = 100 };

/* The clock. */

void mirror_set_clock(struct mirror *mirror)
{
    uint64_t wall_us = clock_wall_us(); /* first: a pause in between must not make it later */
    mirror_clock_set_wall(&mirror->clock, wall_us, clock_steady_us());
}

uint64_t mirror_stamp_now(struct mirror *mirror)
{
    mirror_set_clock(mirror);
    return mirror_clock_stamp_at(&mirror->clock, clock_steady_us());
}

void mirror_store_clock(struct mirror *mirror)
{
    struct stored_clock *stored = (struct stored_clock *)mirror->clock_file.base;
    atomic_store_explicit(&stored->offset_us, mirror->clock.offset_us, memory_order_relaxed);
}

void mirror_keep_file(struct mirror *mirror)
{
    if (!mirror)
        return;
    shm_repair_file(&mirror->clock_file);
    mirror_store_clock(mirror);
}

static bool mirror_open_clock(struct mirror *mirror, char *why, size_t why_size)
{
    char path[PATH_MAX];
    const struct shm_spec spec = {.path = path,
                                  .magic = "TFmirror",
                                  .layout = MIRROR_CLOCK_LAYOUT,
                                  .size = sizeof(struct stored_clock),
                                  .map = sizeof(struct stored_clock)};
    snprintf(path, sizeof path, "%s/mirror-clock", mirror->spec.runtime_dir);
    if (shm_open_writer(&mirror->clock_file, &spec, true, why, why_size) == SHM_FAILED)
        return false;
    struct stored_clock *stored = (struct stored_clock *)mirror->clock_file.base;
    mirror->clock.offset_us = atomic_load_explicit(&stored->offset_us, memory_order_relaxed);
    mirror_set_clock(mirror);
    return true;
}

struct mirror *mirror_create(const struct mirror_spec *spec, char *why, size_t why_size)
{
    REQUIRE(spec->device_table && spec->counters && spec->runtime_dir && spec->publish);
    REQUIRE(spec->topic[0] && spec->gateway[0] && spec->client_id[0]);
    struct subscriptions *subscriptions = spec->device_table->subscriptions;
    struct mirror *mirror = calloc(1, sizeof *mirror);
    if (!mirror || !hash_table_init(&mirror->records)) {
        snprintf(why, why_size, "cannot start: %s", strerror(ENOMEM));
        free(mirror);
        return NULL;
    }
    mirror->spec = *spec;
    mirror->clock_file.fd = -1;
    snprintf(mirror->own, sizeof mirror->own, "%s", spec->client_id);
    snprintf(mirror->prefix, sizeof mirror->prefix, "%s/%s/", spec->topic, spec->gateway);
    snprintf(mirror->filter, sizeof mirror->filter, "%s/%s/+/+", spec->topic, spec->gateway);
    int len = snprintf(mirror->fence, sizeof mirror->fence, "%s%%/", mirror->prefix);
    /* A client id may have characters that are special in a topic. */
    for (const char *at = mirror->own; *at && (size_t)len + 4 < sizeof mirror->fence; at++) {
        bool is_plain = strchr("/+#.% ", *at) == NULL && (unsigned char)*at > ' ';
        len += snprintf(mirror->fence + len, sizeof mirror->fence - (size_t)len,
                        is_plain ? "%c" : "%%%02X", (unsigned char)*at);
    }
    mirror->nonce = clock_steady_us();
    if (mirror_open_clock(mirror, why, why_size)) {
        if (subscriptions_add(subscriptions, mirror->filter, 1)) {
            subscriptions_want_retained(subscriptions, mirror->filter);
            return mirror;
        }
        snprintf(why, why_size, "cannot start: %s", strerror(ENOMEM));
    }
    mirror_destroy(mirror);
    return NULL;
}

void mirror_destroy(struct mirror *mirror)
{
    if (!mirror)
        return;
    mirror_finish_records(mirror);
    shm_close(&mirror->clock_file);
    free(mirror);
}

/* The connection. */

/* Makes every transition of the diagram. */
static void mirror_move_link(struct mirror *mirror, enum mirror_link next)
{
    static const unsigned from[] = {
        [MIRROR_LINK_DOWN] = ~0U,
        [MIRROR_LINK_SUBSCRIBING] = 1U << MIRROR_LINK_DOWN,
        [MIRROR_LINK_PROBING] = 1U << MIRROR_LINK_SUBSCRIBING | 1U << MIRROR_LINK_REFUSED,
        [MIRROR_LINK_FENCING] = 1U << MIRROR_LINK_PROBING,
        [MIRROR_LINK_OPEN] = 1U << MIRROR_LINK_FENCING,
        [MIRROR_LINK_REFUSED] = ~(1U << MIRROR_LINK_DOWN),
    };
    REQUIRE(from[next] & 1U << mirror->link);
    mirror->link = next;
}

static void mirror_refuse_link(struct mirror *mirror, const char *why, uint64_t due_ms)
{
    mirror_move_link(mirror, MIRROR_LINK_REFUSED);
    mirror->due_ms = due_ms;
    mirror->is_holding = false;
    counters_add(mirror->spec.counters, MQTTD_MIRROR_REFUSED, 1);
    if (!mirror->is_refusal_logged)
        log_warning("setpoints are not mirrored: %s (%s); trying again", why, mirror->filter);
    mirror->is_refusal_logged = true;
}

static void mirror_probe(struct mirror *mirror, uint64_t now_ms)
{
    mirror_move_link(mirror, MIRROR_LINK_PROBING);
    mirror->due_ms = now_ms + MIRROR_WAIT_MS;
    if (!mirror_send_fence(mirror, 0))
        mirror_refuse_link(mirror, "the message to the own topic cannot be sent",
                           now_ms + MIRROR_RETRY_MS);
}

void mirror_note_connect(struct mirror *mirror, uint64_t now_ms)
{
    if (!mirror)
        return;
    mirror_move_link(mirror, MIRROR_LINK_DOWN);
    mirror_move_link(mirror, MIRROR_LINK_SUBSCRIBING);
    mirror_set_clock(mirror);
    mirror->is_holding = !mirror->is_refusal_logged;
    mirror->is_loss_ahead = false;
    mirror->due_ms = now_ms + MIRROR_WAIT_MS;
    /* The library may have a new client, which knows nothing of messages without an
     * acknowledgement. What the broker does not have is published again. */
    memset(mirror->sent, 0, sizeof mirror->sent);
    mirror->sent_count = 0;
    struct hash_node *at = hash_table_next(&mirror->records, NULL);
    for (; at; at = hash_table_next(&mirror->records, at)) {
        struct mirror_record *record = (struct mirror_record *)at;
        record->is_at_broker = false;
        mirror->has_unsent |= record->stamp > 0;
    }
}

void mirror_note_lost(struct mirror *mirror, bool by_broker, uint64_t now_ms)
{
    if (!mirror)
        return;
    bool is_testing = mirror->link == MIRROR_LINK_PROBING || mirror->link == MIRROR_LINK_FENCING;
    if (is_testing && by_broker && ++mirror->closes >= MIRROR_CLOSES_MAX) {
        mirror->paused_until_ms = now_ms + MIRROR_PAUSE_MS;
        mirror_refuse_link(mirror, "the broker closes the connection after a message to the topic",
                           mirror->paused_until_ms);
    }
    mirror_move_link(mirror, MIRROR_LINK_DOWN);
}

void mirror_note_subscription(struct mirror *mirror, const char *filter, enum fault fault,
                              uint64_t now_ms)
{
    if (!mirror || strcmp(filter, mirror->filter) != 0 || mirror->link == MIRROR_LINK_DOWN)
        return;
    bool waits = mirror->link == MIRROR_LINK_SUBSCRIBING || mirror->link == MIRROR_LINK_REFUSED;
    if (fault != FAULT_NONE)
        mirror_refuse_link(mirror, "the broker does not take the subscription", UINT64_MAX);
    else if (waits && now_ms < mirror->paused_until_ms)
        mirror_refuse_link(mirror, "the broker closed the connection after a message to the topic",
                           mirror->paused_until_ms);
    else if (waits)
        mirror_probe(mirror, now_ms);
}

void mirror_prolong_test(struct mirror *mirror, uint64_t now_ms)
{
    if (mirror->link == MIRROR_LINK_SUBSCRIBING || mirror->link == MIRROR_LINK_PROBING ||
        mirror->link == MIRROR_LINK_FENCING)
        mirror->due_ms = now_ms + MIRROR_WAIT_MS;
}

void mirror_take_fence(struct mirror *mirror, const char *payload, size_t len, uint64_t now_ms)
{
    char nonce[24];
    int nonce_len = snprintf(nonce, sizeof nonce, "%llx", (unsigned long long)mirror->nonce);
    if (len != (size_t)nonce_len || memcmp(payload, nonce, len) != 0)
        return; /* of an earlier test */
    if (mirror->link == MIRROR_LINK_PROBING) {
        mirror_move_link(mirror, MIRROR_LINK_FENCING);
        mirror->due_ms = now_ms + MIRROR_WAIT_MS;
        if (!mirror_send_fence(mirror, 1))
            mirror_refuse_link(mirror, "the message to the own topic cannot be sent",
                               now_ms + MIRROR_RETRY_MS);
    } else if (mirror->link == MIRROR_LINK_FENCING) {
        mirror_move_link(mirror, MIRROR_LINK_OPEN);
        mirror->is_holding = false;
        mirror->closes = 0;
        log_info("setpoints are mirrored below %s", mirror->prefix);
        mirror->is_refusal_logged = false;
    }
}

bool mirror_holds_commands(const struct mirror *mirror, uint64_t now_ms)
{
    return mirror && mirror->is_holding &&
           (mirror->link != MIRROR_LINK_SUBSCRIBING || now_ms < mirror->due_ms);
}

/* Uses setpoints whose write was not judged in time: the tag has moved, or the server does not
 * answer. And asks for setpoints again that came before the wall clock was right. */
static void mirror_check_time(struct mirror *mirror, uint64_t now_ms)
{
    uint64_t before_us = mirror->clock.offset_us;
    if (now_ms < mirror->tick_ms + MIRROR_TICK_MS)
        return;
    mirror->tick_ms = now_ms;
    mirror->is_short = false;
    mirror_set_clock(mirror);
    if (mirror->has_far_ahead && mirror->clock.offset_us - before_us > MIRROR_AHEAD_US) {
        mirror->has_far_ahead = false;
        subscriptions_request_retained(mirror->spec.device_table->subscriptions, mirror->filter);
    }
    struct hash_node *at =
        mirror->staged_count > 0 ? hash_table_next(&mirror->records, NULL) : NULL;
    for (; at; at = hash_table_next(&mirror->records, at)) {
        struct mirror_record *record = (struct mirror_record *)at;
        if (record->staged && !record->has_loss && now_ms >= record->part_until_ms)
            mirror_end_staged(mirror, record, NULL, now_ms);
    }
}

void mirror_run(struct mirror *mirror, uint64_t now_ms)
{
    if (!mirror)
        return;
    if (!mirror_refresh_records(mirror))
        memory_shortage_note(mirror->spec.memory_shortage, "the tags of mirrored setpoints");
    mirror_check_time(mirror, now_ms);
    bool is_testing = mirror->link == MIRROR_LINK_PROBING || mirror->link == MIRROR_LINK_FENCING;
    if (is_testing && now_ms >= mirror->due_ms)
        mirror_refuse_link(mirror, "the broker does not send back a message to the topic",
                           now_ms + MIRROR_RETRY_MS);
    else if (mirror->link == MIRROR_LINK_REFUSED && now_ms >= mirror->due_ms)
        mirror_probe(mirror, now_ms);
    mirror_send_unsent(mirror);
    mirror_send_handovers(mirror, now_ms);
}

int mirror_due_ms(const struct mirror *mirror, uint64_t now_ms)
{
    if (!mirror)
        return -1;
    uint64_t due_ms = UINT64_MAX;
    bool has_work = mirror->has_unsent || mirror->is_in_pass || mirror->clears.count > 0;
    if (mirror_may_send(mirror))
        due_ms = has_work ? now_ms : mirror_handover_due_ms(mirror);
    else if (mirror->link != MIRROR_LINK_OPEN && mirror->link != MIRROR_LINK_DOWN &&
             mirror->link != MIRROR_LINK_SUBSCRIBING)
        due_ms = mirror->due_ms;
    if (mirror_holds_commands(mirror, now_ms) && mirror->due_ms < due_ms)
        due_ms = mirror->due_ms;
    if ((mirror->staged_count > 0 || mirror->is_short) && mirror->tick_ms + MIRROR_TICK_MS < due_ms)
        due_ms = mirror->tick_ms + MIRROR_TICK_MS;
    if (due_ms == UINT64_MAX)
        return -1;
    return due_ms > now_ms ? (int)(due_ms - now_ms) : 0;
}
