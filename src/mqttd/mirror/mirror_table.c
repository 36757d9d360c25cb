/* The records: one for each tag with commands on the local server. */
#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "mqttd/mirror/mirror_internal.h"

enum { MIRROR_NAMES_MAX = 64 };

struct mirror_record *mirror_find_record(const struct hash_table *records, const char *levels)
{
    uint32_t hash = hash32_add_text(HASH32_START, levels);
    for (struct hash_node *at = hash_table_chain(records, hash); at; at = at->next) {
        struct mirror_record *record = (struct mirror_record *)at;
        if (at->hash == hash && strcmp(record->levels, levels) == 0)
            return record;
    }
    return NULL;
}

const char *mirror_keep_name(struct mirror *mirror, const char *name)
{
    for (size_t i = 0; i < mirror->names.count; i++) {
        if (strcmp(mirror->names.item[i], name) == 0)
            return mirror->names.item[i];
    }
    if (mirror->names.count == MIRROR_NAMES_MAX || !ARRAY_RESERVE(&mirror->names, 1))
        return NULL;
    char *copy = strdup(name);
    if (copy)
        mirror->names.item[mirror->names.count++] = copy;
    return copy;
}

/* Remembers that the retained message below these levels is to be cleared. Without memory it stays
 * at the broker, and is ignored. */
static void mirror_add_clear(struct mirror *mirror, const char *levels)
{
    char *copy = strdup(levels);
    if (copy && !ARRAY_PUSH(&mirror->clears, copy))
        free(copy);
}

/* True for a tag whose setpoints are mirrored. A foreign server is the same for all gateways. */
static bool mirror_wants_tag(const struct device *device, const struct tag *tag)
{
    uint16_t width = point_width(&tag->point);
    return tag->command && !device->host && table_is_writable(tag->point.table) && width > 0 &&
           width <= POINT_REGISTERS_MAX;
}

/* Takes a record out of the old table, or makes one, for the tag with these levels. NULL when out
 * of memory. */
static struct mirror_record *mirror_claim_record(struct mirror *mirror, struct hash_table *old,
                                                 struct mirror_record *record, const char *levels)
{
    if (!record) {
        record = calloc(1, sizeof *record);
        if (!record)
            return NULL;
    } else {
        hash_table_remove(old, &record->node);
        if (strcmp(record->levels, levels) != 0) {
            if (record->stamp > 0)
                mirror_add_clear(mirror, record->levels);
            record->is_at_broker = false;
        }
    }
    memcpy(record->levels, levels, strlen(levels) + 1);
    hash_table_add(&mirror->records, &record->node, hash32_add_text(HASH32_START, levels));
    return record;
}

/* Gives the tag its record. A tag that was in service before brings it along (`is_known`), under
 * whatever name. False when out of memory. */
static bool mirror_join_tag(struct mirror *mirror, struct hash_table *old, struct device *device,
                            struct tag *tag, bool is_known)
{
    char levels[MIRROR_LEVELS_SIZE];
    struct mirror_record *record = tag->command->mirror;
    if ((record != NULL) != is_known ||
        !mirror_message_write_levels(device->name, tag->name, levels))
        return true;
    if (mirror_find_record(&mirror->records, levels))
        return true; /* two tags of one name: the API excludes it, not the file of the store */
    if (!record)
        record = mirror_find_record(old, levels);
    record = mirror_claim_record(mirror, old, record, levels);
    tag->command->mirror = record;
    if (!record)
        return false;
    record->device = device;
    record->tag = tag;
    if (record->settings != tag->settings) {
        record->is_at_broker = false;
        mirror->has_changed = true;
        record->has_loss = false; /* noted again with the next loss */
    }
    record->settings = tag->settings;
    mirror->has_unsent |= record->stamp > 0 && !record->is_at_broker;
    return true;
}

/* Calls mirror_join_tag with all tags. */
static bool mirror_join_tags(struct mirror *mirror, struct hash_table *old, bool is_known)
{
    const struct device_table *device_table = mirror->spec.device_table;
    bool ok = true;
    for (struct device *at = device_table_next(device_table, NULL); at;
         at = device_table_next(device_table, at)) {
        for (uint32_t i = 0; at->has_commands && i < at->tag_count; i++) {
            struct tag *tag = &at->tags[i];
            if (mirror_wants_tag(at, tag))
                ok = mirror_join_tag(mirror, old, at, tag, is_known) && ok;
            else if (tag->command)
                tag->command->mirror = NULL;
        }
    }
    return ok;
}

/* Frees the records of tags that are gone, and has their retained messages cleared, except those
 * that belong to another tag now. */
static void mirror_drop_records(struct mirror *mirror, struct hash_table *old)
{
    struct hash_node *at = hash_table_next(old, NULL);
    for (struct hash_node *next; at; at = next) {
        struct mirror_record *record = (struct mirror_record *)at;
        next = hash_table_next(old, at);
        if (record->stamp > 0)
            mirror_add_clear(mirror, record->levels);
        mirror->staged_count -= record->staged != NULL;
        free(record->staged);
        free(record);
    }
    hash_table_finish(old);
    size_t kept = 0;
    for (size_t i = 0; i < mirror->clears.count; i++) {
        if (mirror_find_record(&mirror->records, mirror->clears.item[i]))
            free(mirror->clears.item[i]);
        else
            mirror->clears.item[kept++] = mirror->clears.item[i];
    }
    mirror->clears.count = kept;
}

bool mirror_refresh_records(struct mirror *mirror)
{
    const struct device_table *device_table = mirror->spec.device_table;
    if (mirror->generation == device_table->generation)
        return true;
    struct hash_table old = mirror->records;
    if (!hash_table_init(&mirror->records)) {
        mirror->records = old;
        return false;
    }
    bool ok = mirror_join_tags(mirror, &old, true);
    ok = mirror_join_tags(mirror, &old, false) && ok;
    mirror_drop_records(mirror, &old);
    /* The configuration of this gateway may be later than the setpoints of others: after the first
     * start of a machine, or while a pair takes over a change. */
    bool is_awaited = mirror_has_awaited(mirror);
    if (is_awaited || (mirror->has_changed && mirror->has_unused)) {
        subscriptions_request_retained(device_table->subscriptions, mirror->filter);
        mirror->has_unused = false;
    }
    mirror->has_changed = false;
    mirror->cursor = NULL;
    mirror->has_unsent |= mirror->is_in_pass;
    mirror->is_in_pass = false;
    if (ok)
        mirror->generation = device_table->generation;
    return ok;
}

bool mirror_read_row(const struct mirror *mirror, const struct mirror_record *record,
                     struct live_table_row *row)
{
    const struct tag *tag = record->tag;
    return live_table_read_row(mirror->spec.device_table->live, tag->slot,
                               live_table_make_owner(LIVE_TAG, tag->id), row) &&
           row->changed != 0 && row->value.settings == tag->settings;
}

void mirror_finish_records(struct mirror *mirror)
{
    struct hash_node *at = hash_table_next(&mirror->records, NULL);
    for (struct hash_node *next; at; at = next) {
        next = hash_table_next(&mirror->records, at);
        free(((struct mirror_record *)at)->staged);
        free(at);
    }
    hash_table_finish(&mirror->records);
    for (size_t i = 0; i < mirror->names.count; i++)
        free(mirror->names.item[i]);
    free(mirror->names.item);
    for (size_t i = 0; i < mirror->clears.count; i++)
        free(mirror->clears.item[i]);
    free(mirror->clears.item);
    mirror_finish_handover(mirror);
}
