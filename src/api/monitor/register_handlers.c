/* The raw registers of the local server, with their owners. In the Modbus lane. */
#include "api/handler/handler.h"
#include "api/routes.h"
#include "common/modbus/modbus_client.h"

enum { START_MAX = 65535, COUNT_MAX = 1000 };

/* Which registers are asked for. */
struct window {
    enum modbus_table table;
    long unit, start, count;
    uint16_t words[COUNT_MAX];
};

static bool read_window(const struct worker *worker, const struct request *request,
                        struct window *window, struct response *response)
{
    const char *why = NULL;
    const struct unit_set *units = &worker->settings->common.units;
    const struct arguments *arguments = &request->arguments;
    int table = name_index(table_names, request->param[0]);
    *window = (struct window){
        .table = (enum modbus_table)table, .unit = units->id[0], .start = 0, .count = 100};
    if (table < 0) {
        problem(response, 404, "There is no table \"%.64s\".", request->param[0]);
        return false;
    }
    if (!argument_number(arguments, "unit", 0, 255, request->arena, &window->unit, &why) ||
        !argument_number(arguments, "start", 0, START_MAX, request->arena, &window->start, &why) ||
        !argument_number(arguments, "count", 1, COUNT_MAX, request->arena, &window->count, &why)) {
        problem(response, 400, "%s", why);
        return false;
    }
    if (!unit_set_has(units, window->unit)) {
        problem(response, 400, "Unit %ld is not on the local server.", window->unit);
        return false;
    }
    if (window->start + window->count > START_MAX + 1)
        window->count = START_MAX + 1 - window->start;
    return true;
}

static bool fetch(struct worker *worker, struct window *window, struct response *response)
{
    struct modbus_link *link = worker->links[LINK_SCADA];
    for (long done = 0; done < window->count; done += LINK_READ_REGISTERS_MAX) {
        long count = window->count - done;
        if (count > LINK_READ_REGISTERS_MAX)
            count = LINK_READ_REGISTERS_MAX;
        if (modbus_link_read(link, (uint8_t)window->unit, window->table,
                             (uint16_t)(window->start + done), (uint16_t)count,
                             window->words + done) != LINK_OK) {
            problem(response, 503, "The Modbus server does not answer: %s.",
                    modbus_link_reason(link));
            return false;
        }
    }
    return true;
}

/* What has registers in the window; a list in order of the first. */
struct owner {
    struct owner *next;
    const char *device, *tag;
    int64_t first, last, bit;
};

static struct owner *find_owners(struct worker *worker, struct arena *arena,
                                 const struct window *window)
{
    struct owner *first = NULL, **end = &first;
    struct query query = store_query(
        worker->store,
        "SELECT d.name, t.name, s.first, s.last, coalesce(s.bit, -1) FROM span s"
        " LEFT JOIN tag t ON t.id = s.tag_id"
        " JOIN device d ON d.id = coalesce(s.status_of, t.device_id)"
        " WHERE s.server = '' AND s.unit = ?1 AND s.\"table\" = ?2"
        " AND s.first BETWEEN ?3 - 122 AND ?4 AND s.last >= ?3 ORDER BY s.first, s.bit");
    query_bind(&query, window->unit);
    query_bind_text(&query, table_names[window->table]);
    query_bind(&query, window->start);
    query_bind(&query, window->start + window->count - 1);
    while (query_next(&query)) {
        struct owner *owner = arena_alloc(arena, sizeof *owner);
        owner->device = query_text(&query, arena);
        owner->tag = query_text(&query, arena);
        owner->first = query_integer(&query);
        owner->last = query_integer(&query);
        owner->bit = query_integer(&query);
        *end = owner;
        end = &owner->next;
    }
    return first;
}

/* An owner without a tag is the device's status block. */
static void write_owner(const struct owner *owner, struct text *text)
{
    json_open(text, '{');
    json_key(text, "device");
    json_string(text, owner->device);
    json_key(text, "tag");
    json_string_or_null(text, owner->tag);
    json_key(text, "bit");
    if (owner->bit < 0)
        json_null(text);
    else
        json_integer(text, owner->bit);
    json_close(text, '}');
}

static void write_register(const struct window *window, long place, const struct owner *owners,
                           struct text *text)
{
    char modicon[MODICON_SIZE];
    long address = window->start + place;
    modicon_format(window->table, (uint16_t)address, modicon);
    json_open(text, '{');
    json_key(text, "address");
    json_integer(text, address);
    json_key(text, "modicon");
    json_string(text, modicon);
    json_key(text, "raw");
    json_integer(text, window->words[place]);
    json_key(text, "owners");
    json_open(text, '[');
    for (const struct owner *at = owners; at; at = at->next) {
        if (at->first <= address && address <= at->last)
            write_owner(at, text);
    }
    json_close(text, ']');
    json_close(text, '}');
}

void get_registers(struct worker *worker, const struct request *request, struct response *response)
{
    struct window window;
    struct text *body = &response->body;
    if (!read_window(worker, request, &window, response) || !fetch(worker, &window, response) ||
        !begin(worker, response))
        return;
    const struct owner *owners = find_owners(worker, request->arena, &window);
    if (!end_read(worker, response))
        return;
    json_open(body, '{');
    json_key(body, "table");
    json_string(body, table_names[window.table]);
    json_key(body, "unit");
    json_integer(body, window.unit);
    json_key(body, "start");
    json_integer(body, window.start);
    json_key(body, "count");
    json_integer(body, window.count);
    json_key(body, "items");
    json_open(body, '[');
    for (long i = 0; i < window.count; i++)
        write_register(&window, i, owners, body);
    json_close(body, ']');
    json_close(body, '}');
    response->status = 200;
}
