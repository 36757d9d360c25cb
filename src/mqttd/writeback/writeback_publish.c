/* Translates, renders, publishes. */
#include "mqttd/writeback/writeback_publish.h"

#include <assert.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "mqttd/config/memory_shortage.h"
#include "mqttd/config/refusal_log.h"
#include "mqttd/writeback/command_template.h"

static void log_too_long(struct command_publisher *publisher, const struct device *device,
                         const struct tag *tag)
{
    uint64_t now = clock_steady_ms();
    if (!rate_due(&publisher->too_long, now))
        return;
    log_warning("%s/%s: the message of a command is too long; %u such commands since the last line",
                device->name, tag->name, publisher->too_long.since);
    rate_said(&publisher->too_long, now);
}

/* The register keeps what SCADA wrote until the device's next value; nothing is held off for it. */
static void refuse_value(struct command_publisher *publisher, struct device *device,
                         const struct tag *tag, enum fault fault)
{
    const char *text = publisher->translated.bare;
    uint64_t wall_ms = clock_wall_ms();
    counters_add(publisher->counters, MQTTD_COMMANDS_REFUSED, 1);
    live_reject(publisher->live, tag->slot, fault, text, strlen(text), wall_ms);
    live_reject(publisher->live, device->slot, fault, text, strlen(text), wall_ms);
    refusal_log_command(device, tag, fault, text, clock_steady_ms());
}

static bool render(struct command_publisher *publisher, const struct device *device,
                   const struct tag *tag, size_t *len)
{
    const struct template_values values = {.device = device->name,
                                           .tag = tag->name,
                                           .key = tag->key,
                                           .json = publisher->translated.json,
                                           .bare = publisher->translated.bare,
                                           .text = tag->payload == PAYLOAD_TEXT};
    return template_render(tag->command->template_text, &values, publisher->text,
                           sizeof publisher->text, len);
}

enum publish_result command_publish(struct command_publisher *publisher, struct device *device,
                                    struct tag *tag, const uint16_t *words, int *number)
{
    struct command *command = tag->command;
    size_t len;
    assert(command);
    *number = 0;
    enum fault fault = translate_out(&tag->point, tag->map, words, &publisher->translated);
    if (fault != FAULT_NONE) {
        refuse_value(publisher, device, tag, fault);
        return PUBLISH_REFUSED;
    }
    command->written_at_ms = clock_steady_ms();
    live_set_setpoint(publisher->live, tag->slot, true);
    if (!render(publisher, device, tag, &len)) {
        log_too_long(publisher, device, tag);
        return PUBLISH_SENT;
    }
    int sent = 0;
    enum publish_result result =
        subscriber_publish(publisher->subscriber, command->topic, publisher->text, len,
                           command->qos, command->retain, &sent);
    if (result == PUBLISH_SHORT)
        shortage_note(publisher->shortage, "a command");
    if (result != PUBLISH_SENT)
        return result == PUBLISH_SHORT ? PUBLISH_SHORT : PUBLISH_SENT;
    log_debug("%s/%s: %s to %s", device->name, tag->name, publisher->translated.bare,
              command->topic);
    counters_add(publisher->counters, MQTTD_PUBLISHED, 1);
    *number = command->qos > 0 ? sent : 0;
    return PUBLISH_SENT;
}
