/* Decides what becomes of a request. The order of checks: unit, function, structure, address. */
#include "modbusd/service.h"

#include "modbusd/reads.h"

/* What a kind of request needs to be answered. */
struct call {
    struct service *service;
    enum side side;
    const struct frame *frame;
    size_t place; /* of the unit */
    struct pdu_request request;
    struct answers *out;
};

bool service_room(const struct service *service, const struct answers *out)
{
    return out->size - out->len >= bank_waiting(service->bank) + ADU_MAX;
}

bool service_fetch(struct service *service, struct answers *out)
{
    size_t waiting = bank_waiting(service->bank);
    if (!bank_drain(service->bank, out->bytes + out->len))
        return false;
    out->len += waiting;
    return true;
}

static uint8_t *own_pdu(const struct call *call)
{
    return call->out->bytes + call->out->len + MBAP_SIZE;
}

static void finish_own(const struct call *call, size_t pdu_len)
{
    frame_header(call->out->bytes + call->out->len, call->frame->transaction, call->frame->unit,
                 pdu_len);
    call->out->len += MBAP_SIZE + pdu_len;
}

static size_t counter_of_exception(enum pdu_exception code)
{
    return code == PDU_GATEWAY_TARGET ? MODBUSD_EXCEPTIONS_11
                                      : MODBUSD_EXCEPTIONS_1 + (size_t)code - 1;
}

static bool refuse(const struct call *call, enum pdu_exception code)
{
    if (!service_fetch(call->service, call->out))
        return false;
    counters_add(call->service->counters, counter_of_exception(code), 1);
    finish_own(call, pdu_put_exception(own_pdu(call), call->frame->pdu[0], code));
    return true;
}

static bool answer_read(const struct call *call)
{
    const struct tables *tables = bank_tables(call->service->bank, call->side, call->place);
    if (!service_fetch(call->service, call->out))
        return false;
    finish_own(call, reads_encode(tables, &call->request, own_pdu(call)));
    return true;
}

static bool answer_write(const struct call *call)
{
    const struct frame *frame = call->frame;
    if (!bank_write(call->service->bank, call->side, frame->pdu - MBAP_SIZE, frame->size,
                    &call->request))
        return refuse(call, PDU_DEVICE_FAILURE);
    return true;
}

static bool (*const answers_of_kind[])(const struct call *) = {
    [PDU_READ] = answer_read,
    [PDU_WRITE] = answer_write,
};

static size_t counter_of_function(uint8_t function)
{
    static const uint8_t served[] = {1, 2, 3, 4, 5, 6, 15, 16, 17, 22, 23, 43};
    for (size_t i = 0; i < sizeof served; i++) {
        if (served[i] == function)
            return MODBUSD_REQUESTS_1 + i;
    }
    return MODBUSD_REQUESTS_OTHER;
}

bool service_answer(struct service *service, enum side side, const struct frame *frame,
                    struct answers *out)
{
    struct call call = {.service = service, .side = side, .frame = frame, .out = out};
    int place = unit_set_index(service->units, frame->unit);
    counters_add(service->counters, counter_of_function(frame->pdu[0]), 1);
    if (place == UNIT_NONE)
        return refuse(&call, PDU_GATEWAY_TARGET);
    call.place = (size_t)place;
    enum pdu_exception code = pdu_check(frame->pdu, frame->pdu_len, &call.request);
    if (code != PDU_OK)
        return refuse(&call, code);
    return answers_of_kind[call.request.kind](&call);
}
