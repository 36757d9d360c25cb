/* Makes SCADA's write the tag's newest value.
 *
 * The value is put back into its register where need be. A device's older report may have reached
 * the register after SCADA's write: it waited at the broker while mqttd was away. The device gets
 * the command now, and its echo is held off, so that nothing else would correct the register. */
#ifndef TAGFERRY_MQTTD_WRITEBACK_SETPOINT_RESTORE_H
#define TAGFERRY_MQTTD_WRITEBACK_SETPOINT_RESTORE_H

#include "common/shared/journal.h"
#include "common/shared/live_table.h"
#include "mqttd/writeback/command_index.h"

/* `words` are what the entry wrote to the registers of the command_tag, which it covers. Does
 * nothing when the newest report was written before the entry. */
void setpoint_restore(struct live_table *live, const struct journal_entry *entry,
                      const struct command_tag *command_tag, const uint16_t *words);

/* Notes the words, which the registers of the command_tag hold, as the tag's value: a change of its
 * settings starts from them. Does nothing while a value waits to be written there. */
void setpoint_note_value(struct live_table *live, const struct command_tag *command_tag,
                         const uint16_t *words);

#endif
