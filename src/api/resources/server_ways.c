/* Compares the ways of devices to their servers. Partial indexes of the schema keep it short where
 * no device is reached by RTU or TLS. */
#include "api/resources/server_ways.h"

#include <stdlib.h>
#include <string.h>

#include "api/model/record_location.h"
#include "common/base/serial_line.h"

#define ON_LINE "substr(network_modbus_host, 1, 7) = 'serial:'"
#define COLUMNS                                                                                    \
    "SELECT name, network_modbus_host, network_modbus_port, network_framing, network_tls"

/* How a device reaches its server. */
struct server_way {
    const char *device, *server; /* its name, and the server's as modbus_location has it */
    const char *framing;
    const char *how; /* parameters of a line, or the rest; equal texts are equal ways */
    bool is_line, is_tls;
};

/* Reads the way of a device. False if its registers are on the local server. */
static bool server_way_make(struct arena *arena, const char *name, const char *host, uint16_t port,
                            const char *framing, bool is_tls, const struct common_settings *common,
                            struct server_way *way)
{
    struct modbus_location place = modbus_location_make(host, port, 0, NULL, &common->modbus);
    struct serial_line line;
    char why[NET_WHY_SIZE], text[SERIAL_TEXT_SIZE];
    *way = (struct server_way){
        .device = name, .framing = framing, .how = is_tls ? "TLS" : framing, .is_tls = is_tls};
    if (modbus_location_is_local(&place))
        return false;
    way->server = arena_strdup(arena, place.server);
    way->is_line = serial_line_parse_host(host, &line, why, sizeof why);
    if (way->is_line) {
        serial_line_format(&line, text);
        way->how = arena_strdup(arena, text);
    }
    return true;
}

static bool server_way_read(struct query *query, struct arena *arena,
                            const struct common_settings *common, struct server_way *way)
{
    const char *name = query_read_text(query, arena), *host = query_read_text(query, arena);
    uint16_t port = (uint16_t)query_read_integer(query);
    const char *framing = query_read_text(query, arena);
    bool is_tls = query_read_integer(query) != 0;
    return server_way_make(arena, name, host, port, framing, is_tls, common, way);
}

static bool server_way_differs(const struct server_way *a, const struct server_way *b)
{
    return strcmp(a->server, b->server) == 0 && strcmp(a->how, b->how) != 0;
}

/* The code of an error for two ways that differ. */
static const char *server_way_code(const struct server_way *a, const struct server_way *b)
{
    if (a->is_line)
        return "other_parameters";
    return strcmp(a->framing, b->framing) != 0 ? "other_framing" : "other_tls";
}

static void server_way_add_error(const struct server_way *own, const struct server_way *other,
                                 struct validation *validation)
{
    const char *code = server_way_code(own, other);
    if (own->is_line) {
        validation_add(validation, "network", "modbus_host", code,
                       "must be serial:%s, as the device %s has it: a line has the same "
                       "parameters for all its devices, which an import changes together",
                       other->how, other->device);
        return;
    }
    bool is_framing = strcmp(own->framing, other->framing) != 0;
    validation_add(validation, "network", is_framing ? "framing" : "tls", code,
                   "must be %s, as the device %s on the same server %s has it",
                   is_framing      ? other->framing
                   : other->is_tls ? "true"
                                   : "false",
                   other->device, other->server);
}

void server_ways_check_device(struct store *store, const struct common_settings *common,
                              const struct record *device, struct validation *validation)
{
    struct server_way own, other;
    const char *framing = record_field_text(device, DEVICE_FRAMING);
    const char *host = record_field_text(device, DEVICE_MODBUS_HOST);
    if (!host ||
        !server_way_make(validation->arena, record_field_text(device, DEVICE_NAME), host,
                         (uint16_t)record_field_integer(device, DEVICE_MODBUS_PORT), framing,
                         record_field_integer(device, DEVICE_TLS) != 0, common, &own))
        return;
    const char *sql = COLUMNS " FROM device WHERE network_framing = 'rtu' AND id <> ?1"
                              " UNION ALL " COLUMNS
                              " FROM device WHERE network_tls = 1 AND id <> ?1 ORDER BY name";
    if (own.is_line)
        sql = COLUMNS " FROM device WHERE " ON_LINE " AND id <> ? ORDER BY name";
    else if (strcmp(framing, framing_names[FRAMING_RTU]) == 0)
        sql = COLUMNS
            " FROM device WHERE network_modbus_host IS NOT NULL AND network_framing <> 'rtu'"
            " AND id <> ? ORDER BY name";
    else if (own.is_tls)
        sql = COLUMNS " FROM device WHERE network_modbus_host IS NOT NULL AND network_tls = 0"
                      " AND id <> ? ORDER BY name";
    struct query query = store_prepare_query(store, sql);
    query_bind_integer(&query, device->id);
    bool found = false;
    while (query_next_row(&query)) {
        if (found || !server_way_read(&query, validation->arena, common, &other) ||
            !server_way_differs(&own, &other))
            continue;
        found = true;
        server_way_add_error(&own, &other, validation);
    }
}

static int server_way_compare(const void *one, const void *other)
{
    const struct server_way *a = one, *b = other;
    int order = strcmp(a->server, b->server);
    return order != 0 ? order : strcmp(a->device, b->device);
}

/* Devices that may differ: those on lines, and all if one is reached by RTU or TLS. */
#define FROM_COMPARED                                                                              \
    " FROM device WHERE network_modbus_host IS NOT NULL AND (" ON_LINE                             \
    " OR EXISTS (SELECT 1 FROM device WHERE network_framing = 'rtu')"                              \
    " OR EXISTS (SELECT 1 FROM device WHERE network_tls = 1))"

void server_ways_check_all(struct store *store, const struct common_settings *common,
                           struct validation *validation)
{
    struct query query = store_prepare_query(store, "SELECT count(*)" FROM_COMPARED);
    size_t room = query_next_row(&query) ? (size_t)query_read_integer(&query) : 0, count = 0;
    query_finish(&query);
    struct server_way *ways = arena_alloc(validation->arena, (room + 1) * sizeof *ways);
    query = store_prepare_query(store, COLUMNS FROM_COMPARED);
    while (query_next_row(&query) && count < room)
        count += server_way_read(&query, validation->arena, common, &ways[count]);
    query_finish(&query);
    qsort(ways, count, sizeof *ways, server_way_compare);
    for (size_t i = 1; i < count; i++) {
        const struct server_way *before = &ways[i - 1], *way = &ways[i];
        if (server_way_differs(before, way))
            validation_add_at(validation, "", server_way_code(before, way),
                              "the device %s reaches its server %s with %s, and %s with %s: all "
                              "devices of a server have the same",
                              way->device, way->server, way->how, before->device, before->how);
    }
}
