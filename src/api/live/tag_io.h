/* Values of tags in registers: read, shown, written. For the Modbus queue. */
#ifndef TAGFERRY_API_LIVE_TAG_IO_H
#define TAGFERRY_API_LIVE_TAG_IO_H

#include "api/live/quality_lookup.h"
#include "common/modbus/modbus_client.h"
#include "common/model/codec.h"

/* The local Modbus server's three ports. */
enum modbus_link { LINK_SCADA, LINK_INPUTS, LINK_OUTPUTS, LINK_COUNT };

/* Connections to the local Modbus server. Zero it before use; of one thread. */
struct modbus_links {
    struct modbus_client *client[LINK_COUNT]; /* by enum modbus_link */
    unsigned timeout_ms;                      /* also for foreign servers */
};

/* Prepares the connections; each connects when it is first used. False when there is no memory. */
bool modbus_links_open(struct modbus_links *links, const struct common_settings *common,
                       unsigned timeout_ms);
void modbus_links_close(struct modbus_links *links);

/* A tag whose registers are wanted. */
struct tag_io {
    const char *device, *name; /* as long as the tag that it was made of */
    bool is_command;           /* mqttd is to hear of writes */
    bool write_single;         /* a foreign server takes one register a request */
    struct modbus_location place;
    struct point point;
    bool ok;
    struct codec_registers registers; /* when ok */
    enum fault fault;                 /* when not */
    const char *reason;               /* in words, in the arena */
};

/* Where the tag lies, given its device's place. */
struct tag_io tag_io_make(const struct record *tag, const struct modbus_location *place);

/* Reads `count` tags; `rows` holds the live row of each. Tags on the local server are read over
 * Modbus, neighbours in one request; for tags on a foreign server the live row supplies the value
 * that tagferry-mqttd wrote or polled last. Keeps the order of `reads`. */
void tag_io_fetch(const struct modbus_links *links, struct arena *arena,
                  const struct live_table_row *rows, struct tag_io *reads, size_t count);

/* Writes registers where the tag has them: on 8502 as a SCADA client would if mqttd is to hear of
 * it, else on the process side; or on the foreign server, and then `read` has what was written.
 * False with fault and reason. */
bool tag_io_write(const struct modbus_links *links, struct arena *arena,
                  const struct codec_registers *registers, struct tag_io *read);

/* Writes the value resource. */
void tag_io_write_json(const struct tag_io *read, const struct live_table_row *row,
                       struct quality_verdict verdict, uint64_t now_ms, struct text *text);

#endif
