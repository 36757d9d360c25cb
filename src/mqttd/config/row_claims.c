/* Rows of the live table for devices that come and go. */
#include "mqttd/config/row_claims.h"

#include <errno.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/model/codec.h"
#include "mqttd/config/on_stale.h"
#include "mqttd/model/translate.h"

/* Converts the value of the old settings to the new ones. A value that does not fit is refused, and
 * the registers become those of a tag without a value. */
static void row_claims_recode_value(struct device_table *device_table, struct device *device,
                                    struct tag *tag, const struct live_table_row *row,
                                    const struct point *before)
{
    struct live_table_value value = row->value;
    struct codec_registers registers = {{0}};
    uint16_t words[POINT_REGISTERS_MAX] = {0};
    bool text = tag->point.type == TYPE_STRING;
    if (before->type == TYPE_STRING)
        memcpy(words, row->text, sizeof words);
    for (unsigned i = 0; before->type != TYPE_STRING && i < 4; i++)
        words[i] = (uint16_t)(row->value.raw >> (16 * i));
    enum fault fault = codec_recode(before, words, &tag->point, &registers);
    live_table_set_location(&value, tag->settings, device->unit, &tag->point);
    value.raw = 0;
    for (unsigned i = 0; fault == FAULT_NONE && !text && i < type_info[tag->point.type].registers;
         i++)
        value.raw |= (uint64_t)registers.words[i] << (16 * i);
    live_table_put_value(device_table->live, tag->slot, &value, text ? registers.words : NULL,
                         tag->point.length);
    if (fault != FAULT_NONE)
        live_table_reject_value(device_table->live, tag->slot, fault, "", 0, clock_wall_ms());
    if (fault != FAULT_NONE && tag->direction != TO_MQTT) {
        live_table_set_outcome(device_table->live, tag->slot, LIVE_REFUSED);
        tag->heard = LIVE_REFUSED;
    }
    if (tag->command)
        tag->command->bit_known = (int8_t)(registers.words[0] & 1);
}

/* A value read from the registers holds for any settings, which only say how to decode it. */
static void row_claims_keep_shown(struct device_table *device_table, const struct device *device,
                                  const struct tag *tag, const struct live_table_row *row)
{
    struct live_table_value value = row->value;
    live_table_set_location(&value, 0, device->unit, &tag->point);
    bool text = tag->point.type == TYPE_STRING;
    live_table_put_target_value(device_table->live, tag->slot, &value, text ? row->text : NULL,
                                point_width(&tag->point));
}

static void row_claims_mark_waiting(struct device *device, const struct tag *tag,
                                    const struct live_table_row *row)
{
    if (row->changed == row->written)
        return;
    target_lock_rows(device->target);
    target_mark_dirty(device->target, tag->slot);
    target_unlock_rows(device->target);
}

/* A value that was made for other registers must never be written as it is. The newest one, the
 * device's or SCADA's, is converted to the new ones; a value of on_stale is put in as it is now.
 * A value that was read from a foreign server, or that SCADA wrote there, stays as it is. */
static bool row_claims_claim_tag(struct device_table *device_table, struct device *device,
                                 struct tag *tag)
{
    uint64_t owner = live_table_make_owner(LIVE_TAG, tag->id);
    bool text = tag->point.type == TYPE_STRING;
    struct point before;
    struct live_table_row row;
    if (!live_table_claim_row(device_table->live, tag->slot, owner, text))
        return false;
    uint64_t place = live_table_pack_location(device->unit, &tag->point);
    if (!live_table_read_row(device_table->live, tag->slot, owner, &row) || row.changed == 0)
        return true;
    if (row.value.settings == tag->settings && row.value.place == place) {
        row_claims_mark_waiting(device, tag, &row);
        return true;
    }
    bool is_servers_own = device->host && (row.is_setpoint || row.value.settings == 0);
    if (is_servers_own && row.value.settings == 0 && row.value.place == place) {
        row_claims_keep_shown(device_table, device, tag, &row);
        return true;
    }
    bool stands_in = !row.is_setpoint && (row.outcome == LIVE_REPLACED || row.outcome == LIVE_NULL);
    if (is_servers_own || !live_table_value_point(&row.value, &before)) {
        live_table_release_row(device_table->live, tag->slot, owner);
        tag->has_value = false;
        return live_table_claim_row(device_table->live, tag->slot, owner, text);
    }
    target_lock_rows(device->target);
    if (!stands_in || !on_stale_put_value(device_table, device, tag, &row.value))
        row_claims_recode_value(device_table, device, tag, &row, &before);
    target_mark_dirty(device->target, tag->slot);
    target_unlock_rows(device->target);
    return true;
}

void row_claims_remap(struct device_table *device_table, const struct tag *old,
                      const struct tag *newer)
{
    struct live_table_row row;
    struct codec_registers registers;
    struct point point = newer->point;
    struct value value;
    char text[CODEC_TEXT_SIZE];
    if (!old->map || !newer->map || !old->has_value || old->shows_stale ||
        point.type == TYPE_STRING || old->settings != newer->settings ||
        !live_table_read_row(device_table->live, newer->slot,
                             live_table_make_owner(LIVE_TAG, newer->id), &row) ||
        row.is_setpoint || row.value.settings != newer->settings)
        return;
    uint16_t words[4];
    for (unsigned i = 0; i < 4; i++)
        words[i] = (uint16_t)(row.value.raw >> (16 * i));
    point.bit = NO_BIT;
    codec_decode(&point, words, text, &value);
    const char *word = value_map_find_text(old->map, &value);
    const struct scalar scalar = {
        .kind = SCALAR_STRING, .text = word, .len = word ? strlen(word) : 0};
    if (!word ||
        translate_to_registers(&newer->point, newer->map, &scalar, &registers) != FAULT_NONE)
        return;
    uint64_t raw = 0;
    for (unsigned i = 0; i < type_info[point.type].registers; i++)
        raw |= (uint64_t)registers.words[i] << (16 * i);
    if (raw == row.value.raw)
        return;
    row.value.raw = raw;
    live_table_put_value(device_table->live, newer->slot, &row.value, NULL, 0);
}

/* A status block that waits must not be written where it is no more. The times stay. */
static bool row_claims_claim_device(struct device_table *device_table, const struct device *device)
{
    struct live_table_pending_value pending;
    if (!live_table_claim_row(device_table->live, device->slot,
                              live_table_make_owner(LIVE_DEVICE, device->id), false))
        return false;
    if (!live_table_read_pending_value(device_table->live, device->slot, &pending) ||
        pending.changed == 0 || pending.value.settings == device->status_settings)
        return true;
    live_table_set_location(&pending.value, device->status_settings, device->status_unit,
                            &device->status);
    live_table_put_value(device_table->live, device->slot, &pending.value, NULL, 0);
    return true;
}

void row_claims_acquire(struct device_table *device_table, struct device *device)
{
    bool ok = row_claims_claim_device(device_table, device);
    for (uint32_t i = 0; i < device->tag_count; i++)
        ok = row_claims_claim_tag(device_table, device, &device->tags[i]) && ok;
    if (!ok)
        log_error("no room in the live table for %s: %s", device->name, strerror(errno));
}

/* Counts the strings that have no entry yet. */
static bool row_claims_reserve_rows(struct device_table *device_table, const struct device *device,
                                    uint32_t *texts)
{
    bool ok = live_table_reserve_rows(device_table->live, device->slot + 1);
    for (uint32_t i = 0; ok && i < device->tag_count; i++) {
        const struct tag *tag = &device->tags[i];
        ok = live_table_reserve_rows(device_table->live, tag->slot + 1);
        *texts +=
            tag->point.type == TYPE_STRING && !live_table_has_text(device_table->live, tag->slot);
    }
    return ok;
}

bool row_claims_reserve(struct device_table *device_table, const struct store_update *reload)
{
    uint32_t texts = 0;
    for (size_t i = 0; i < reload->change_count; i++) {
        const struct device *device = reload->changes[i].device;
        if (device && !row_claims_reserve_rows(device_table, device, &texts))
            return false;
    }
    return live_table_reserve_texts(device_table->live, texts);
}

/* Frees the rows of what the newer device, if there is one, lacks. Tags stand in order of id. */
void row_claims_release(struct device_table *device_table, const struct device *old,
                        const struct device *newer)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < old->tag_count; i++) {
        if (!newer || !device_has_tag(newer, &at, old->tags[i].id))
            live_table_release_row(device_table->live, old->tags[i].slot,
                                   live_table_make_owner(LIVE_TAG, old->tags[i].id));
    }
    if (!newer)
        live_table_release_row(device_table->live, old->slot,
                               live_table_make_owner(LIVE_DEVICE, old->id));
}
