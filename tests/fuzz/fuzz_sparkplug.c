/* Any bytes as Sparkplug messages of a node: each is decoded, noted in the node, read, and encoded
 * again. No input takes more memory than its bound, and what is encoded is read as the same.
 *
 * Input: messages, each with a byte for its kind and two for its length in front. */
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "mqttd/sparkplug/sparkplug_command.h"
#include "mqttd/sparkplug/sparkplug_nodes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const topics[] = {
    "spBv1.0/G/NBIRTH/N",   "spBv1.0/G/NDATA/N",   "spBv1.0/G/NDEATH/N",   "spBv1.0/G/NCMD/N",
    "spBv1.0/G/DBIRTH/N/D", "spBv1.0/G/DDATA/N/D", "spBv1.0/G/DDEATH/N/D", "spBv1.0/G/DDATA/N/E"};

static struct sparkplug_source *acquire(struct sparkplug_nodes *nodes, const char *filter)
{
    struct sparkplug_topic family;
    if (!sparkplug_topic_read_family(filter, &family))
        abort();
    struct sparkplug_source *source = sparkplug_nodes_acquire(nodes, &family);
    if (!source)
        abort();
    return source;
}

static bool publish(void *context, const char *topic, const char *payload, size_t len)
{
    size_t *count = context;
    (void)topic, (void)payload, (void)len;
    ++*count;
    return true;
}

static void check_command(const struct sparkplug_metric *metric,
                          const struct sparkplug_birth *birth)
{
    struct sparkplug_payload payload;
    struct sparkplug_metric read;
    char out[256];
    size_t len;
    const struct sparkplug_command command = {.name = "n",
                                              .metric =
                                                  sparkplug_birth_find_alias(birth, metric->alias),
                                              .value = metric->truth ? "true" : "-12.5",
                                              .type = TYPE_FLOAT64};
    if (sparkplug_command_encode(&command, out, sizeof out, &len) != FAULT_NONE)
        return;
    if (!sparkplug_payload_decode(&payload, out, len) || payload.metric_count != 1)
        abort();
    sparkplug_payload_read_metric(&payload, 0, &read);
    if (command.metric && command.metric->has_alias && read.alias != metric->alias)
        abort();
    sparkplug_payload_finish(&payload);
}

static void check_metric(const struct sparkplug_metric *metric)
{
    struct scalar scalar;
    char digits[SPARKPLUG_DIGITS_SIZE];
    size_t read = 0;
    for (uint32_t type = 0; type < 20; type++) {
        if (!sparkplug_metric_read_scalar(metric, type, digits, &scalar))
            continue;
        if (scalar.kind == SCALAR_NUMBER && isnan(scalar.number))
            abort();
        for (size_t i = 0; scalar.kind == SCALAR_STRING && i < scalar.len; i++)
            read += (unsigned char)scalar.text[i];
    }
    for (size_t i = 0; i < metric->name_len; i++)
        read += (unsigned char)metric->name[i];
    if (read == SIZE_MAX)
        abort();
}

static void check_payload(const struct sparkplug_payload *payload,
                          const struct sparkplug_birth *birth)
{
    for (size_t i = 0; i < payload->metric_count; i++) {
        struct sparkplug_metric metric;
        sparkplug_payload_read_metric(payload, i, &metric);
        check_metric(&metric);
        const struct sparkplug_birth_metric *born =
            sparkplug_birth_find_name(birth, metric.name ? metric.name : "", metric.name_len);
        if (born && (born->name_len != metric.name_len ||
                     memcmp(born->name, metric.name, metric.name_len) != 0))
            abort();
        check_command(&metric, birth);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sparkplug_nodes nodes;
    uint64_t now_ms = 1000;
    size_t requests = 0;
    log_open(LOG_LEVEL_ERROR);
    if (!sparkplug_nodes_init(&nodes))
        abort();
    struct sparkplug_source *node = acquire(&nodes, "spBv1.0/G/+/N");
    struct sparkplug_source *device = acquire(&nodes, "spBv1.0/G/+/N/D");
    while (size >= 3) {
        struct sparkplug_payload payload;
        size_t len = (size_t)data[1] << 8 | data[2], kind = data[0] & 7;
        bool is_retained = (data[0] & 0x80) != 0;
        data += 3;
        size -= 3;
        len = len < size ? len : size;
        sparkplug_payload_decode(&payload, (const char *)data, len);
        struct sparkplug_message message = {.payload = payload.message ? &payload : NULL,
                                            .is_retained = is_retained,
                                            .now_ms = now_ms += 1000};
        if (!sparkplug_topic_read(topics[kind], &message.topic))
            abort();
        sparkplug_nodes_take_message(&nodes, device, &message);
        if (device->is_born && !device->birth)
            abort();
        if (message.payload)
            check_payload(&payload, device->birth);
        sparkplug_payload_finish(&payload);
        size_t before = requests;
        sparkplug_nodes_send_requests(&nodes, now_ms, 1, publish, &requests);
        if (requests > before + 1)
            abort();
        data += len;
        size -= len;
    }
    sparkplug_nodes_release(&nodes, device);
    sparkplug_nodes_release(&nodes, node);
    sparkplug_nodes_finish(&nodes);
    return 0;
}
