/* Translates, renders, publishes. */
#include "mqttd/writeback/writeback_publish.h"

#include <assert.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "mqttd/config/memory_shortage.h"
#include "mqttd/config/refusal_log.h"
#include "mqttd/writeback/command_template.h"

static void command_log_too_long(struct command_publisher *publisher, const struct device *device,
                                 const struct tag *tag)
{
    uint64_t now = clock_steady_ms();
    if (!log_limit_count_event(&publisher->too_long, now))
        return;
    log_warning("%s/%s: the message of a command is too long; %u such commands since the last line",
                device->name, tag->name, publisher->too_long.since);
    log_limit_mark_logged(&publisher->too_long, now);
}

/* The register keeps what SCADA wrote until the device's next value; nothing is held off for it. */
static void command_refuse_value(struct command_publisher *publisher, struct device *device,
                                 const struct tag *tag, enum fault fault)
{
    const char *text = publisher->translated.bare;
    uint64_t wall_ms = clock_wall_ms();
    counters_add(publisher->counters, MQTTD_COMMANDS_REFUSED, 1);
    live_table_reject_value(publisher->live, tag->slot, fault, text, strlen(text), wall_ms);
    live_table_reject_value(publisher->live, device->slot, fault, text, strlen(text), wall_ms);
    refusal_log_command(device, tag, fault, text, clock_steady_ms());
}

static bool command_render_text(struct command_publisher *publisher, const struct device *device,
                                const struct tag *tag, size_t *len)
{
    const struct template_values values = {.device = device->name,
                                           .tag = tag->name,
                                           .key = tag->key,
                                           .json = publisher->translated.json,
                                           .bare = publisher->translated.bare,
                                           .text = tag->payload == PAYLOAD_TEXT};
    return command_template_render(tag->command->template_text, &values, publisher->text,
                                   sizeof publisher->text, len);
}

enum publish_result writeback_publish_command(struct command_publisher *publisher,
                                              struct device *device, struct tag *tag,
                                              const uint16_t *words, int *number)
{
    struct tag_command *command = tag->command;
    size_t len;
    assert(command);
    *number = 0;
    enum fault fault = translate_to_json(&tag->point, tag->map, words, &publisher->translated);
    if (fault != FAULT_NONE) {
        command_refuse_value(publisher, device, tag, fault);
        return PUBLISH_REFUSED;
    }
    command->written_at_ms = clock_steady_ms();
    live_table_set_setpoint(publisher->live, tag->slot, true);
    if (!command_render_text(publisher, device, tag, &len)) {
        command_log_too_long(publisher, device, tag);
        return PUBLISH_SENT;
    }
    int sent = 0;
    enum publish_result result =
        mqtt_session_publish(publisher->mqtt_session, command->topic, publisher->text, len,
                             command->qos, command->retain, &sent);
    if (result == PUBLISH_NO_MEMORY)
        memory_shortage_note(publisher->memory_shortage, "a command");
    if (result != PUBLISH_SENT)
        return result == PUBLISH_NO_MEMORY ? PUBLISH_NO_MEMORY : PUBLISH_SENT;
    log_debug("%s/%s: %s to %s", device->name, tag->name, publisher->translated.bare,
              command->topic);
    counters_add(publisher->counters, MQTTD_PUBLISHED, 1);
    *number = command->qos > 0 ? sent : 0;
    return PUBLISH_SENT;
}
