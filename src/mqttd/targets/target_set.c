/* Finds, starts and ends targets. */
#include "mqttd/targets/target_set.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/require.h"

bool target_set_init(struct targets *targets, const struct target_spec *local)
{
    *targets = (struct targets){.local = *local};
    struct target *target = ARRAY_RESERVE(targets, 1) ? target_create(local) : NULL;
    if (target)
        targets->item[targets->count++] = target;
    return target != NULL;
}

static void targets_interrupt_silence(const struct targets *targets, uint64_t since_ms)
{
    for (size_t i = 0; i < targets->count; i++)
        target_interrupt_silence(targets->item[i], since_ms);
    for (size_t i = 0; i < targets->ending.count; i++)
        target_interrupt_silence(targets->ending.item[i], since_ms);
}

/* Interrupts all silent servers while it waits for one target. */
static void targets_await_end(const struct targets *targets, struct target *target,
                              uint64_t stopped_ms)
{
    enum { LOOK_MS = 50 };
    while (!target_join_within(target, LOOK_MS)) {
        uint64_t now = clock_steady_ms();
        if (now - stopped_ms >= TARGET_STOP_SILENCE_MS)
            targets_interrupt_silence(targets, now - TARGET_STOP_SILENCE_MS);
    }
}

void target_set_finish(struct targets *targets)
{
    const uint64_t stopped_ms = clock_steady_ms();
    for (size_t i = 0; i < targets->count; i++)
        target_stop(targets->item[i]);
    for (size_t i = 0; i < targets->count; i++)
        targets_await_end(targets, targets->item[i], stopped_ms);
    for (size_t i = 0; i < targets->ending.count; i++)
        targets_await_end(targets, targets->ending.item[i], stopped_ms);
    for (size_t i = 0; i < targets->count; i++)
        target_destroy(targets->item[i]);
    for (size_t i = 0; i < targets->ending.count; i++)
        target_destroy(targets->ending.item[i]);
    free(targets->item);
    free(targets->ending.item);
    *targets = (struct targets){0};
}

struct target *target_set_local(const struct targets *targets)
{
    REQUIRE(targets->count > 0);
    return targets->item[0];
}

struct target *target_set_find_or_start(struct targets *targets, const struct device *device)
{
    uint32_t digest = device_server_digest(device->host, device->port);
    struct modbus_endpoint endpoint = {.is_serial = false};
    const struct modbus_endpoint *server = device->host ? &endpoint : NULL;
    struct target *found = NULL;
    if (server)
        modbus_endpoint_make(device->host, device->port, (enum framing)device->framing,
                             device->is_tls, &endpoint);
    for (size_t i = 0; i < targets->count; i++) {
        if (target_matches(targets->item[i], digest, server))
            return targets->item[i];
    }
    if (!ARRAY_RESERVE(targets, 1))
        return NULL;

    /* The target of a server whose last device is gone may still have a request under way. Two
     * threads would write to the server in any order: that target continues, or ends first. */
    for (size_t i = 0; i < targets->ending.count && !found; i++) {
        if (!target_matches(targets->ending.item[i], digest, server))
            continue;
        found = targets->ending.item[i];
        targets->ending.item[i] = targets->ending.item[--targets->ending.count];
    }
    if (found && !target_resume(found)) {
        target_destroy(found);
        found = NULL;
    }
    if (!found) {
        struct target_spec spec = targets->local;
        spec.local = false;
        spec.digest = digest;
        spec.number = ++targets->last_number;
        spec.outputs = endpoint;
        found = target_create(&spec);
    }
    if (found)
        targets->item[targets->count++] = found;
    return found;
}

struct target_backlog target_set_backlog(const struct targets *targets)
{
    struct target_backlog backlog = {0};
    for (size_t i = 0; i < targets->count; i++)
        target_add_backlog(targets->item[i], &backlog);
    return backlog;
}

bool target_set_end_target(struct targets *targets, size_t place)
{
    REQUIRE(place > 0 && place < targets->count);
    if (!ARRAY_PUSH(&targets->ending, targets->item[place]))
        return false;
    target_stop(targets->item[place]);
    targets->count--; /* the others keep their order, which is that of locks */
    memmove(targets->item + place, targets->item + place + 1,
            (targets->count - place) * sizeof *targets->item);
    return true;
}

void target_set_reap_ended(struct targets *targets)
{
    for (size_t i = targets->ending.count; i-- > 0;) {
        if (target_try_destroy(targets->ending.item[i]))
            targets->ending.item[i] = targets->ending.item[--targets->ending.count];
    }
}

size_t target_set_lock_rows(const struct targets *targets)
{
    for (size_t i = 0; i < targets->count; i++)
        target_lock_rows(targets->item[i]);
    return targets->count;
}

void target_set_unlock_rows(const struct targets *targets, size_t held)
{
    REQUIRE(held <= targets->count);
    for (size_t i = 0; i < held; i++)
        target_unlock_rows(targets->item[i]);
}

void target_set_wake_threads(const struct targets *targets)
{
    for (size_t i = 0; i < targets->count; i++)
        target_wake_thread(targets->item[i]);
}
