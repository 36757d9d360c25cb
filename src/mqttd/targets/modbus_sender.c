/* Sends requests on one or two connections, and keeps the state of channels by their results. */
#include "mqttd/targets/modbus_sender.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"
#include "common/modbus/pdu.h"

enum {
    KEEP_ALIVE_MS = 800, /* the shortest time-out of the local server is 1 s */
    REST_ALIVE_MS = 5000 /* without a time-out: shows that the server answers */
};
enum { CHANNEL_OUTPUTS, CHANNEL_INPUTS }; /* of the local server */

_Static_assert((int)CHANNEL_INPUTS < (int)SENDER_LINKS_MAX,
               "each side of the local server has a connection");

/* Waits until the server's pace allows the next request. False when the thread has to end. */
static bool sender_keep_pace(void *context)
{
    struct sender *sender = context;
    bool go =
        sender->pace.min_interval_ms == 0 || sender->rest(sender->context, sender->request_ms);
    sender->request_ms = clock_steady_ms();
    sender->is_ending = !go;
    return go;
}

bool sender_init(struct sender *sender)
{
    const struct target_spec *spec = sender->spec;
    REQUIRE(spec && sender->rest && !sender->links[CHANNEL_OUTPUTS].client);
    struct modbus_client *outputs = modbus_client_create_for(&spec->outputs, spec->timeout_ms);
    struct modbus_client *inputs =
        spec->local ? modbus_client_create(&spec->inputs, spec->timeout_ms) : NULL;
    if (outputs && !spec->local) {
        modbus_client_serve_units(outputs, sender_keep_pace, sender);
        modbus_client_use_tls(outputs, spec->tls);
    }
    atomic_init(&sender->alive_ms, KEEP_ALIVE_MS);
    modbus_endpoint_format(&spec->outputs, sender->name);
    sender->links[CHANNEL_OUTPUTS].client = outputs;
    sender->links[CHANNEL_INPUTS].client = inputs;
    if (spec->local)
        return outputs && inputs && modbus_client_trust_server(outputs) &&
               modbus_client_trust_server(inputs);
    return outputs != NULL;
}

void sender_finish(struct sender *sender)
{
    for (size_t i = 0; i < SENDER_LINKS_MAX; i++) {
        modbus_client_destroy(sender->links[i].client);
        sender->links[i].client = NULL;
    }
}

void sender_interrupt(struct sender *sender)
{
    for (size_t i = 0; i < SENDER_LINKS_MAX; i++) {
        if (sender->links[i].client)
            modbus_client_interrupt(sender->links[i].client);
    }
}

uint64_t sender_answered_ms(const struct sender *sender)
{
    return atomic_load_explicit(&sender->answered_ms, memory_order_relaxed);
}

uint8_t sender_channel_of(const struct sender *sender, uint8_t unit, uint8_t table)
{
    if (!sender->spec->local)
        return unit;
    return table_is_writable((enum modbus_table)table) ? CHANNEL_OUTPUTS : CHANNEL_INPUTS;
}

static const struct sender_link *sender_link_of(const struct sender *sender, uint8_t channel)
{
    return &sender->links[sender->spec->local ? channel : 0];
}

/* Milliseconds until a late answer of the channel can no longer come. */
static unsigned sender_late_ms(const struct sender *sender, uint8_t channel)
{
    return sender->spec->local ? 0 : modbus_client_unit_wait_ms(sender->links[0].client, channel);
}

bool sender_may_send(const struct sender *sender, uint8_t channel)
{
    return unit_backoff_may_send(&sender->channels, channel, clock_steady_ms()) &&
           modbus_client_backoff_ms(sender_link_of(sender, channel)->client) == 0 &&
           sender_late_ms(sender, channel) == 0;
}

unsigned sender_channel_wait_ms(const struct sender *sender, uint8_t channel)
{
    unsigned channel_ms = unit_backoff_left_ms(&sender->channels, channel, clock_steady_ms());
    unsigned link_ms = modbus_client_backoff_ms(sender_link_of(sender, channel)->client);
    unsigned late_ms = sender_late_ms(sender, channel);
    link_ms = late_ms > link_ms ? late_ms : link_ms;
    return channel_ms > link_ms ? channel_ms : link_ms;
}

unsigned sender_backoff_ms(const struct sender *sender)
{
    if (!sender->spec->local)
        return modbus_client_backoff_ms(sender->links[0].client);
    unsigned outputs = sender_channel_wait_ms(sender, CHANNEL_OUTPUTS);
    unsigned inputs = sender_channel_wait_ms(sender, CHANNEL_INPUTS);
    return outputs < inputs ? outputs : inputs;
}

/* Notes a loss that the client has counted: a server that has closed the connection, or accepts
 * none, may have restarted with zeros in all units. While the link is down its loss is noted
 * already. */
static void sender_note_loss(struct sender *sender, struct sender_link *link)
{
    link->losses = modbus_client_loss_count(link->client);
    atomic_store(&sender->alive_ms, KEEP_ALIVE_MS); /* the next one may have another time-out */
    if (link->is_down)
        return;
    memset(sender->lost, 0xff, sizeof sender->lost);
    sender->has_lost = true;
}

static void sender_log_return(const struct sender *sender, const struct sender_link *link)
{
    char name[NET_TEXT_SIZE];
    bool is_inputs = link == &sender->links[CHANNEL_INPUTS];
    if (is_inputs)
        net_addr_format(&sender->spec->inputs, name);
    else
        modbus_endpoint_format(&sender->spec->outputs, name);
    log_info("Modbus server %s is back", name);
}

/* Updates the state of the connection and the channel by the result of a request. Returns the
 * result for the channel: an answer, or MODBUS_UNREACHABLE, which closes the channel for this
 * round. */
static enum modbus_result sender_conclude_request(struct sender *sender, uint8_t channel,
                                                  enum modbus_result result)
{
    bool local = sender->spec->local;
    struct sender_link *link = &sender->links[local ? channel : 0];
    struct channels *channels = &sender->channels;
    if (modbus_client_loss_count(link->client) != link->losses)
        sender_note_loss(sender, link);
    if (local && channel == CHANNEL_INPUTS)
        sender->inputs_used_ms = clock_steady_ms();
    if (sender->is_ending) {
        unit_backoff_close_all(channels); /* the thread has to end: the rest stays unwritten */
        return MODBUS_UNREACHABLE;
    }

    bool no_answer = result == MODBUS_UNREACHABLE, is_connected = true, may_lack_fc22 = false,
         wrong_crc = false;
    uint8_t exception = result == MODBUS_EXCEPTION ? modbus_client_exception(link->client) : 0;
    if (result == MODBUS_EXCEPTION && exception == 0)
        return result; /* a reserved unit: nothing was sent */
    if (no_answer) {
        enum modbus_failure failure = modbus_client_failure(link->client);
        may_lack_fc22 = failure == MODBUS_NO_ANSWER_TO_MASKED && !local;
        wrong_crc = failure == MODBUS_WRONG_CRC;
        is_connected = failure != MODBUS_NOT_CONNECTED;
        unit_backoff_close(channels, channel);
        if (failure == MODBUS_BACKS_OFF)
            return result;
    }

    /* The connection. */
    if (!is_connected) {
        enum tls_fault tls_fault = modbus_client_tls_fault(link->client);
        bool is_news = tls_fault != TLS_FAULT_NONE && tls_fault != link->tls_fault;
        if (!link->is_down || is_news)
            log_warning("Modbus server out of reach, its values wait: %s",
                        modbus_client_reason(link->client));
        link->is_down = true;
        link->tls_fault = tls_fault;
        if (!local)
            unit_backoff_close_all(channels);
        return result;
    }
    if (link->is_down)
        sender_log_return(sender, link);
    link->is_down = false;

    /* The unit, or this side of the local server. */
    if (may_lack_fc22) {
        unit_backoff_note_doubt(channels, channel); /* see sender_send_masked */
        return result;
    }
    bool gateway_reports_silence =
        !local && (exception == PDU_GATEWAY_PATH || exception == PDU_GATEWAY_TARGET);
    /* A unit whose answers are damaged has not lost its registers. */
    bool had_wrong_crc = channels->item[channel].wrong_crc;
    channels->item[channel].wrong_crc = wrong_crc;
    if (no_answer || gateway_reports_silence) {
        bool is_new = unit_backoff_note_silence(channels, channel, exception, clock_steady_us());
        if ((is_new || had_wrong_crc) && !wrong_crc) {
            sender->lost[channel / 8] |= (uint8_t)(1U << (channel % 8));
            sender->has_lost = true;
        }
        if (is_new)
            log_warning("Modbus %s out of reach, its values wait: %s", local ? "server" : "unit",
                        modbus_client_reason(link->client));
        return MODBUS_UNREACHABLE;
    }
    atomic_store_explicit(&sender->answered_ms, clock_steady_ms(), memory_order_relaxed);
    if (unit_backoff_note_answer(channels, channel)) {
        if (local)
            sender_log_return(sender, link);
        else
            log_info("unit %u of Modbus server %s answers again", channel, sender->name);
    }
    return result;
}

/* No answer to FC22 may mean that the unit does not know this function. If the unit did not answer
 * its newest request, the register is read first: no answer then means that it is out of reach. */
static enum modbus_result sender_send_masked(struct sender *sender, struct modbus_client *client,
                                             const struct batch_request *request)
{
    uint16_t word;
    if (!sender->spec->local && !sender->channels.item[request->unit].has_answered) {
        enum modbus_result result = modbus_client_read(
            client, request->unit, TABLE_HOLDING_REGISTER, request->address, 1, &word);
        uint8_t exception = result == MODBUS_EXCEPTION ? modbus_client_exception(client) : 0;
        if (result == MODBUS_UNREACHABLE || exception == PDU_GATEWAY_PATH ||
            exception == PDU_GATEWAY_TARGET)
            return result;
        if (!sender_keep_pace(sender))
            return MODBUS_UNREACHABLE;
    }
    return modbus_client_mask_write(client, request->unit, request->address, request->mask,
                                    request->words[0]);
}

static void sender_count_request(const struct sender *sender, const struct batch_request *request,
                                 enum modbus_result result)
{
    struct counters *counters = sender->spec->counters;
    counters_add(counters, MQTTD_MODBUS_REQUESTS, 1);
    if (result == MODBUS_OK)
        counters_add(counters, MQTTD_MODBUS_REGISTERS, request->count);
    else
        counters_add(counters, MQTTD_MODBUS_FAILURES, 1);
}

enum modbus_result sender_write_request(struct sender *sender, const struct batch_request *request)
{
    uint8_t channel = sender_channel_of(sender, request->unit, request->table);
    struct sender_link *link = &sender->links[sender->spec->local ? channel : 0];
    /* The inputs side of the local server takes its values in the tables that can be written. */
    bool is_coil = table_is_bits((enum modbus_table)request->table);
    enum modbus_table table = is_coil ? TABLE_COIL : TABLE_HOLDING_REGISTER;
    REQUIRE(request->count >= 1 && (request->mask == 0 || request->count == 1));
    enum modbus_result result = MODBUS_UNREACHABLE;
    if (!sender_keep_pace(sender)) {
        unit_backoff_close_all(&sender->channels);
        return result;
    }

    if (request->mask) {
        result = sender_send_masked(sender, link->client, request);
    } else if (!sender->pace.write_single) {
        result = modbus_client_write(link->client, request->unit, table, request->address,
                                     request->count, request->words);
    } else {
        result = MODBUS_OK;
        for (uint16_t i = 0; result == MODBUS_OK && i < request->count; i++) {
            if (i > 0 && !sender_keep_pace(sender))
                result = MODBUS_UNREACHABLE;
            else
                result =
                    modbus_client_write_single(link->client, request->unit, table,
                                               (uint16_t)(request->address + i), request->words[i]);
        }
    }

    sender_count_request(sender, request, result);
    uint64_t unmasked = modbus_client_unmasked_count(link->client);
    if (unmasked != link->unmasked)
        counters_add(sender->spec->counters, MQTTD_MASK_EMULATED, unmasked - link->unmasked);
    link->unmasked = unmasked;
    return sender_conclude_request(sender, channel, result);
}

static void sender_make_wire(const struct batch_request *requests, size_t count,
                             struct pipeline_request wire[PIPELINE_MAX])
{
    for (size_t i = 0; i < count; i++) {
        bool is_coil = table_is_bits((enum modbus_table)requests[i].table);
        wire[i] = (struct pipeline_request){.unit = requests[i].unit,
                                            .function = requests[i].mask ? FC_MASK_WRITE
                                                        : is_coil        ? FC_WRITE_COILS
                                                                         : FC_WRITE_REGISTERS,
                                            .address = requests[i].address,
                                            .count = requests[i].count,
                                            .mask = requests[i].mask,
                                            .words = requests[i].words};
    }
}

/* Sets the result of each request by its answer, and the state of the channel by `all`. */
static void sender_conclude_requests(struct sender *sender, uint8_t channel,
                                     const struct batch_request *requests, size_t count,
                                     const struct pipeline_request *wire, enum modbus_result all,
                                     enum modbus_result *results)
{
    for (size_t i = 0; i < count; i++) {
        results[i] = !wire[i].answered   ? MODBUS_UNREACHABLE
                     : wire[i].exception ? MODBUS_EXCEPTION
                                         : MODBUS_OK;
        sender_count_request(sender, &requests[i], results[i]);
    }
    sender_conclude_request(sender, channel, all);
}

void sender_write_requests(struct sender *sender, const struct batch_request *requests,
                           size_t count, enum modbus_result *results)
{
    struct pipeline_request wire[PIPELINE_MAX];
    REQUIRE(count >= 1 && count <= PIPELINE_MAX);
    if (count == 1) {
        results[0] = sender_write_request(sender, requests);
        return;
    }
    REQUIRE(sender->spec->local);
    uint8_t channel = sender_channel_of(sender, requests[0].unit, requests[0].table);
    sender_make_wire(requests, count, wire);
    sender_conclude_requests(sender, channel, requests, count, wire,
                             modbus_client_request_many(sender->links[channel].client, wire, count),
                             results);
}

bool sender_begin_requests(struct sender *sender, const struct batch_request *requests,
                           size_t count)
{
    uint8_t channel = sender_channel_of(sender, requests[0].unit, requests[0].table);
    const struct target_pace *pace = &sender->pace;
    REQUIRE(sender->spec->local && sender->begun.count == 0);
    REQUIRE(count >= 1 && count <= PIPELINE_MAX);
    if (pace->min_interval_ms > 0 || pace->write_single)
        return false;
    sender_make_wire(requests, count, sender->begun.wire);
    if (!modbus_client_begin_requests(sender->links[channel].client, sender->begun.wire, count))
        return false;
    sender->begun.requests = requests;
    sender->begun.count = count;
    sender->request_ms = clock_steady_ms();
    return true;
}

bool sender_has_sent(const struct sender *sender)
{
    const struct batch_request *first = sender->begun.requests;
    REQUIRE(sender->begun.count > 0);
    return modbus_client_has_sent(
        sender_link_of(sender, sender_channel_of(sender, first->unit, first->table))->client);
}

void sender_end_requests(struct sender *sender, enum modbus_result *results)
{
    const struct batch_request *requests = sender->begun.requests;
    size_t count = sender->begun.count;
    REQUIRE(count > 0);
    uint8_t channel = sender_channel_of(sender, requests[0].unit, requests[0].table);
    sender->begun.count = 0;
    sender_conclude_requests(
        sender, channel, requests, count, sender->begun.wire,
        modbus_client_end_requests(sender->links[channel].client, sender->begun.wire), results);
}

enum modbus_result sender_read_registers(struct sender *sender, uint8_t unit, uint8_t table,
                                         uint16_t address, uint16_t count, uint16_t *words)
{
    REQUIRE(!sender->spec->local);
    uint8_t channel = sender_channel_of(sender, unit, table);
    if (!sender_keep_pace(sender)) {
        unit_backoff_close_all(&sender->channels);
        return MODBUS_UNREACHABLE;
    }
    enum modbus_result result = modbus_client_read(sender_link_of(sender, channel)->client, unit,
                                                   (enum modbus_table)table, address, count, words);
    return sender_conclude_request(sender, channel, result);
}

unsigned sender_keep_alive_due_ms(const struct sender *sender)
{
    uint64_t now = clock_steady_ms(), due = sender->inputs_used_ms + sender->alive_ms;
    unsigned left = due > now ? (unsigned)(due - now) : 0;
    unsigned closed = sender_channel_wait_ms(sender, CHANNEL_INPUTS);
    return closed > left ? closed : left;
}

bool sender_set_timeout(struct sender *sender, uint64_t timeout_ms)
{
    unsigned alive_ms = timeout_ms / 4 < REST_ALIVE_MS ? (unsigned)timeout_ms / 4 : REST_ALIVE_MS;
    if (alive_ms < KEEP_ALIVE_MS)
        alive_ms = KEEP_ALIVE_MS;
    return alive_ms < atomic_exchange(&sender->alive_ms, alive_ms);
}

void sender_keep_alive(struct sender *sender)
{
    uint16_t word;
    if (!sender->spec->local || sender_keep_alive_due_ms(sender) > 0 ||
        !sender_may_send(sender, CHANNEL_INPUTS))
        return;
    sender_conclude_request(sender, CHANNEL_INPUTS,
                            modbus_client_read(sender->links[CHANNEL_INPUTS].client,
                                               sender->spec->first_unit, TABLE_HOLDING_REGISTER, 0,
                                               1, &word));
}

void sender_check_server(struct sender *sender)
{
    for (size_t i = 0; i < SENDER_LINKS_MAX; i++) {
        struct sender_link *link = &sender->links[i];
        if (link->client && modbus_client_check_closed(link->client))
            sender_note_loss(sender, link);
    }
}

void sender_sockets(const struct sender *sender, int sockets[SENDER_LINKS_MAX])
{
    for (size_t i = 0; i < SENDER_LINKS_MAX; i++) {
        const struct sender_link *link = &sender->links[i];
        sockets[i] = link->client ? modbus_client_socket(link->client) : -1;
    }
}

bool sender_is_down(const struct sender *sender)
{
    const struct sender_link *links = sender->links;
    const struct channel *channels = sender->channels.item;
    if (!sender->spec->local)
        return links[0].is_down;
    return links[CHANNEL_OUTPUTS].is_down || channels[CHANNEL_OUTPUTS].is_down ||
           links[CHANNEL_INPUTS].is_down || channels[CHANNEL_INPUTS].is_down;
}

const char *sender_failure_reason(const struct sender *sender, uint8_t table)
{
    uint8_t channel = sender_channel_of(sender, 0, table);
    return modbus_client_reason(sender_link_of(sender, channel)->client);
}

struct live_table_write_fault sender_exception_fault(const struct sender *sender, uint8_t table)
{
    uint8_t channel = sender_channel_of(sender, 0, table);
    return (struct live_table_write_fault){
        .fault = FAULT_MODBUS_EXCEPTION,
        .exception = modbus_client_exception(sender_link_of(sender, channel)->client)};
}

struct live_table_write_fault sender_outage_fault(const struct sender *sender, uint8_t channel)
{
    const struct channel *at = &sender->channels.item[channel];
    if (sender_link_of(sender, channel)->is_down)
        return (struct live_table_write_fault){.fault = FAULT_MODBUS_UNREACHABLE,
                                               .tls_fault =
                                                   sender_link_of(sender, channel)->tls_fault};
    if (!at->is_down)
        return (struct live_table_write_fault){.fault = FAULT_NONE};
    return (struct live_table_write_fault){.fault = at->exception ? FAULT_MODBUS_EXCEPTION
                                                                  : FAULT_MODBUS_UNREACHABLE,
                                           .exception = at->exception,
                                           .is_of_unit = !sender->spec->local,
                                           .wrong_crc = at->wrong_crc};
}
