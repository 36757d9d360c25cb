/* The links of one server. */
#include "mqttd/sender.h"

#include "common/clock.h"
#include "common/log.h"

enum { SIGN_OF_LIFE_MS = 800 /* the contract is one request a second on the inputs side */ };

bool sender_init(struct sender *sender)
{
    const struct target_spec *spec = sender->spec;
    sender->outputs = modbus_link_create(&spec->outputs, spec->timeout_ms);
    if (spec->local)
        sender->inputs = modbus_link_create(&spec->inputs, spec->timeout_ms);
    return sender->outputs && (sender->inputs || !spec->local);
}

void sender_finish(struct sender *sender)
{
    modbus_link_destroy(sender->outputs);
    modbus_link_destroy(sender->inputs);
    sender->outputs = sender->inputs = NULL;
}

static bool is_input(uint8_t table)
{
    return table == TABLE_INPUT_REGISTER || table == TABLE_DISCRETE_INPUT;
}

bool sender_same_side(uint8_t table, uint8_t other)
{
    return is_input(table) == is_input(other);
}

static struct modbus_link *link_of(const struct sender *sender, uint8_t table)
{
    return is_input(table) ? sender->inputs : sender->outputs;
}

/* The process side of the inputs takes them as the tables that can be written. */
static enum modbus_table table_on_wire(uint8_t table)
{
    return table_is_bits((enum modbus_table)table) ? TABLE_COIL : TABLE_HOLDING_REGISTER;
}

/* Waits for the server's pace between two requests; false when the thread is to end. */
static bool keep_pace(struct sender *sender)
{
    bool go = sender->pace.min_interval_ms == 0 ||
              sender->rest(sender->context, sender->request_ms + sender->pace.min_interval_ms);
    sender->request_ms = clock_steady_ms();
    return go;
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

static void count_unmasked(struct sender *sender)
{
    uint64_t now = modbus_link_unmasked(sender->outputs);
    now += sender->inputs ? modbus_link_unmasked(sender->inputs) : 0;
    counters_add(sender->spec->counters, MQTTD_MASK_EMULATED, now - sender->unmasked);
    sender->unmasked = now;
}

/* Logs the server's loss and return once each. */
static void note_result(struct sender *sender, const struct modbus_link *link,
                        enum link_result result)
{
    const struct target_spec *spec = sender->spec;
    char name[NET_TEXT_SIZE];
    net_addr_format(link == sender->inputs ? &spec->inputs : &spec->outputs, name);
    if (result == LINK_UNREACHABLE && !sender->down)
        log_warning("Modbus server out of reach, its values wait: %s", modbus_link_reason(link));
    else if (result != LINK_UNREACHABLE && sender->down)
        log_info("Modbus server %s is back", name);
    sender->down = result == LINK_UNREACHABLE;
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

static void note_used(struct sender *sender, const struct modbus_link *link,
                      enum link_result result)
{
    if (link == sender->inputs)
        sender->inputs_used_ms = clock_steady_ms();
    note_result(sender, link, result);
}

enum link_result sender_write(struct sender *sender, const struct batch_request *request)
{
    struct modbus_link *link = link_of(sender, request->table);
    enum link_result result;
    if (!link || !keep_pace(sender))
        return LINK_UNREACHABLE;
    if (request->mask)
        result = modbus_link_write_masked(link, request->unit, request->address, request->mask,
                                          request->words[0]);
    else
        result = write_registers(sender, link, request);
    count_request(sender, request, result);
    count_unmasked(sender);
    note_used(sender, link, result);
    return result;
}

static enum link_result result_of(const struct pipeline_write *write)
{
    if (!write->answered)
        return LINK_UNREACHABLE;
    return write->exception ? LINK_EXCEPTION : LINK_OK;
}

void sender_write_many(struct sender *sender, const struct batch_request *requests, size_t count,
                       enum link_result *results)
{
    struct pipeline_write writes[PIPELINE_MAX];
    struct modbus_link *link = link_of(sender, requests[0].table);
    if (count == 1) {
        results[0] = sender_write(sender, requests);
        return;
    }
    for (size_t i = 0; i < count; i++)
        writes[i] = (struct pipeline_write){.unit = requests[i].unit,
                                            .table = table_on_wire(requests[i].table),
                                            .address = requests[i].address,
                                            .count = requests[i].count,
                                            .mask = requests[i].mask,
                                            .words = requests[i].words};
    enum link_result result = modbus_link_write_many(link, writes, count);
    for (size_t i = 0; i < count; i++) {
        results[i] = result_of(&writes[i]);
        count_request(sender, &requests[i], results[i]);
    }
    note_used(sender, link, result);
}

enum link_result sender_read(struct sender *sender, uint8_t unit, uint8_t table, uint16_t address,
                             uint16_t count, uint16_t *words)
{
    if (!keep_pace(sender))
        return LINK_UNREACHABLE;
    enum link_result result =
        modbus_link_read(sender->outputs, unit, (enum modbus_table)table, address, count, words);
    note_result(sender, sender->outputs, result);
    return result;
}

void sender_give_sign_of_life(struct sender *sender)
{
    uint16_t word;
    if (!sender->inputs || clock_steady_ms() - sender->inputs_used_ms < SIGN_OF_LIFE_MS)
        return;
    sender->inputs_used_ms = clock_steady_ms();
    note_result(sender, sender->inputs,
                modbus_link_read(sender->inputs, sender->spec->first_unit, TABLE_HOLDING_REGISTER,
                                 0, 1, &word));
}

unsigned sender_back_off_ms(const struct sender *sender)
{
    unsigned outputs = modbus_link_backoff_ms(sender->outputs);
    unsigned inputs = sender->inputs ? modbus_link_backoff_ms(sender->inputs) : 0;
    return outputs > inputs ? outputs : inputs;
}

const char *sender_reason(const struct sender *sender, uint8_t table)
{
    return modbus_link_reason(link_of(sender, table));
}
