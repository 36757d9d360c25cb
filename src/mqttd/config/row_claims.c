/* Claims and releases rows, and converts the values in them to new settings. */
#include "mqttd/config/row_claims.h"

#include <errno.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"
#include "common/message/translate.h"
#include "common/model/codec.h"
#include "mqttd/config/on_stale.h"
#include "mqttd/config/own_values.h"

/* A text that becomes a number is read like one of a message. */
static enum fault row_claims_recode_registers(const struct point *before, const uint16_t *words,
                                              const struct tag *tag,
                                              struct codec_registers *registers)
{
    char text[CODEC_TEXT_SIZE];
    struct value value;
    if (before->type != TYPE_STRING || tag->point.type == TYPE_STRING)
        return codec_recode(before, words, &tag->point, registers);
    codec_decode(before, words, text, &value);
    const struct scalar scalar = {.kind = SCALAR_STRING, .text = value.text, .len = value.len};
    return translate_to_registers(&tag->point, &tag->reading, &scalar, registers);
}

/* Refuses the value that the old settings have in these registers. */
static void row_claims_refuse_value(struct live_table *live, const struct tag *tag,
                                    const struct point *before, const uint16_t *words,
                                    enum fault fault)
{
    char text[CODEC_TEXT_SIZE], number[VALUE_TEXT_SIZE];
    struct value value;
    codec_decode(before, words, text, &value);
    if (value.kind == VALUE_TEXT) {
        live_table_reject_value(live, tag->slot, fault, value.text, value.len, clock_wall_ms());
        return;
    }
    value_format_json(&value, number);
    live_table_reject_value(live, tag->slot, fault, number, strlen(number), clock_wall_ms());
}

/* Converts the value of the old settings to the new ones. If the value does not fit, it is refused,
 * and the registers become those of a tag without a value. */
static void row_claims_recode_value(struct device_table *device_table, struct device *device,
                                    struct tag *tag, const struct live_table_row *row,
                                    const struct point *before)
{
    struct live_table_value value = row->value;
    struct codec_registers registers = {{0}};
    uint16_t words[POINT_REGISTERS_MAX];
    bool text = tag->point.type == TYPE_STRING;
    live_table_unpack_words(row, words);
    enum fault fault = row_claims_recode_registers(before, words, tag, &registers);
    live_table_set_registers(&value, tag->settings, device->unit, &tag->point, registers.words);
    if (fault != FAULT_NONE)
        value.raw = 0;
    live_table_put_value(device_table->live, tag->slot, &value, text ? registers.words : NULL,
                         tag->point.length);
    if (fault != FAULT_NONE)
        row_claims_refuse_value(device_table->live, tag, before, words, fault);
    if (fault != FAULT_NONE && direction_has_messages(tag->direction)) {
        live_table_set_outcome(device_table->live, tag->slot, LIVE_REFUSED);
        tag->heard = LIVE_REFUSED;
    }
    if (tag->command)
        tag->command->part_known = (uint8_t)registers.words[0];
}

/* Keeps the state of a setpoint that expires with its row; without expires_s it ends. */
static void row_claims_take_expiry(struct live_table *live, struct tag *tag,
                                   const struct live_table_row *row)
{
    const struct live_table_expiry none = {0};
    bool expires = tag->command && tag->command->expires_s > 0;
    if (expires)
        tag->command->expiry = row->expiry;
    else if (row->expiry.wall_ms != 0 || row->expiry.is_expired)
        live_table_set_expiry(live, tag->slot, &none);
}

/* Claims the row of a tag and brings the value in it to the tag's settings: a value that was
 * encoded for other registers must never be written as it is. False with errno as
 * live_table_claim_row. */
static bool row_claims_claim_tag(struct device_table *device_table, struct device *device,
                                 struct tag *tag)
{
    struct live_table *live = device_table->live;
    uint64_t owner = live_table_make_owner(LIVE_TAG, tag->id);
    uint64_t place = live_table_pack_location(device->unit, &tag->point);
    bool text = tag->point.type == TYPE_STRING;
    struct point before;
    struct live_table_row row;
    if (!live_table_claim_row(live, tag->slot, owner, text))
        return false;
    bool is_known = live_table_read_row(live, tag->slot, owner, &row);
    row_claims_take_expiry(live, tag, &row);
    if (!is_known || row.changed == 0)
        return true;

    /* The same settings: the value stays, and is written if it still waits. */
    if (row.value.settings == tag->settings && row.value.place == place) {
        if (row.changed != row.written) {
            target_lock_rows(device->target);
            target_mark_dirty(device->target, tag->slot);
            target_unlock_rows(device->target);
        }
        return true;
    }

    /* A value that was read from a foreign server, or that SCADA wrote there: the server already
     * holds it. It is valid for any settings of the same registers, since they only say how to
     * decode it. */
    bool is_servers_own = device->host && (row.is_setpoint || row.value.settings == 0);
    if (is_servers_own && row.value.settings == 0 && row.value.place == place) {
        struct live_table_value value = row.value;
        live_table_set_location(&value, 0, device->unit, &tag->point);
        live_table_put_target_value(live, tag->slot, &value, text ? row.text : NULL,
                                    point_width(&tag->point));
        return true;
    }
    if (is_servers_own || !live_table_value_point(&row.value, &before)) {
        live_table_release_row(live, tag->slot, owner);
        tag->has_value = false;
        if (!live_table_claim_row(live, tag->slot, owner, text))
            return false;
        if (tag->command)
            live_table_set_expiry(live, tag->slot, &tag->command->expiry);
        return true;
    }

    /* Any other value is converted; one of on_stale is replaced by the present one. */
    bool is_of_on_stale =
        !row.is_setpoint && (row.outcome == LIVE_REPLACED || row.outcome == LIVE_NULL);
    target_lock_rows(device->target);
    if (!is_of_on_stale || !on_stale_put_value(device_table, device, tag, &row.value))
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
    const struct point point = point_of_content(&newer->point);
    struct value value;
    char text[CODEC_TEXT_SIZE];
    const struct value_reading reading = {.map = newer->reading.map};
    REQUIRE(old->id == newer->id);
    if (!old->reading.map || !newer->reading.map || !old->has_value || old->shows_stale ||
        point.type == TYPE_STRING || old->settings != newer->settings ||
        !live_table_read_row(device_table->live, newer->slot,
                             live_table_make_owner(LIVE_TAG, newer->id), &row) ||
        row.is_setpoint || row.value.settings != newer->settings)
        return;
    uint16_t words[POINT_REGISTERS_MAX];
    live_table_unpack_words(&row, words);
    codec_decode(&point, words, text, &value);
    const char *word = value_map_find_text(old->reading.map, &value);
    const struct scalar scalar = {
        .kind = SCALAR_STRING, .text = word, .len = word ? strlen(word) : 0};
    if (!word || translate_to_registers(&newer->point, &reading, &scalar, &registers) != FAULT_NONE)
        return;
    uint64_t raw = live_table_pack_raw(&point, registers.words);
    if (raw == row.value.raw)
        return;
    row.value.raw = raw;
    live_table_put_value(device_table->live, newer->slot, &row.value, NULL, 0);
}

void row_claims_acquire(struct device_table *device_table, struct device *device)
{
    struct live_table *live = device_table->live;
    struct live_table_pending_value pending;
    REQUIRE(device->target);
    bool ok = live_table_claim_row(live, device->slot,
                                   live_table_make_owner(LIVE_DEVICE, device->id), false);
    /* A status block that waits is never written to its former place. The times stay. */
    if (ok && live_table_read_pending_value(live, device->slot, &pending) && pending.changed != 0 &&
        pending.value.settings != device->status_settings) {
        live_table_set_location(&pending.value, device->status_settings, device->status_unit,
                                &device->status);
        live_table_put_value(live, device->slot, &pending.value, NULL, 0);
    }
    for (uint32_t i = 0; i < device->tag_count; i++)
        ok = row_claims_claim_tag(device_table, device, &device->tags[i]) && ok;
    own_values_put(device_table, device);
    if (!ok)
        log_error("no room in the live table for %s: %s", device->name, strerror(errno));
}

bool row_claims_reserve(struct device_table *device_table, const struct store_update *update)
{
    struct live_table *live = device_table->live;
    uint32_t texts = 0; /* strings that have no entry yet */
    for (size_t i = 0; i < update->change_count; i++) {
        const struct device *device = update->changes[i].device;
        if (!device)
            continue;
        bool ok = live_table_reserve_rows(live, device->slot + 1);
        for (uint32_t at = 0; ok && at < device->tag_count; at++) {
            const struct tag *tag = &device->tags[at];
            ok = live_table_reserve_rows(live, tag->slot + 1);
            texts += tag->point.type == TYPE_STRING && !live_table_has_text(live, tag->slot);
        }
        if (!ok)
            return false;
    }
    return live_table_reserve_texts(live, texts);
}

void row_claims_release(struct device_table *device_table, const struct device *old,
                        const struct device *newer)
{
    uint32_t at = 0;
    REQUIRE(!newer || newer->id == old->id);
    for (uint32_t i = 0; i < old->tag_count; i++) {
        bool is_kept =
            old->tags[i].is_moved || (newer && device_has_tag(newer, &at, old->tags[i].id) &&
                                      newer->tags[at].slot == old->tags[i].slot);
        if (!is_kept)
            live_table_release_row(device_table->live, old->tags[i].slot,
                                   live_table_make_owner(LIVE_TAG, old->tags[i].id));
    }
    if (!newer)
        live_table_release_row(device_table->live, old->slot,
                               live_table_make_owner(LIVE_DEVICE, old->id));
}
