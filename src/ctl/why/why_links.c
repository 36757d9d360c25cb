/* The links from the API to the message, in order. */
#include <stdio.h>
#include <string.h>

#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/output/words.h"
#include "ctl/why/why_link.h"

/* Characters of a payload that a line shows. */
enum { PAYLOAD_SHOWN = 60 };

const char *const why_state_names[WHY_STATE_COUNT] = {
    [WHY_OK] = "ok", [WHY_LOOK] = "look", [WHY_ENDS] = "ends here", [WHY_BEHIND] = ""};

void why_add_link(struct why_chain *chain, const char *name, enum why_state state,
                  const char *detail)
{
    bool has_ended = false;
    if (chain->link_count == WHY_LINKS_MAX)
        return;
    for (size_t i = 0; i < chain->link_count; i++)
        has_ended = has_ended || chain->links[i].state == WHY_ENDS;
    if (strcmp(name, chain->verdict.link) == 0)
        state = WHY_ENDS;
    else if (has_ended)
        state = WHY_BEHIND;
    chain->links[chain->link_count++] = (struct why_link){name, state, detail};
}

const char *why_time_text(const char *time)
{
    size_t len = strlen(time);
    return len == 24 && time[10] == 'T' ? keep_bytes(time + 11, 8) : time;
}

const char *why_cut_text(const char *text, size_t len)
{
    if (strlen(text) <= len)
        return text;
    while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80) /* a character is not cut */
        len--;
    return keep_format("%.*s...", (int)len, text);
}

static void why_add_part(const struct why_facts *facts, struct why_chain *chain, const char *part)
{
    const cJSON *state = json_read_member(facts->ready, part);
    const char *reason = json_read_text(state, "reason"), *detail = json_read_text(state, "detail");
    const char *since = why_time_text(json_read_text(state, "since"));
    bool is_up = strcmp(json_read_text(state, "state"), "up") == 0;
    if (!state)
        return;
    why_add_link(chain, part, is_up ? WHY_OK : WHY_LOOK,
                 keep_format("%s %s%s%s%s%s%s", words_find("parts", part).title,
                             is_up ? "works" : words_find("part_reasons", reason).title,
                             detail[0] ? " (" : "", detail, detail[0] ? ")" : "",
                             since[0] ? " since " : "", since));
}

static void why_add_device(const struct why_facts *facts, struct why_chain *chain)
{
    bool device_is_on = json_read_bool(facts->device, "enabled");
    bool tag_is_on = !facts->tag || json_read_bool(facts->tag, "enabled");
    const char *gateway = json_read_text(facts->device, "network.gateway");
    why_add_link(chain, "device", WHY_OK,
                 keep_format("%s is %s%s%s%s", facts->device_name,
                             device_is_on ? "enabled" : "not enabled",
                             device_is_on && !tag_is_on ? ", but the tag is not" : "",
                             gateway[0] ? ", and held by the gateway " : "", gateway));
}

static void why_add_topic(const struct why_facts *facts, struct why_chain *chain)
{
    const char *own = json_read_text(facts->tag, "mqtt.topic");
    const char *topic = own[0] ? own : json_read_text(facts->device, "mqtt.topic");
    const char *error = json_read_text(facts->status, "last_error.code");
    bool is_refused = strncmp(error, "subscription_", 13) == 0;
    why_add_link(chain, "topic", is_refused ? WHY_LOOK : WHY_OK,
                 is_refused ? keep_format("%s: %s (%s)", topic, words_find("errors", error).title,
                                          json_read_text(facts->status, "last_error.detail"))
                            : keep_format("%s%s", topic, own[0] ? ", of the tag" : ""));
}

static void why_add_availability(const struct why_facts *facts, struct why_chain *chain)
{
    const char *topic = json_read_text(facts->device, "mqtt.availability_topic");
    bool is_away = strcmp(json_read_text(facts->status, "reason"), "unavailable") == 0;
    if (topic[0])
        why_add_link(chain, "availability", is_away ? WHY_LOOK : WHY_OK,
                     keep_format("%s %s", topic,
                                 is_away ? "says that the device is not available"
                                         : "does not say that the device is away"));
}

/* "1 written, 2 refused, 0 held, of 4 tags" */
static const char *why_counts_text(const cJSON *message)
{
    return keep_format("%s of %s tags written, %s refused, %s held",
                       json_read_text(message, "written"), json_read_text(message, "tags"),
                       json_read_text(message, "rejected"), json_read_text(message, "held"));
}

static void why_add_message(const struct why_facts *facts, struct why_chain *chain)
{
    const cJSON *traced = why_newest_message(facts);
    const cJSON *message = json_read_member(facts->preview, "message");
    const char *outcome = json_read_text(traced, "outcome");
    const char *looks = json_read_text(traced, "looks_like"), *bytes;
    bool is_taken = outcome[0] == '\0' || strcmp(outcome, "taken") == 0;
    if (!cJSON_IsObject(message))
        message = traced;
    if (!message) {
        const char *last = json_read_text(facts->status, "last_message_at");
        why_add_link(chain, "message", last[0] ? WHY_OK : WHY_LOOK,
                     last[0] ? keep_format("the newest came at %s, and is not kept any more", last)
                             : "none has come");
        return;
    }
    bytes = json_read_text(message, "bytes");
    why_add_link(chain, "message", is_taken ? WHY_OK : WHY_LOOK,
                 keep_format("%s on %s, %s byte%s%s%s%s%s%s%s: %s",
                             why_time_text(json_read_text(message, "at")),
                             json_read_text(message, "topic"), bytes,
                             strcmp(bytes, "1") == 0 ? "" : "s",
                             json_read_bool(message, "retained") ? ", retained" : "",
                             looks[0] ? ", looks like " : "",
                             looks[0] ? words_find("formats", looks).title : "", traced ? ", " : "",
                             !traced    ? ""
                             : is_taken ? why_counts_text(traced)
                                        : "outcome: ",
                             is_taken ? "" : words_find("outcomes", outcome).title,
                             why_cut_text(json_read_text(message, "payload"), PAYLOAD_SHOWN)));
}

static void why_add_tags(const struct why_facts *facts, struct why_chain *chain)
{
    size_t count = 0, good = 0;
    if (!facts->values)
        return;
    for (const cJSON *one = facts->values->child; one; one = one->next, count++)
        good += strcmp(json_read_text(one, "quality"), "good") == 0;
    why_add_link(chain, "tags", good < count ? WHY_LOOK : WHY_OK,
                 keep_format("%zu of %zu are good%s%s", good, count,
                             facts->tag && count > 1 ? "; the links below are those of " : "",
                             facts->tag && count > 1 ? json_read_text(facts->tag, "name") : ""));
}

const cJSON *why_newest_write(const struct why_facts *facts)
{
    const cJSON *events = json_read_array(facts->history, "events"), *newest = NULL;
    for (const cJSON *one = events ? events->child : NULL; one; one = one->next) {
        if (strcmp(json_read_text(one, "kind"), "write") == 0)
            newest = one;
    }
    return newest;
}

/* The way of what SCADA writes. */
static void why_add_command(const struct why_facts *facts, struct why_chain *chain)
{
    why_add_link(chain, "command", WHY_OK,
                 keep_format("what SCADA writes is published on %s",
                             json_read_text(facts->tag, "mqtt.command_topic")));
}

static void why_add_clients(const struct why_facts *facts, struct why_chain *chain)
{
    size_t scada = 0;
    const cJSON *items = json_read_array(facts->clients, "items");
    const cJSON *refused = cJSON_GetArrayItem(json_read_array(facts->clients, "refused"), 0);
    const cJSON *write = why_newest_write(facts);
    if (!facts->clients && strcmp(chain->verdict.link, "scada") != 0)
        return;
    for (const cJSON *one = items ? items->child : NULL; one; one = one->next)
        scada += strcmp(json_read_text(one, "side"), "scada") == 0;
    const char *connected = keep_format("%zu connection%s, including those of tagferry-api", scada,
                                        scada == 1 ? "" : "s");
    if (write)
        connected = keep_format("%s; the newest write was %s, of %s", connected,
                                json_read_text(write, "detail"), json_read_text(write, "code"));
    why_add_link(chain, "scada", refused ? WHY_LOOK : WHY_OK,
                 refused
                     ? keep_format("%s; %s was refused at %s: %s", connected,
                                   json_read_text(refused, "address"),
                                   why_time_text(json_read_text(refused, "at")),
                                   words_find("clients", json_read_text(refused, "reason")).title)
                     : connected);
}

/* The newest message may have passed a step that refused the value before it. */
static void why_add_missing_end(struct why_chain *chain)
{
    static const char *const behind[] = {"", "register", "server", "command", "scada"};
    for (size_t i = 0; i < sizeof behind / sizeof behind[0]; i++) {
        if (strcmp(behind[i], chain->verdict.link) == 0)
            return;
    }
    for (size_t i = 0; i < chain->link_count; i++) {
        if (chain->links[i].state == WHY_ENDS)
            return;
    }
    why_add_link(chain, chain->verdict.link, WHY_ENDS, chain->verdict.sentence);
}

void why_decide(const struct why_facts *facts, struct why_chain *chain)
{
    const char *direction = json_read_text(facts->tag, "direction");
    bool is_own = strcmp(direction, "constant") == 0 || strcmp(direction, "companion") == 0;
    bool is_input = strcmp(direction, "to_mqtt") != 0 && !is_own;
    chain->link_count = 0;
    why_find_end(facts, &chain->verdict);
    why_add_link(chain, "api", WHY_OK, keep_format("tagferry-api at %s", facts->server));
    why_add_part(facts, chain, "store");
    why_add_part(facts, chain, "mqttd");
    why_add_part(facts, chain, "broker");
    why_add_part(facts, chain, "modbusd");
    if (!facts->device)
        return;
    why_add_device(facts, chain);
    if (!facts->tag_name || facts->values)
        why_add_tags(facts, chain);
    if (is_input) {
        why_add_topic(facts, chain);
        why_add_availability(facts, chain);
        why_add_message(facts, chain);
    }
    if (facts->tag && is_input)
        why_add_conversion(facts, chain);
    why_add_missing_end(chain);
    if (facts->tag && !is_input && !is_own) /* the way begins there */
        why_add_clients(facts, chain);
    if (facts->tag)
        why_add_register(facts, chain);
    if (facts->tag && !is_own && strcmp(direction, "to_modbus") != 0)
        why_add_command(facts, chain);
    if (!facts->tag || is_input || is_own)
        why_add_clients(facts, chain);
}
