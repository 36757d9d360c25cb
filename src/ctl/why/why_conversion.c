/* The links from the key in a message to what a client reads. */
#include <math.h>
#include <string.h>

#include "common/model/codec.h"
#include "common/model/topic.h"
#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/output/words.h"
#include "ctl/why/why_link.h"
#include "ctl/why/why_near.h"

/* Characters and words of a value that a line shows. */
enum { VALUE_SHOWN = 80, WORDS_SHOWN = 4 };

const char *why_error_link(const char *error, const cJSON *tag)
{
    static const struct {
        const char *error, *link;
    } rows[] = {
        {"invalid_json", "message"},    {"invalid_sparkplug", "message"},
        {"no_birth", "message"},        {"bad_quality", "quality"},
        {"no_match", "pattern"},        {"unmapped_string", "values"},
        {"not_a_number", "number"},     {"null_value", "number"},
        {"inexact_integer", "number"},  {"modbus_unreachable", "server"},
        {"modbus_exception", "server"}, {"command_refused", "command"},
        {"unmapped_number", "command"},
    };
    bool is_number = strcmp(json_read_text(tag, "modbus.type"), "string") != 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].error, error) == 0)
            return strcmp(rows[i].link, "number") == 0 && !is_number ? "type" : rows[i].link;
    }
    /* A pattern takes at most 4096 bytes. */
    if (strcmp(error, "too_long") == 0 && json_read_text(tag, "mqtt.pattern")[0])
        return "pattern";
    return strcmp(error, "too_large") == 0 ? "message" : "type";
}

const cJSON *why_newest_message(const struct why_facts *facts)
{
    const char *at = json_read_text(facts->preview, "message.at");
    const char *topic = json_read_text(facts->preview, "message.topic");
    const cJSON *first = facts->messages ? facts->messages->child : NULL;
    if (at[0] == '\0') { /* some messages are not for the preview */
        const char *own = json_read_text(facts->tag, "mqtt.topic");
        const char *filter =
            topic_filter_body(own[0] ? own : json_read_text(facts->device, "mqtt.topic"));
        while (first && !topic_matches(filter, json_read_text(first, "topic")))
            first = first->next;
        return first;
    }
    for (const cJSON *one = first; one; one = one->next) {
        if (strcmp(json_read_text(one, "at"), at) == 0 &&
            strcmp(json_read_text(one, "topic"), topic) == 0)
            return one;
    }
    return NULL;
}

const char *why_message_keys(const struct why_facts *facts)
{
    const char *noted = json_read_text(why_newest_message(facts), "keys");
    return facts->payload ? why_list_keys(facts->payload) : noted;
}

static void why_add_key(const struct why_facts *facts, struct why_chain *chain)
{
    const char *key = json_read_text(facts->tag, "mqtt.key");
    const char *name = key[0] ? key : "the whole payload";
    const char *keys = why_message_keys(facts);
    bool is_cut = strcmp(json_read_text(facts->preview, "error.code"), "payload_cut") == 0;
    if (json_read_bool(facts->preview, "found"))
        why_add_link(
            chain, "key", WHY_OK,
            keep_format("%s has %s", name,
                        why_cut_text(json_value_json(json_read_member(facts->preview, "json")),
                                     VALUE_SHOWN)));
    else if (is_cut)
        why_add_link(chain, "key", WHY_LOOK,
                     keep_format("%s: only the beginning of such a long message is kept%s%s", name,
                                 keys[0] ? "; it has " : "", keys));
    else
        why_add_link(chain, "key", WHY_LOOK,
                     keep_format("%s is not in the message, which has %s", name,
                                 keys[0] ? keys : "no keys"));
}

/* The register value before rounding, as people read it. */
static const char *why_scaled_text(const cJSON *tag, double read)
{
    double scale = json_read_number(tag, "modbus.scale");
    double offset = json_read_number(tag, "modbus.offset");
    return keep_format("(%.12g %s %.12g) / %.12g = %.12g", read, offset < 0 ? "+" : "-",
                       fabs(offset), scale, scale != 0 ? (read - offset) / scale : 0);
}

/* Adds the steps in order, and ends behind the one that refuses the value. */
void why_add_conversion(const struct why_facts *facts, struct why_chain *chain)
{
    const cJSON *tag = facts->tag, *preview = facts->preview;
    const char *type = json_read_text(tag, "modbus.type");
    bool is_number = strcmp(type, "string") != 0;
    double scale = json_read_number(tag, "modbus.scale");
    bool is_scaled = is_number && strcmp(type, "bool") != 0 &&
                     (scale != 1 || json_read_number(tag, "modbus.offset") != 0);
    const char *error = json_read_text(preview, "error.code");
    const char *stop = error[0] ? why_error_link(error, tag) : "";
    const char *read = json_read_text(preview, "read"), *unit = json_read_text(tag, "unit");
    const struct {
        const char *name, *detail;
        bool is_step;
    } steps[] = {
        {"quality", keep_format("%s says good", json_read_text(tag, "mqtt.quality_key")),
         json_read_text(tag, "mqtt.quality_key")[0] != '\0'},
        {"pattern",
         keep_format("takes %s", why_cut_text(json_read_text(preview, "matched"), VALUE_SHOWN)),
         json_read_text(tag, "mqtt.pattern")[0] != '\0'},
        {"values", keep_format("the value map gives %s", read),
         cJSON_IsObject(json_read_member(tag, "mqtt.values"))},
        {"number", keep_format("%s%s%s", read, unit[0] ? " " : "", unit), is_number},
        {"scale", why_scaled_text(tag, json_read_number(preview, "read")), is_scaled},
        {"type",
         keep_format("%s %s%s", type, why_cut_text(json_read_text(preview, "value"), VALUE_SHOWN),
                     json_read_bool(preview, "is_on_stale") ? " (on_stale)" : ""),
         true},
    };
    if (!json_read_member(preview, "message.at") || strcmp(stop, "message") == 0)
        return;
    why_add_key(facts, chain);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (!json_read_bool(preview, "found") || !steps[i].is_step)
            continue;
        bool is_stop = strcmp(steps[i].name, stop) == 0;
        const char *detail = json_read_text(preview, "error.detail");
        why_add_link(
            chain, steps[i].name, is_stop ? WHY_LOOK : WHY_OK,
            is_stop ? keep_format("%s%s%s", words_of_error(error), detail[0] ? ": " : "", detail)
                    : steps[i].detail);
        if (is_stop)
            return;
    }
}

bool why_register_differs(const struct why_facts *facts)
{
    const char *raw = json_read_text(facts->value, "raw");
    const char *expected = json_read_text(facts->preview, "raw");
    const char *received = json_read_text(facts->value, "received_at");
    return received[0] && strcmp(received, json_read_text(facts->preview, "message.at")) == 0 &&
           !json_read_text(facts->preview, "error.code")[0] && raw[0] == '[' &&
           expected[0] == '[' && strcmp(expected, "[]") != 0 && strcmp(raw, expected) != 0 &&
           !json_read_text(facts->tag, "modbus.bit")[0] &&
           strcmp(json_read_text(facts->tag, "modbus.type"), "int8") != 0 &&
           strcmp(json_read_text(facts->tag, "modbus.type"), "uint8") != 0 &&
           !json_read_text(facts->device, "network.modbus_host")[0];
}

static size_t why_read_words(const cJSON *value, uint16_t words[POINT_REGISTERS_MAX])
{
    size_t count = 0;
    const cJSON *raw = json_read_array(value, "raw");
    for (const cJSON *one = raw ? raw->child : NULL; one && count < POINT_REGISTERS_MAX;
         one = one->next)
        words[count++] = cJSON_IsNumber(one) && one->valuedouble >= 0 && one->valuedouble <= 65535
                             ? (uint16_t)one->valuedouble
                             : 0;
    return count;
}

/* What a client reads with this byte order and scale. */
static const char *why_decoded_text(struct point point, const uint16_t *words, uint8_t order,
                                    bool is_scaled)
{
    char text[CODEC_TEXT_SIZE];
    struct value value;
    point.order = order;
    if (!codec_is_valid(&point, words))
        return "no BCD";
    if (!is_scaled) {
        point.scale = 1;
        point.offset = 0;
    }
    codec_decode(&point, words, text, &value);
    if (value.kind == VALUE_REAL)
        return keep_format("%.6g", /* as programs print a float, also a tiny one */
                           point.type == TYPE_FLOAT32 ? (double)(float)value.real : value.real);
    if (value.kind == VALUE_INTEGER)
        return keep_format("%s%llu", value.negative ? "-" : "",
                           (unsigned long long)value.magnitude);
    return "";
}

/* What clients read that are set to another byte order, or to none of the tag's scale. */
static const char *why_misread_text(const cJSON *tag, const uint16_t *words, size_t count)
{
    int type = name_list_find(type_names, json_read_text(tag, "modbus.type"));
    int own = name_list_find(order_names, json_read_text(tag, "modbus.byte_order"));
    struct point point = {
        .type = (uint8_t)type,
        .bit = NO_BIT,
        .table = TABLE_HOLDING_REGISTER,
        .scale = json_read_number(tag, "modbus.scale"),
        .offset = json_read_number(tag, "modbus.offset"),
        .byte = strcmp(json_read_text(tag, "modbus.byte"), "high") == 0 ? BYTE_HIGH : BYTE_LOW};
    const char *all = "";
    bool is_zero = true;
    for (size_t i = 0; i < count; i++)
        is_zero = is_zero && words[i] == 0;
    if (is_zero || type < 0 || own < 0 || type_info[type].registers == 0 || type == TYPE_BOOL ||
        count != type_info[type].registers || point.scale == 0)
        return all;
    if (point.scale != 1 || point.offset != 0)
        all = keep_format(", without the scale %s",
                          why_decoded_text(point, words, (uint8_t)own, false));
    /* Of those with eight letters only the ones that have no other name. */
    uint8_t orders = count == 4 ? ORDER_COUNT : ORDER_OF_EIGHT_BYTES;
    for (uint8_t order = 0; count > 1 && order < orders; order++) {
        bool is_again = order == ORDER_ABCDEFGH || order == ORDER_BADCFEHG ||
                        order == ORDER_GHEFCDAB || order == ORDER_HGFEDCBA;
        if (order != own && !is_again)
            all = keep_format("%s, %s %s", all, order_names[order],
                              why_decoded_text(point, words, order, true));
    }
    return all;
}

void why_add_register(const struct why_facts *facts, struct why_chain *chain)
{
    static const int functions[TABLE_COUNT] = {1, 2, 4, 3};
    const cJSON *tag = facts->tag, *value = facts->value;
    uint16_t words[POINT_REGISTERS_MAX] = {0};
    size_t count = why_read_words(value, words);
    const char *host = json_read_text(facts->device, "network.modbus_host");
    const char *written = json_read_text(value, "written_at"),
               *bit = json_read_text(tag, "modbus.bit");
    const char *shown = count > 0 ? "" : "not read yet";
    int table = name_list_find(table_names, json_read_text(tag, "modbus.table"));
    for (size_t i = 0; i < count && i < WORDS_SHOWN; i++)
        shown = keep_format("%s%s0x%04X", shown, i > 0 ? " " : "", words[i]);
    char *name = keep_text(json_read_text(tag, "modbus.table"));
    for (char *blank = name; (blank = strchr(blank, '_'));)
        *blank = ' ';
    why_add_link(chain, "register", why_register_differs(facts) ? WHY_LOOK : WHY_OK,
                 keep_format("%s %s%s%s (%s), unit %s: %s%s", name,
                             json_read_text(tag, "modbus.address"), bit[0] ? "." : "", bit,
                             json_read_text(tag, "modbus.modicon"),
                             json_read_text(facts->device, "network.unit_id"), shown,
                             count > WORDS_SHOWN ? " ..." : ""));
    why_add_link(
        chain, "server", facts->value_problem ? WHY_LOOK : WHY_OK,
        keep_format("%s%s%s%s", host[0] ? host : "tagferry-modbusd of this gateway",
                    host[0] && strncmp(host, "serial:", 7) != 0
                        ? keep_format(":%s", json_read_text(facts->device, "network.modbus_port"))
                        : "",
                    written[0] ? ", written at " : ", nothing written yet",
                    why_time_text(written)));
    if (count == 0 || table < 0)
        return;
    const char *order = json_read_text(tag, "modbus.byte_order");
    const char *unit = json_read_text(tag, "unit"), *misread = why_misread_text(tag, words, count);
    why_add_link(chain, "client", count > 1 && strcmp(order, "ABCD") != 0 ? WHY_LOOK : WHY_OK,
                 keep_format("function %d reads %s%s%s (%s %s)%s%s", functions[table],
                             why_cut_text(json_read_text(value, "value"), VALUE_SHOWN),
                             unit[0] ? " " : "", unit, json_read_text(tag, "modbus.type"), order,
                             misread[0] ? "; set otherwise" : "", misread));
}
