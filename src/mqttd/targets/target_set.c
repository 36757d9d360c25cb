/* Finds and starts targets. */
#include "mqttd/targets/target_set.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static bool make_room(struct targets *targets)
{
    if (targets->count < targets->room)
        return true;
    size_t room = targets->room ? targets->room * 2 : 4;
    struct target **item = realloc(targets->item, room * sizeof *item);
    if (!item) {
        errno = ENOMEM;
        return false;
    }
    targets->item = item;
    targets->room = room;
    return true;
}

static struct target *add(struct targets *targets, const struct target_spec *spec)
{
    struct target *target = make_room(targets) ? target_create(spec) : NULL;
    if (target)
        targets->item[targets->count++] = target;
    return target;
}

bool targets_init(struct targets *targets, const struct target_spec *local)
{
    *targets = (struct targets){.local = *local};
    return add(targets, local) != NULL;
}

/* All are told to stop before any is waited for: dead servers time out together. */
void targets_finish(struct targets *targets)
{
    for (size_t i = 0; i < targets->count; i++)
        target_stop(targets->item[i]);
    for (size_t i = 0; i < targets->count; i++)
        target_destroy(targets->item[i]);
    for (size_t i = 0; i < targets->ending_count; i++)
        target_destroy(targets->ending[i]);
    free(targets->item);
    free(targets->ending);
    *targets = (struct targets){0};
}

struct target *targets_local(const struct targets *targets)
{
    return targets->item[0];
}

/* A server whose last device has gone may still have a request under way. Two threads would write
 * to it in any order: the one that is ending goes on, or comes to its end first. */
static struct target *resume(struct targets *targets, const struct device *device, uint32_t digest)
{
    for (size_t i = 0; i < targets->ending_count; i++) {
        struct target *target = targets->ending[i];
        if (!target_is(target, digest, device->host, device->port))
            continue;
        targets->ending[i] = targets->ending[--targets->ending_count];
        if (target_resume(target))
            return targets->item[targets->count++] = target;
        target_destroy(target);
        return NULL;
    }
    return NULL;
}

struct target *targets_get(struct targets *targets, const struct device *device)
{
    uint32_t digest = target_digest(device->host, device->port);
    for (size_t i = 0; i < targets->count; i++) {
        if (target_is(targets->item[i], digest, device->host, device->port))
            return targets->item[i];
    }
    if (!make_room(targets))
        return NULL;
    struct target *ending = resume(targets, device, digest);
    if (ending)
        return ending;
    struct target_spec spec = targets->local;
    spec.local = false;
    spec.digest = digest;
    spec.outputs.port = device->port;
    snprintf(spec.outputs.host, sizeof spec.outputs.host, "%s", device->host);
    return add(targets, &spec);
}

struct target_wait targets_wait(const struct targets *targets)
{
    struct target_wait wait = {0};
    for (size_t i = 0; i < targets->count; i++)
        target_add_wait(targets->item[i], &wait);
    return wait;
}

void targets_end(struct targets *targets, size_t place)
{
    size_t size = (targets->ending_count + 1) * sizeof(struct target *);
    struct target **ending = realloc(targets->ending, size);
    if (!ending)
        return;
    targets->ending = ending;
    ending[targets->ending_count++] = targets->item[place];
    target_stop(targets->item[place]);
    targets->item[place] = targets->item[--targets->count];
}

void targets_reap(struct targets *targets)
{
    for (size_t i = targets->ending_count; i-- > 0;) {
        if (target_try_destroy(targets->ending[i]))
            targets->ending[i] = targets->ending[--targets->ending_count];
    }
}

size_t targets_hold(const struct targets *targets)
{
    for (size_t i = 0; i < targets->count; i++)
        target_hold(targets->item[i]);
    return targets->count;
}

void targets_release(const struct targets *targets, size_t held)
{
    for (size_t i = 0; i < held; i++)
        target_release(targets->item[i]);
}

void targets_wake(const struct targets *targets)
{
    for (size_t i = 0; i < targets->count; i++)
        target_wake(targets->item[i]);
}
