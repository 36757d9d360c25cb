/* Reads files of discoveries, and tells their state. */
#include "api/discovery/discovery_heard.h"

#include "api/discovery/discovery_json.h"

static void discovery_heard_release(void *file)
{
    discovery_file_finish(file);
}

/* Says why a discovery whose file was read waits, or has heard nothing. */
static const char *discovery_heard_explain(const struct discovery_heard *heard, bool is_over,
                                           bool mqttd_runs)
{
    if (!is_over && !mqttd_runs && heard->state == DISCOVERY_WAITING)
        return "tagferry-mqttd does not run. The discovery goes on when it does.";
    if (heard->file.status.error[0])
        return heard->file.status.error;
    if (heard->state == DISCOVERY_WAITING)
        return "tagferry-mqttd is connecting to the broker.";
    if (survey_read_totals(heard->survey).messages == 0)
        return "No message was heard. Does anything publish to these topics, and may this user "
               "read them? A broker may accept a filter, and yet keep back the messages.";
    return NULL;
}

void discovery_heard_read(struct discovery_heard *heard, const struct thread_ctx *thread_ctx,
                          const struct discovery *discovery, int64_t now_ms, struct arena *arena)
{
    char why[DISCOVERY_WHY_SIZE];
    bool is_over = now_ms >= discovery->ends_ms;
    bool mqttd_runs = thread_ctx->live.mqttd != DAEMON_DOWN;
    *heard = (struct discovery_heard){.state = is_over ? DISCOVERY_DONE : DISCOVERY_WAITING};
    enum discovery_file_result result = discovery_file_read(
        thread_ctx->settings->common.runtime_dir, discovery->id, &heard->file, why, sizeof why);
    memory_guard(&heard->guard, discovery_heard_release, &heard->file);
    if (result == DISCOVERY_FILE_FAILED) {
        heard->reason = arena_format(arena, "What was heard cannot be read: %s", why);
    } else if (result == DISCOVERY_FILE_MISSING) {
        heard->reason = is_over      ? "tagferry-mqttd has kept nothing of this discovery; was it "
                                       "running?"
                        : mqttd_runs ? "tagferry-mqttd has not begun yet. It does so within a "
                                       "second."
                                     : "tagferry-mqttd does not run. The discovery begins when it "
                                       "does.";
    } else {
        heard->survey = heard->file.survey;
        heard->state = heard->file.status.state;
        bool has_ended = heard->state == DISCOVERY_DONE || heard->state == DISCOVERY_REFUSED;
        /* A tagferry-mqttd that was killed did not note the end. */
        if (is_over && heard->state != DISCOVERY_REFUSED)
            heard->state = DISCOVERY_DONE;
        else if (!mqttd_runs && !has_ended)
            heard->state = DISCOVERY_WAITING;
        heard->reason = discovery_heard_explain(heard, is_over, mqttd_runs);
    }
}

void discovery_heard_finish(struct discovery_heard *heard)
{
    memory_unguard(&heard->guard);
    discovery_file_finish(&heard->file);
}

void discovery_heard_write(const struct discovery_heard *heard, const struct discovery *discovery,
                           struct text *text)
{
    json_write_key(text, "id");
    json_write_integer(text, discovery->id);
    json_write_key(text, "topics");
    json_write_raw(text, discovery->topics);
    json_write_key(text, "seconds");
    json_write_integer(text, discovery->seconds);
    json_write_key(text, "created_at");
    json_write_time(text, (uint64_t)discovery->created_ms);
    json_write_key(text, "ends_at");
    json_write_time(text, (uint64_t)discovery->ends_ms);
    json_write_key(text, "who");
    json_write_string(text, discovery->who);
    json_write_key(text, "state");
    json_write_string(text, discovery_state_names[heard->state]);
    json_write_key(text, "reason");
    json_write_string_or_null(text, heard->reason);
    json_write_key(text, "totals");
    discovery_write_totals(heard->survey, heard->file.status.dropped, text);
}
