#include "ctl/command/argument_check.h"

#include <string.h>

#include "common/base/json_text.h"
#include "common/model/tag.h"
#include "common/shared/quality.h"
#include "ctl/base/keep.h"

const char *const *argument_find_words(enum completes kind)
{
    static const char *const outputs[] = {"table", "json", "csv", NULL};
    static const char *const formats[] = {"csv",     "json",     "xlsx",   "map",
                                          "kepware", "ignition", "neuron", NULL};
    static const char *const modes[] = {"merge", "replace", NULL};
    static const char *const delimiters[] = {"comma", "semicolon", NULL};
    static const char *const orders[] = {"name", "quality", "age", "change", NULL};
    static const char *const byte_orders[] = {"ABCD", "CDAB", "BADC", "DCBA", NULL};
    static const char *const shells[] = {"bash", "zsh", NULL};
    static const char *const *const lists[COMPLETES_COMMAND + 1] = {
        [COMPLETES_TABLE] = table_names,
        [COMPLETES_QUALITY] = quality_names,
        [COMPLETES_OUTPUT] = outputs,
        [COMPLETES_FORMAT] = formats,
        [COMPLETES_MODE] = modes,
        [COMPLETES_SORT] = orders,
        [COMPLETES_SHELL] = shells,
        [COMPLETES_REASON] = quality_reason_names + 1,
        [COMPLETES_BYTE_ORDER] = byte_orders,
        [COMPLETES_DELIMITER] = delimiters};
    return lists[kind];
}

/* "merge or replace" */
static const char *argument_words_text(const char *const *words)
{
    const char *text = words[0];
    for (size_t i = 1; words[i]; i++)
        text = keep_format("%s%s%s", text, words[i + 1] ? ", " : " or ", words[i]);
    return text;
}

/* True if the value is one of the words or, where it may be a list, several between commas. */
static bool argument_has_words(const char *value, const char *const *words, bool may_be_list)
{
    for (;; value++) {
        size_t len = strcspn(value, may_be_list ? "," : ""), i = 0;
        while (words[i] && (strlen(words[i]) != len || strncmp(words[i], value, len) != 0))
            i++;
        if (!words[i])
            return false;
        value += len;
        if (!*value)
            return true;
    }
}

static bool argument_check_flag(const struct ctl *ctl, enum flag flag, const char *value)
{
    const struct flag_row *row = &flag_rows[flag];
    /* A stride has more behind its word; not every command has every format. */
    bool has_words = flag != FLAG_STRIDE && flag != FLAG_FORMAT;
    const char *const *words = has_words ? argument_find_words(row->completes) : NULL;
    bool may_be_list = flag == FLAG_QUALITY || flag == FLAG_REASON;
    const char *right = NULL;
    if (words && !argument_has_words(value, words, may_be_list))
        right = keep_format("it must be %s", argument_words_text(words));
    else if (row->completes == COMPLETES_DEVICE && (value[0] == '\0' || strpbrk(value, "/,")))
        right = "it must be the name of a device";
    else if (flag == FLAG_IF_MATCH && value[0] == '\0')
        right = "it must be a revision, as get prints it, or * for any";
    if (right)
        ctl_print_usage_error(ctl, "--%s %s: %s", row->name, value[0] ? value : "\"\"", right);
    return !right;
}

/* File names may be bytes of any kind; everything else goes into JSON or a URL. */
static bool argument_check_text(const struct ctl *ctl, const char *text, enum completes kind)
{
    if (kind == COMPLETES_FILE || utf8_is_valid(text, strlen(text)))
        return true;
    ctl_print_usage_error(ctl, "\"%s\" is not UTF-8", text);
    return false;
}

bool argument_check_all(struct ctl *ctl)
{
    for (enum flag flag = 0; flag < FLAG_COUNT; flag++) {
        for (const char *const *value = ctl->flags[flag]; value && *value; value++) {
            if (!argument_check_text(ctl, *value, flag_rows[flag].completes) ||
                (!flag_rows[flag].is_global && flag_rows[flag].value &&
                 !argument_check_flag(ctl, flag, *value)))
                return false;
        }
    }
    enum completes kind = ctl->command->completes[0];
    for (size_t i = 0; i < ctl->operand_count; i++) {
        if (!argument_check_text(ctl, ctl->operands[i], kind))
            return false;
        if (kind == COMPLETES_FILE && ctl->operands[i][0] == '\0') {
            ctl_print_usage_error(ctl, "\"\" must be FILE");
            return false;
        }
    }
    const char *const *etags = ctl->flags[FLAG_IF_MATCH];
    if (!etags)
        return true;
    while (etags[1]) /* the last one counts */
        etags++;
    const char **etag = keep_zeroed(2 * sizeof *etag);
    bool is_revision = strspn(etags[0], "0123456789") == strlen(etags[0]);
    etag[0] = is_revision ? keep_format("\"%s\"", etags[0]) : etags[0];
    ctl->flags[FLAG_IF_MATCH] = etag;
    return true;
}
