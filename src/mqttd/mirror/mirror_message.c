/* Writes and reads mirrored setpoints. */
#include "mqttd/mirror/mirror_message.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/message/payload.h"
#include "common/model/codec.h"
#include "mqttd/mirror/mirror_order.h"

_Static_assert(MIRROR_LEVELS_SIZE >= 2 * 3 * (MIRROR_NAME_SIZE - 1) + 2, "two escaped names");

static const char *const outcome_names[] = {
    [LIVE_NONE] = "none",
    [LIVE_GOOD] = "good",
    [LIVE_REFUSED] = "refused",
    [LIVE_UNAVAILABLE] = "unavailable",
    [LIVE_RETAINED] = "retained",
    [LIVE_REPLACED] = "replaced",
    [LIVE_CUT_OFF] = "cut_off",
    [LIVE_NOT_JSON] = "not_json",
    [LIVE_OLD] = "old",
    [LIVE_NULL] = "null",
    [LIVE_BAD_QUALITY] = "bad_quality",
    [LIVE_OUTCOME_COUNT] = NULL,
};

static char *levels_write_name(const char *name, char *at)
{
    for (; *name; name++) {
        if (*name == '.' || *name == '%')
            at += sprintf(at, "%%%02X", (unsigned)*name);
        else
            *at++ = *name;
    }
    *at = '\0';
    return at;
}

static bool levels_takes_name(const char *name)
{
    size_t len = strlen(name);
    return len > 0 && len < MIRROR_NAME_SIZE;
}

bool mirror_message_write_levels(const char *device, const char *tag,
                                 char levels[MIRROR_LEVELS_SIZE])
{
    if (!levels_takes_name(device) || !levels_takes_name(tag))
        return false;
    char *at = levels_write_name(device, levels);
    *at++ = '/';
    levels_write_name(tag, at);
    return true;
}

struct payload_text {
    char *text;
    size_t len;
    bool is_full;
};

static void payload_text_add(struct payload_text *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void payload_text_add(struct payload_text *out, const char *format, ...)
{
    size_t room = MIRROR_PAYLOAD_SIZE - out->len;
    va_list list;
    va_start(list, format);
    int added = vsnprintf(out->text + out->len, room, format, list);
    va_end(list);
    out->is_full |= added < 0 || (size_t)added >= room;
    if (!out->is_full)
        out->len += (size_t)added;
}

static void payload_text_add_string(struct payload_text *out, const char *name, const char *value)
{
    payload_text_add(out, "\"%s\":\"", name);
    for (; *value; value++) {
        unsigned char byte = (unsigned char)*value;
        if (byte == '"' || byte == '\\')
            payload_text_add(out, "\\%c", byte);
        else if (byte < 0x20)
            payload_text_add(out, "\\u%04x", byte);
        else
            payload_text_add(out, "%c", byte);
    }
    payload_text_add(out, "\",");
}

size_t mirror_message_write(const struct mirror_message *message, char text[MIRROR_PAYLOAD_SIZE])
{
    struct payload_text out = {.text = text};
    const struct point *point = &message->point;
    payload_text_add(&out, "{");
    payload_text_add_string(&out, "device", message->device);
    payload_text_add_string(&out, "tag", message->tag);
    payload_text_add(&out, "\"stamp\":%llu,", (unsigned long long)message->stamp);
    payload_text_add_string(&out, "from", message->from);
    payload_text_add_string(&out, "table", table_names[point->table]);
    payload_text_add(&out, "\"address\":%u,", point->address);
    payload_text_add_string(&out, "type", type_names[point->type]);
    payload_text_add_string(&out, "byte_order", order_names[point->order]);
    if (point->bit != NO_BIT)
        payload_text_add(&out, "\"bit\":%d,", point->bit);
    if (type_info[point->type].is_byte)
        payload_text_add_string(&out, "byte", byte_names[point->byte]);
    if (message->is_expired)
        payload_text_add(&out, "\"expired\":true,");
    if (message->is_repeated)
        payload_text_add(&out, "\"repeated\":true,");
    if (message->is_value) {
        payload_text_add(&out, "\"received_at\":%llu,\"source_at\":%llu,",
                         (unsigned long long)message->wall_ms,
                         (unsigned long long)message->source_ms);
        payload_text_add_string(&out, "outcome", outcome_names[message->outcome]);
    }
    payload_text_add(&out, "\"registers\":[");
    for (size_t i = 0; i < message->count; i++)
        payload_text_add(&out, "%s%u", i > 0 ? "," : "", message->words[i]);
    payload_text_add(&out, "]}");
    return out.is_full ? 0 : out.len;
}

/* Reading. The members of an object are few: cJSON's search is enough. */

static bool payload_read_text(const cJSON *root, const char *name, char *text, size_t size)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, name);
    if (!cJSON_IsString(item) || item->valuestring[0] == '\0' || strlen(item->valuestring) >= size)
        return false;
    snprintf(text, size, "%s", item->valuestring);
    return true;
}

/* Reads an integer of at most `most`. */
static bool payload_read_integer(const cJSON *item, uint64_t most, uint64_t *number)
{
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0) || item->valuedouble > (double)most ||
        (double)(uint64_t)item->valuedouble != item->valuedouble)
        return false;
    *number = (uint64_t)item->valuedouble;
    return *number <= most;
}

static bool payload_read_choice(const cJSON *root, const char *name, const char *const *names,
                                uint8_t *choice)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, name);
    int index = cJSON_IsString(item) ? name_list_find(names, item->valuestring) : -1;
    *choice = (uint8_t)index;
    return index >= 0;
}

static bool payload_read_registers(const cJSON *root, struct mirror_message *message)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "registers"), *item;
    uint64_t word;
    if (!cJSON_IsArray(list))
        return false;
    cJSON_ArrayForEach(item, list)
    {
        if (message->count == POINT_REGISTERS_MAX || !payload_read_integer(item, UINT16_MAX, &word))
            return false;
        message->words[message->count++] = (uint16_t)word;
    }
    bool is_bit = message->point.bit != NO_BIT || message->point.table == TABLE_COIL ||
                  message->point.table == TABLE_DISCRETE_INPUT;
    bool is_byte = type_info[message->point.type].is_byte;
    return message->count > 0 && ((!is_bit && !is_byte) || message->count == 1) &&
           (!is_bit || message->words[0] <= 1) && (!is_byte || message->words[0] <= UINT8_MAX);
}

/* Reads the members of a value that is handed over; without them the message is a setpoint. */
static bool payload_read_value(const cJSON *root, struct mirror_message *message)
{
    const cJSON *received = cJSON_GetObjectItemCaseSensitive(root, "received_at");
    message->is_value = received != NULL;
    return !received ||
           (payload_read_integer(received, MIRROR_STAMP_LIMIT / 1000, &message->wall_ms) &&
            payload_read_integer(cJSON_GetObjectItemCaseSensitive(root, "source_at"),
                                 MIRROR_STAMP_LIMIT / 1000, &message->source_ms) &&
            payload_read_choice(root, "outcome", outcome_names, &message->outcome));
}

static bool payload_read_message(const cJSON *root, struct mirror_message *message)
{
    struct point *point = &message->point;
    const cJSON *bit = cJSON_GetObjectItemCaseSensitive(root, "bit");
    uint64_t address, bit_number = 0;
    *message = (struct mirror_message){.point = {.bit = NO_BIT}};
    message->is_expired = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(root, "expired"));
    message->is_repeated = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(root, "repeated"));
    if (!cJSON_IsObject(root) ||
        !payload_read_text(root, "device", message->device, sizeof message->device) ||
        !payload_read_text(root, "tag", message->tag, sizeof message->tag) ||
        !payload_read_text(root, "from", message->from, sizeof message->from) ||
        !payload_read_integer(cJSON_GetObjectItemCaseSensitive(root, "stamp"),
                              MIRROR_STAMP_LIMIT - 1, &message->stamp) ||
        message->stamp == 0 ||
        !payload_read_integer(cJSON_GetObjectItemCaseSensitive(root, "address"), ADDRESS_MAX,
                              &address) ||
        !payload_read_choice(root, "table", table_names, &point->table) ||
        !payload_read_choice(root, "type", type_names, &point->type) ||
        !payload_read_choice(root, "byte_order", order_names, &point->order) ||
        (bit && !payload_read_integer(bit, 15, &bit_number)) || !payload_read_value(root, message))
        return false;
    point->address = (uint16_t)address;
    if (bit)
        point->bit = (int8_t)bit_number;
    if (type_info[point->type].is_byte &&
        !payload_read_choice(root, "byte", byte_names, &point->byte))
        return false;
    return payload_read_registers(root, message);
}

enum mirror_read mirror_message_read(const char *payload, size_t len,
                                     struct mirror_message *message)
{
    struct payload parsed = {0};
    size_t at;
    enum fault fault = payload_parse(&parsed, payload, len, MIRROR_PAYLOAD_SIZE, &at);
    enum mirror_read result = MIRROR_READ_INVALID;
    if (parsed.is_short)
        result = MIRROR_READ_NO_MEMORY;
    else if (fault == FAULT_NONE && payload_read_message(parsed.root, message))
        result = MIRROR_READ_OK;
    payload_finish(&parsed);
    return result;
}

bool mirror_message_fits(const struct mirror_message *message, const struct point *point)
{
    bool is_there = message->point.table == point->table &&
                    message->point.address == point->address && message->point.bit == point->bit &&
                    message->point.byte == point->byte;
    return (message->is_value || is_there) && message->point.type == point->type &&
           message->point.order == point->order &&
           (message->point.bit == NO_BIT) == (point->bit == NO_BIT) &&
           message->count == point_width(point);
}
