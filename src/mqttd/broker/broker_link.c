/* Counts short connections and alternates between the versions of MQTT. */
#include "mqttd/broker/broker_link.h"

#include <stdio.h>
#include <string.h>

void broker_link_init(struct broker_link *link, uint64_t now_ms)
{
    *link = (struct broker_link){.down = BROKER_CONNECTING, .since_ms = now_ms};
}

bool broker_link_is_up(const struct broker_link *link)
{
    return link->accepted && (link->lasts || link->short_count == 0);
}

bool broker_link_is_flapping(const struct broker_link *link)
{
    return link->short_count >= BROKER_LINK_SHORT_MAX;
}

enum broker_reason broker_link_reason(const struct broker_link *link)
{
    return broker_link_is_up(link) ? BROKER_CONNECTED : link->down;
}

void broker_link_set_accepted(struct broker_link *link, const char *name, uint64_t now_ms)
{
    snprintf(link->name, sizeof link->name, "%s", name);
    link->accepted = true;
    link->lasts = false;
    link->accepted_ms = now_ms;
    if (broker_link_is_up(link))
        link->since_ms = now_ms;
}

bool broker_link_check_lasting(struct broker_link *link, uint64_t now_ms)
{
    if (!link->accepted || link->lasts || now_ms - link->accepted_ms < BROKER_LINK_LASTING_MS)
        return false;
    if (!broker_link_is_up(link))
        link->since_ms = now_ms;
    link->lasts = true;
    link->short_count = link->on_subscribe = 0;
    return true;
}

void broker_link_set_ended(struct broker_link *link, enum broker_reason reason, const char *words,
                           uint64_t now_ms)
{
    if (broker_link_is_up(link))
        link->since_ms = now_ms;
    if (link->accepted && !link->lasts) {
        link->short_count++;
        link->on_subscribe += reason == BROKER_CLOSED_ON_SUBSCRIBE;
    }
    link->accepted = link->lasts = false;
    link->down = reason;
    snprintf(link->words, sizeof link->words, "%s", words);
}

void broker_link_set_renewing(struct broker_link *link, uint64_t now_ms)
{
    if (broker_link_is_up(link))
        link->since_ms = now_ms;
    link->accepted = link->lasts = false;
    link->down = BROKER_CONNECTING;
    link->words[0] = '\0';
}

enum mqtt_version broker_protocol_next_version(const struct broker_protocol *protocol)
{
    if (protocol->next != MQTT_VERSION_AUTO)
        return protocol->next;
    return protocol->worked != MQTT_VERSION_AUTO ? protocol->worked : MQTT_VERSION_5;
}

void broker_protocol_note_failure(struct broker_protocol *protocol)
{
    protocol->next = broker_protocol_next_version(protocol) == MQTT_VERSION_5 ? MQTT_VERSION_3_1_1
                                                                              : MQTT_VERSION_5;
}

void broker_protocol_note_success(struct broker_protocol *protocol)
{
    enum mqtt_version spoken = broker_protocol_next_version(protocol);
    bool doubts =
        spoken == MQTT_VERSION_3_1_1 && protocol->worked == MQTT_VERSION_5 && !protocol->doubted;
    if (!doubts)
        protocol->worked = spoken;
    protocol->doubted = doubts;
    protocol->next = MQTT_VERSION_AUTO;
}
