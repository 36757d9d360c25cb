/* Takes messages of availability topics. */
#include <cjson/cJSON.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/require.h"
#include "mqttd/config/message_results.h"
#include "mqttd/ingest/ingest_internal.h"

/* What says whether the device is available, without blanks around it. */
struct availability_text {
    const char *text;
    size_t len;
    char digits[VALUE_TEXT_SIZE]; /* of a number */
};

static void availability_trim(struct availability_text *said)
{
    static const char blanks[] = " \t\r\n"; /* and NULs */
    while (said->len > 0 && memchr(blanks, said->text[0], sizeof blanks)) {
        said->text++;
        said->len--;
    }
    while (said->len > 0 && memchr(blanks, said->text[said->len - 1], sizeof blanks))
        said->len--;
}

/* False when the payload has no such key, or there was no memory to look. */
static bool ingest_read_availability(struct ingest_ctx *ctx, struct availability_text *said)
{
    const struct mqtt_message *message = ctx->message;
    struct ingest *ingest = ctx->ingest;
    struct scalar scalar;
    *said = (struct availability_text){.text = message->payload ? message->payload : "",
                                       .len = message->len};
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
    switch (scalar.kind) {
    case SCALAR_STRING:
        said->text = scalar.text;
        said->len = scalar.len;
        return true;
    case SCALAR_NUMBER:
        value_format_double(scalar.number, said->digits);
        said->text = said->digits;
        break;
    case SCALAR_BOOL:
        said->text = scalar.truth ? "true" : "false";
        break;
    case SCALAR_NULL:
        said->text = "null";
        break;
    case SCALAR_OTHER:
        return false;
    }
    said->len = strlen(said->text);
    return true;
}

static bool availability_is(const struct availability_text *said, const char *text)
{
    struct availability_text wanted = {.text = text, .len = text ? strlen(text) : 0};
    if (!text)
        return false;
    availability_trim(&wanted);
    return said->len == wanted.len && memcmp(said->text, wanted.text, said->len) == 0;
}

/* Takes a message for the availability topic. The newest one counts, whether the device sent it or
 * the broker published the device's will. */
void ingest_take_availability(struct ingest_ctx *ctx)
{
    struct device *device = ctx->device;
    REQUIRE(ctx->feed->kind == FEED_AVAILABILITY);
    struct availability_text said;
    bool is_read = ingest_read_availability(ctx, &said);
    if (ctx->ingest->is_short)
        return;
    availability_trim(&said);
    bool is_gone = is_read && availability_is(&said, device->payload_unavailable);
    bool is_there = is_read && !is_gone && availability_is(&said, device->payload_available);
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
