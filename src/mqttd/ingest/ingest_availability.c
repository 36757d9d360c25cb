/* Takes messages of availability topics. */
#include <cjson/cJSON.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/require.h"
#include "mqttd/config/message_results.h"
#include "mqttd/ingest/ingest_internal.h"

/* Finds the text that says whether the device is available, in `digits` if it is a number. False
 * when the payload has no such key, or when out of memory. */
static bool ingest_read_availability(struct ingest_ctx *ctx, char digits[VALUE_TEXT_SIZE],
                                     struct text_span *said)
{
    const struct mqtt_message *message = ctx->message;
    struct ingest *ingest = ctx->ingest;
    struct scalar scalar;
    *said = (struct text_span){message->payload ? message->payload : "", message->len};
    if (!ctx->device->availability_key)
        return true;
    ingest->hits.count = 0;
    if (ingest_parse(ctx) != FAULT_NONE || ingest->is_short)
        return false;
    if (!payload_find_keys(&ctx->payload, &ctx->feed->keys, &ingest->scratch, ingest_add_hit,
                           ingest))
        ingest->is_short = true;
    if (ingest->is_short || ingest->hits.count == 0)
        return false;
    payload_read_scalar(&ctx->payload, ingest->hits.item[0].item, &scalar);
    if (scalar.kind == SCALAR_OTHER)
        return false;
    *said = scalar.kind == SCALAR_NULL ? (struct text_span){"null", 4}
                                       : value_scalar_text(&scalar, digits);
    return true;
}

/* `text` may be NULL. */
static bool availability_is(struct text_span said, const char *text)
{
    return text && text_span_is_equal(text_span_trim(said),
                                      text_span_trim((struct text_span){text, strlen(text)}));
}

/* Takes a message for the availability topic. The newest one counts, whether the device sent it or
 * the broker published the device's will. */
void ingest_take_availability(struct ingest_ctx *ctx)
{
    struct device *device = ctx->device;
    REQUIRE(ctx->feed->kind == FEED_AVAILABILITY);
    char digits[VALUE_TEXT_SIZE];
    struct text_span said;
    bool is_read = ingest_read_availability(ctx, digits, &said);
    if (ctx->ingest->is_short)
        return;
    bool is_gone = is_read && availability_is(said, device->payload_unavailable);
    bool is_there = is_read && !is_gone && availability_is(said, device->payload_available);
    if (is_read && !is_gone && !is_there) {
        is_gone = !device->payload_unavailable;
        is_there = !device->payload_available;
    }
    if (!is_gone && !is_there) {
        ctx->entry.verdict = TRACE_STRANGE;
        if (device->strange) /* only one line, since the topic may be wrong in the configuration */
            return;
        device->strange = true;
        if (is_read)
            log_warning("%s: the message on %s is neither payload_available, \"%s\", nor "
                        "payload_unavailable, \"%s\"",
                        device->name, ctx->message->topic, device->payload_available,
                        device->payload_unavailable);
        else
            log_warning("%s: the message on %s has no value at availability_key, \"%s\"",
                        device->name, ctx->message->topic, device->availability_key);
        return;
    }
    if (is_gone != device->unavailable)
        log_info("%s is %s", device->name, is_gone ? "unavailable" : "available");
    device->unavailable = is_gone;
    live_table_set_outcome(ctx->live, device->slot,
                           message_results_outcome(device, false, ctx->steady_ms));
}
