/* rm: deletes objects, none before all are known to be deletable. */
#include <stdio.h>
#include <string.h>

#include "common/base/require.h"
#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/base/text_width.h"
#include "ctl/client/problem.h"
#include "ctl/client/query.h"
#include "ctl/commands/change_commands.h"
#include "ctl/commands/confirm.h"
#include "ctl/commands/object.h"
#include "ctl/output/table.h"

/* An object that is to go. */
struct rm_item {
    struct object object;
    const char *etag;
    double tags;         /* of a device */
    double users;        /* of a profile: devices that use it */
    const char *profile; /* of a device, or empty */
};

struct rm_list {
    struct rm_item *items;
    size_t count;
    double objects; /* devices and tags */
};

/* True if the object goes with another operand: it is named twice, or with its device. */
static bool rm_goes_with(const struct ctl *ctl, const struct object *object, size_t index)
{
    for (size_t i = 0; i < ctl->operand_count; i++) {
        if (i < index && strcmp(ctl->operands[i], object->text) == 0)
            return true;
        if (object->kind == OBJECT_TAG && strcmp(ctl->operands[i], object->device) == 0)
            return true;
    }
    return false;
}

/* Reads one object, and how many tags it has. */
static enum ctl_status rm_read_item(const struct ctl *ctl, struct rm_item *item)
{
    struct client_reply reply;
    const struct object *object = &item->object;
    enum ctl_status status = client_send_checked(
        ctl->client, &(struct client_request){.path = object->path}, &reply, object->text);
    if (status != CTL_DONE)
        return status;
    const char *if_match = ctl_flag_value(ctl, FLAG_IF_MATCH);
    item->etag = if_match ? if_match : keep_text(reply.etag);
    item->users = object->kind == OBJECT_PROFILE ? json_read_number(reply.json, "devices") : 0;
    item->profile = json_read_text(reply.json, "profile.name");
    if (object->kind != OBJECT_DEVICE)
        return CTL_DONE;
    const struct client_request request = {.path = client_path("/devices/{}/tags", object->device),
                                           .query = "limit=1"};
    status = client_send_checked(ctl->client, &request, &reply, object->text);
    item->tags = status == CTL_DONE ? json_read_number(reply.json, "total") : 0;
    return status;
}

/* Deletes one object, or asks the server whether it may be deleted. */
static enum ctl_status rm_delete_item(const struct ctl *ctl, const struct rm_item *item,
                                      bool dry_run)
{
    struct client_reply reply;
    const char *query = dry_run ? "dry_run=true" : NULL;
    if (item->object.kind == OBJECT_DEVICE && !dry_run)
        query = query_add_number(query, "confirm", (long long)item->tags + 1);
    const struct client_request request = {
        .method = "DELETE", .path = item->object.path, .query = query, .if_match = item->etag};
    enum ctl_status status = client_send_checked(ctl->client, &request, &reply, item->object.text);
    return status == CTL_REFUSED && problem_has_code(&reply, "confirm_required") ? CTL_CHANGED
                                                                                 : status;
}

/* Checks that no device uses the profile but those that go before it. */
static enum ctl_status rm_check_profile(const struct rm_list *list, const struct rm_item *item)
{
    double users = item->users;
    for (size_t i = 0; i < list->count; i++)
        users -= strcmp(list->items[i].profile, item->object.name) == 0;
    if (users <= 0)
        return CTL_DONE;
    text_print_line(stderr, keep_format("tagferryctl: %s: %.0f device%s it", item->object.text,
                                        users, users == 1 ? " uses" : "s use"));
    return CTL_REFUSED;
}

/* Moves profiles behind the devices that use them. */
static void rm_put_profiles_last(struct rm_list *list)
{
    REQUIRE(list->count > 0);
    struct rm_item *ordered = keep_zeroed(list->count * sizeof *ordered);
    size_t count = 0;
    for (int is_last = 0; is_last <= 1; is_last++) {
        for (size_t i = 0; i < list->count; i++) {
            if ((list->items[i].object.kind == OBJECT_PROFILE) == (is_last == 1))
                ordered[count++] = list->items[i];
        }
    }
    list->items = ordered;
}

/* Reads all objects. What is not there is named, one line for each. */
static enum ctl_status rm_read_list(const struct ctl *ctl, struct rm_list *list)
{
    enum ctl_status worst = CTL_DONE;
    list->items = keep_zeroed(ctl->operand_count * sizeof *list->items);
    for (size_t i = 0; i < ctl->operand_count; i++) {
        struct rm_item *item = &list->items[list->count];
        if (!object_read(ctl, ctl->operands[i], OBJECT_DEVICE | OBJECT_TAG | OBJECT_PROFILE,
                         &item->object))
            return CTL_USAGE;
        list->count += !rm_goes_with(ctl, &item->object, i);
    }
    rm_put_profiles_last(list);
    for (size_t i = 0; i < list->count; i++) {
        struct rm_item *item = &list->items[i];
        enum ctl_status status = rm_read_item(ctl, item);
        if (status == CTL_DONE)
            status = item->object.kind == OBJECT_PROFILE ? rm_check_profile(list, item)
                                                         : rm_delete_item(ctl, item, true);
        if (status == CTL_UNREACHABLE)
            return status;
        worst = status != CTL_DONE && worst == CTL_DONE ? status : worst;
        list->objects += item->object.kind == OBJECT_PROFILE ? 0 : 1 + item->tags;
    }
    return worst;
}

static const char *rm_tags_text(double tags)
{
    return tags == 0   ? ""
           : tags == 1 ? ", with its tag"
                       : keep_format(", with its %.0f tags", tags);
}

/* Prints the first `count` objects as those that are deleted. */
static void rm_print(const struct ctl *ctl, const struct rm_list *list, size_t count)
{
    static const struct table_column columns[] = {
        {.name = "object"}, {.name = "tags"}, {.name = "deleted"}};
    struct table table;
    bool is_dry = ctl_has_flag(ctl, FLAG_DRY_RUN);
    TABLE_INIT(&table, columns);
    if (ctl->terminal.format == OUTPUT_JSON)
        fputs("{\"deleted\":[", stdout);
    for (size_t i = 0; i < count; i++) {
        const struct rm_item *item = &list->items[i];
        const char *tags = keep_format("%.0f", item->tags);
        if (ctl->terminal.format == OUTPUT_TABLE) {
            text_print_line(stdout, keep_format("%s %s%s", item->object.text,
                                                is_dry ? "would be deleted" : "deleted",
                                                rm_tags_text(item->tags)));
        } else if (ctl->terminal.format == OUTPUT_JSON) {
            printf("%s{\"object\":%s,\"tags\":%s}", i > 0 ? "," : "",
                   json_quote_text(item->object.text), tags);
        } else {
            struct table_cell *row = table_add_row(&table);
            row[0].text = item->object.text;
            row[1].text = tags;
            row[2].text = is_dry ? "false" : "true";
        }
    }
    if (ctl->terminal.format == OUTPUT_JSON)
        printf("],\"dry_run\":%s}\n", is_dry ? "true" : "false");
    else if (ctl->terminal.format == OUTPUT_CSV)
        table_print(&table, &ctl->terminal);
}

enum ctl_status rm_run(struct ctl *ctl)
{
    struct rm_list list = {0};
    size_t deleted = 0;
    const char *if_match = ctl_flag_value(ctl, FLAG_IF_MATCH);
    if (if_match && strcmp(if_match, "*") != 0 && ctl->operand_count > 1)
        return ctl_print_usage_error(ctl,
                                     "--if-match %s is the state of one object, but %zu are "
                                     "named",
                                     if_match, ctl->operand_count);
    enum ctl_status status = rm_read_list(ctl, &list);
    if (status != CTL_DONE) {
        if (list.count > 1 && status != CTL_USAGE)
            fputs("Nothing was deleted.\n", stderr);
        return status;
    }
    if (ctl_has_flag(ctl, FLAG_DRY_RUN)) {
        rm_print(ctl, &list, list.count);
        return CTL_DONE;
    }
    if (list.objects > CONFIRM_FREE)
        status = confirm_ask(
            ctl, keep_format("This deletes %.0f devices and tags: %s%s%s. Go on?", list.objects,
                             list.items[0].object.text, rm_tags_text(list.items[0].tags),
                             list.count > 1 ? keep_format(", and %zu more", list.count - 1) : ""));
    while (status == CTL_DONE && deleted < list.count) {
        status = rm_delete_item(ctl, &list.items[deleted], false);
        deleted += status == CTL_DONE;
    }
    if (deleted > 0)
        rm_print(ctl, &list, deleted);
    fflush(stdout);
    if (status != CTL_DONE && deleted > 0)
        fprintf(stderr,
                "%zu of %zu were deleted. tagferryctl audit has their IDs, with which "
                "tagferryctl revert ID brings them back.\n",
                deleted, list.count);
    return status;
}
