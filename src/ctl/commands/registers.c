/* regs: what registers hold, and which tags own them. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/client/problem.h"
#include "ctl/client/query.h"
#include "ctl/commands/command_rows.h"
#include "ctl/commands/output.h"
#include "ctl/commands/register_table.h"

enum { REGISTER_MAX = 65535, REGISTERS_AT_ONCE = 1000 };

/* Which registers are asked for. */
struct register_range {
    int table;  /* -1: not known yet */
    long first; /* -1: all in use */
    long count;
};

/* A number of digits at *text, which moves behind it; -1 if there is none. */
static long register_read_number(const char **text, size_t *digits)
{
    char *end;
    if (!isdigit((unsigned char)**text))
        return -1;
    long number = strtol(*text, &end, 10);
    *digits = (size_t)(end - *text);
    *text = end;
    return number;
}

/* One end of a range: in Modicon form where it has six digits, or five and no table is given. */
static long register_read_end(const char **text, struct register_range *range)
{
    size_t digits = 0;
    char first = **text;
    long number = register_read_number(text, &digits);
    if (number < 0 || digits > 6)
        return -1;
    bool is_modicon = digits == 6 || (digits == 5 && range->table < 0);
    if (!is_modicon)
        return range->table < 0 ? -1 : number;
    for (int i = 0; i < REGISTER_TABLES; i++) {
        if (register_tables[i].digit != first || (range->table >= 0 && range->table != i))
            continue;
        range->table = i;
        return number - (long)(first - '0') * (digits == 6 ? 100000 : 10000) - 1;
    }
    return -1;
}

/* Reads "100", "100-110", "100+10", "400101", "400101-400110" or "400101+10". */
static bool register_read_range(const char *text, struct register_range *range)
{
    size_t digits;
    range->first = register_read_end(&text, range);
    range->count = 1;
    if (*text == '-') {
        text++;
        range->count = register_read_end(&text, range) - range->first + 1;
    } else if (*text == '+') {
        text++;
        range->count = register_read_number(&text, &digits);
    }
    return *text == '\0' && range->first >= 0 && range->count >= 1 &&
           range->first <= REGISTER_MAX && range->count <= REGISTER_MAX + 1 - range->first;
}

static enum ctl_status register_read_operands(const struct ctl *ctl, struct register_range *range)
{
    *range = (struct register_range){.table = register_table_find(ctl->operands[0]), .first = -1};
    bool has_table = range->table >= 0;
    const char *text = has_table ? ctl->operands[1] : ctl->operands[0];
    if (!has_table && ctl->operand_count == 2)
        return ctl_print_usage_error(ctl,
                                     "the table \"%s\" must be coil, discrete_input, "
                                     "input_register or holding_register",
                                     ctl->operands[0]);
    if (!text)
        return CTL_DONE;
    if (!register_read_range(text, range))
        return ctl_print_usage_error(ctl,
                                     "\"%s\" names no registers: START, START-END or START+COUNT, "
                                     "behind a table from 0 to 65535, or in Modicon form such as "
                                     "400101",
                                     text);
    if (range->count > REGISTERS_AT_ONCE)
        return ctl_print_usage_error(ctl, "at most %d registers can be read at once",
                                     REGISTERS_AT_ONCE);
    return CTL_DONE;
}

static enum ctl_status register_list_places(const struct ctl *ctl)
{
    static const struct table_column columns[] = {
        {.title = "SERVER", .name = "server", .if_any = true},
        {.title = "GATEWAY", .name = "gateway", .if_any = true},
        {.title = "UNIT ID", .name = "unit", .is_number = true},
        {.title = "TABLE", .name = "table"},
        {.title = "FIRST", .name = "first", .is_number = true},
        {.title = "LAST", .name = "last", .is_number = true},
        {.title = "MODICON", .name = "modicon"},
        {.title = "TAGS", .name = "owners", .is_number = true},
    };
    enum { MODICON = 6 };
    struct client_reply reply;
    struct table table;
    enum ctl_status status;
    if (!output_ask(ctl, &(struct client_request){.path = "/registers"}, "the registers", &reply,
                    &status))
        return status;
    TABLE_INIT(&table, columns);
    const cJSON *item;
    cJSON_ArrayForEach(item, json_read_array(reply.json, "items"))
    {
        struct table_cell *row = table_add_row(&table);
        output_fill_row(&table, row, item);
        int found = register_table_find(json_read_text(item, "table"));
        row[MODICON].text =
            keep_format("%s-%s", register_modicon_text(found, json_read_int(item, "first")),
                        register_modicon_text(found, json_read_int(item, "last")));
    }
    table_print(&table, &ctl->terminal);
    if (ctl->terminal.format == OUTPUT_TABLE && ctl->terminal.is_terminal)
        printf("Modbus server %s, units %s\n", json_read_text(reply.json, "server"),
               output_array_text(json_read_array(reply.json, "units")));
    return CTL_DONE;
}

/* Sets the range to the registers of the table that are in use. */
static enum ctl_status register_find_used(const struct ctl *ctl, long unit,
                                          struct register_range *range)
{
    struct client_reply reply;
    enum ctl_status status = client_send_checked(
        ctl->client, &(struct client_request){.path = "/registers"}, &reply, "the registers");
    if (status != CTL_DONE)
        return status;
    const cJSON *units = json_read_array(reply.json, "units");
    if (unit < 0 && units && units->child)
        unit = units->child->valueint;
    long last = -1;
    const cJSON *item;
    cJSON_ArrayForEach(item, json_read_array(reply.json, "items"))
    {
        if (json_read_text(item, "server")[0] || json_read_int(item, "unit") != unit ||
            register_table_find(json_read_text(item, "table")) != range->table)
            continue;
        long first = json_read_int(item, "first");
        range->first = range->first < 0 || first < range->first ? first : range->first;
        long end = json_read_int(item, "last");
        last = end > last ? end : last;
    }
    if (range->first < 0) {
        fprintf(stderr, "tagferryctl: no tag has a register in %s of unit %ld\n",
                register_tables[range->table].name, unit);
        return CTL_NOT_FOUND;
    }
    range->count = last - range->first + 1;
    if (range->count > REGISTERS_AT_ONCE) {
        range->count = REGISTERS_AT_ONCE;
        fprintf(stderr, "The first %d registers; more with: %s %ld-%ld\n", REGISTERS_AT_ONCE,
                register_tables[range->table].name, range->first + REGISTERS_AT_ONCE, last);
    }
    return CTL_DONE;
}

/* "boiler-7/alarm bit 3, boiler-7/run bit 4" */
static const char *register_owners_text(const cJSON *item)
{
    const char *text = "";
    const cJSON *owner;
    cJSON_ArrayForEach(owner, json_read_array(item, "owners"))
    {
        const char *tag = json_read_text(owner, "tag"), *bit = json_read_text(owner, "bit");
        const char *byte = json_read_text(owner, "byte");
        text = keep_format("%s%s%s%s%s%s%s%s%s%s", text, text[0] ? ", " : "",
                           json_read_text(owner, "device"), tag[0] ? "/" : " status", tag,
                           bit[0] ? " bit " : "", bit, byte[0] ? " " : "", byte,
                           byte[0] ? " byte" : "");
    }
    return text;
}

/* With `only_owned`, leaves out the registers that have no tag. */
static void register_print_table(const struct ctl *ctl, const cJSON *registers, bool has_bits,
                                 bool only_owned)
{
    static const struct table_column columns[] = {
        {.title = "ADDRESS", .name = "address", .is_number = true},
        {.title = "MODICON", .name = "modicon", .is_number = true},
        {.title = "HEX", .name = "hex", .if_any = true},
        {.title = "DECIMAL", .name = "raw", .is_number = true},
        {.title = "TAG", .name = "owners", .is_long = true},
    };
    enum { HEX = 2, RAW, TAG };
    struct table table;
    TABLE_INIT(&table, columns);
    const cJSON *item;
    cJSON_ArrayForEach(item, json_read_array(registers, "items"))
    {
        if (only_owned && cJSON_GetArraySize(json_read_array(item, "owners")) == 0)
            continue;
        struct table_cell *row = table_add_row(&table);
        output_fill_row(&table, row, item);
        if (!has_bits)
            row[HEX].text = keep_format("%04X", (unsigned)json_read_int(item, "raw") & 0xffff);
        row[TAG].text = register_owners_text(item);
    }
    table_print(&table, &ctl->terminal);
}

static enum ctl_status regs_run(struct ctl *ctl)
{
    struct register_range range;
    struct client_reply reply;
    long unit = -1;
    if (!ctl_flag_number(ctl, FLAG_UNIT, 0, 255, &unit))
        return CTL_USAGE;
    if (ctl->operand_count == 0)
        return register_list_places(ctl);
    enum ctl_status status = register_read_operands(ctl, &range);
    bool is_whole = range.first < 0;
    if (status == CTL_DONE && is_whole)
        status = register_find_used(ctl, unit, &range);
    if (status != CTL_DONE)
        return status;
    const char *query = query_add_number(NULL, "start", range.first);
    query = query_add_number(query, "count", range.count);
    const struct register_table *table = &register_tables[range.table];
    const struct client_request request = {
        .path = client_path("/registers/{}", table->name),
        .query = unit >= 0 ? query_add_number(query, "unit", unit) : query};
    status = client_send_checked(ctl->client, &request, &reply, "the registers");
    if (status != CTL_DONE)
        return status;
    if (ctl->terminal.format == OUTPUT_JSON)
        output_print_json(reply.body);
    else
        register_print_table(ctl, reply.json, table->has_bits, is_whole);
    return CTL_DONE;
}

const struct command regs_command = {
    .name = "regs",
    .operands = "[TABLE] [START[-END] | START+COUNT]",
    .most = 2,
    .summary = "Show what registers hold, and whose they are",
    .details =
        "START counts from 0 behind a TABLE: coil, discrete_input, input_register or "
        "holding_register. Without one it is in Modicon form, counts from 1 and names the table: "
        "400101. With a table alone, all its registers that have a tag. At most 1000 registers "
        "at once.\n\n"
        "Without operands, the units and tables that are in use, with their first and last "
        "register.",
    .completes = {COMPLETES_TABLE, COMPLETES_NOTHING},
    .flags = {FLAG_UNIT},
    .examples = {"tagferryctl regs", "tagferryctl regs holding_register 100-110",
                 "tagferryctl regs 400101+10 --unit 2", "tagferryctl regs input_register"},
    .run = regs_run};
