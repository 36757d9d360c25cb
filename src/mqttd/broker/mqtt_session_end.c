/* Handles the end of a connection to the broker, or of an attempt to connect: finds the reason,
 * logs it, and plans the next attempt. */
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/hash.h"
#include "common/base/log.h"
#include "mqttd/broker/mqtt_session_internal.h"

/* The limit of lines about connections that fail or are lost. */
enum { FAILURE_LOG_MINUTE_MS = 60000, LINES_PER_MINUTE = 10 };

/* The pause before an attempt that asks the broker for other subscriptions. */
enum { SESSION_RETRY_SOON_MS = 500 };

const char *const mqtt_version_names[] = {[MQTT_VERSION_5] = "5", [MQTT_VERSION_3_1_1] = "3.1.1"};

const struct net_addr *mqtt_session_broker(const struct mqtt_session *s)
{
    return &s->options.brokers->item[s->broker % s->options.brokers->count];
}

const char *mqtt_session_broker_name(const struct mqtt_session *s, char text[NET_TEXT_SIZE])
{
    net_addr_format(mqtt_session_broker(s), text);
    return text;
}

/* Counts a line against LINES_PER_MINUTE. False when the limit is reached. */
static bool failure_log_may_write(struct failure_log *log, uint64_t now)
{
    if (log->minute_ms == 0 || now - log->minute_ms >= FAILURE_LOG_MINUTE_MS) {
        log->minute_ms = now;
        log->lines = 0;
    }
    return log->lines < LINES_PER_MINUTE && ++log->lines;
}

/* Logs the end once for each reason, not for each attempt. */
static void session_log_end(struct mqtt_session *s, bool was_accepted)
{
    char name[NET_TEXT_SIZE], cause[512];
    const struct broker_link *link = &s->link;
    bool flaps = broker_link_is_flapping(link), is_first_loss = was_accepted && !flaps;
    /* The words about an accepted connection depend on the call that found its end. */
    uint64_t digest = hash64_add_text(HASH64_START + link->down, was_accepted ? "" : link->words);
    uint64_t *logged = s->failure_log.logged[s->broker % CONF_ADDRS_MAX];
    bool is_new = is_first_loss || logged[s->version] != digest;
    mqtt_session_broker_name(s, name);
    if (s->options.is_quiet || !is_new ||
        !failure_log_may_write(&s->failure_log, clock_steady_ms())) {
        log_debug("broker %s: %s", name, link->words);
        return;
    }
    if (is_first_loss)
        memset(logged, 0, sizeof s->failure_log.logged[0]);
    else
        logged[s->version] = digest;

    if (!was_accepted) {
        const struct broker_protocol *protocol = &s->protocols[s->broker % CONF_ADDRS_MAX];
        enum mqtt_version next = broker_protocol_next_version(protocol);
        bool changes = s->options.version == MQTT_VERSION_AUTO && next != s->version;
        log_warning("cannot connect to broker %s with MQTT %s: %s; retrying%s%s", name,
                    mqtt_version_names[s->version], link->words, changes ? " with MQTT " : "",
                    changes ? mqtt_version_names[next] : "");
        return;
    }
    if (!flaps) {
        log_warning("connection to broker %s lost: %s", name, link->words);
        return;
    }

    /* The third short connection in a row has ended, or a further one for another reason. */
    if (link->down == BROKER_SESSION_TAKEN_OVER)
        snprintf(cause, sizeof cause, "another client uses the client id \"%.200s\"",
                 s->options.client_id);
    else if (link->down == BROKER_NO_MEMORY)
        snprintf(cause, sizeof cause, "this machine is out of memory");
    else if (link->on_subscribe >= BROKER_LINK_SHORT_MAX)
        snprintf(cause, sizeof cause, "it does not permit one of the subscriptions");
    else if (link->down == BROKER_CLOSED_ON_PUBLISH && s->publications.first)
        snprintf(cause, sizeof cause,
                 "it does not take the message to \"%.200s\", or another client uses the client id "
                 "\"%.200s\"",
                 s->publications.first->topic, s->options.client_id);
    else
        snprintf(cause, sizeof cause,
                 "another client uses the client id \"%.200s\", or the session's queue at the "
                 "broker is damaged",
                 s->options.client_id);
    log_warning("broker %s: no connection lasts %d s, the newest %u ended early (%s); likely "
                "cause: %s",
                name, BROKER_LINK_LASTING_MS / 1000, link->short_count, link->words, cause);
}

/* Derives the reason of an end from the moment at which it came. */
static enum broker_reason session_end_reason(const struct mqtt_session *s, enum broker_reason given)
{
    if (given != BROKER_LOST)
        return given;
    if (s->state == SESSION_CONNECTING)
        return s->connect_sent ? BROKER_CLOSED : BROKER_UNREACHABLE;
    if (s->link.lasts)
        return BROKER_LOST;
    return s->asked ? BROKER_CLOSED_ON_SUBSCRIBE
           : s->birth || (s->publications.is_careful && s->publications.sent_count > 0)
               ? BROKER_CLOSED_ON_PUBLISH
               : BROKER_LOST;
}

/* After an attempt that may have failed because of the version of MQTT or of the will: chooses what
 * the next attempt does otherwise. True when it may follow at once, with the same broker. */
static bool session_choose_otherwise(struct mqtt_session *s, enum broker_reason reason)
{
    bool is_auto = s->options.version == MQTT_VERSION_AUTO;
    if (reason != BROKER_CLOSED && reason != BROKER_NO_ANSWER && reason != BROKER_PROTOCOL_REFUSED)
        return false;
    broker_protocol_note_failure(&s->protocols[s->broker % CONF_ADDRS_MAX]);
    bool is_new = s->version_worked == MQTT_VERSION_AUTO && reason == BROKER_CLOSED;
    if (is_auto && !s->is_second_try && (is_new || reason == BROKER_PROTOCOL_REFUSED))
        return true;
    /* NATS closes the connection when the topic of the will has a dot or a blank. */
    bool is_odd_will = s->options.will_topic && strpbrk(s->options.will_topic, ". ") != NULL;
    if (reason == BROKER_CLOSED && is_odd_will && !s->will.was_taken)
        s->will.is_left_out = !s->will.is_left_out;
    return false;
}

void mqtt_session_note_end(struct mqtt_session *s, enum broker_reason given, const char *why,
                           bool by_broker)
{
    char words[BROKER_LINK_WORDS_SIZE];
    uint64_t now = clock_steady_ms();
    if (s->state == SESSION_DISCONNECTED)
        return;
    bool was_accepted = s->state == SESSION_CONNECTED;
    enum broker_reason reason = session_end_reason(s, given);

    /* The words of the library without their full stop, and those that it has logged. */
    if (reason == BROKER_CLOSED)
        why = "it closed the connection in place of an answer";
    size_t len = strlen(why);
    int stem = (int)(len > 0 && why[len - 1] == '.' ? len - 1 : len);
    snprintf(words, sizeof words, s->complaint[0] ? "%.*s (%s)" : "%.*s", stem, why, s->complaint);

    s->state = SESSION_DISCONNECTED;
    if (s->renews) {
        s->renews = by_broker = false;
        broker_link_set_renewing(&s->link, now);
    } else {
        broker_link_set_ended(&s->link, reason, words, now);
        s->is_second_try = session_choose_otherwise(s, reason);
        session_log_end(s, was_accepted);
        s->failed = true;
        /* The other brokers are tried without a pause. */
        bool is_next = !was_accepted && !s->is_second_try;
        s->broker = (s->broker + is_next) % s->options.brokers->count;
        s->failed_in_turn = was_accepted ? 0 : s->failed_in_turn + is_next;
        if (was_accepted || (is_next && s->failed_in_turn % s->options.brokers->count == 0))
            backoff_add_failure(&s->backoff, clock_steady_us());
    }
    if (!was_accepted)
        return;
    bool needs_soon = mqtt_session_search_publications(s, by_broker);
    s->asked = 0;
    needs_soon |= s->hooks.lost(s->hooks.context, by_broker);
    if (needs_soon)
        s->backoff.until_ms = now + SESSION_RETRY_SOON_MS;
}
