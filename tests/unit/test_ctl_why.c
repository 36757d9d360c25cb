/* where the way of a value ends: a row for each row of docs/troubleshooting.md */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/base/keep.h"
#include "ctl/why/why_chain.h"
#include "ctl/why/why_near.h"
#include "golden.h"

/* The answers about a tag that works, which the rows change. */
static const char good_facts[] =
    "{\"tag_name\":\"temp\",\"ready\":{\"mqttd\":{\"state\":\"up\"},\"modbusd\":{\"state\":\"up\"},"
    "\"broker\":{\"state\":\"up\"},\"store\":{\"state\":\"up\"}},"
    "\"device\":{\"name\":\"boiler-7\",\"enabled\":true,\"network\":{\"unit_id\":1},"
    "\"mqtt\":{\"topic\":\"plant/boiler-7/telemetry\",\"stale_after_s\":0}},"
    "\"status\":{\"quality\":\"good\",\"reason\":null,\"last_error\":null,"
    "\"last_message_at\":\"2026-01-02T03:04:05.678Z\"},"
    "\"tag\":{\"name\":\"temp\",\"unit\":\"C\",\"enabled\":true,\"direction\":\"to_modbus\","
    "\"mqtt\":{\"key\":\"temp\",\"topic\":null},"
    "\"modbus\":{\"table\":\"input_register\",\"address\":100,\"modicon\":\"300101\","
    "\"type\":\"float32\",\"byte_order\":\"ABCD\",\"scale\":1,\"offset\":0}},"
    "\"value\":{\"value\":71.5,\"raw\":[17039,0],\"quality\":\"good\",\"reason\":null,"
    "\"received_at\":\"2026-01-02T03:04:05.678Z\",\"written_at\":\"2026-01-02T03:04:05.679Z\","
    "\"age_ms\":100,\"last_error\":null},"
    "\"preview\":{\"message\":{\"topic\":\"plant/boiler-7/telemetry\","
    "\"at\":\"2026-01-02T03:04:05.678Z\",\"payload\":\"{\\\"temp\\\":71.5}\",\"bytes\":13,"
    "\"encoding\":\"text\"},\"found\":true,\"json\":71.5,\"read\":71.5,\"value\":71.5,"
    "\"raw\":[17039,0],\"error\":null},"
    "\"payload\":{\"temp\":71.5},"
    "\"messages\":[{\"at\":\"2026-01-02T03:04:05.678Z\",\"topic\":\"plant/boiler-7/telemetry\","
    "\"device\":\"boiler-7\",\"outcome\":\"taken\",\"tags\":1,\"written\":1,\"rejected\":0,"
    "\"held\":0,\"error\":null,\"keys\":null}],"
    "\"heard\":[],\"changes\":[],\"clients\":{\"items\":[],\"refused\":[]}}";

/* A value with this reason, without an error, or with one. */
#define REASON(reason) "{\"value\":{\"quality\":\"bad\",\"reason\":\"" reason "\"}}"
#define REFUSED(reason, code)                                                                      \
    "{\"value\":{\"quality\":\"bad\",\"reason\":\"" reason "\",\"last_error\":{\"code\":\"" code   \
    "\",\"detail\":\"hot\",\"at\":\"2026-01-02T03:04:06.000Z\"}},"                                 \
    "\"preview\":{\"error\":{\"code\":\"" code "\",\"detail\":\"hot\"}}}"
#define PART(part, reason)                                                                         \
    "{\"ready\":{\"" part "\":{\"state\":\"down\",\"reason\":\"" reason "\"}}}"
#define CHANGE(member)                                                                             \
    "{\"changes\":[{\"id\":12,\"action\":\"change\",\"at\":\"2026-01-02T03:04:00.000Z\","          \
    "\"diff\":[{\"pointer\":\"/modbus/" member "\",\"before\":\"1\",\"after\":\"2\"}]}]}"
#define NEVER        "\"value\":{\"quality\":\"never\",\"reason\":\"never_heard\",\"received_at\":null}"
#define NO_MESSAGE   "\"preview\":{\"message\":null,\"found\":false},\"messages\":[]"
#define NO_KEY(json) "\"payload\":" json ",\"preview\":{\"found\":false," KEY_ERROR "}"
#define KEY_ERROR    "\"error\":{\"code\":\"key_not_found\"},\"raw\":[]"
#define LATER                                                                                      \
    "\"payload\":{\"Temp\":1},\"preview\":{\"found\":false," KEY_ERROR                             \
    ",\"message\":{\"at\":\"2026-01-02T03:04:09.000Z\"}}"

static const struct {
    const char *name, *changed; /* members to merge into good_facts */
    const char *code, *error, *link, *says, *command;
} rows[] = {
    {"all is well", "{}", "whole", "", "", "the chain is whole", NULL},
    /* the parts of the gateway */
    {"mqttd", PART("mqttd", "not_running"), "mqttd_down", "not_running", "mqttd",
     "tagferry-mqttd does not run", "systemctl start tagferry-mqttd"},
    {"mqttd hangs", PART("mqttd", "hangs"), "mqttd_down", "hangs", "mqttd", "does not respond",
     "journalctl -u tagferry-mqttd -n 50"},
    {"modbusd", PART("modbusd", "not_running"), "modbusd_down", "not_running", "modbusd",
     "tagferry-modbusd does not run", "systemctl start tagferry-modbusd"},
    {"modbusd, of a device with a server of its own",
     "{\"ready\":{\"modbusd\":{\"state\":\"down\",\"reason\":\"not_running\"}},"
     "\"device\":{\"network\":{\"modbus_host\":\"10.0.0.9\",\"modbus_port\":502}}}",
     "whole", "", "", "whole", NULL},
    {"broker", PART("broker", "unreachable"), "broker_lost", "unreachable", "broker",
     "the MQTT broker cannot be reached", "journalctl -u tagferry-mqttd -n 50"},
    {"password", PART("broker", "not_authorized"), "broker_lost", "not_authorized", "broker",
     "does not accept the user", NULL},
    {"store", PART("store", "cannot_be_read"), "store_down", "cannot_be_read", "store",
     "the store cannot be read", "journalctl -u tagferry-api -n 50"},
    /* the reasons */
    {"disabled", "{\"device\":{\"enabled\":false}}", "disabled", "", "device", "switched off",
     "tagferryctl set boiler-7 enabled=true"},
    {"the tag is disabled", "{\"tag\":{\"enabled\":false}}", "disabled", "", "device",
     "switched off", "tagferryctl set boiler-7/temp enabled=true"},
    {"other gateway", REASON("other_gateway"), "other_gateway", "", "device", "another gateway",
     "tagferryctl gateways"},
    {"silent", REASON("silent"), "silent", "", "message", "no message for too long",
     "tagferryctl messages boiler-7"},
    {"broker lost", REASON("broker_lost"), "broker_lost", "", "broker", "no connection", NULL},
    {"mqttd down", REASON("mqttd_down"), "mqttd_down", "", "mqttd", "does not run", NULL},
    {"modbusd down", REASON("modbusd_down"), "modbusd_down", "", "modbusd", "does not take", NULL},
    {"target down", REFUSED("target_down", "modbus_unreachable"), "target_down",
     "modbus_unreachable", "server", "does not answer (hot)", "tagferryctl get boiler-7"},
    {"target refuses", REFUSED("target_down", "modbus_exception"), "target_down",
     "modbus_exception", "server", "refuses the request", NULL},
    {"unavailable", REASON("unavailable"), "unavailable", "", "availability", "not available",
     "tagferryctl get boiler-7"},
    {"old messages", REASON("old_messages"), "old_messages", "", "message", "older than one before",
     NULL},
    {"bad quality", REFUSED("bad_quality", "bad_quality"), "bad_quality", "bad_quality", "quality",
     "not good", NULL},
    {"expired", REASON("expired"), "expired", "", "scada", "SCADA has not written",
     "tagferryctl clients"},
    {"subscription",
     "{\"value\":{\"quality\":\"bad\",\"reason\":\"subscription_refused\"},\"status\":{"
     "\"last_error\":{\"code\":\"subscription_disconnected\",\"detail\":\"plant/#\"}}}",
     "subscription_refused", "subscription_disconnected", "topic", "closes the connection", NULL},
    {"subscription without an answer",
     "{" NEVER ",\"status\":{\"last_error\":{\"code\":\"subscription_unanswered\"}}}",
     "subscription_refused", "subscription_unanswered", "topic", "has not answered", NULL},
    {"never heard", "{" NEVER "," NO_MESSAGE "}", "never_heard", "no_message", "message",
     "no message has come on plant/boiler-7/telemetry", "tagferryctl learn 'plant/#'"},
    {"another topic",
     "{" NEVER "," NO_MESSAGE
     ",\"heard\":[{\"topic\":\"plant/x\"},{\"topic\":\"plant/Boiler_7/telemetry\"}]}",
     "never_heard", "near_topic", "message", "but on plant/Boiler_7/telemetry",
     "tagferryctl set boiler-7 mqtt.topic=plant/Boiler_7/telemetry"},
    {"not selected",
     "{" NEVER "," NO_MESSAGE ",\"heard\":[{\"topic\":\"plant/boiler-7/telemetry\","
     "\"outcome\":\"not_selected\"}]}",
     "not_selected", "", "message", "do not fit the conditions", "tagferryctl get boiler-7"},
    {"no birth",
     "{" NEVER ",\"messages\":[{\"at\":\"2026-01-02T03:04:05.678Z\","
     "\"topic\":\"plant/boiler-7/telemetry\",\"outcome\":\"no_birth\"}]}",
     "no_birth", "", "message", "no birth", NULL},
    {"never written", "{" NEVER ",\"tag\":{\"direction\":\"to_mqtt\"}}", "not_written", "", "scada",
     "SCADA has not written", "tagferryctl clients"},
    {"written",
     "{" NEVER ",\"tag\":{\"direction\":\"to_mqtt\",\"mqtt\":{\"command_topic\":\"c\"}},"
     "\"history\":{\"events\":[{\"at\":1,\"kind\":\"write\",\"code\":\"scada\","
     "\"detail\":\"5\"}]}}",
     "whole", "", "", "the newest write, 5, was taken to be published on c", NULL},
    /* the key */
    {"capital letters", "{" NEVER "," NO_KEY("{\"Temp\":1,\"x\":2}") "}", "key_not_found",
     "near_key", "key", "it has Temp", "tagferryctl set boiler-7/temp mqtt.key=Temp"},
    {"within an object", "{" NEVER "," NO_KEY("{\"sensor\":{\"temp\":1}}") "}", "key_not_found",
     "near_key", "key", "it has /sensor/temp",
     "tagferryctl set boiler-7/temp mqtt.key=/sensor/temp"},
    {"no such key", "{" NEVER "," NO_KEY("{\"pressure\":1,\"it's\":2}") "}", "key_not_found", "",
     "key", "it has pressure, it's", "tagferryctl messages boiler-7"},
    {"the key was lost later", "{" LATER "}", "key_not_found", "near_key", "key", "Temp", NULL},
    {"silent without the key",
     "{\"value\":{\"quality\":\"stale\",\"reason\":\"silent\"}," LATER "}", "key_not_found",
     "near_key", "key", "Temp", NULL},
    /* the codes */
    {"json", REFUSED("not_json", "invalid_json"), "not_json", "invalid_json", "message",
     "not valid JSON (hot)", "tagferryctl messages boiler-7"},
    {"bare word",
     "{\"value\":{\"quality\":\"bad\",\"reason\":\"not_json\",\"last_error\":{\"code\":"
     "\"invalid_json\"}},\"payload\":null,\"preview\":{\"message\":{\"payload\":\"hot\"}}}",
     "not_json", "invalid_json", "message", "not valid JSON",
     "tagferryctl set boiler-7/temp mqtt.payload=text mqtt.key="},
    {"gzip",
     "{\"value\":{\"quality\":\"bad\",\"reason\":\"not_json\",\"last_error\":{\"code\":"
     "\"invalid_json\"}},\"preview\":{\"message\":{\"looks_like\":\"gzip\"}}}",
     "not_json", "invalid_json", "message", "not valid JSON", NULL},
    {"sparkplug", REFUSED("not_json", "invalid_sparkplug"), "not_json", "invalid_sparkplug",
     "message", "not Sparkplug B", NULL},
    {"number", REFUSED("refused", "not_a_number"), "refused", "not_a_number", "number",
     "not a number (hot)", "tagferryctl get boiler-7/temp"},
    {"null", REFUSED("refused", "null_value"), "refused", "null_value", "number", "null", NULL},
    {"range", REFUSED("refused", "out_of_range"), "refused", "out_of_range", "type",
     "does not fit into the type", "tagferryctl set boiler-7/temp modbus.on_overflow=clamp"},
    {"inexact", REFUSED("refused", "inexact_integer"), "refused", "inexact_integer", "number",
     "too large to be exact", NULL},
    {"string", REFUSED("refused", "not_a_string"), "refused", "not_a_string", "type", "no text",
     NULL},
    {"too long", REFUSED("refused", "too_long"), "refused", "too_long", "type", "longer than",
     "tagferryctl set boiler-7/temp modbus.on_overflow=clamp"},
    {"too large", REFUSED("refused", "too_large"), "refused", "too_large", "message", "too long",
     NULL},
    {"unmapped",
     "{\"tag\":{\"mqtt\":{\"values\":{\"ON\":1}}},\"value\":{\"quality\":\"bad\",\"reason\":"
     "\"refused\",\"last_error\":{\"code\":\"unmapped_string\"}},"
     "\"preview\":{\"error\":{\"code\":\"unmapped_string\"}}}",
     "refused", "unmapped_string", "values", "not in the value map",
     "tagferryctl get boiler-7/temp"},
    {"pattern",
     "{\"tag\":{\"mqtt\":{\"pattern\":\"x\"}},\"value\":{\"quality\":\"bad\",\"reason\":"
     "\"refused\",\"last_error\":{\"code\":\"no_match\"}},"
     "\"preview\":{\"error\":{\"code\":\"no_match\"}}}",
     "refused", "no_match", "pattern", "does not match", NULL},
    /* good, and yet */
    {"a write that is not taken",
     "{\"value\":{\"last_error\":{\"code\":\"modbus_unreachable\",\"detail\":\"10.0.0.9:502\","
     "\"at\":\"2026-01-02T03:04:09.000Z\"}}}",
     "target_down", "modbus_unreachable", "server", "10.0.0.9:502", NULL},
    {"a command that is not taken",
     "{\"tag\":{\"direction\":\"both\"},\"value\":{\"last_error\":{\"code\":\"unmapped_number\","
     "\"at\":\"2026-01-02T03:04:09.000Z\"}}}",
     "command_refused", "unmapped_number", "command", "no word of the value map", NULL},
    {"another client writes", "{\"value\":{\"value\":3,\"raw\":[16448,0]}}", "register_differs", "",
     "register", "the register has 3, but the newest message gives 71.5", "tagferryctl clients"},
    {"old", "{\"value\":{\"age_ms\":7200000}}", "old_value", "", "", "which came 2 h ago",
     "tagferryctl set boiler-7 mqtt.stale_after_s=60"},
    {"byte order", CHANGE("byte_order"), "byte_order_changed", "", "", "modbus.byte_order",
     "tagferryctl revert 12"},
    {"scale", CHANGE("scale"), "scale_changed", "", "", "modbus.scale", "tagferryctl revert 12"},
    {"address", CHANGE("address"), "tag_changed", "", "", "modbus.address",
     "tagferryctl revert 12"},
    {"a client that is refused",
     "{\"clients\":{\"refused\":[{\"address\":\"10.0.0.7\",\"at\":\"2026-01-02T03:04:00.000Z\","
     "\"reason\":\"not_modbus\",\"detail\":\"sends TLS\"}]}}",
     "client_refused", "not_modbus", "", "10.0.0.7, gets no values", "tagferryctl clients --wrong"},
};

/* Merges the members of `changed` into `into`. */
static void facts_merge(cJSON *into, const cJSON *changed)
{
    for (const cJSON *one = changed->child; one; one = one->next) {
        cJSON *old = cJSON_GetObjectItemCaseSensitive(into, one->string);
        if (cJSON_IsObject(one) && cJSON_IsObject(old) && strcmp(one->string, "payload") != 0) {
            facts_merge(old, one);
            continue;
        }
        cJSON_DeleteItemFromObjectCaseSensitive(into, one->string);
        cJSON_AddItemToObject(into, one->string, cJSON_Duplicate(one, true));
    }
}

static cJSON *facts_member(const cJSON *all, const char *name)
{
    cJSON *member = cJSON_GetObjectItemCaseSensitive(all, name);
    return cJSON_IsNull(member) ? NULL : member;
}

static const char *facts_text(const cJSON *all, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(all, name));
}

static void facts_fill(struct why_facts *facts, const cJSON *all)
{
    *facts = (struct why_facts){.server = "http://127.0.0.1:5000",
                                .device_name = "boiler-7",
                                .tag_name = facts_text(all, "tag_name"),
                                .silence = facts_text(all, "silence"),
                                .value_problem = facts_text(all, "value_problem"),
                                .values = facts_member(all, "values"),
                                .lately = "2026-01-02T03:00:00.000Z",
                                .days_ago = "2026-01-01T00:00:00.000Z",
                                .ready = facts_member(all, "ready"),
                                .device = facts_member(all, "device"),
                                .status = facts_member(all, "status"),
                                .tag = facts_member(all, "tag"),
                                .value = facts_member(all, "value"),
                                .preview = facts_member(all, "preview"),
                                .payload = facts_member(all, "payload"),
                                .messages = facts_member(all, "messages"),
                                .heard = facts_member(all, "heard"),
                                .clients = facts_member(all, "clients"),
                                .history = facts_member(all, "history"),
                                .changes = facts_member(all, "changes")};
}

static void test_every_row_ends_where_it_must(void **state)
{
    (void)state;
    size_t failed = 0;
    for (size_t i = 0; i < COUNT(rows); i++) {
        cJSON *all = cJSON_Parse(good_facts), *changed = cJSON_Parse(rows[i].changed);
        struct why_facts facts;
        struct why_chain chain = {0};
        check_row(all && changed, rows[i].name);
        facts_merge(all, changed);
        facts_fill(&facts, all);
        why_decide(&facts, &chain);
        const struct why_verdict *verdict = &chain.verdict;
        bool has_command = rows[i].command == NULL;
        for (size_t c = 0; c < WHY_COMMANDS_MAX && verdict->commands[c]; c++)
            has_command = has_command || strcmp(verdict->commands[c], rows[i].command) == 0;
        if (strcmp(verdict->code, rows[i].code) != 0 || strcmp(verdict->link, rows[i].link) != 0 ||
            strcmp(verdict->error, rows[i].error) != 0 ||
            !strstr(verdict->sentence, rows[i].says) || !has_command ||
            verdict->is_whole != (rows[i].link[0] == '\0')) {
            print_error("%s: %s, %s at \"%s\": %s; %s\n", rows[i].name, verdict->code,
                        verdict->error, verdict->link, verdict->sentence,
                        verdict->commands[0] ? verdict->commands[0] : "");
            failed++;
        }
        cJSON_Delete(all);
        cJSON_Delete(changed);
    }
    assert_int_equal(failed, 0);
}

/* Writes the names of all links, those that are not as in the chain of a tag that works, and the
 * verdict. */
static void chain_print(FILE *out, const char *name, const char *changed)
{
    cJSON *all = cJSON_Parse(good_facts), *change = cJSON_Parse(changed);
    struct why_facts facts;
    struct why_chain usual = {0}, chain = {0};
    check_row(all && change, name);
    facts_fill(&facts, all);
    why_decide(&facts, &usual);
    facts_merge(all, change);
    facts_fill(&facts, all);
    why_decide(&facts, &chain);
    const struct why_verdict *verdict = &chain.verdict;
    for (size_t i = 0; i < chain.link_count; i++)
        fprintf(out, "%s%s", i > 0 ? " " : "  ", chain.links[i].name);
    fputc('\n', out);
    for (size_t i = 0; i < chain.link_count; i++) {
        const struct why_link *link = &chain.links[i];
        size_t u = 0;
        while (u < usual.link_count && strcmp(usual.links[u].name, link->name) != 0)
            u++;
        if (u == usual.link_count || usual.links[u].state != link->state ||
            strcmp(usual.links[u].detail, link->detail) != 0)
            fprintf(out, "  %s | %s | %s\n", link->name, why_state_names[link->state],
                    u < usual.link_count && strcmp(usual.links[u].detail, link->detail) == 0
                        ? "..."
                        : link->detail);
    }
    fprintf(out, "  %s, \"%s\" at \"%s\"%s: %s\n", verdict->code, verdict->error, verdict->link,
            verdict->is_whole ? ", whole" : "", verdict->sentence);
    fprintf(out, "  %s\n", verdict->remedy[0] ? verdict->remedy : "-");
    for (size_t i = 0; i < WHY_COMMANDS_MAX && verdict->commands[i]; i++)
        fprintf(out, "  $ %s\n", verdict->commands[i]);
    cJSON_Delete(all);
    cJSON_Delete(change);
}

/* Each line of the chains of the rows above, and of the changes in the file. */
static void test_whole_chains(void **state)
{
    char *text = NULL, *file = golden_read(TAGFERRY_CHAINS), *rest = file;
    const char *name = "";
    size_t len = 0;
    (void)state;
    FILE *out = open_memstream(&text, &len);
    for (char *line; (line = strsep(&rest, "\n")) && rest;) {
        if (line[0] == ' ')
            continue;
        if (strcmp(line, "The rows of test_ctl_why.c:") == 0)
            break;
        fprintf(out, "%s\n", line);
        if (line[0] == '{')
            chain_print(out, name, line);
        else if (line[0] != '\0')
            name = line;
    }
    fputs("The rows of test_ctl_why.c:\n", out);
    for (size_t i = 0; i < COUNT(rows); i++) {
        fprintf(out, "\n%s\n", rows[i].name);
        chain_print(out, rows[i].name, rows[i].changed);
    }
    fclose(out);
    bool is_equal = golden_is_equal(TAGFERRY_CHAINS, text);
    free(text);
    free(file);
    assert_true(is_equal);
}

/* The link that the verdict names is in the list, once, and none behind it is said to work. */
static void test_the_links_end_where_the_verdict_says(void **state)
{
    (void)state;
    size_t failed = 0;
    for (size_t i = 0; i < COUNT(rows); i++) {
        cJSON *all = cJSON_Parse(good_facts), *changed = cJSON_Parse(rows[i].changed);
        struct why_facts facts;
        struct why_chain chain = {0};
        size_t ends = 0;
        bool is_wrong = false;
        facts_merge(all, changed);
        facts_fill(&facts, all);
        why_decide(&facts, &chain);
        for (size_t l = 0; l < chain.link_count; l++) {
            ends += chain.links[l].state == WHY_ENDS;
            is_wrong = is_wrong || (ends > 0 && chain.links[l].state == WHY_OK);
        }
        if (is_wrong || ends != (size_t)(rows[i].link[0] != '\0')) {
            print_error("%s: %zu ends, not at %s\n", rows[i].name, ends, rows[i].link);
            failed++;
        }
        cJSON_Delete(all);
        cJSON_Delete(changed);
    }
    assert_int_equal(failed, 0);
}

static void test_an_api_that_does_not_answer(void **state)
{
    (void)state;
    const struct why_facts facts = {.server = "http://127.0.0.1:5000",
                                    .silence = "Connection refused",
                                    .device_name = "boiler-7",
                                    .lately = "",
                                    .days_ago = ""};
    struct why_chain chain = {0};
    why_decide(&facts, &chain);
    assert_string_equal(chain.verdict.code, "api_down");
    assert_string_equal(chain.verdict.commands[0], "systemctl status tagferry-api");
    assert_int_equal(chain.link_count, 1);
    assert_int_equal(chain.links[0].state, WHY_ENDS);
}

static void test_words_of_a_shell(void **state)
{
    (void)state;
    assert_string_equal(why_quote_word("plant/boiler-7"), "plant/boiler-7");
    assert_string_equal(why_quote_word("plant/#"), "'plant/#'");
    assert_string_equal(why_quote_word("it's"), "'it'\\''s'");
    assert_string_equal(why_quote_word(""), "''");
    assert_string_equal(why_quote_word("aZ09-._/=:,@%+"), "aZ09-._/=:,@%+");
    assert_string_equal(why_quote_word("a b"), "'a b'");
    assert_string_equal(why_quote_word("''"), "''\\'''\\'''");
    assert_string_equal(why_quote_word("ä"), "'ä'");
    assert_string_equal(why_widen_topic("/a/b"), "#");
    assert_string_equal(why_widen_topic("$SYS/x"), "#");
    assert_string_equal(why_widen_topic("#"), "#");
    assert_string_equal(why_widen_topic("a/+/b"), "a/#");
    assert_string_equal(why_widen_topic("a/"), "a/#");
    assert_string_equal(why_widen_topic("plant/boiler-7/x"), "plant/#");
    assert_string_equal(why_widen_topic("plant"), "#");
    assert_string_equal(why_widen_topic("+/x"), "#");
}

static void test_keys_of_a_payload(void **state)
{
    (void)state;
    cJSON *payload = cJSON_Parse("{\"a\":1,\"b\":{\"c/d\":2,\"e\":[3,{\"f\":4}]},\"/g\":5}");
    assert_string_equal(why_list_keys(payload), "a, /b/c~1d, /b/e/0, /b/e/1/f, /~1g");
    assert_null(why_find_near_key(payload, "zebra"));
    assert_string_equal(why_find_near_key(payload, "/x/F"), "/b/e/1/f");
    cJSON_Delete(payload);
    payload = cJSON_Parse("{\"temprature\":1}");
    assert_string_equal(why_find_near_key(payload, "temperature"), "temprature");
    cJSON_Delete(payload);
}

/* Names that differ in so many letters; longer ones in more. */
static void test_names_that_are_near(void **state)
{
    static const struct {
        const char *payload, *key, *near;
    } keys[] = {
        {"{\"abc\":1}", "abd", NULL}, /* too short to say */
        {"{\"ABC\":1}", "abc", "ABC"},
        {"{\"abcd\":1}", "abce", "abcd"},
        {"{\"abcd\":1}", "abc", NULL},
        {"{\"abc\":1}", "abcd", "abc"},
        {"{\"abcd\":1}", "abef", NULL},
        {"{\"abcdefghi\":1}", "abcdefgxx", NULL},
        {"{\"abcdefghij\":1}", "abcdefghxx", "abcdefghij"},
        {"{\"abcdefghij\":1}", "abcdefghijkl", "abcdefghij"},
        {"{\"abcdefghij\":1}", "abcdefghijklm", NULL},
        {"{\"bcdefghijk\":1}", "abcdefghij", "bcdefghijk"},
        {"{\"xbcdexghxj\":1}", "abcdefghij", NULL},
        {"{\"other\":1,\"Temp\":2,\"temp1\":3}", "temp", "Temp"},
        {"{\"temp1\":1,\"a\":{\"TEMP\":2}}", "temp", "/a/TEMP"},
        {"{\"a\":{\"temp1\":2}}", "/b/temp", "/a/temp1"},
        {"{\"a\":{\"b\":1}}", "/a/b", "/a/b"},
        {"{\"temp\":1}", "", NULL},
        {"[]", "temp", NULL},
        {"[1,2]", "/1", "/1"},
        {"5", "temp", NULL},
    };
    static const struct {
        const char *heard, *filter, *near;
    } topics[] = {
        {"[]", "p/abc", NULL},
        {"[{\"topic\":\"p/abd\"}]", "p/abc", "p/abd"},
        {"[{\"topic\":\"p/abd\",\"device\":\"d\"}]", "p/abc", NULL},
        {"[{\"topic\":\"p/xyz\"},{\"topic\":\"p/xyz\"},{\"topic\":\"P/ABC\"}]", "p/abc", "P/ABC"},
        {"[{\"topic\":\"p/ayz\"}]", "p/abc", NULL},
        {"[{\"topic\":\"plant/boiler_7/x\"}]", "plant/boiler-7/y", "plant/boiler_7/x"},
    };
    char key[140], json[200];
    (void)state;
    for (size_t i = 0; i < COUNT(keys); i++) {
        cJSON *payload = cJSON_Parse(keys[i].payload);
        const char *near = why_find_near_key(payload, keys[i].key);
        check_row(near ? keys[i].near && strcmp(near, keys[i].near) == 0 : !keys[i].near,
                  keys[i].key);
        cJSON_Delete(payload);
    }
    for (size_t i = 0; i < COUNT(topics); i++) {
        cJSON *heard = cJSON_Parse(topics[i].heard);
        const char *near = why_find_near_topic(heard, topics[i].filter);
        check_row(near ? topics[i].near && strcmp(near, topics[i].near) == 0 : !topics[i].near,
                  topics[i].heard);
        cJSON_Delete(heard);
    }
    assert_null(why_find_near_key(NULL, "temp"));
    assert_null(why_find_near_topic(NULL, "temp"));
    /* Names of at most 128 bytes are compared by letters. */
    for (int len = 127; len <= 129; len++) {
        memset(key, 'k', sizeof key);
        key[len] = '\0';
        snprintf(json, sizeof json, "{\"%.*sx\":1}", len - 1, key);
        cJSON *payload = cJSON_Parse(json);
        assert_true((why_find_near_key(payload, key) != NULL) == (len <= 128));
        cJSON_Delete(payload);
    }
}

/* At most 30 keys are listed, 500 compared, of nine levels. */
static void test_keys_of_large_payloads(void **state)
{
    (void)state;
    assert_string_equal(why_list_keys(NULL), "");
    for (int count = 30; count <= 31; count++) {
        cJSON *payload = cJSON_CreateArray();
        for (int i = 0; i < count; i++)
            cJSON_AddItemToArray(payload, cJSON_CreateNumber(i));
        const char *keys = why_list_keys(payload);
        assert_ptr_equal(strstr(keys, "/0, /1, "), keys);
        assert_string_equal(strstr(keys, "/28"), count == 30 ? "/28, /29" : "/28, /29, ...");
        cJSON_Delete(payload);
    }
    cJSON *payload = cJSON_CreateArray();
    for (int i = 0; i < 501; i++)
        cJSON_AddItemToArray(payload, cJSON_CreateNumber(i));
    assert_string_equal(why_find_near_key(payload, "/499"), "/499");
    assert_null(why_find_near_key(payload, "/500"));
    cJSON_Delete(payload);
    static const char inner[] = "{\"x\":1}";
    for (int levels = 8; levels <= 9; levels++) {
        const char *json = inner, *key = "/x";
        for (int i = 0; i < levels; i++) {
            json = keep_format("{\"a\":%s}", json);
            key = keep_format("/a%s", key);
        }
        payload = cJSON_Parse(json);
        assert_string_equal(why_list_keys(payload), levels == 8 ? key : "");
        cJSON_Delete(payload);
    }
    payload = cJSON_Parse("{\"\":1,\"a~/b\":2,\"c\":[null,[true]],\"d\":{}}");
    assert_string_equal(why_list_keys(payload), "/, a~/b, /c/0, /c/1/0");
    cJSON_Delete(payload);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row_ends_where_it_must),
        cmocka_unit_test(test_the_links_end_where_the_verdict_says),
        cmocka_unit_test(test_whole_chains),
        cmocka_unit_test(test_an_api_that_does_not_answer),
        cmocka_unit_test(test_words_of_a_shell),
        cmocka_unit_test(test_keys_of_a_payload),
        cmocka_unit_test(test_names_that_are_near),
        cmocka_unit_test(test_keys_of_large_payloads),
    };
    keep_init();
    return cmocka_run_group_tests_name("ctl_why", tests, NULL, NULL);
}
