/* messages: what came over MQTT, and what became of it. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/base/utc.h"
#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/base/text_width.h"
#include "ctl/client/query.h"
#include "ctl/commands/command_rows.h"
#include "ctl/commands/object.h"
#include "ctl/commands/output.h"
#include "ctl/output/words.h"

enum { MESSAGES_USUAL = 20, MESSAGES_KEPT = 1000, FOLLOW_PAUSE_MS = 500 };

/* Values whose keys the message, which was taken, did not have. */
static double message_missed(const cJSON *message)
{
    return json_read_number(message, "tags") - json_read_number(message, "written") -
           json_read_number(message, "rejected") - json_read_number(message, "held");
}

static bool message_is_wrong(const cJSON *message)
{
    return strcmp(json_read_text(message, "outcome"), "taken") != 0 ||
           json_read_number(message, "rejected") > 0 || message_missed(message) > 0;
}

static enum terminal_style message_style(const cJSON *message)
{
    if (!message_is_wrong(message))
        return STYLE_PLAIN;
    const char *outcome = json_read_text(message, "outcome");
    bool is_harmless =
        strcmp(outcome, "nobody") == 0 || strcmp(outcome, "not_selected") == 0 ||
        (strcmp(outcome, "taken") == 0 && json_read_number(message, "rejected") == 0);
    return is_harmless ? STYLE_WARNING : STYLE_WRONG;
}

/* "3 written, 1 rejected (mode: not a number)" */
static const char *message_outcome_text(const cJSON *message)
{
    static const char *const counts[] = {"written", "rejected", "held"};
    const char *outcome = json_read_text(message, "outcome"), *text = "";
    const char *code = json_read_text(message, "error.code");
    const char *tag = json_read_text(message, "error.tag");
    const char *byte = json_read_text(message, "error.byte");
    if (strcmp(outcome, "taken") != 0)
        return keep_format("%s%s%s", words_of_outcome(outcome), byte[0] ? " at byte " : "", byte);
    if (json_read_number(message, "tags") == 0)
        return "availability";
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        double count = json_read_number(message, counts[i]);
        if (count > 0)
            text = keep_format("%s%s%.0f %s", text, text[0] ? ", " : "", count, counts[i]);
    }
    if (code[0])
        text = keep_format("%s (%s%s%s)", text, tag, tag[0] ? ": " : "", words_of_error(code));
    double missed = message_missed(message);
    const char *keys = json_read_text(message, "keys");
    if (missed > 0)
        text = keep_format("%s%s%.0f missing%s%s", text, text[0] ? ", " : "", missed,
                           keys[0] ? ", has the keys " : "", keys);
    return text;
}

/* The payload, or what it looks like where it is no text. */
static const char *message_payload_text(const cJSON *message)
{
    const char *payload = json_read_text(message, "payload");
    const char *kind = json_read_text(message, "looks_like");
    if (strcmp(json_read_text(message, "encoding"), "hex") != 0)
        return payload;
    return keep_format("%s%s%s", kind[0] ? kind : "hex", ": ", payload);
}

static const struct table_column message_columns[] = {
    {.name = "sequence", .in_csv_only = true},
    {.title = "AGE", .name = "at", .is_number = true},
    {.title = "DEVICE", .name = "device", .if_any = true, .drop = 1},
    {.title = "OUTCOME", .name = "outcome", .is_long = true},
    {.name = "tags", .in_csv_only = true},
    {.name = "written", .in_csv_only = true},
    {.name = "rejected", .in_csv_only = true},
    {.name = "held", .in_csv_only = true},
    {.name = "error.code", .in_csv_only = true},
    {.name = "error.tag", .in_csv_only = true},
    {.name = "error.byte", .in_csv_only = true},
    {.name = "keys", .in_csv_only = true},
    {.name = "retained", .in_csv_only = true},
    {.title = "TOPIC", .name = "topic", .is_long = true},
    {.name = "bytes", .in_csv_only = true},
    {.name = "encoding", .in_csv_only = true},
    {.name = "looks_like", .in_csv_only = true},
    {.title = "PAYLOAD", .name = "payload", .is_long = true},
};
enum {
    MESSAGE_AT = 1,
    MESSAGE_OUTCOME = 3,
    MESSAGE_PAYLOAD = 17,
    MESSAGE_COLUMNS = sizeof message_columns / sizeof message_columns[0]
};

static void message_add_row(const struct ctl *ctl, struct table *table, const cJSON *message)
{
    struct table_cell *row = table_add_row(table);
    output_fill_row(table, row, message);
    if (ctl->terminal.format == OUTPUT_CSV)
        return;
    row[MESSAGE_AT].text = output_time_text(ctl, row[MESSAGE_AT].text);
    row[MESSAGE_OUTCOME] =
        (struct table_cell){message_outcome_text(message), message_style(message)};
    row[MESSAGE_PAYLOAD].text = message_payload_text(message);
}

/* "14:03:22.123", by the clock on the wall. */
static const char *message_clock_text(const char *at)
{
    uint64_t wall_ms;
    struct tm local;
    if (!utc_parse(at, &wall_ms))
        return "";
    time_t seconds = (time_t)(wall_ms / 1000);
    localtime_r(&seconds, &local);
    return keep_format("%02d:%02d:%02d.%03d", local.tm_hour, local.tm_min, local.tm_sec,
                       (int)(wall_ms % 1000));
}

/* One line while messages come. */
static void message_print_line(const struct ctl *ctl, const cJSON *message)
{
    const char *cells[MESSAGE_COLUMNS];
    if (ctl->terminal.format == OUTPUT_JSON) {
        output_print_json(json_value_json(message));
        return;
    }
    if (ctl->terminal.format == OUTPUT_CSV) {
        for (size_t i = 0; i < MESSAGE_COLUMNS; i++)
            cells[i] = json_read_text(message, message_columns[i].name);
        table_print_csv_row(stdout, cells, MESSAGE_COLUMNS);
        return;
    }
    size_t left = ctl->terminal.columns > 0 ? ctl->terminal.columns : (size_t)-1;
    const char *parts[] = {message_clock_text(json_read_text(message, "at")),
                           "  ",
                           json_read_text(message, "topic"),
                           "  ",
                           message_outcome_text(message),
                           "  ",
                           message_payload_text(message)};
    enum { OUTCOME = 4 };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && left > 0; i++) {
        enum terminal_style style = i == OUTCOME ? message_style(message) : STYLE_PLAIN;
        size_t width = text_width(parts[i]);
        terminal_begin_style(&ctl->terminal, stdout, style);
        left -= text_print_columns(stdout, parts[i], width < left ? width : left);
        terminal_end_style(&ctl->terminal, stdout, style);
    }
    putchar('\n');
}

/* Prints messages as they come, the oldest first. Ends with a signal, or when the server is lost.
 */
static enum ctl_status messages_follow(const struct ctl *ctl, const char *query, long limit)
{
    double newest = 0;
    bool only_wrong = ctl_has_flag(ctl, FLAG_WRONG);
    const char *names[MESSAGE_COLUMNS];
    if (ctl->terminal.format == OUTPUT_CSV) {
        for (size_t i = 0; i < MESSAGE_COLUMNS; i++)
            names[i] = message_columns[i].name;
        table_print_csv_row(stdout, names, MESSAGE_COLUMNS);
    }
    for (;;) {
        void *mark = keep_mark();
        struct pages pages;
        const char *newer = query_add_number(query, "newer_than", (long long)newest);
        enum ctl_status status = pages_get(ctl->client, "/messages", newest > 0 ? newer : query,
                                           (size_t)limit, "the messages", &pages);
        if (status != CTL_DONE)
            return status;
        for (size_t i = pages.count; i-- > 0;) {
            if (!only_wrong || message_is_wrong(pages.items[i]))
                message_print_line(ctl, pages.items[i]);
        }
        if (pages.count > 0)
            newest = json_read_number(pages.items[0], "sequence");
        fflush(stdout);
        keep_release(mark);
        client_forget_replies(ctl->client);
        limit = MESSAGES_KEPT;
        nanosleep(&(struct timespec){.tv_nsec = FOLLOW_PAUSE_MS * 1000000L}, NULL);
    }
}

static enum ctl_status messages_run(struct ctl *ctl)
{
    struct pages pages;
    struct table table;
    long limit = MESSAGES_USUAL;
    bool only_wrong = ctl_has_flag(ctl, FLAG_WRONG);
    if (!ctl_flag_number(ctl, FLAG_LIMIT, 1, MESSAGES_KEPT, &limit))
        return CTL_USAGE;
    const char *device = ctl->operands[0] ? ctl->operands[0] : ctl_flag_value(ctl, FLAG_DEVICE);
    struct object object;
    if (device && !object_read(ctl, device, OBJECT_DEVICE, &object))
        return CTL_USAGE;
    const char *query = query_add(NULL, "device", device);
    if (ctl_has_flag(ctl, FLAG_FOLLOW))
        return messages_follow(ctl, query, limit);
    enum ctl_status status =
        pages_get(ctl->client, "/messages", query, only_wrong ? MESSAGES_KEPT : (size_t)limit,
                  "the messages", &pages);
    if (status != CTL_DONE)
        return status;
    size_t chosen = 0;
    for (size_t i = 0; only_wrong && i < pages.count && chosen < (size_t)limit; i++) {
        if (message_is_wrong(pages.items[i]))
            pages.items[chosen++] = pages.items[i];
    }
    if (only_wrong)
        pages_keep_items(&pages, chosen);
    TABLE_INIT(&table, message_columns);
    for (size_t i = pages.count; i-- > 0;)
        message_add_row(ctl, &table, pages.items[i]);
    if (ctl->terminal.format == OUTPUT_JSON)
        output_print_json(pages.json);
    else
        table_print(&table, &ctl->terminal);
    return CTL_DONE;
}

const struct command messages_command = {
    .name = "messages",
    .operands = "[DEVICE]",
    .most = 1,
    .summary = "Show the newest MQTT messages and what became of them",
    .details =
        "The newest 20 messages of all topics, or of a device; the newest one is the last. OUTCOME "
        "has the number of values that were written to their registers, rejected, or held because "
        "the register has a newer value, and the first error. Missing are the values of tags "
        "whose keys the message does not have.\n\n"
        "With --follow, a line for each message as it comes, until Ctrl-C; -o json has an object "
        "on each line. On a terminal the payload is cut to the width. The gateway keeps the newest "
        "thousand messages.",
    .completes = {COMPLETES_DEVICE, COMPLETES_NOTHING},
    .flags = {FLAG_FOLLOW, FLAG_WRONG, FLAG_DEVICE, FLAG_LIMIT},
    .examples = {"tagferryctl messages boiler-7", "tagferryctl messages --follow",
                 "tagferryctl messages --wrong -n 5"},
    .run = messages_run};
