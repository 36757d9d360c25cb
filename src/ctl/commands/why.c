/* why: asks, decides, prints. */

#include <stdio.h>
#include <string.h>

#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/base/text_width.h"
#include "ctl/commands/command_rows.h"
#include "ctl/commands/object.h"
#include "ctl/commands/output.h"
#include "ctl/output/table.h"
#include "ctl/why/why_ask.h"
#include "ctl/why/why_chain.h"

/* "boiler-7/temp: the chain ends at the key: ..." */
static const char *why_sentence(const struct why_facts *facts, const struct why_verdict *verdict)
{
    const char *tag = facts->tag_name;
    const char *object = keep_format("%s%s%s", facts->device_name, tag ? "/" : "", tag ? tag : "");
    return verdict->is_whole ? keep_format("%s: %s.", object, verdict->sentence)
                             : keep_format("%s: the chain ends at \"%s\": %s.", object,
                                           verdict->link, verdict->sentence);
}

static void why_print_json(const struct why_facts *facts, const struct why_chain *chain)
{
    const struct why_verdict *verdict = &chain->verdict;
    cJSON *all = cJSON_CreateObject(), *links = cJSON_CreateArray();
    cJSON *commands = cJSON_CreateArray();
    cJSON_AddStringToObject(all, "device", facts->device_name);
    if (facts->tag_name)
        cJSON_AddStringToObject(all, "tag", facts->tag_name);
    else
        cJSON_AddNullToObject(all, "tag");
    cJSON_AddStringToObject(all, "code", verdict->code);
    cJSON_AddStringToObject(all, "error", verdict->error);
    cJSON_AddBoolToObject(all, "is_whole", verdict->is_whole);
    cJSON_AddStringToObject(all, "link", verdict->link);
    cJSON_AddStringToObject(all, "sentence", why_sentence(facts, verdict));
    cJSON_AddStringToObject(all, "remedy", verdict->remedy);
    for (size_t i = 0; i < WHY_COMMANDS_MAX && verdict->commands[i]; i++)
        cJSON_AddItemToArray(commands, cJSON_CreateString(verdict->commands[i]));
    cJSON_AddItemToObject(all, "commands", commands);
    for (size_t i = 0; i < chain->link_count; i++) {
        cJSON *link = cJSON_CreateObject();
        cJSON_AddStringToObject(link, "link", chain->links[i].name);
        cJSON_AddStringToObject(link, "state", why_state_names[chain->links[i].state]);
        cJSON_AddStringToObject(link, "detail", chain->links[i].detail);
        cJSON_AddItemToArray(links, link);
    }
    cJSON_AddItemToObject(all, "links", links);
    output_print_json(json_value_json(all));
    cJSON_Delete(all);
}

/* Control characters of the server do not reach the terminal. */
static void why_print_line(const char *before, const char *text)
{
    fputs(before, stdout);
    text_print_columns(stdout, text, text_width(text));
    putchar('\n');
}

static void why_print_table(const struct ctl *ctl, const struct why_facts *facts,
                            const struct why_chain *chain)
{
    static const struct table_column columns[] = {
        {.title = "LINK", .name = "link"},
        {.title = "STATE", .name = "state"},
        {.title = "DETAIL", .name = "detail", .is_long = true}};
    static const enum terminal_style styles[WHY_STATE_COUNT] = {[WHY_OK] = STYLE_GOOD,
                                                                [WHY_LOOK] = STYLE_WARNING,
                                                                [WHY_ENDS] = STYLE_WRONG,
                                                                [WHY_BEHIND] = STYLE_FAINT};
    const struct why_verdict *verdict = &chain->verdict;
    bool is_csv = ctl->terminal.format == OUTPUT_CSV;
    struct table table;
    TABLE_INIT(&table, columns);
    for (size_t i = 0; i < chain->link_count; i++) {
        const struct why_link *link = &chain->links[i];
        struct table_cell *row = table_add_row(&table);
        row[0].text = link->name;
        row[1] = (struct table_cell){why_state_names[link->state], styles[link->state]};
        row[2].text = link->detail;
    }
    if (is_csv) {
        struct table_cell *row = table_add_row(&table);
        row[0].text = "verdict";
        row[1].text = verdict->code;
        row[2].text = keep_format("%s%s%s", why_sentence(facts, verdict),
                                  verdict->remedy[0] ? " " : "", verdict->remedy);
    }
    table_print(&table, &ctl->terminal);
    if (is_csv)
        return;
    putchar('\n');
    why_print_line("", why_sentence(facts, verdict));
    if (verdict->remedy[0])
        why_print_line("", verdict->remedy);
    for (size_t i = 0; i < WHY_COMMANDS_MAX && verdict->commands[i]; i++)
        why_print_line("  ", verdict->commands[i]);
}

static enum ctl_status why_run(struct ctl *ctl)
{
    struct object object;
    struct why_facts facts;
    struct why_chain chain = {0};
    const char *operand = ctl->operands[0];
    bool has_tag = ctl->operand_count == 2;
    if (has_tag)
        operand = keep_format("%s/%s", operand, ctl->operands[1]);
    if (!object_read(ctl, operand, has_tag ? OBJECT_TAG : OBJECT_DEVICE | OBJECT_TAG, &object))
        return CTL_USAGE;
    enum ctl_status status = why_ask(ctl->client, object.device, object.tag, &facts);
    if (status != CTL_DONE && !facts.silence)
        return status;
    why_decide(&facts, &chain);
    if (ctl->terminal.format == OUTPUT_JSON)
        why_print_json(&facts, &chain);
    else
        why_print_table(ctl, &facts, &chain);
    cJSON_Delete(facts.payload);
    return status != CTL_DONE ? status : chain.verdict.is_whole ? CTL_DONE : CTL_REFUSED;
}

const struct command why_command = {
    .name = "why",
    .operands = "DEVICE[/TAG] [TAG]",
    .fewest = 1,
    .most = 2,
    .summary = "Find out where the way of a value ends",
    .details =
        "Walks the chain from the broker to the register: the parts of the gateway, the device and "
        "its topic, the newest message and what became of it, the key, each step of the "
        "conversion, the register and what a Modbus client reads there. Then it says in a "
        "sentence where the chain ends, and what to do.\n\n"
        "Without a tag it looks at the device, and at its first tag that is not good.\n\n"
        "The exit status is 0 where the chain is whole, and 1 where it ends. With -o json, the "
        "member `code` names the end.",
    .completes = {COMPLETES_OBJECT, COMPLETES_TAG_NAME},
    .examples = {"tagferryctl why boiler-7/supply_temperature", "tagferryctl why boiler-7"},
    .run = why_run};
