/* Polls the registers of a run with libmodbus, like a SCADA master, and records when each message
 * is visible: all its keys hold its number or a newer one. */
#include <errno.h>
#include <modbus.h>
#include <stdlib.h>
#include <time.h>

#include "flow.h"
#include "samples.h"

enum { READ_MAX = 125, STEPS_MAX = 500 };

struct poller {
    struct flow *flow;
    modbus_t *modbus;
    uint64_t progress_ns; /* when the newest message became visible */
};

struct poller *poller_create(struct flow *flow)
{
    struct poller *poller = calloc(1, sizeof *poller);
    if (!poller)
        goto failed;
    poller->flow = flow;
    poller->modbus = modbus_new_tcp("127.0.0.1", (int)flow->modbus_port);
    if (!poller->modbus || modbus_set_slave(poller->modbus, 1) != 0 ||
        modbus_set_response_timeout(poller->modbus, 20, 0) != 0 ||
        modbus_connect(poller->modbus) != 0)
        goto failed;
    return poller;
failed:
    flow_fail(flow, "poller: %s", modbus_strerror(errno));
    poller_destroy(poller);
    return NULL;
}

void poller_destroy(struct poller *poller)
{
    if (!poller)
        return;
    if (poller->modbus) {
        modbus_close(poller->modbus);
        modbus_free(poller->modbus);
    }
    free(poller);
}

static bool read_registers(struct poller *poller, unsigned start, unsigned count, uint16_t *words)
{
    for (unsigned done = 0; done < count;) {
        unsigned part = count - done < READ_MAX ? count - done : READ_MAX;
        if (modbus_read_registers(poller->modbus, (int)(start + done), (int)part, words + done) !=
            (int)part) {
            flow_fail(poller->flow, "poller: %s", modbus_strerror(errno));
            return false;
        }
        done += part;
    }
    return true;
}

/* Registers of this many devices. */
static unsigned registers_of(const struct flow *flow, unsigned devices)
{
    return devices * flow->keys * flow->stride;
}

/* True when all keys of a device with these registers hold the number or a newer one; numbers wrap.
 */
static bool has_reached(const struct flow *flow, const uint16_t *words, uint16_t number)
{
    for (unsigned key = 0; key < flow->keys; key++) {
        if ((uint16_t)(words[key * flow->stride] - number) >= 0x8000)
            return false;
    }
    return true;
}

bool poller_learn(struct poller *poller)
{
    struct flow *flow = poller->flow;
    static uint16_t words[FLOW_REGISTERS];
    if (!read_registers(poller, 0, registers_of(flow, flow->devices), words))
        return false;
    for (unsigned device = 0; device < flow->devices; device++)
        flow->first[device] = (uint16_t)(words[registers_of(flow, device)] + 1U);
    return true;
}

static bool is_visible(struct poller *poller, size_t message)
{
    const struct flow *flow = poller->flow;
    static uint16_t words[FLOW_REGISTERS];
    unsigned device = (unsigned)(message % flow->devices);
    return read_registers(poller, registers_of(flow, device), registers_of(flow, 1), words) &&
           has_reached(flow, words, flow_number(flow, message));
}

static void pause_us(unsigned us)
{
    struct timespec gap = {.tv_nsec = (long)us * 1000};
    if (us > 0)
        nanosleep(&gap, NULL);
}

/* Nothing is visible before the next message is due: the poller yields the processor. */
static void wait_for_next(const struct flow *flow, size_t message)
{
    uint64_t due_ns = flow_due_ns(flow, message), now = now_ns();
    if (flow->rate > 0 && due_ns > now)
        pause_us((unsigned)((due_ns - now) / 1000 + 1));
    else
        pause_us(100);
}

static void note_visible(struct poller *poller, size_t first, size_t end)
{
    poller->progress_ns = now_ns();
    for (size_t i = first; i < end && poller->flow->visible_ns; i++)
        poller->flow->visible_ns[i] = poller->progress_ns;
    atomic_store(&poller->flow->visible, end);
}

static bool is_stuck(const struct poller *poller)
{
    return now_ns() - poller->progress_ns > poller->flow->timeout_s * 1000000000ULL;
}

/* With a rate, checks each message; otherwise, one of several. */
static size_t step_of(const struct flow *flow)
{
    size_t step = flow->messages / 20;
    if (flow->rate > 0 || step == 0)
        return 1;
    return step < STEPS_MAX ? step : STEPS_MAX;
}

/* True when each register has the number of its device's last message. If an earlier message is
 * missing, this one is, too. */
static bool are_last(struct poller *poller)
{
    const struct flow *flow = poller->flow;
    static uint16_t words[FLOW_REGISTERS];
    size_t count = flow->messages < flow->devices ? flow->messages : flow->devices;
    if (!read_registers(poller, 0, registers_of(flow, flow->devices), words))
        return false;
    for (size_t message = flow->messages - count; message < flow->messages; message++) {
        unsigned device = (unsigned)(message % flow->devices);
        if (!has_reached(flow, words + registers_of(flow, device), flow_number(flow, message)))
            return false;
    }
    return true;
}

/* The last message of each device: without a rate not all were checked. */
static bool all_visible(struct poller *poller)
{
    while (!are_last(poller)) {
        if (atomic_load(&poller->flow->failed) || is_stuck(poller))
            return false;
        pause_us(poller->flow->gap_us);
    }
    return true;
}

void poller_run(struct poller *poller)
{
    struct flow *flow = poller->flow;
    size_t visible = 0, step = step_of(flow);
    poller->progress_ns = now_ns();
    while (visible < flow->messages && !atomic_load(&flow->failed)) {
        size_t end = visible + step < flow->messages ? visible + step : flow->messages;
        if (is_stuck(poller)) {
            flow_fail(flow, "poller: message %zu of %u is not visible", end, flow->messages);
        } else if (atomic_load(&flow->published) < end) {
            wait_for_next(flow, end - 1);
        } else if (is_visible(poller, end - 1)) {
            note_visible(poller, visible, end);
            visible = end;
        } else {
            pause_us(flow->gap_us);
        }
    }
    if (!atomic_load(&flow->failed) && !all_visible(poller))
        flow_fail(flow, "poller: a device's last message is not visible");
    flow->end_ns = now_ns();
}
