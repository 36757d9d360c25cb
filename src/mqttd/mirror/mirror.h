/* Mirrored setpoints: what SCADA writes at one of several gateways of the same name is put into the
 * registers of the others. Used by the MQTT thread only. All functions accept NULL: setpoints are
 * not mirrored.
 *
 * Each setpoint of a tag with commands on the local server is published as a retained message of
 * QoS 1 (mirror_message.h) when its command is, and each gateway puts the newest one of each tag
 * into its registers, on the process side: so it is not in the journal and never a command again.
 * `mirror_order.h` says which one is the newest. The design:
 *
 * Order against SCADA's writes. A mirrored value goes through the tag's row of the live table, like
 * a value of the device: the newest value of the row wins in the target's thread, a string or a bit
 * is written as a whole, a server that has lost its registers gets it again, and an older value of
 * the device that still waits is replaced. A write of SCADA that is newer than a mirrored value is
 * found in the journal: its stamp is compared (mirror_judge_write), and the writeback puts SCADA's
 * value into the row again if the mirrored one may have been written after it. If the write is
 * older, the mirrored value is put again, and the write is neither published nor mirrored. So both
 * gateways end with the value of the highest stamp, in whatever order things happen. A value of the
 * device is held off after a mirrored value as after a write of SCADA.
 *
 * Parts of a value. While SCADA writes a value in parts, a mirrored value waits until the parts
 * have settled and the value is read; then the newer of both is used. A mirrored value that is
 * written before mqttd has seen the first part in the journal can be mixed with it: the mixture is
 * what the register holds, it is published and mirrored as the newest value.
 *
 * Lost entries. The journal may lose entries that were not published; then the writeback reads the
 * registers of all tags. modbusd keeps the time of SCADA's last write to each register
 * (common/shared/write_times.h). What is known of the content X of a tag's registers is then:
 *
 *     no loss        X was written by an entry that is judged, or that is judged later
 *     loss noted     SCADA wrote X at lost_ms at the latest, or a later entry wrote it, which is
 *                    judged later
 *     judged         as before the loss
 *
 * While a loss is noted, a setpoint of another gateway that is newer than lost_ms is newer than all
 * lost writes, and is put into the registers; an older one waits (`staged`), because the registers
 * may have a newer write, and nothing else has it. The read of X is judged by lost_ms like an entry
 * of that time, and so is a later entry by its own time: whichever is first ends the wait. So a
 * lost write wins only over older setpoints and loses only against newer ones. A register that
 * SCADA has never written loses against all. The times are in a file: they outlive mqttd, which
 * finds the loss again, and a second loss notes later times. Cases that are left:
 *
 *     - registers of several units that share a slot of write_times: lost_ms may be too late;
 *     - entries that are lost while mqttd is connected: an older setpoint that comes after the
 *       write, but before the loss is noted, replaces it;
 *     - a value that mqttd was writing when it was killed: the next one writes it again.
 *
 * The connection. After SUBACK mqttd publishes a message to itself below the mirror topic (its tag
 * level is the client id, its device level "%", which no name can be): first with QoS 0, which
 * shows that the broker takes the topic and delivers it, and is not repeated if the broker closes
 * the connection instead; then with QoS 1. When the second one is back, all retained messages that
 * the broker sent before it have come. Until then commands wait (mirror_holds_commands), and no
 * setpoint is published; the wait ends when the broker has sent neither an answer nor a retained
 * message for MIRROR_WAIT_MS. Commands that
 * wait in the journal since the last connection are known before the first mirrored message comes
 * (mirror_note_waiting): an older mirrored value does not go into the registers at all. After the
 * wait, setpoints whose retained message has not come are published again: a broker that has lost
 * them, or another node without them, has them again. When the messages do not come back, setpoints
 * are not mirrored until they do; the log says so once, and everything else goes on.
 *
 * What the broker has not acknowledged at the end of a connection is not simply sent again:
 * setpoints are dropped (mirror_drops_message), and published again as above; commands wait, too,
 * and are dropped if another gateway has a newer setpoint then (mirror_supersedes_command), whose
 * command is repeated.
 *
 * Late commands. What a gateway has handed to the kernel it cannot take back: after a short outage
 * of the network, or because a machine is busy, its command may come to the broker after a newer
 * one of another gateway, and the device would keep the older value. Then the newest command is
 * published once more:
 *
 *     - A command is published right before its setpoint, on one connection, and the broker
 *       delivers the setpoints of a tag in their order. So a gateway whose newest setpoint has come
 *       back before an older one of another gateway repeats its command, unless both have the same
 *       value. A retained message does not tell when it came: an older one may have been at another
 *       node of the broker for long.
 *     - A connection may end between both, without an acknowledgement. A gateway that drops such a
 *       command on the next connection repeats the newest one in its place, and says so in the
 *       setpoint ("repeated"). If SCADA has written to the other gateway meanwhile, that one sees
 *       that an older command of its own was repeated, and repeats the newest one.
 *
 * The start. There are no stamps in memory after a start: each retained message, also an own one,
 * is newer than nothing and goes into the register, unless the row holds it already, or a newer
 * value of the device. So a machine with empty registers takes all setpoints. The clock is in a
 * file in runtime_dir, so that after a restart of mqttd entries of the journal get the same stamps.
 *
 * Changes of the configuration. Setpoints of tags that this gateway does not have yet, since its
 * store follows another one, are asked for again when tags are new or have changed. The retained
 * message of a tag that is deleted, disabled or renamed is cleared. A setpoint of a tag with a new
 * name, or in other registers or of another type, is published again. A message of another place,
 * type, order or bit than the tag's is ignored.
 *
 * A device that moves to another gateway: mirror_handover.c. */
#ifndef TAGFERRY_MQTTD_MIRROR_MIRROR_H
#define TAGFERRY_MQTTD_MIRROR_MIRROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/shared/counters.h"
#include "common/shared/memory_shortage.h"
#include "mqttd/broker/mqtt_session.h"
#include "mqttd/config/device_table.h"
#include "mqttd/mirror/mirror_order.h"

struct mirror;

/* All pointers are borrowed. */
struct mirror_spec {
    struct device_table *device_table;
    struct counters *counters;
    struct memory_shortage *memory_shortage;
    const char *runtime_dir;
    const char *topic;     /* [mqttd] mirror_topic */
    const char *gateway;   /* [common] gateway */
    const char *client_id; /* one longer than MIRROR_FROM_SIZE is cut */
    /* As mqtt_session_publish. */
    enum publish_result (*publish)(void *context, const char *topic, const char *payload,
                                   size_t len, int qos, bool retain, int *number);
    /* A setpoint of another gateway is the newest one of the tag: SCADA wrote it at least `age_ms`
     * ago, or it has expired there. NULL: nobody asks. */
    void (*taken)(void *context, const struct device *device, const struct tag *tag,
                  bool is_expired, uint64_t age_ms);
    /* The broker may have delivered the command of an older setpoint after that of the newest one,
     * which is in the row: this command has to be published again. NULL: nobody asks. */
    void (*overtaken)(void *context, const struct device *device, const struct tag *tag);
    void *context; /* for these */
};

/* Subscribes to the mirror topic of the gateway. NULL with the reason in `why`. */
struct mirror *mirror_create(const struct mirror_spec *spec, char *why, size_t why_size);
void mirror_destroy(struct mirror *mirror);

/* The connection, by the hooks of session and subscriptions. All times are of the steady clock. */

/* Call mirror_note_waiting for what waits in the journal before the first message is taken. */
void mirror_note_connect(struct mirror *mirror, uint64_t now_ms);
/* `by_broker`: the broker closed the connection without naming an outage as the reason. */
void mirror_note_lost(struct mirror *mirror, bool by_broker, uint64_t now_ms);
/* The broker's answer to a subscription; ignores other filters. */
void mirror_note_subscription(struct mirror *mirror, const char *filter, enum fault fault,
                              uint64_t now_ms);
/* As writeback_note_published; ignores the numbers of other messages. */
void mirror_note_published(struct mirror *mirror, int number, const char *refusal, uint64_t now_ms);

/* True for an unacknowledged message that must not be sent again on the next connection: a setpoint
 * or an own message. Another gateway may have published a newer setpoint since, which the broker
 * would forget. What it lacks is published again (mirror_note_connect). */
bool mirror_drops_message(const struct mirror *mirror, const char *topic, size_t len);
/* True for a topic below the one of the gateway: mirror_take_message, and nothing else, takes it.
 */
bool mirror_has_topic(const struct mirror *mirror, const char *topic);
/* False when out of memory: the broker has to send the message again. */
bool mirror_take_message(struct mirror *mirror, const struct mqtt_message *message,
                         uint64_t now_ms);

/* Publishes setpoints that wait, and does what is due by time. Call it while the broker is
 * connected, after each event and after mirror_due_ms. */
void mirror_run(struct mirror *mirror, uint64_t now_ms);
/* Milliseconds until mirror_run is due by time; -1 when it is not. */
int mirror_due_ms(const struct mirror *mirror, uint64_t now_ms);
/* Repairs the file of the clock. Call it once a second. */
void mirror_keep_file(struct mirror *mirror);

/* device_table.leaving: publishes the values and setpoints of the device, which is still in
 * service, for the gateway that holds it now. `context` is the mirror. */
void mirror_hand_over(void *context, const struct device *device, const char *gateway);

/* SCADA's writes, for the writeback. */

/* True while commands have to wait, since mirrored setpoints may still come that supersede them. */
bool mirror_holds_commands(const struct mirror *mirror, uint64_t now_ms);
/* An entry that was written at this time waits in the journal, and writes the tag in whole or in
 * part. */
void mirror_note_waiting(struct mirror *mirror, const struct tag *tag, uint64_t written_ms);
/* Entries of the journal were lost: all tags are read, and mirror_judge_read follows for each.
 * `is_ahead`: entries from before the loss follow first, and it will be noted again after them. */
void mirror_note_loss(struct mirror *mirror, bool is_ahead);
/* All tags were read: setpoints do not wait for that any more. */
void mirror_end_loss(struct mirror *mirror);
/* SCADA has written a part of the tag's value; mirror_judge_read follows when it has settled. */
void mirror_note_part(struct mirror *mirror, const struct tag *tag, uint64_t written_ms,
                      uint64_t now_ms);
/* Compares the value that SCADA wrote to the tag as a whole with the newest one that is known. One
 * that is superseded must not be published: its command is counted, and the newer value is put into
 * the register again. */
enum mirror_verdict mirror_judge_write(struct mirror *mirror, const struct tag *tag,
                                       uint64_t written_ms, uint64_t now_ms);
/* The same for a value that was read from the registers, after parts or after a loss of entries.
 * `is_read_again`: another read follows, since entries were lost meanwhile. */
enum mirror_verdict mirror_judge_read(struct mirror *mirror, const struct tag *tag,
                                      const uint16_t *words, bool is_read_again, uint64_t now_ms);
/* A read of the tag's registers tells what SCADA wrote only if no mirrored setpoint is written to
 * them meanwhile. Sets *changed to the `changed` of the tag's row; false while a setpoint waits to
 * be written. */
bool mirror_may_read(struct mirror *mirror, const struct tag *tag, uint64_t *changed);
/* True when another gateway has a newer setpoint of the tag than this one's newest. A command that
 * the broker has not acknowledged must then not be published again: it is counted, and the newer
 * one's is published (`overtaken`), since the broker may have it all the same. */
bool mirror_supersedes_command(struct mirror *mirror, const struct tag *tag, uint64_t now_ms);
/* After MIRROR_WRITE_IS_NEWEST: publishes the value, as it is in the registers, for the other
 * gateways. `words` as of command_match_entry: for a bit, words[0] is the whole register. */
void mirror_publish_write(struct mirror *mirror, const struct tag *tag, const uint16_t *words);
/* The setpoint of the tag has expired here: publishes that for the other gateways, as newer than
 * the setpoint, but older than any other write of SCADA. `words`: the value that is put into the
 * registers, a bit as 0 or 1; NULL if they keep theirs. */
void mirror_publish_expired(struct mirror *mirror, const struct tag *tag, const uint16_t *words);

#endif
