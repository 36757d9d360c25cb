/* import: devices and tags from a file. */
#include <string.h>
#include <strings.h>

#include "common/model/tag.h"
#include "ctl/base/keep.h"
#include "ctl/client/query.h"
#include "ctl/commands/command_rows.h"
#include "ctl/files/import_request.h"
#include "ctl/files/local_file.h"

static const char xlsx_type[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

static bool file_name_ends(const char *name, const char *end)
{
    size_t len = strlen(name), end_len = strlen(end);
    return len > end_len && strcasecmp(name + len - end_len, end) == 0;
}

/* Finds the type of the body and, for a file of another product, the format: by its content, and
 * where that does not say it by its name. */
static const char *import_find_type(const char *name, const char *bytes, size_t len,
                                    const char **format)
{
    const char *at = bytes;
    if (len >= 4 && memcmp(bytes, "PK\3\4", 4) == 0)
        return xlsx_type;
    if (len >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
        at += 3;
    at += strspn(at, " \t\r\n");
    bool is_json = *at == '{' || *at == '[' || (*at == '\0' && file_name_ends(name, ".json"));
    if (*format)
        return is_json ? "application/json" : "text/csv";
    if (is_json && (strstr(at, "\"tagType\"") || strstr(at, "\"opcItemPath\"")))
        *format = "ignition";
    else if (is_json ? strstr(at, "\"common.ALLTYPES_NAME\"") != NULL
                     : strncasecmp(at, "Tag Name,Address,", 17) == 0)
        *format = "kepware";
    return is_json ? "application/json" : "text/csv";
}

static enum ctl_status import_run(struct ctl *ctl)
{
    static const struct {
        enum flag flag;
        const char *name;
    } options[] = {{FLAG_MODE, "mode"},
                   {FLAG_SHEET, "sheet"},
                   {FLAG_TOPIC, "topic"},
                   {FLAG_COMMAND_TOPIC, "command_topic"},
                   {FLAG_BYTE_ORDER, "byte_order"},
                   {FLAG_UNIT, "unit"},
                   {FLAG_BASE, "base"}};
    static const char *const formats[] = {"csv",      "json",   "xlsx", "kepware",
                                          "ignition", "neuron", NULL};
    const char *name = ctl->operands[0], *format = ctl_flag_value(ctl, FLAG_FORMAT);
    struct import_file file = {.name = strcmp(name, "-") == 0 ? "the standard input" : name};
    if (format && strcmp(format, "map") == 0)
        return ctl_print_usage_error(ctl, "a register map cannot be imported");
    if (format && name_list_find(formats, format) < 0)
        return ctl_print_usage_error(
            ctl, "--format %s: it must be csv, json, xlsx, kepware, ignition or neuron", format);
    enum ctl_status status = local_file_read(name, &file.bytes, &file.len);
    if (status != CTL_DONE)
        return status;
    file.type = import_find_type(name, file.bytes, file.len, &format);
    file.query = query_add(NULL, "format", format);
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        file.query = query_add(file.query, options[i].name, ctl_flag_value(ctl, options[i].flag));
    file.query = query_add(file.query, "device", ctl_flag_list(ctl, FLAG_DEVICE));
    return import_send(ctl, &file, ctl_has_flag(ctl, FLAG_DRY_RUN));
}

const struct command import_command = {
    .name = "import",
    .operands = "FILE",
    .fewest = 1,
    .most = 1,
    .summary = "Create and change devices and tags from a file",
    .details =
        "FILE is CSV, a workbook (xlsx), JSON as export writes it, or a file of KEPServerEX, "
        "Ignition or EMQX Neuron; a file of Neuron needs --format neuron. - is standard input. It "
        "is one "
        "transaction: all of it or nothing. Each fault is shown with its row, column and cell, and "
        "with what is right.\n\n"
        "With --mode replace, devices and tags that the file does not have are deleted; --device "
        "bounds that to the devices named. More than 20 deletions are asked for, or need --yes. "
        "With a file of another product, or a table without a column for the device, --device "
        "names the device of all tags.",
    .completes = {COMPLETES_FILE},
    .flags = {FLAG_MODE, FLAG_FORMAT, FLAG_TOPIC, FLAG_COMMAND_TOPIC, FLAG_BYTE_ORDER, FLAG_UNIT,
              FLAG_BASE, FLAG_DEVICE, FLAG_SHEET, FLAG_DRY_RUN, FLAG_YES},
    .examples = {"tagferryctl import tags.csv --dry-run",
                 "tagferryctl import plant.xlsx --sheet Tags --mode replace",
                 "tagferryctl import kepware.csv --topic 'plant/{device}/telemetry'"},
    .run = import_run};
