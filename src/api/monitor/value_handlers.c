/* Values over HTTP. Those that speak Modbus run in the Modbus lane. */
#include <cjson/cJSON.h>
#include <string.h>

#include "api/handler/handler.h"
#include "api/live/quality_lookup.h"
#include "api/live/tag_io.h"
#include "api/model/record_json.h"
#include "api/routes.h"

/* What a request on one tag's value needs. */
struct subject_value {
    struct record tag;
    struct point_read read;
    struct live_row row;
    struct verdict verdict;
};

static bool find_value(struct worker *worker, const struct request *request,
                       struct subject_value *subject, struct response *response)
{
    struct judge judge = {.worker = worker};
    if (!begin(worker, response))
        return false;
    if (!find_tag(worker, request, &subject->tag, response)) {
        store_rollback(worker->store);
        return false;
    }
    subject->verdict = judge_tag(&judge, &subject->tag, &subject->row);
    subject->read = point_of(&subject->tag, &judge.place);
    subject->read.write_single = judge.write_single && !place_is_local(&judge.place);
    return end_read(worker, response);
}

static void answer_unreachable(const struct point_read *read, struct response *response)
{
    problem(response, 503, "The Modbus server does not serve this value now (%s): %s.",
            fault_names[read->fault], read->reason);
}

/* Answers with the value that was read or written. */
static void answer_value(struct worker *worker, const struct subject_value *subject,
                         struct response *response)
{
    if (!subject->read.ok && subject->read.fault != FAULT_NONE) {
        answer_unreachable(&subject->read, response);
        return;
    }
    response->status = 200;
    point_show(&subject->read, &subject->row, subject->verdict, worker->live.now_ms,
               &response->body);
}

void get_value(struct worker *worker, const struct request *request, struct response *response)
{
    struct subject_value subject;
    if (!find_value(worker, request, &subject, response))
        return;
    point_fetch(worker, request->arena, &subject.row, &subject.read);
    answer_value(worker, &subject, response);
}

/* The map of mqtt.values, which borrows from the tree. */
static struct value_map read_map(struct arena *arena, const cJSON *tree)
{
    size_t count = tree ? (size_t)cJSON_GetArraySize(tree) : 0;
    struct value_map_entry *entries = arena_alloc(arena, (count + 1) * sizeof *entries);
    struct value_map map = {.entries = entries};
    const cJSON *entry;
    cJSON_ArrayForEach(entry, tree)
    {
        entries[map.count++] = (struct value_map_entry){entry->string, entry->valuedouble};
    }
    return map;
}

/* True when a command can carry what the registers would hold. */
static bool is_mapped(const struct point_read *read, const struct value_map *map,
                      const struct registers *registers)
{
    char text[CODEC_TEXT_SIZE];
    struct value value;
    struct point point = read->point;
    if (!read->is_command || map->count == 0 || point.type == TYPE_STRING)
        return true;
    point.bit = NO_BIT; /* the encoded word of a bit is 0 or 1 */
    codec_decode(&point, registers->words, text, &value);
    return value_map_reverse(map, &value) != NULL;
}

static enum fault encode(const struct request *request, const struct subject_value *subject,
                         const cJSON *item, struct registers *registers)
{
    struct value value;
    struct scalar scalar = scalar_of(item);
    const char *values = record_text(&subject->tag, TAG_VALUES);
    cJSON *tree = values ? cJSON_Parse(values) : NULL;
    struct value_map map = read_map(request->arena, tree);
    enum fault fault = value_read(&scalar, (enum value_type)subject->read.point.type, &map, &value);
    if (fault == FAULT_NONE)
        fault = codec_encode(&subject->read.point, &value, registers);
    if (fault == FAULT_NONE && !is_mapped(&subject->read, &map, registers))
        fault = FAULT_UNMAPPED_NUMBER;
    cJSON_Delete(tree);
    return fault;
}

/* Finds the one member "value" of the body. */
static const cJSON *read_body(const cJSON *body, struct flaws *flaws)
{
    const cJSON *member, *value = NULL;
    if (!cJSON_IsObject(body)) {
        flaws_add_at(flaws, "", "wrong_type", "must be an object");
        return NULL;
    }
    cJSON_ArrayForEach(member, body)
    {
        if (strcmp(member->string, "value") != 0)
            flaws_add(flaws, NULL, pointer_escape(flaws->arena, member->string), "unknown_field",
                      "is no member of this resource");
        else if (value)
            flaws_add(flaws, NULL, "value", "duplicate", "is there twice");
        else
            value = member;
    }
    if (!value)
        flaws_add(flaws, NULL, "value", "required", "is required");
    return value;
}

static void write_value(struct worker *worker, const struct request *request, const cJSON *body,
                        struct response *response)
{
    struct subject_value subject;
    struct registers registers;
    struct flaws flaws = flaws_make(request->arena);
    if (!find_value(worker, request, &subject, response) ||
        !if_match_holds(request, subject.tag.revision, response))
        return;
    const cJSON *item = read_body(body, &flaws);
    enum fault fault = flaws.found == 0 ? encode(request, &subject, item, &registers) : FAULT_NONE;
    if (fault != FAULT_NONE)
        flaws_add(&flaws, NULL, "value", fault_names[fault], "is no value for a tag of type %s%s",
                  record_text(&subject.tag, TAG_TYPE),
                  refusal_hint(fault, subject.read.point.type));
    if (flaws.found > 0) {
        problem_of_flaws(response, 422, &flaws);
        return;
    }
    bool written = point_write(worker, request->arena, &registers, &subject.read);
    if (written && place_is_local(&subject.read.place))
        point_fetch(worker, request->arena, &subject.row, &subject.read);
    answer_value(worker, &subject, response);
}

void put_value(struct worker *worker, const struct request *request, struct response *response)
{
    cJSON *body = parse_body(request, response);
    if (body)
        write_value(worker, request, body, response);
    cJSON_Delete(body);
}

/* A page of values in the making. */
struct values_page {
    struct page page;
    struct judge judge;
    struct arena *arena;
    size_t count;
    struct point_read *reads;
    struct live_row *rows;
    struct verdict *verdicts;
    const char *after_device, *after;
    struct verdict_filter filter;
    int64_t total; /* with a filter */
};

static bool take_tag(void *context, const struct record *tag)
{
    struct values_page *values = context;
    size_t i = values->count;
    const char *place =
        arena_format(values->arena, "%s/%s", tag->device, record_text(tag, TAG_NAME));
    if (!page_takes(&values->page, place))
        return false;
    values->verdicts[i] = judge_tag(&values->judge, tag, &values->rows[i]);
    values->reads[i] = point_of(tag, &values->judge.place);
    values->count++;
    return true;
}

static bool take_judged_tag(void *context, const struct record *tag)
{
    struct values_page *values = context;
    struct live_row row;
    if (!verdict_filter_takes(&values->filter, judge_tag(&values->judge, tag, &row)))
        return true;
    values->total++;
    if (is_after(tag, values->after_device, values->after))
        take_tag(context, tag);
    return true;
}

/* With a verdict to look for every tag is read, and counted on the way. */
static int64_t list_values(struct worker *worker, struct list *list, struct values_page *values)
{
    if (verdict_filter_is_any(&values->filter)) {
        tags_each(worker->store, values->arena, list, take_tag, values);
        return tags_count(worker->store, list);
    }
    list->after = list->after_device = "";
    list->limit = -1;
    tags_each(worker->store, values->arena, list, take_judged_tag, values);
    return values->total;
}

void get_values(struct worker *worker, const struct request *request, struct response *response)
{
    struct list list;
    struct verdict_filter filter;
    struct arena *arena = request->arena;
    if (!read_page(request, &list, response) || !read_tag_place(request, &list, response) ||
        !read_verdict_filter(request, &filter, response) || !begin(worker, response))
        return;
    size_t limit = (size_t)list.limit;
    struct values_page values = {
        .page = {.limit = list.limit++},
        .judge = {.worker = worker},
        .arena = arena,
        .reads = arena_alloc(arena, limit * sizeof(struct point_read)),
        .rows = arena_alloc(arena, limit * sizeof(struct live_row)),
        .verdicts = arena_alloc(arena, limit * sizeof(struct verdict)),
        .after_device = list.after_device,
        .after = list.after,
        .filter = filter,
    };
    int64_t total = list_values(worker, &list, &values);
    if (!end_read(worker, response))
        return;
    points_fetch(worker, arena, values.rows, values.reads, values.count);
    for (size_t i = 0; i < values.count; i++)
        point_show(&values.reads[i], &values.rows[i], values.verdicts[i], worker->live.now_ms,
                   &values.page.items);
    answer_page(&values.page, total, response);
}

void get_values_stream(struct worker *worker, const struct request *request,
                       struct response *response)
{
    const char *device = argument(&request->arguments, "device", NULL);
    struct record found;
    if (!begin(worker, response))
        return;
    if (device && !device_find(worker->store, request->arena, device, &found))
        problem(response, 404, "There is no device \"%.64s\".", device);
    else
        *response = (struct response){
            .status = 200, .stream = true, .device = device, .content_type = "text/event-stream"};
    end_read(worker, response);
}
