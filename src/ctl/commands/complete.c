#include "ctl/commands/complete.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/client/query.h"
#include "ctl/command/argument_check.h"
#include "ctl/command/command_line.h"
#include "ctl/command/command_table.h"
#include "ctl/members/member_list.h"

enum { WAIT_MS = 1000, NAMES_MAX = 1000 };

/* A command line that is not complete. */
struct line {
    struct ctl ctl;       /* the global flags, for the settings */
    const char *current;  /* the last word, without `before` */
    const char *before;   /* "--quality=", or the empty text: each answer begins with it */
    const char *operand;  /* the first one, or NULL */
    size_t operand_count; /* before the last word */
    bool is_wrong;        /* there is no such command */
    enum flag awaiting;   /* the flag whose value the last word is; FLAG_COUNT: none */
    bool has_ended_flags;
};

static void line_offer(const struct line *line, const char *word, const char *meaning)
{
    if (strncmp(word, line->current, strlen(line->current)) == 0)
        printf("%s%s%s%s\n", line->before, word, meaning ? "\t" : "", meaning ? meaning : "");
}

static void line_offer_names(const struct line *line, const char *const *names)
{
    for (; *names; names++)
        line_offer(line, *names, NULL);
}

static void line_offer_commands(const struct line *line)
{
    for (const struct command_group *group = command_groups; group->title; group++) {
        for (size_t i = 0; group->title[0] && i < group->count; i++)
            line_offer(line, group->commands[i].name, group->commands[i].summary);
    }
}

static void line_offer_flags(const struct line *line)
{
    for (enum flag flag = 0; flag < FLAG_COUNT; flag++) {
        bool has = flag_rows[flag].is_global;
        for (const enum flag *own = line->ctl.command ? line->ctl.command->flags : NULL;
             own && *own; own++)
            has = has || *own == flag;
        if (has)
            line_offer(line, keep_format("--%s", flag_rows[flag].name), flag_rows[flag].help);
    }
}

/* Members of a tag, a device or a profile, as the first operand says; with `end` "=" also the
 * values that they may have. */
static void line_offer_members(const struct line *line, const char *end)
{
    const char *object = line->operand ? line->operand : "";
    const struct member_list *list = strncmp(object, "profile:", 8) == 0 ? &profile_members
                                     : strchr(object, '/')               ? &tag_members
                                                                         : &device_members;
    for (size_t i = 0; i < list->count; i++) {
        const struct member *member = &list->members[i];
        const char *word = keep_format("%s%s", member_path(member), end);
        bool is_whole = end[0] && strncmp(line->current, word, strlen(word)) == 0;
        if (!is_whole && member->kind != MEMBER_GROUP)
            line_offer(line, word, NULL);
        for (const char *const *value = member->names; is_whole && value && *value; value++)
            line_offer(line, keep_format("%s%s", word, *value), NULL);
    }
}

/* Asks the server for the names in a list that begin with the text, and offers each with what
 * stands before and behind it. Pages begin behind a name: behind the last one that sorts before all
 * that are wanted, so that one page is enough. */
static void line_offer_objects(struct line *line, const char *path, const char *before,
                               const char *text, const char *behind)
{
    char *after = keep_text(text);
    size_t len = strlen(after);
    struct client_reply reply;
    if (!line->ctl.client) {
        if (!ctl_read_settings(&line->ctl))
            return;
        line->ctl.settings.timeout_ms = WAIT_MS;
        line->ctl.settings.is_quiet = true;
        line->ctl.client = client_create(&line->ctl.settings);
    }
    if (!line->ctl.client)
        return;
    if (len > 0) /* names are ASCII, from '-' to 'z' */
        after[len - 1]--;
    const struct client_request request = {
        .path = path,
        .query = query_add(query_add_number(NULL, "limit", NAMES_MAX), "after",
                           len > 0 ? keep_format("%s~", after) : NULL)};
    if (client_send(line->ctl.client, &request, &reply) != CTL_DONE)
        return;
    const cJSON *items = json_read_array(reply.json, "items");
    for (const cJSON *item = items ? items->child : NULL; item; item = item->next) {
        const char *name = json_read_text(item, "name");
        const char *meaning = json_read_text(item, "label");
        bool is_plain = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789._-") == strlen(name);
        for (const char *c = meaning; *c; c++)
            is_plain = is_plain && !iscntrl((unsigned char)*c);
        if (is_plain)
            line_offer(line, keep_format("%s%s%s", before, name, behind),
                       meaning[0] ? meaning : NULL);
    }
}

/* Devices, then the tags of the one that is named. */
static void line_offer_tags(struct line *line, bool only_tags)
{
    const char *slash = strchr(line->current, '/');
    if (!slash) {
        line_offer_objects(line, "/devices", "", line->current, only_tags ? "/" : "");
        return;
    }
    const char *device = keep_bytes(line->current, (size_t)(slash - line->current));
    line_offer_objects(line, client_path("/devices/{}/tags", device), keep_format("%s/", device),
                       slash + 1, "");
}

static void line_offer_profiles(struct line *line, const char *before)
{
    size_t len = strlen(before);
    if (strncmp(line->current, before, len) == 0)
        line_offer_objects(line, "/profiles", before, line->current + len, "");
    else
        line_offer(line, before, NULL);
}

static void line_offer_kind(struct line *line, enum completes kind)
{
    const char *const *words = argument_find_words(kind);
    if (words)
        line_offer_names(line, words);
    else if (kind == COMPLETES_DEVICE)
        line_offer_objects(line, "/devices", "", line->current, "");
    else if (kind == COMPLETES_TAG || kind == COMPLETES_OBJECT)
        line_offer_tags(line, kind == COMPLETES_TAG);
    else if (kind == COMPLETES_TAG_NAME && line->operand && !strchr(line->operand, '/'))
        line_offer_objects(line, client_path("/devices/{}/tags", line->operand), "", line->current,
                           "");
    else if (kind == COMPLETES_PROFILE)
        line_offer_profiles(line, "");
    else if (kind == COMPLETES_MEMBER || kind == COMPLETES_MEMBER_NAME)
        line_offer_members(line, kind == COMPLETES_MEMBER ? "=" : "");
    else if (kind == COMPLETES_COMMAND)
        line_offer_commands(line);
    if (kind == COMPLETES_OBJECT && !strchr(line->current, '/'))
        line_offer_profiles(line, "profile:");
}

static enum flag line_find_flag(const char *name, size_t len, char letter)
{
    for (enum flag flag = 0; flag < FLAG_COUNT; flag++) {
        const struct flag_row *row = &flag_rows[flag];
        if (letter ? row->letter == letter
                   : strlen(row->name) == len && memcmp(row->name, name, len) == 0)
            return flag;
    }
    return FLAG_COUNT;
}

/* A flag with its value, or that awaits it in the next word. */
static void line_take_flag(struct line *line, enum flag flag, const char *value)
{
    if (flag == FLAG_COUNT || !flag_rows[flag].value)
        return;
    if (value && flag_rows[flag].is_global)
        ctl_add_flag(&line->ctl, flag, value);
    else if (!value)
        line->awaiting = flag;
}

/* Reads a word before the last one. */
static void line_take_word(struct line *line, const char *word)
{
    const char *equals = strchr(word, '=');
    bool is_flag = !line->has_ended_flags && word[0] == '-' && word[1] != '\0' &&
                   !isdigit((unsigned char)word[1]) && word[1] != '.';
    enum flag awaiting = line->awaiting;
    line->awaiting = FLAG_COUNT;
    if (awaiting != FLAG_COUNT) {
        line_take_flag(line, awaiting, word);
    } else if (is_flag && word[1] == '-') {
        size_t len = equals ? (size_t)(equals - word) - 2 : strlen(word) - 2;
        line->has_ended_flags = word[2] == '\0';
        line_take_flag(line, line_find_flag(word + 2, len, '\0'), equals ? equals + 1 : NULL);
    } else if (is_flag) {
        for (word++; *word && line->awaiting == FLAG_COUNT; word++) {
            enum flag flag = line_find_flag("", 0, *word);
            bool takes_value = flag != FLAG_COUNT && flag_rows[flag].value;
            line_take_flag(line, flag, takes_value && word[1] ? word + 1 : NULL);
            if (takes_value)
                break;
        }
    } else if (!line->ctl.command) {
        line->ctl.command = command_find(command_groups, word);
        line->is_wrong = line->is_wrong || !line->ctl.command;
    } else {
        line->operand = line->operand ? line->operand : word;
        line->operand_count++;
    }
}

/* What the last word may be, when no flag awaits it. */
static enum completes line_operand_kind(const struct line *line)
{
    const struct command *command = line->ctl.command;
    if (line->is_wrong || (command && line->operand_count >= command->most))
        return COMPLETES_NOTHING;
    if (!command)
        return COMPLETES_COMMAND;
    /* The last kind repeats where there may be any number of operands. */
    size_t at = line->operand_count;
    while (at > 0 && command->most == COMMAND_ANY &&
           (at >= COMMAND_COMPLETES_MAX || !command->completes[at]))
        at--;
    return at < COMMAND_COMPLETES_MAX ? command->completes[at] : COMPLETES_NOTHING;
}

void complete_print(const char *const *words, size_t count)
{
    struct line line = {.awaiting = FLAG_COUNT, .before = "", .current = ""};
    enum completes kind;
    for (size_t i = 0; i + 1 < count; i++)
        line_take_word(&line, words[i]);
    if (count > 0)
        line.current = words[count - 1];
    const char *equals = strchr(line.current, '=');
    bool is_flag = line.awaiting == FLAG_COUNT && !line.has_ended_flags && line.current[0] == '-';
    if (is_flag && equals && line.current[1] == '-') {
        line.before = keep_bytes(line.current, (size_t)(equals - line.current) + 1);
        line.awaiting = line_find_flag(line.current + 2, strlen(line.before) - 3, '\0');
        line.current = equals + 1;
        kind = line.awaiting == FLAG_COUNT ? COMPLETES_NOTHING : flag_rows[line.awaiting].completes;
    } else {
        kind = line.awaiting != FLAG_COUNT ? flag_rows[line.awaiting].completes
                                           : line_operand_kind(&line);
    }
    if (kind == COMPLETES_FILE) {
        puts("files");
        return;
    }
    puts("words");
    if (is_flag && line.before[0] == '\0')
        line_offer_flags(&line);
    else
        line_offer_kind(&line, kind);
    client_destroy(line.ctl.client);
}
