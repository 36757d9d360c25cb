#include "ctl/commands/tag_text.h"

#include <string.h>

#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"

const char *tag_type_text(const cJSON *tag)
{
    const char *type = json_read_text(tag, "modbus.type");
    const char *order = json_read_text(tag, "modbus.byte_order");
    const char *bit = json_read_text(tag, "modbus.bit");
    const char *byte = json_read_text(tag, "modbus.byte");
    const char *length = json_read_text(tag, "modbus.length");
    bool is_byte = strcmp(type, "int8") == 0 || strcmp(type, "uint8") == 0;
    if (is_byte)
        return keep_format("%s %s byte", type, byte[0] ? byte : "low");
    return keep_format("%s%s%s%s%s%s%s", type, order[0] && strcmp(order, "ABCD") != 0 ? " " : "",
                       strcmp(order, "ABCD") != 0 ? order : "", bit[0] ? " bit " : "", bit,
                       length[0] ? " " : "", length);
}

const char *tag_scale_text(const cJSON *tag)
{
    const char *scale = json_read_text(tag, "modbus.scale");
    const char *offset = json_read_text(tag, "modbus.offset");
    double add = json_read_number(tag, "modbus.offset");
    if (add == 0)
        return scale;
    return keep_format("%s %s %s", scale, add < 0 ? "-" : "+", offset + (offset[0] == '-'));
}
