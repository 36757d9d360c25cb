/* Values of tags in registers: read, shown, written. For the Modbus lane. */
#ifndef TAGFERRY_API_LIVE_TAG_IO_H
#define TAGFERRY_API_LIVE_TAG_IO_H

#include "api/handler/handler.h"
#include "common/modbus/modbus_client.h"
#include "common/model/codec.h"

/* A tag whose registers are wanted. */
struct point_read {
    const char *device, *name; /* as long as the tag that it was made of */
    bool is_command;           /* mqttd is to hear of writes */
    bool write_single;         /* a foreign server takes one register a request */
    struct place place;
    struct point point;
    bool ok;
    struct registers registers; /* when ok */
    enum fault fault;           /* when not */
    const char *reason;         /* in words, in the arena */
};

/* Where the tag lies, given its device's place. */
struct point_read point_of(const struct record *tag, const struct place *place);

/* Reads one tag: on the local server over Modbus, on a foreign one what mqttd knows. */
void point_fetch(struct worker *worker, struct arena *arena, const struct live_row *row,
                 struct point_read *read);
/* Reads many, neighbours together. `rows` has a row for each. The order of `reads` stays. */
void points_fetch(struct worker *worker, struct arena *arena, const struct live_row *rows,
                  struct point_read *reads, size_t count);

/* Writes registers where the tag has them: on 8502 as a SCADA client would if mqttd is to hear of
 * it, else on the process side; or on the foreign server, and then `read` has what was written.
 * False with fault and reason. */
bool point_write(struct worker *worker, struct arena *arena, const struct registers *registers,
                 struct point_read *read);

/* Writes the value resource. */
void point_show(const struct point_read *read, const struct live_row *row, struct verdict verdict,
                uint64_t now_ms, struct text *text);

#endif
