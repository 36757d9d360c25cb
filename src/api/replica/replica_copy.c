/* Checks the answer against the own store, applies the rows, adds the registers, and keeps the own
 * store, as it was before, when all of this has succeeded. */
#include "api/replica/replica_copy.h"

#include <string.h>
#include <unistd.h>

#include "api/base/request_memory.h"
#include "api/resources/register_ranges.h"
#include "api/store/backup.h"
#include "api/store/kept_store.h"
#include "api/store/record_store.h"
#include "common/base/log.h"

/* What the own store has and whom it follows. False when the store has failed. */
struct copy_state {
    struct store_lineage own;
    struct store_role role;
};

static bool copy_read_state(struct store *store, struct copy_state *state)
{
    return store_lineage_read(store, &state->own) && store_role_read(store, &state->role);
}

static enum replica_code copy_fail_store(const struct replica_copy *copy,
                                         struct replica_fault *fault)
{
    store_rollback(copy->store);
    return replica_fault_set(fault, REPLICA_STORE_FAILED, "the own store: %.400s",
                             store_failure_reason(copy->store));
}

/* A delta that does not belong to the state of the store is not applied, nor an older term. */
static enum replica_code copy_check_lineage(const struct delta_facts *facts,
                                            const struct copy_state *state,
                                            struct replica_fault *fault)
{
    const struct store_position *own = &state->own.position, *leader = &facts->leader.position;
    if (leader->term < own->term)
        return replica_fault_set(
            fault, REPLICA_OLDER_TERM,
            "its store is of term %lld, this one of term %lld, which is newer: make this gateway "
            "the leader, or the other one follow it",
            (long long)leader->term, (long long)own->term);
    bool continues = store_lineage_continues(&facts->leader, own);
    if (leader->revision == 0 && own->revision > 0 && !continues)
        return replica_fault_set(fault, REPLICA_OLDER_TERM,
                                 "its store is new and empty, and this one is not: make this "
                                 "gateway the leader, and let "
                                 "the other one follow it");
    if ((!facts->whole && (!continues || facts->since != own->revision)) ||
        (facts->keeps_logs && !continues))
        return replica_fault_set(fault, REPLICA_DAMAGED,
                                 "its answer does not continue this store at revision %lld",
                                 (long long)own->revision);
    return REPLICA_OK;
}

/* Copies the own store to a file if the leader's does not continue it. */
static enum replica_code copy_keep_store(struct replica_copy *copy, const struct copy_state *state,
                                         struct replica_fault *fault)
{
    char why[BACKUP_WHY_SIZE];
    const struct store_position *own = &state->own.position;
    if (own->revision == 0 ||
        (copy->facts.keeps_logs && store_lineage_continues(&copy->facts.leader, own)))
        return REPLICA_OK;
    if (kept_store_create(copy->settings->common.database, KEPT_TERM, own->term, copy->kept, why,
                          sizeof why)) {
        log_warning("gateways: the store of term %lld, revision %lld, is kept as %s",
                    (long long)own->term, (long long)own->revision, copy->kept);
        return REPLICA_OK;
    }
    copy->kept[0] = '\0';
    return replica_fault_set(fault, REPLICA_CANNOT_KEEP,
                             "the own store cannot be kept before it is replaced: %.300s", why);
}

/* The registers of the rows, computed with the own settings: the address of the local server and
 * its units may differ from the leader's. */
struct copy_ranges {
    struct store *store;
    const struct common_settings *common;
    struct arena arena; /* of one record */
    struct arena device_arena;
    struct record device; /* of the newest tag */
};

static bool copy_renew_device(void *context, int64_t id)
{
    struct copy_ranges *ranges = context;
    struct record device;
    if (record_store_find_by_id(ranges->store, &ranges->arena, &device_resource, id, &device))
        register_ranges_renew_device(ranges->store, ranges->common, &device);
    arena_finish(&ranges->arena);
    return !store_has_failed(ranges->store);
}

static bool copy_add_tag(void *context, int64_t id)
{
    struct copy_ranges *ranges = context;
    struct record tag;
    bool found = record_store_find_by_id(ranges->store, &ranges->arena, &tag_resource, id, &tag);
    if (found && tag.device_id != ranges->device.id) {
        arena_finish(&ranges->device_arena);
        found = record_store_find_by_id(ranges->store, &ranges->device_arena, &device_resource,
                                        tag.device_id, &ranges->device);
    }
    if (found) {
        struct modbus_location location = modbus_location_of(&ranges->device, ranges->common);
        register_ranges_put_tag(ranges->store, &location, &tag);
    }
    arena_finish(&ranges->arena);
    return !store_has_failed(ranges->store);
}

static enum replica_code copy_write_rows(struct replica_copy *copy, struct store_delta *delta,
                                         const struct copy_state *before,
                                         struct replica_fault *fault)
{
    char why[DELTA_WHY_SIZE] = "";
    struct copy_ranges ranges = {.store = copy->store, .common = &copy->settings->common};
    if (!store_delta_apply(copy->store, delta, why)) {
        store_rollback(copy->store);
        return replica_fault_set(fault, REPLICA_DAMAGED, "its rows do not fit this store: %.400s",
                                 why);
    }
    store_delta_each_id(copy->store, false, copy_renew_device, &ranges);
    if (!store_has_failed(copy->store))
        store_delta_each_id(copy->store, true, copy_add_tag, &ranges);
    arena_finish(&ranges.device_arena);
    if (store_has_failed(copy->store) || !store_delta_finish(copy->store, delta, why)) {
        store_rollback(copy->store);
        return replica_fault_set(fault, REPLICA_DAMAGED, "its rows do not fit this store: %.400s",
                                 *why ? why : store_failure_reason(copy->store));
    }
    /* Another connection sees the store as before until the commit. */
    enum replica_code code = copy_keep_store(copy, before, fault);
    if (code != REPLICA_OK) {
        store_rollback(copy->store);
        return code;
    }
    if (store_commit(copy->store)) {
        if (copy->kept[0] != '\0')
            kept_store_limit(copy->settings->common.database, KEPT_TERM);
        return REPLICA_OK;
    }
    if (copy->kept[0] != '\0')
        unlink(copy->kept);
    return copy_fail_store(copy, fault);
}

static void copy_close_delta(void *delta)
{
    store_delta_close(delta);
}

static enum replica_code copy_apply_delta(struct replica_copy *copy, struct store_delta *delta,
                                          struct replica_fault *fault)
{
    struct copy_state before, now;
    copy->facts = *store_delta_facts(delta);
    bool ok = store_begin(copy->store) && copy_read_state(copy->store, &before);
    if (!ok || !store_commit(copy->store))
        return copy_fail_store(copy, fault);
    enum replica_code code = copy_check_lineage(&copy->facts, &before, fault);
    if (code != REPLICA_OK)
        return code;
    if (!store_delta_prepare(copy->store) || !store_begin(copy->store) ||
        !copy_read_state(copy->store, &now))
        return copy_fail_store(copy, fault);
    /* A command may have changed the role meanwhile. */
    if (strcmp(now.role.leader, copy->leader) != 0 ||
        !store_position_is_equal(&now.own.position, &before.own.position)) {
        store_rollback(copy->store);
        return replica_fault_set(fault, REPLICA_REFUSED, "the role has changed meanwhile");
    }
    return copy_write_rows(copy, delta, &before, fault);
}

enum replica_code replica_copy_apply(struct replica_copy *copy, struct replica_fault *fault)
{
    char why[DELTA_WHY_SIZE] = "";
    enum delta_result result;
    struct memory_block guard;
    copy->kept[0] = '\0';
    struct store_delta *delta = store_delta_open(copy->store, copy->bytes, copy->len, &result, why);
    if (!delta)
        return replica_fault_set(fault,
                                 result == DELTA_OTHER_VERSION ? REPLICA_OTHER_VERSION
                                 : result == DELTA_FAILED      ? REPLICA_STORE_FAILED
                                                               : REPLICA_DAMAGED,
                                 "%s", why);
    memory_guard(&guard, copy_close_delta, delta);
    enum replica_code code = copy_apply_delta(copy, delta, fault);
    memory_unguard(&guard);
    store_delta_close(delta);
    return code;
}
