/* The links of one server, and the channels on them. */
#include "mqttd/targets/modbus_sender.h"

#include <assert.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/modbus/pdu.h"

enum { KEEP_ALIVE_MS = 800 /* the contract is one request a second on the inputs side */ };
enum { CHANNEL_OUTPUTS, CHANNEL_INPUTS }; /* of the local server */

/* Waits for the server's pace between two requests; false when the thread is to end. */
static bool sender_keep_pace(void *context)
{
    struct sender *sender = context;
    bool go = sender->pace.min_interval_ms == 0 ||
              sender->rest(sender->context, sender->request_ms + sender->pace.min_interval_ms);
    sender->request_ms = clock_steady_ms();
    sender->is_ending = !go;
    return go;
}

bool sender_init(struct sender *sender)
{
    const struct target_spec *spec = sender->spec;
    net_addr_format(&spec->outputs, sender->name);
    sender->outputs.link = modbus_client_create(&spec->outputs, spec->timeout_ms);
    if (spec->local)
        sender->inputs.link = modbus_client_create(&spec->inputs, spec->timeout_ms);
    else if (sender->outputs.link)
        modbus_client_serve_units(sender->outputs.link, sender_keep_pace, sender);
    return sender->outputs.link && (sender->inputs.link || !spec->local);
}

void sender_finish(struct sender *sender)
{
    modbus_client_destroy(sender->outputs.link);
    modbus_client_destroy(sender->inputs.link);
    sender->outputs.link = sender->inputs.link = NULL;
}

static bool is_input_table(uint8_t table)
{
    return table == TABLE_INPUT_REGISTER || table == TABLE_DISCRETE_INPUT;
}

uint8_t sender_channel_of(const struct sender *sender, uint8_t unit, uint8_t table)
{
    if (!sender->spec->local)
        return unit;
    return is_input_table(table) ? CHANNEL_INPUTS : CHANNEL_OUTPUTS;
}

static const struct sender_link *sender_channel_link(const struct sender *sender, uint8_t channel)
{
    return sender->spec->local && channel == CHANNEL_INPUTS ? &sender->inputs : &sender->outputs;
}

static struct sender_link *sender_table_link(struct sender *sender, uint8_t table)
{
    return is_input_table(table) ? &sender->inputs : &sender->outputs;
}

bool sender_may_send(const struct sender *sender, uint8_t channel)
{
    return unit_backoff_may_send(&sender->channels, channel, clock_steady_ms()) &&
           modbus_client_backoff_ms(sender_channel_link(sender, channel)->link) == 0;
}

unsigned sender_channel_wait_ms(const struct sender *sender, uint8_t channel)
{
    unsigned lane_ms = unit_backoff_left_ms(&sender->channels, channel, clock_steady_ms());
    unsigned link_ms = modbus_client_backoff_ms(sender_channel_link(sender, channel)->link);
    return lane_ms > link_ms ? lane_ms : link_ms;
}

unsigned sender_backoff_ms(const struct sender *sender)
{
    if (!sender->spec->local)
        return modbus_client_backoff_ms(sender->outputs.link);
    unsigned outputs = sender_channel_wait_ms(sender, CHANNEL_OUTPUTS);
    unsigned inputs = sender_channel_wait_ms(sender, CHANNEL_INPUTS);
    return outputs < inputs ? outputs : inputs;
}

/* The process side of the inputs takes them as the tables that can be written. */
static enum modbus_table sender_wire_table(uint8_t table)
{
    return table_is_bits((enum modbus_table)table) ? TABLE_COIL : TABLE_HOLDING_REGISTER;
}

static void sender_count_unmasked(struct sender *sender, struct sender_link *at)
{
    uint64_t now = modbus_client_unmasked_count(at->link);
    if (now != at->unmasked)
        counters_add(sender->spec->counters, MQTTD_MASK_EMULATED, now - at->unmasked);
    at->unmasked = now;
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

/* A foreign server that has closed the connection may have begun again with zeros in all units. */
static void sender_note_losses(struct sender *sender, struct sender_link *at)
{
    uint64_t losses = modbus_client_loss_count(at->link);
    if (losses == at->losses)
        return;
    at->losses = losses;
    if (!at->is_down)
        memset(sender->lost, 0xff, sizeof sender->lost);
    sender->has_lost |= !at->is_down;
}

static void sender_note_lost_channel(struct sender *sender, uint8_t channel)
{
    sender->lost[channel / 8] |= (uint8_t)(1U << (channel % 8));
    sender->has_lost = true;
}

static void sender_note_silence(struct sender *sender, const struct sender_link *at,
                                uint8_t channel, uint8_t exception)
{
    if (!unit_backoff_note_silence(&sender->channels, channel, exception, clock_steady_us()))
        return;
    sender_note_lost_channel(sender, channel);
    log_warning("Modbus %s out of reach, its values wait: %s",
                sender->spec->local ? "server" : "unit", modbus_client_reason(at->link));
}

static void sender_log_return(const struct sender *sender, const struct sender_link *at)
{
    char name[NET_TEXT_SIZE];
    net_addr_format(at == &sender->inputs ? &sender->spec->inputs : &sender->spec->outputs, name);
    log_info("Modbus server %s is back", name);
}

static void sender_note_connection(const struct sender *sender, struct sender_link *at)
{
    if (at->is_down)
        sender_log_return(sender, at);
    at->is_down = false;
}

static void sender_note_failure(struct sender *sender, struct sender_link *at, uint8_t channel)
{
    switch (modbus_client_failure(at->link)) {
    case MODBUS_BACKS_OFF:
        break;
    case MODBUS_NOT_CONNECTED:
        if (!at->is_down)
            log_warning("Modbus server out of reach, its values wait: %s",
                        modbus_client_reason(at->link));
        at->is_down = true;
        if (!sender->spec->local)
            unit_backoff_close_all(&sender->channels);
        break;
    case MODBUS_NO_ANSWER_TO_MASKED:
        sender_note_connection(sender, at);
        if (sender->spec->local)
            sender_note_silence(sender, at, channel, 0);
        else
            unit_backoff_note_doubt(&sender->channels, channel);
        break;
    case MODBUS_NO_ANSWER:
        sender_note_connection(sender, at);
        sender_note_silence(sender, at, channel, 0);
        break;
    }
    unit_backoff_close(&sender->channels, channel);
}

static void sender_note_answer(struct sender *sender, struct sender_link *at, uint8_t channel)
{
    sender_note_connection(sender, at);
    if (!unit_backoff_note_answer(&sender->channels, channel))
        return;
    if (sender->spec->local)
        sender_log_return(sender, at);
    else
        log_info("unit %u of Modbus server %s answers again", channel, sender->name);
}

static bool is_gateway_exception(const struct sender *sender, uint8_t exception)
{
    return !sender->spec->local &&
           (exception == PDU_GATEWAY_PATH || exception == PDU_GATEWAY_TARGET);
}

/* The thread is to end: what is not written stays so. */
static enum modbus_result sender_end_round(struct sender *sender)
{
    unit_backoff_close_all(&sender->channels);
    return MODBUS_UNREACHABLE;
}

/* Takes note of how a request went, and answers what that means for its channel. */
static enum modbus_result sender_conclude_request(struct sender *sender, struct sender_link *at,
                                                  uint8_t channel, enum modbus_result result)
{
    sender_note_losses(sender, at);
    if (at == &sender->inputs)
        sender->inputs_used_ms = clock_steady_ms();
    if (sender->is_ending)
        return sender_end_round(sender);
    if (result == MODBUS_UNREACHABLE) {
        sender_note_failure(sender, at, channel);
        return result;
    }
    uint8_t exception = result == MODBUS_EXCEPTION ? modbus_client_exception(at->link) : 0;
    if (is_gateway_exception(sender, exception)) {
        sender_note_connection(sender, at);
        sender_note_silence(sender, at, channel, exception);
        return MODBUS_UNREACHABLE;
    }
    /* A reserved unit was not asked. */
    if (result == MODBUS_OK || exception != 0)
        sender_note_answer(sender, at, channel);
    return result;
}

static enum modbus_result sender_send_registers(struct sender *sender, struct modbus_client *link,
                                                const struct batch_request *request)
{
    enum modbus_table table = sender_wire_table(request->table);
    if (!sender->pace.write_single)
        return modbus_client_write(link, request->unit, table, request->address, request->count,
                                   request->words);
    enum modbus_result result = MODBUS_OK;
    for (uint16_t i = 0; result == MODBUS_OK && i < request->count; i++) {
        if (i > 0 && !sender_keep_pace(sender))
            return MODBUS_UNREACHABLE;
        result = modbus_client_write_single(link, request->unit, table,
                                            (uint16_t)(request->address + i), request->words[i]);
    }
    return result;
}

/* Silence after FC22 may mean that the unit does not know it. A unit that has not answered yet, or
 * not lately, is asked for the register first: then silence means what it always means. */
static enum modbus_result sender_send_masked(struct sender *sender, struct modbus_client *link,
                                             const struct batch_request *request, uint8_t channel)
{
    uint16_t word;
    if (!sender->spec->local && !sender->channels.item[channel].has_answered) {
        enum modbus_result result = modbus_client_read(link, request->unit, TABLE_HOLDING_REGISTER,
                                                       request->address, 1, &word);
        if (result == MODBUS_UNREACHABLE ||
            (result == MODBUS_EXCEPTION &&
             is_gateway_exception(sender, modbus_client_exception(link))))
            return result;
        if (!sender_keep_pace(sender))
            return MODBUS_UNREACHABLE;
    }
    return modbus_client_mask_write(link, request->unit, request->address, request->mask,
                                    request->words[0]);
}

enum modbus_result sender_write_request(struct sender *sender, const struct batch_request *request)
{
    struct sender_link *at = sender_table_link(sender, request->table);
    uint8_t channel = sender_channel_of(sender, request->unit, request->table);
    enum modbus_result result;
    assert(at->link);
    if (!sender_keep_pace(sender))
        return sender_end_round(sender);
    if (request->mask)
        result = sender_send_masked(sender, at->link, request, channel);
    else
        result = sender_send_registers(sender, at->link, request);
    sender_count_request(sender, request, result);
    sender_count_unmasked(sender, at);
    return sender_conclude_request(sender, at, channel, result);
}

static uint8_t request_function_code(const struct batch_request *request)
{
    if (request->mask)
        return FC_MASK_WRITE;
    return sender_wire_table(request->table) == TABLE_COIL ? FC_WRITE_COILS : FC_WRITE_REGISTERS;
}

static enum modbus_result pipeline_result_of(const struct pipeline_request *request)
{
    if (!request->answered)
        return MODBUS_UNREACHABLE;
    return request->exception ? MODBUS_EXCEPTION : MODBUS_OK;
}

void sender_write_requests(struct sender *sender, const struct batch_request *requests,
                           size_t count, enum modbus_result *results)
{
    struct pipeline_request wire[PIPELINE_MAX];
    struct sender_link *at = sender_table_link(sender, requests[0].table);
    assert(count >= 1 && count <= PIPELINE_MAX);
    if (count == 1) {
        results[0] = sender_write_request(sender, requests);
        return;
    }
    for (size_t i = 0; i < count; i++)
        wire[i] = (struct pipeline_request){.unit = requests[i].unit,
                                            .function = request_function_code(&requests[i]),
                                            .address = requests[i].address,
                                            .count = requests[i].count,
                                            .mask = requests[i].mask,
                                            .words = requests[i].words};
    enum modbus_result result = modbus_client_request_many(at->link, wire, count);
    for (size_t i = 0; i < count; i++) {
        results[i] = pipeline_result_of(&wire[i]);
        sender_count_request(sender, &requests[i], results[i]);
    }
    sender_conclude_request(sender, at,
                            sender_channel_of(sender, requests[0].unit, requests[0].table), result);
}

enum modbus_result sender_read_registers(struct sender *sender, uint8_t unit, uint8_t table,
                                         uint16_t address, uint16_t count, uint16_t *words)
{
    struct sender_link *at = &sender->outputs;
    if (!sender_keep_pace(sender))
        return sender_end_round(sender);
    enum modbus_result result =
        modbus_client_read(at->link, unit, (enum modbus_table)table, address, count, words);
    return sender_conclude_request(sender, at, sender_channel_of(sender, unit, table), result);
}

void sender_keep_alive(struct sender *sender)
{
    uint16_t word;
    if (!sender->inputs.link || clock_steady_ms() - sender->inputs_used_ms < KEEP_ALIVE_MS ||
        !sender_may_send(sender, CHANNEL_INPUTS))
        return;
    sender_conclude_request(sender, &sender->inputs, CHANNEL_INPUTS,
                            modbus_client_read(sender->inputs.link, sender->spec->first_unit,
                                               TABLE_HOLDING_REGISTER, 0, 1, &word));
}

void sender_check_server(struct sender *sender)
{
    if (!sender->spec->local && modbus_client_check_closed(sender->outputs.link))
        sender_note_losses(sender, &sender->outputs);
}

const char *sender_failure_reason(const struct sender *sender, uint8_t table)
{
    return modbus_client_reason((is_input_table(table) ? &sender->inputs : &sender->outputs)->link);
}

struct live_table_write_fault sender_exception_fault(const struct sender *sender, uint8_t table)
{
    const struct sender_link *at = is_input_table(table) ? &sender->inputs : &sender->outputs;
    return (struct live_table_write_fault){.fault = FAULT_MODBUS_EXCEPTION,
                                           .exception = modbus_client_exception(at->link)};
}

struct live_table_write_fault sender_outage_fault(const struct sender *sender, uint8_t channel)
{
    const struct channel *at = &sender->channels.item[channel];
    if (sender_channel_link(sender, channel)->is_down)
        return (struct live_table_write_fault){.fault = FAULT_MODBUS_UNREACHABLE};
    if (!at->is_down)
        return (struct live_table_write_fault){.fault = FAULT_NONE};
    return (struct live_table_write_fault){.fault = at->exception ? FAULT_MODBUS_EXCEPTION
                                                                  : FAULT_MODBUS_UNREACHABLE,
                                           .exception = at->exception,
                                           .is_of_unit = !sender->spec->local};
}

bool sender_is_down(const struct sender *sender)
{
    if (!sender->spec->local)
        return sender->outputs.is_down;
    uint8_t outputs = sender_channel_of(sender, sender->spec->first_unit, TABLE_HOLDING_REGISTER);
    uint8_t inputs = sender_channel_of(sender, sender->spec->first_unit, TABLE_INPUT_REGISTER);
    return sender_outage_fault(sender, outputs).fault != FAULT_NONE ||
           sender_outage_fault(sender, inputs).fault != FAULT_NONE;
}
