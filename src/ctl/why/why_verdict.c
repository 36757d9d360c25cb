/* Decides where the chain ends. Each step returns true where it has found the end. */
#include <string.h>

#include "common/base/utc.h"
#include "common/model/topic.h"
#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/output/words.h"
#include "ctl/why/why_link.h"
#include "ctl/why/why_near.h"

/* A value without stale_after_s that is older is said to be old. A command is refused at most so
 * long after it was taken from the register. */
enum { OLD_VALUE_MS = 60000, COMMAND_MS = 2000 };

/* "boiler-7" or "boiler-7/supply_temperature", as one word of a shell. */
static const char *why_object_word(const struct why_facts *facts, bool is_device)
{
    if (is_device || !facts->tag_name)
        return why_quote_word(facts->device_name);
    return why_quote_word(keep_format("%s/%s", facts->device_name, facts->tag_name));
}

static void verdict_add_command(struct why_verdict *verdict, const char *command)
{
    size_t i = 0;
    while (i < WHY_COMMANDS_MAX && verdict->commands[i])
        i++;
    if (i < WHY_COMMANDS_MAX)
        verdict->commands[i] = command;
}

/* A title with what the API says about it, in brackets. */
static const char *verdict_add_detail(const char *title, const char *detail)
{
    return detail[0] ? keep_format("%s (%s)", title, detail) : title;
}

static bool verdict_set(struct why_verdict *verdict, const char *code, const char *error,
                        const char *link, const char *sentence, const char *remedy)
{
    verdict->code = code;
    verdict->error = error;
    verdict->link = link;
    verdict->sentence = sentence;
    verdict->remedy = remedy;
    return true;
}

/* A part of the gateway that is down. */
static bool why_part_is_down(const struct why_facts *facts, struct why_verdict *verdict,
                             const char *part, const char *code)
{
    const cJSON *state = json_read_member(facts->ready, part);
    const char *reason = json_read_text(state, "reason");
    if (!state || strcmp(json_read_text(state, "state"), "up") == 0 ||
        strcmp(reason, "mqttd_down") == 0)
        return false;
    bool is_daemon = strcmp(part, "mqttd") == 0 || strcmp(part, "modbusd") == 0;
    bool is_ended = is_daemon && strcmp(reason, "not_running") == 0;
    struct words words = words_find("part_reasons", reason);
    const char *daemon = is_daemon                    ? words_find("parts", part).title
                         : strcmp(part, "store") == 0 ? "tagferry-api"
                                                      : "tagferry-mqttd";
    verdict_set(
        verdict, code, reason, part,
        verdict_add_detail(keep_format("%s %s", words_find("parts", part).title, words.title),
                           json_read_text(state, "detail")),
        is_ended ? words_find("reasons", code).remedy
                 : keep_format("%s%s%s", words.text, words.text[0] ? " " : "", words.remedy));
    if (is_ended)
        verdict_add_command(verdict, keep_format("systemctl start %s", daemon));
    verdict_add_command(verdict, keep_format("journalctl -u %s -n 50", daemon));
    return true;
}

static bool why_gateway_ends(const struct why_facts *facts, struct why_verdict *verdict)
{
    if (facts->silence) {
        verdict_set(
            verdict, "api_down", "", "api",
            verdict_add_detail(keep_format("tagferry-api at %s does not answer", facts->server),
                               facts->silence),
            "Check on the gateway that it runs, and that the URL is right (--url).");
        verdict_add_command(verdict, "systemctl status tagferry-api");
        verdict_add_command(verdict, "journalctl -u tagferry-api -n 50");
        return true;
    }
    bool is_local = !json_read_text(facts->device, "network.modbus_host")[0];
    return why_part_is_down(facts, verdict, "store", "store_down") ||
           why_part_is_down(facts, verdict, "mqttd", "mqttd_down") ||
           why_part_is_down(facts, verdict, "broker", "broker_lost") ||
           (is_local && why_part_is_down(facts, verdict, "modbusd", "modbusd_down"));
}

/* Adds the commands that help against a reason of the API, or an error. */
static void verdict_add_commands(const struct why_facts *facts, struct why_verdict *verdict)
{
    const char *device = why_object_word(facts, true), *tag = why_object_word(facts, false);
    bool device_is_off = !json_read_bool(facts->device, "enabled");
    const struct {
        const char *code, *command;
    } rows[] = {
        {"disabled", keep_format("tagferryctl set %s enabled=true", device_is_off ? device : tag)},
        {"other_gateway", "tagferryctl gateways"},
        {"silent", keep_format("tagferryctl messages %s", device)},
        {"unavailable", keep_format("tagferryctl get %s", device)},
        {"target_down", keep_format("tagferryctl get %s", device)},
        {"subscription_refused", "journalctl -u tagferry-mqttd -n 50"},
        {"command_refused", "journalctl -u tagferry-mqttd -n 50"},
        {"not_selected", keep_format("tagferryctl get %s", device)},
        {"unknown_availability", keep_format("tagferryctl get %s", device)},
        {"old_messages", keep_format("tagferryctl messages %s", device)},
        {"expired", "tagferryctl clients"},
        {"not_written", "tagferryctl clients"},
        {"unmapped_string", keep_format("tagferryctl get %s", tag)},
        {"no_match", keep_format("tagferryctl get %s", tag)},
        {"not_a_number", keep_format("tagferryctl get %s", tag)},
        {"out_of_range", keep_format("tagferryctl set %s modbus.on_overflow=clamp", tag)},
        {"too_long", keep_format("tagferryctl set %s modbus.on_overflow=clamp", tag)},
        {"invalid_json", keep_format("tagferryctl messages %s", device)},
        {"invalid_sparkplug", keep_format("tagferryctl messages %s", device)},
        {"bad_quality", keep_format("tagferryctl get %s", tag)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].code, verdict->error) == 0 || strcmp(rows[i].code, verdict->code) == 0)
            verdict_add_command(verdict, rows[i].command);
    }
    const char *looks = json_read_text(facts->preview, "message.looks_like");
    if (strcmp(verdict->error, "invalid_json") != 0 || !facts->tag)
        return;
    if (strcmp(looks, "sparkplug") == 0)
        verdict_add_command(verdict, keep_format("tagferryctl set %s mqtt.payload=sparkplug", tag));
    else if (looks[0] == '\0' && !strpbrk(json_read_text(facts->preview, "message.payload"), "{["))
        verdict_add_command(verdict,
                            keep_format("tagferryctl set %s mqtt.payload=text mqtt.key=", tag));
}

/* The newest error of the tag, else of the device, if the reason has one. */
static const cJSON *why_reason_error(const struct why_facts *facts, const char *reason)
{
    static const char *const with_error[] = {"refused", "not_json", "target_down",
                                             "subscription_refused", "bad_quality"};
    const cJSON *own = json_read_member(facts->value, "last_error");
    const cJSON *of_device = json_read_member(facts->status, "last_error");
    for (size_t i = 0; i < sizeof with_error / sizeof with_error[0]; i++) {
        if (strcmp(with_error[i], reason) == 0)
            return strcmp(reason, "subscription_refused") != 0 && cJSON_IsObject(own) ? own
                                                                                      : of_device;
    }
    return NULL;
}

static const char *why_reason_link(const char *reason, const char *error, const cJSON *tag)
{
    static const struct {
        const char *reason, *link;
    } rows[] = {
        {"disabled", "device"},
        {"other_gateway", "device"},
        {"broker_lost", "broker"},
        {"mqttd_down", "mqttd"},
        {"modbusd_down", "modbusd"},
        {"target_down", "server"},
        {"unavailable", "availability"},
        {"bad_quality", "quality"},
        {"expired", "scada"},
        {"subscription_refused", "topic"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].reason, reason) == 0)
            return rows[i].link;
    }
    return strcmp(reason, "refused") == 0 && error[0] ? why_error_link(error, tag) : "message";
}

/* The end by a reason of the API. */
static bool why_end_by_reason(const struct why_facts *facts, struct why_verdict *verdict,
                              const char *reason)
{
    const cJSON *last = why_reason_error(facts, reason);
    const char *error = json_read_text(last, "code");
    struct words words = words_find(error[0] ? "errors" : "reasons", error[0] ? error : reason);
    const char *detail = json_read_text(last, "detail"), *remedy = words.remedy;
    const char *looks = json_read_text(facts->preview, "message.looks_like");
    if (strcmp(reason, "other_gateway") == 0)
        detail = json_read_text(facts->device, "network.gateway");
    if (strcmp(reason, "silent") == 0)
        detail =
            keep_format("newest message: %s", json_read_text(facts->status, "last_message_at"));
    if (words.text[0] && error[0])
        remedy = keep_format("%s %s", words.text, remedy);
    if (looks[0] && strcmp(error, "invalid_json") == 0) {
        struct words format = words_find("formats", looks);
        remedy = keep_format("It looks like %s. %s", format.title, format.remedy);
    }
    verdict_set(verdict, keep_text(reason), error, why_reason_link(reason, error, facts->tag),
                verdict_add_detail(words.title, detail), remedy);
    verdict_add_commands(facts, verdict);
    return true;
}

/* The message has come, but without the key of the tag. */
static bool why_end_by_key(const struct why_facts *facts, struct why_verdict *verdict)
{
    const char *key = json_read_text(facts->tag, "mqtt.key"), *keys = why_message_keys(facts);
    const char *near = why_find_near_key(facts->payload, key);
    const char *likeness = near && strcasecmp(near, key) == 0
                               ? "capital letters matter"
                               : "a key within an object is a pointer, such as /a/b";
    verdict_set(verdict, "key_not_found", near ? "near_key" : "", "key",
                keep_format("the newest message does not have the key %s; it has %s", key,
                            near      ? near
                            : keys[0] ? keys
                                      : "no keys"),
                near ? keep_format("Change the key of the tag: %s.", likeness)
                     : "Change the key of the tag, or let the device send it: capital letters "
                       "matter, a key within an object is a pointer, such as /a/b.");
    verdict_add_command(
        verdict, near ? keep_format("tagferryctl set %s %s", why_object_word(facts, false),
                                    why_quote_word(keep_format("mqtt.key=%s", near)))
                      : keep_format("tagferryctl messages %s", why_object_word(facts, true)));
    return true;
}

/* The newest message was not read: its outcome says why. */
static bool why_end_by_outcome(const struct why_facts *facts, struct why_verdict *verdict)
{
    const cJSON *message = why_newest_message(facts);
    const char *outcome = json_read_text(message, "outcome");
    if (outcome[0] == '\0' || strcmp(outcome, "taken") == 0)
        return false;
    struct words words = words_find("outcomes", outcome);
    verdict_set(verdict, outcome, json_read_text(message, "error.code"), "message",
                keep_format("the newest message has the outcome \"%s\"", words.title),
                keep_format("%s %s", words.text, words.remedy));
    verdict_add_commands(facts, verdict);
    return true;
}

/* No message has come for the tag: is there one on a topic that is nearly the same? */
static bool why_end_without_message(const struct why_facts *facts, struct why_verdict *verdict)
{
    const char *own = json_read_text(facts->tag, "mqtt.topic");
    const char *topic = own[0] ? own : json_read_text(facts->device, "mqtt.topic");
    const char *object = why_object_word(facts, !own[0]);
    const char *near = why_find_near_topic(facts->heard, topic);
    const cJSON *heard = facts->heard ? facts->heard->child : NULL;
    for (; heard; heard = heard->next) {
        if (strcmp(json_read_text(heard, "outcome"), "not_selected") != 0 ||
            !topic_matches(topic_filter_body(topic), json_read_text(heard, "topic")))
            continue;
        struct words words = words_find("outcomes", "not_selected");
        verdict_set(
            verdict, "not_selected", "", "message",
            keep_format("messages on %s do not fit the conditions (where) of the device", topic),
            words.remedy);
        verdict_add_commands(facts, verdict);
        return true;
    }
    struct words words = words_find("reasons", "never_heard");
    verdict_set(verdict, "never_heard", near ? "near_topic" : "no_message", "message",
                near ? keep_format("no message has come on %s, but on %s", topic, near)
                     : keep_format("no message has come on %s", topic),
                words.remedy);
    verdict_add_command(
        verdict, near ? keep_format("tagferryctl set %s %s", object,
                                    why_quote_word(keep_format("mqtt.topic=%s", near)))
                      : keep_format("tagferryctl learn %s",
                                    why_quote_word(why_widen_topic(topic_filter_body(topic)))));
    return true;
}

/* No message since tagferry-mqttd started has given the tag a value. */
static bool why_end_of_never_heard(const struct why_facts *facts, struct why_verdict *verdict)
{
    const char *error = json_read_text(facts->preview, "error.code");
    const char *of_device = json_read_text(facts->status, "last_error.code");
    if (strcmp(json_read_text(facts->tag, "direction"), "to_mqtt") == 0) {
        if (why_newest_write(facts)) /* the quality of such a tag stays "never" */
            return false;
        verdict_set(verdict, "not_written", "", "scada", "SCADA has not written the register",
                    "Check that SCADA is connected and writes this register.");
        verdict_add_commands(facts, verdict);
        return true;
    }
    if (strncmp(of_device, "subscription_", 13) == 0 || strcmp(of_device, "topic_too_long") == 0 ||
        strstr(of_device, "subscriptions_unavailable"))
        return why_end_by_reason(facts, verdict, "subscription_refused");
    if (!json_read_text(facts->preview, "message.at")[0] && !why_newest_message(facts))
        return why_end_without_message(facts, verdict);
    if (why_end_by_outcome(facts, verdict))
        return true;
    if (strcmp(error, "key_not_found") == 0)
        return why_end_by_key(facts, verdict);
    return why_end_by_reason(facts, verdict, "never_heard");
}

/* The API knows the reason. */
static bool why_reason_ends(const struct why_facts *facts, struct why_verdict *verdict)
{
    const char *reason = json_read_text(facts->tag ? facts->value : facts->status, "reason");
    const char *received = json_read_text(facts->value, "received_at");
    bool is_newer = strcmp(json_read_text(facts->preview, "message.at"), received) > 0;
    /* The switch says so before a message does. */
    if (!json_read_bool(facts->device, "enabled") ||
        (facts->tag && !json_read_bool(facts->tag, "enabled")))
        return why_end_by_reason(facts, verdict, "disabled");
    if (reason[0] == '\0')
        return false;
    if (strcmp(reason, "never_heard") == 0)
        return why_end_of_never_heard(facts, verdict);
    if (strcmp(reason, "silent") == 0 && is_newer &&
        strcmp(json_read_text(facts->preview, "error.code"), "key_not_found") == 0)
        return why_end_by_key(facts, verdict);
    return why_end_by_reason(facts, verdict, reason);
}

/* True if SCADA has written something since, which was taken to publish. */
static bool why_error_is_over(const struct why_facts *facts)
{
    uint64_t error_ms;
    double write_ms = json_read_number(why_newest_write(facts), "at");
    return utc_parse(json_read_text(facts->value, "last_error.at"), &error_ms) &&
           write_ms > (double)error_ms + COMMAND_MS;
}

/* What SCADA has written cannot be published. */
static bool why_command_ends(const struct why_facts *facts, struct why_verdict *verdict)
{
    static const char *const of_commands[] = {"command_refused", "unmapped_number", "not_a_number",
                                              "out_of_range", "not_a_string"};
    const char *error = json_read_text(facts->value, "last_error.code");
    size_t i = 0, count = sizeof of_commands / sizeof of_commands[0];
    while (i < count && strcmp(of_commands[i], error) != 0)
        i++;
    if (i == count || strcmp(json_read_text(facts->tag, "direction"), "to_modbus") == 0 ||
        strcmp(json_read_text(facts->tag, "direction"), "constant") == 0 ||
        strcmp(json_read_text(facts->tag, "direction"), "companion") == 0 ||
        why_error_is_over(facts))
        return false;
    struct words words = words_find("errors", error);
    verdict_set(verdict, "command_refused", error, "command",
                verdict_add_detail(words.title, json_read_text(facts->value, "last_error.detail")),
                words.remedy);
    verdict_add_commands(facts, verdict);
    return true;
}

/* The quality is good, and yet the newest values do not arrive. */
static bool why_hidden_fault_ends(const struct why_facts *facts, struct why_verdict *verdict)
{
    const cJSON *tag = facts->tag, *value = facts->value, *preview = facts->preview;
    const char *received = json_read_text(value, "received_at");
    bool error_is_newest = strcmp(json_read_text(value, "last_error.at"), received) > 0;
    bool is_old = json_read_number(facts->device, "mqtt.stale_after_s") == 0 &&
                  json_read_number(value, "age_ms") > OLD_VALUE_MS;
    if (error_is_newest && strncmp(json_read_text(value, "last_error.code"), "modbus_", 7) == 0)
        return why_end_by_reason(facts, verdict, "target_down");
    if (error_is_newest && why_command_ends(facts, verdict))
        return true;
    if (strcmp(json_read_text(preview, "message.at"), received) > 0 &&
        strcmp(json_read_text(preview, "error.code"), "key_not_found") == 0 &&
        (is_old || why_find_near_key(facts->payload, json_read_text(tag, "mqtt.key"))))
        return why_end_by_key(facts, verdict);
    if (!why_register_differs(facts) || strcmp(json_read_text(tag, "direction"), "to_modbus") != 0)
        return false;
    verdict_set(verdict, "register_differs", "", "register",
                keep_format("the register has %s, but the newest message gives %s",
                            json_read_text(value, "value"), json_read_text(preview, "value")),
                "Another client writes it: choose a table that clients can only read, or an allow "
                "rule with \"ro\".");
    verdict_add_command(verdict, "tagferryctl clients");
    return true;
}

/* The newest change of the settings in Modbus, or NULL. */
static const cJSON *why_newest_change(const struct why_facts *facts, const char **member,
                                      const char **values)
{
    const cJSON *change = facts->changes ? facts->changes->child : NULL;
    for (; change; change = change->next) {
        const cJSON *diff = json_read_array(change, "diff");
        if (strcmp(json_read_text(change, "action"), "change") != 0 ||
            strcmp(json_read_text(change, "at"), facts->days_ago) < 0)
            continue;
        for (const cJSON *one = diff ? diff->child : NULL; one; one = one->next) {
            const char *pointer = json_read_text(one, "pointer");
            if (strncmp(pointer, "/modbus/", 8) != 0 || strcmp(pointer, "/modbus/modicon") == 0)
                continue;
            *member = pointer + 8;
            *values = keep_format("%s -> %s", json_read_text(one, "before"),
                                  json_read_text(one, "after"));
            return change;
        }
    }
    return NULL;
}

/* The chain is whole: what SCADA may still have to do with. */
static void why_name_notes(const struct why_facts *facts, struct why_verdict *verdict)
{
    const char *member = "", *values = "";
    const cJSON *change = why_newest_change(facts, &member, &values);
    const cJSON *refused = cJSON_GetArrayItem(json_read_array(facts->clients, "refused"), 0);
    const char *whole = facts->tag ? "the chain is whole: the register has the newest value"
                                   : "the chain is whole: messages of the device come";
    verdict->is_whole = true;
    if (why_newest_write(facts))
        whole = keep_format("the chain is whole: the newest write, %s, was taken to be published "
                            "on %s",
                            json_read_text(why_newest_write(facts), "detail"),
                            json_read_text(facts->tag, "mqtt.command_topic"));
    if (refused && strcmp(json_read_text(refused, "at"), facts->lately) > 0) {
        struct words words = words_find("clients", json_read_text(refused, "reason"));
        verdict_set(verdict, "client_refused", json_read_text(refused, "reason"), "",
                    keep_format("%s; but a client in SCADA, %s, gets no values: %s", whole,
                                json_read_text(refused, "address"),
                                verdict_add_detail(words.title, json_read_text(refused, "detail"))),
                    words.remedy);
        verdict_add_command(verdict, "tagferryctl clients --wrong");
        return;
    }
    if (change) {
        bool is_order = strcmp(member, "byte_order") == 0;
        bool is_scale = strcmp(member, "scale") == 0 || strcmp(member, "offset") == 0;
        verdict_set(verdict,
                    is_order   ? "byte_order_changed"
                    : is_scale ? "scale_changed"
                               : "tag_changed",
                    "", "",
                    keep_format("%s; but modbus.%s of the tag was changed at %s: %s", whole, member,
                                json_read_text(change, "at"), values),
                    "If SCADA shows a wrong value since then, set the same there, or undo the "
                    "change.");
        verdict_add_command(verdict,
                            keep_format("tagferryctl revert %s", json_read_text(change, "id")));
        return;
    }
    if (facts->tag && json_read_number(facts->device, "mqtt.stale_after_s") == 0 &&
        json_read_number(facts->value, "age_ms") > OLD_VALUE_MS) {
        verdict_set(verdict, "old_value", "", "",
                    keep_format("%s, which came %s ago", whole,
                                duration_text(json_read_number(facts->value, "age_ms"))),
                    "If the device should send more often, look at it. With stale_after_s, a value "
                    "that is too old is shown as stale.");
        verdict_add_command(verdict, keep_format("tagferryctl set %s mqtt.stale_after_s=60",
                                                 why_object_word(facts, true)));
        return;
    }
    verdict_set(verdict, "whole", "", "", whole, "");
}

void why_find_end(const struct why_facts *facts, struct why_verdict *verdict)
{
    *verdict = (struct why_verdict){.error = "", .link = "", .remedy = ""};
    if (why_gateway_ends(facts, verdict) || why_reason_ends(facts, verdict))
        return;
    if (facts->tag && why_hidden_fault_ends(facts, verdict))
        return;
    if (!facts->tag && facts->values && !facts->values->child) {
        verdict_set(verdict, "no_tags", "", "tags", "the device has no tags",
                    "Add tags, or let Tagferry propose them from the messages.");
        verdict_add_command(
            verdict, keep_format("tagferryctl learn %s",
                                 why_quote_word(json_read_text(facts->device, "mqtt.topic"))));
        return;
    }
    why_name_notes(facts, verdict);
}
