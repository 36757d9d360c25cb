/* Reads and writes tags in registers, and writes their values as JSON. For the Modbus queue and the
 * streams. */
#ifndef TAGFERRY_API_LIVE_TAG_IO_H
#define TAGFERRY_API_LIVE_TAG_IO_H

#include "api/live/quality_lookup.h"
#include "api/live/register_blocks.h"
#include "common/modbus/modbus_client.h"
#include "common/model/codec.h"

/* The local Modbus server's three ports. */
enum modbus_link { LINK_SCADA, LINK_INPUTS, LINK_OUTPUTS, LINK_COUNT };

/* Connections to the local Modbus server, for one thread. Zero it before use. */
struct modbus_links {
    struct modbus_client *client[LINK_COUNT]; /* by enum modbus_link */
    const struct unit_set *units;             /* of the local server */
    unsigned timeout_ms;                      /* also for foreign servers */
};

/* Prepares the connections; each connects at its first use. `common` must outlive them. False when
 * out of memory. */
bool modbus_links_open(struct modbus_links *links, const struct common_settings *common,
                       unsigned timeout_ms);
void modbus_links_close(struct modbus_links *links);

/* A tag whose registers are read or written. */
struct tag_io {
    const char *device, *name; /* borrowed from the tag */
    bool is_command;           /* tagferry-mqttd must receive its writes */
    bool write_single;         /* a foreign server accepts one register per request */
    bool is_elsewhere;         /* another gateway holds the registers: nothing to read here */
    struct modbus_location place;
    struct point point;
    uint32_t expires_s;               /* of a setpoint that expires, else 0 */
    bool ok;                          /* the registers are valid */
    struct codec_registers registers; /* when ok */
    enum fault fault;                 /* when not ok */
    const char *reason;               /* in words, in the arena or static */
};

/* Makes a tag_io for a tag whose device has this place and these terms. */
struct tag_io tag_io_make(const struct record *tag, const struct modbus_location *place,
                          const struct quality_terms *terms);

/* Reads `count` tags; `rows` holds the live row of each. Tags on the local server are read over
 * Modbus, neighbours in one request; for tags on a foreign server the live row supplies the value
 * that tagferry-mqttd wrote or polled last. Keeps the order of `reads`. */
void tag_io_fetch(const struct modbus_links *links, struct arena *arena,
                  const struct live_table_row *rows, struct tag_io *reads, size_t count);

/* False, with fault and reason in `read`, for a tag on the local server in a unit that the server
 * does not have. The server must not be asked: it may answer with the registers of another unit, if
 * the id is another name of that one or with [modbusd] unknown_unit = first. */
bool tag_io_check_unit(const struct unit_set *units, struct tag_io *read);

/* The steps of tag_io_fetch. The span of the registers of a tag on the local server; `owner` is the
 * caller's. */
struct register_span tag_io_span(const struct tag_io *read, size_t owner);
/* Takes the tag's registers, or the failure, out of a block that was read; `reason` then points
 * into the block. */
void tag_io_take_block(const struct register_block *block, const struct register_span *span,
                       struct tag_io *read);
/* Takes the value that tagferry-mqttd wrote or polled last from the live row. */
void tag_io_recall_value(const struct live_table_row *row, struct tag_io *read);

/* Writes the tag's registers. On the local server: through the SCADA port if tagferry-mqttd must
 * receive the write, else through the process side. On a foreign server, which must not be reached
 * by RTU: directly, and `read` then holds the written registers. False with fault and reason in
 * `read`. */
bool tag_io_write(const struct modbus_links *links, struct arena *arena,
                  const struct codec_registers *registers, struct tag_io *read);

/* Writes the value resource as JSON. */
void tag_io_write_json(const struct tag_io *read, const struct live_table_row *row,
                       struct quality_verdict verdict, uint64_t now_ms, struct text *text);

#endif
