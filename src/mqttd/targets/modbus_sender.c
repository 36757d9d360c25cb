/* The links of one server, and the lanes on them. */
#include "mqttd/targets/modbus_sender.h"

#include <assert.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/modbus/pdu.h"

enum { SIGN_OF_LIFE_MS = 800 /* the contract is one request a second on the inputs side */ };
enum { LANE_OUTPUTS, LANE_INPUTS }; /* of the local server */

/* Waits for the server's pace between two requests; false when the thread is to end. */
static bool keep_pace(void *context)
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
    sender->outputs.link = modbus_link_create(&spec->outputs, spec->timeout_ms);
    if (spec->local)
        sender->inputs.link = modbus_link_create(&spec->inputs, spec->timeout_ms);
    else if (sender->outputs.link)
        modbus_link_serve_units(sender->outputs.link, keep_pace, sender);
    return sender->outputs.link && (sender->inputs.link || !spec->local);
}

void sender_finish(struct sender *sender)
{
    modbus_link_destroy(sender->outputs.link);
    modbus_link_destroy(sender->inputs.link);
    sender->outputs.link = sender->inputs.link = NULL;
}

static bool is_input(uint8_t table)
{
    return table == TABLE_INPUT_REGISTER || table == TABLE_DISCRETE_INPUT;
}

uint8_t sender_lane(const struct sender *sender, uint8_t unit, uint8_t table)
{
    if (!sender->spec->local)
        return unit;
    return is_input(table) ? LANE_INPUTS : LANE_OUTPUTS;
}

static const struct sender_link *link_of_lane(const struct sender *sender, uint8_t lane)
{
    return sender->spec->local && lane == LANE_INPUTS ? &sender->inputs : &sender->outputs;
}

static struct sender_link *link_of(struct sender *sender, uint8_t table)
{
    return is_input(table) ? &sender->inputs : &sender->outputs;
}

bool sender_may_go(const struct sender *sender, uint8_t lane)
{
    return lanes_may_go(&sender->lanes, lane, clock_steady_ms()) &&
           modbus_link_backoff_ms(link_of_lane(sender, lane)->link) == 0;
}

unsigned sender_left_ms(const struct sender *sender, uint8_t lane)
{
    unsigned lane_ms = lanes_left_ms(&sender->lanes, lane, clock_steady_ms());
    unsigned link_ms = modbus_link_backoff_ms(link_of_lane(sender, lane)->link);
    return lane_ms > link_ms ? lane_ms : link_ms;
}

unsigned sender_back_off_ms(const struct sender *sender)
{
    if (!sender->spec->local)
        return modbus_link_backoff_ms(sender->outputs.link);
    unsigned outputs = sender_left_ms(sender, LANE_OUTPUTS);
    unsigned inputs = sender_left_ms(sender, LANE_INPUTS);
    return outputs < inputs ? outputs : inputs;
}

/* The process side of the inputs takes them as the tables that can be written. */
static enum modbus_table table_on_wire(uint8_t table)
{
    return table_is_bits((enum modbus_table)table) ? TABLE_COIL : TABLE_HOLDING_REGISTER;
}

static void count_unmasked(struct sender *sender, struct sender_link *at)
{
    uint64_t now = modbus_link_unmasked(at->link);
    if (now != at->unmasked)
        counters_add(sender->spec->counters, MQTTD_MASK_EMULATED, now - at->unmasked);
    at->unmasked = now;
}

static void count_request(const struct sender *sender, const struct batch_request *request,
                          enum link_result result)
{
    struct counters *counters = sender->spec->counters;
    counters_add(counters, MQTTD_MODBUS_REQUESTS, 1);
    if (result == LINK_OK)
        counters_add(counters, MQTTD_MODBUS_REGISTERS, request->count);
    else
        counters_add(counters, MQTTD_MODBUS_FAILURES, 1);
}

/* A foreign server that has closed the connection may have begun again with zeros in all units. */
static void note_losses(struct sender *sender, struct sender_link *at)
{
    uint64_t losses = modbus_link_losses(at->link);
    if (losses == at->losses)
        return;
    at->losses = losses;
    if (!at->is_down)
        memset(sender->lost, 0xff, sizeof sender->lost);
    sender->has_lost |= !at->is_down;
}

static void note_lost_lane(struct sender *sender, uint8_t lane)
{
    sender->lost[lane / 8] |= (uint8_t)(1U << (lane % 8));
    sender->has_lost = true;
}

static void note_silence(struct sender *sender, const struct sender_link *at, uint8_t lane,
                         uint8_t exception)
{
    if (!lanes_note_silence(&sender->lanes, lane, exception, clock_steady_us()))
        return;
    note_lost_lane(sender, lane);
    log_warning("Modbus %s out of reach, its values wait: %s",
                sender->spec->local ? "server" : "unit", modbus_link_reason(at->link));
}

static void say_back(const struct sender *sender, const struct sender_link *at)
{
    char name[NET_TEXT_SIZE];
    net_addr_format(at == &sender->inputs ? &sender->spec->inputs : &sender->spec->outputs, name);
    log_info("Modbus server %s is back", name);
}

static void note_connection(const struct sender *sender, struct sender_link *at)
{
    if (at->is_down)
        say_back(sender, at);
    at->is_down = false;
}

static void note_failure(struct sender *sender, struct sender_link *at, uint8_t lane)
{
    switch (modbus_link_failure(at->link)) {
    case LINK_BACKS_OFF:
        break;
    case LINK_NOT_CONNECTED:
        if (!at->is_down)
            log_warning("Modbus server out of reach, its values wait: %s",
                        modbus_link_reason(at->link));
        at->is_down = true;
        if (!sender->spec->local)
            lanes_close_all(&sender->lanes);
        break;
    case LINK_NO_ANSWER_TO_MASKED:
        note_connection(sender, at);
        if (sender->spec->local)
            note_silence(sender, at, lane, 0);
        else
            lanes_note_doubt(&sender->lanes, lane);
        break;
    case LINK_NO_ANSWER:
        note_connection(sender, at);
        note_silence(sender, at, lane, 0);
        break;
    }
    lanes_close(&sender->lanes, lane);
}

static void note_answer(struct sender *sender, struct sender_link *at, uint8_t lane)
{
    note_connection(sender, at);
    if (!lanes_note_answer(&sender->lanes, lane))
        return;
    if (sender->spec->local)
        say_back(sender, at);
    else
        log_info("unit %u of Modbus server %s answers again", lane, sender->name);
}

static bool is_of_gateway(const struct sender *sender, uint8_t exception)
{
    return !sender->spec->local &&
           (exception == PDU_GATEWAY_PATH || exception == PDU_GATEWAY_TARGET);
}

/* The thread is to end: what is not written stays so. */
static enum link_result end_round(struct sender *sender)
{
    lanes_close_all(&sender->lanes);
    return LINK_UNREACHABLE;
}

/* Takes note of how a request went, and answers what that means for its lane. */
static enum link_result conclude(struct sender *sender, struct sender_link *at, uint8_t lane,
                                 enum link_result result)
{
    note_losses(sender, at);
    if (at == &sender->inputs)
        sender->inputs_used_ms = clock_steady_ms();
    if (sender->is_ending)
        return end_round(sender);
    if (result == LINK_UNREACHABLE) {
        note_failure(sender, at, lane);
        return result;
    }
    uint8_t exception = result == LINK_EXCEPTION ? modbus_link_exception(at->link) : 0;
    if (is_of_gateway(sender, exception)) {
        note_connection(sender, at);
        note_silence(sender, at, lane, exception);
        return LINK_UNREACHABLE;
    }
    /* A reserved unit was not asked. */
    if (result == LINK_OK || exception != 0)
        note_answer(sender, at, lane);
    return result;
}

static enum link_result write_registers(struct sender *sender, struct modbus_link *link,
                                        const struct batch_request *request)
{
    enum modbus_table table = table_on_wire(request->table);
    if (!sender->pace.write_single)
        return modbus_link_write(link, request->unit, table, request->address, request->count,
                                 request->words);
    enum link_result result = LINK_OK;
    for (uint16_t i = 0; result == LINK_OK && i < request->count; i++) {
        if (i > 0 && !keep_pace(sender))
            return LINK_UNREACHABLE;
        result = modbus_link_write_one(link, request->unit, table, (uint16_t)(request->address + i),
                                       request->words[i]);
    }
    return result;
}

/* Silence after FC22 may mean that the unit does not know it. A unit that has not answered yet, or
 * not lately, is asked for the register first: then silence means what it always means. */
static enum link_result write_masked(struct sender *sender, struct modbus_link *link,
                                     const struct batch_request *request, uint8_t lane)
{
    uint16_t word;
    if (!sender->spec->local && !sender->lanes.item[lane].has_answered) {
        enum link_result result = modbus_link_read(link, request->unit, TABLE_HOLDING_REGISTER,
                                                   request->address, 1, &word);
        if (result == LINK_UNREACHABLE ||
            (result == LINK_EXCEPTION && is_of_gateway(sender, modbus_link_exception(link))))
            return result;
        if (!keep_pace(sender))
            return LINK_UNREACHABLE;
    }
    return modbus_link_write_masked(link, request->unit, request->address, request->mask,
                                    request->words[0]);
}

enum link_result sender_write(struct sender *sender, const struct batch_request *request)
{
    struct sender_link *at = link_of(sender, request->table);
    uint8_t lane = sender_lane(sender, request->unit, request->table);
    enum link_result result;
    assert(at->link);
    if (!keep_pace(sender))
        return end_round(sender);
    if (request->mask)
        result = write_masked(sender, at->link, request, lane);
    else
        result = write_registers(sender, at->link, request);
    count_request(sender, request, result);
    count_unmasked(sender, at);
    return conclude(sender, at, lane, result);
}

static uint8_t function_of(const struct batch_request *request)
{
    if (request->mask)
        return FC_MASK_WRITE;
    return table_on_wire(request->table) == TABLE_COIL ? FC_WRITE_COILS : FC_WRITE_REGISTERS;
}

static enum link_result result_of(const struct pipeline_request *request)
{
    if (!request->answered)
        return LINK_UNREACHABLE;
    return request->exception ? LINK_EXCEPTION : LINK_OK;
}

void sender_write_many(struct sender *sender, const struct batch_request *requests, size_t count,
                       enum link_result *results)
{
    struct pipeline_request wire[PIPELINE_MAX];
    struct sender_link *at = link_of(sender, requests[0].table);
    assert(count >= 1 && count <= PIPELINE_MAX);
    if (count == 1) {
        results[0] = sender_write(sender, requests);
        return;
    }
    for (size_t i = 0; i < count; i++)
        wire[i] = (struct pipeline_request){.unit = requests[i].unit,
                                            .function = function_of(&requests[i]),
                                            .address = requests[i].address,
                                            .count = requests[i].count,
                                            .mask = requests[i].mask,
                                            .words = requests[i].words};
    enum link_result result = modbus_link_request_many(at->link, wire, count);
    for (size_t i = 0; i < count; i++) {
        results[i] = result_of(&wire[i]);
        count_request(sender, &requests[i], results[i]);
    }
    conclude(sender, at, sender_lane(sender, requests[0].unit, requests[0].table), result);
}

enum link_result sender_read(struct sender *sender, uint8_t unit, uint8_t table, uint16_t address,
                             uint16_t count, uint16_t *words)
{
    struct sender_link *at = &sender->outputs;
    if (!keep_pace(sender))
        return end_round(sender);
    enum link_result result =
        modbus_link_read(at->link, unit, (enum modbus_table)table, address, count, words);
    return conclude(sender, at, sender_lane(sender, unit, table), result);
}

void sender_give_sign_of_life(struct sender *sender)
{
    uint16_t word;
    if (!sender->inputs.link || clock_steady_ms() - sender->inputs_used_ms < SIGN_OF_LIFE_MS ||
        !sender_may_go(sender, LANE_INPUTS))
        return;
    conclude(sender, &sender->inputs, LANE_INPUTS,
             modbus_link_read(sender->inputs.link, sender->spec->first_unit, TABLE_HOLDING_REGISTER,
                              0, 1, &word));
}

void sender_check(struct sender *sender)
{
    if (!sender->spec->local && modbus_link_check(sender->outputs.link))
        note_losses(sender, &sender->outputs);
}

const char *sender_reason(const struct sender *sender, uint8_t table)
{
    return modbus_link_reason((is_input(table) ? &sender->inputs : &sender->outputs)->link);
}

struct live_write_fault sender_refusal(const struct sender *sender, uint8_t table)
{
    const struct sender_link *at = is_input(table) ? &sender->inputs : &sender->outputs;
    return (struct live_write_fault){.fault = FAULT_MODBUS_EXCEPTION,
                                     .exception = modbus_link_exception(at->link)};
}

struct live_write_fault sender_outage(const struct sender *sender, uint8_t lane)
{
    const struct lane *at = &sender->lanes.item[lane];
    if (link_of_lane(sender, lane)->is_down)
        return (struct live_write_fault){.fault = FAULT_MODBUS_UNREACHABLE};
    if (!at->is_down)
        return (struct live_write_fault){.fault = FAULT_NONE};
    return (struct live_write_fault){.fault = at->exception ? FAULT_MODBUS_EXCEPTION
                                                            : FAULT_MODBUS_UNREACHABLE,
                                     .exception = at->exception,
                                     .is_of_unit = !sender->spec->local};
}

bool sender_is_down(const struct sender *sender)
{
    if (!sender->spec->local)
        return sender->outputs.is_down;
    uint8_t outputs = sender_lane(sender, sender->spec->first_unit, TABLE_HOLDING_REGISTER);
    uint8_t inputs = sender_lane(sender, sender->spec->first_unit, TABLE_INPUT_REGISTER);
    return sender_outage(sender, outputs).fault != FAULT_NONE ||
           sender_outage(sender, inputs).fault != FAULT_NONE;
}
