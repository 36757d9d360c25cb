/* Decides what becomes of a request. The order of checks: unit, function and right to it,
 * structure, address, presence of the process. */
#include "modbusd/service.h"

#include <stdio.h>

#include "common/base/log.h"
#include "common/base/plural.h"
#include "modbusd/protocol_guess.h"
#include "modbusd/reads.h"

/* What a kind of request needs to be answered. */
struct call {
    struct service *service;
    const struct session *session;
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
    const struct tables *tables =
        bank_tables(call->service->bank, call->session->side, call->place);
    if (!service_fetch(call->service, call->out))
        return false;
    finish_own(call, reads_encode(tables, &call->request, own_pdu(call)));
    return true;
}

static bool answer_write(const struct call *call)
{
    const struct frame *frame = call->frame;
    if (!bank_write(call->service->bank, call->session->side, frame->pdu - MBAP_SIZE, frame->size,
                    &call->request))
        return refuse(call, PDU_DEVICE_FAILURE);
    if (call->session->side == SIDE_SCADA)
        counters_add(call->service->counters, MODBUSD_JOURNAL_ENTRIES, 1);
    return true;
}

static bool answer_identify(const struct call *call)
{
    const struct frame *frame = call->frame;
    size_t len;
    if (!service_fetch(call->service, call->out))
        return false;
    enum pdu_exception code = ident_answer(&call->service->ident, frame->unit, frame->pdu,
                                           frame->pdu_len, own_pdu(call), &len);
    if (code != PDU_OK)
        return refuse(call, code);
    finish_own(call, len);
    return true;
}

static bool (*const answers_of_kind[])(const struct call *) = {
    [PDU_READ] = answer_read,
    [PDU_WRITE] = answer_write,
    [PDU_IDENTIFY] = answer_identify,
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

/* One line for many refusals, so that nobody fills the disk by trying. */
static void say_refusal(struct service *service, const struct session *session,
                        const struct frame *frame)
{
    counters_add(service->counters, MODBUSD_WRITES_REFUSED, 1);
    if (!rate_due(&service->refusals, service->now))
        return;
    log_warning("write refused: %s may not write to unit %u (function %u); %u such refusal%s since "
                "the last line",
                session->peer, frame->unit, frame->pdu[0], service->refusals.since,
                plural(service->refusals.since));
    rate_said(&service->refusals, service->now);
}

void service_report_protocol(struct service *service, const struct session *session,
                             const uint8_t *bytes, size_t len)
{
    enum { SHOWN = 8 };
    enum protocol protocol = protocol_guess(bytes, len);
    char shown[3 * SHOWN + 1] = "";
    if (!rate_due(&service->protocols, service->now))
        return;
    for (size_t i = 0; i < len && i < SHOWN; i++)
        snprintf(shown + 3 * i, sizeof shown - 3 * i, " %02X", bytes[i]);
    log_warning("%s sends no Modbus TCP but %s (%zu byte%s:%s): %s; %u such connection%s since the "
                "last line",
                session->peer, protocol_name(protocol), len, plural(len), shown,
                protocol_remedy(protocol), service->protocols.since,
                plural(service->protocols.since));
    rate_said(&service->protocols, service->now);
}

static bool is_lost(const struct service *service)
{
    return service->process_timeout_ms != 0 &&
           service->now - service->process_seen >= service->process_timeout_ms;
}

void service_start(struct service *service, uint64_t now)
{
    service->now = service->process_seen = now;
}

void service_tick(struct service *service, uint64_t now)
{
    service->now = now;
    bool lost = is_lost(service);
    if (lost == service->process_lost)
        return;
    service->process_lost = lost;
    counters_set(service->counters, MODBUSD_PROCESS_LOST, lost);
    if (lost)
        log_warning("process lost: no request on the side of the inputs for %llu ms; reads are "
                    "answered with exception 11",
                    (unsigned long long)service->process_timeout_ms);
    else
        log_info("process back: reads are answered again");
}

/* What stands against a request before its structure is looked at, or PDU_OK. */
static enum pdu_exception check_right(const struct call *call)
{
    const struct session *session = call->session;
    uint8_t right = session->rights.of[call->place];
    if (right == ACCESS_NONE)
        return PDU_GATEWAY_TARGET;
    if (right == ACCESS_WRITE || !pdu_is_write(call->frame->pdu[0]))
        return PDU_OK;
    say_refusal(call->service, session, call->frame);
    return PDU_ILLEGAL_FUNCTION;
}

/* Function 23 reads too. */
static enum pdu_exception check_process(const struct call *call)
{
    if (call->session->side == SIDE_SCADA && call->request.read_count > 0 && is_lost(call->service))
        return PDU_GATEWAY_TARGET;
    return PDU_OK;
}

bool service_answer(struct service *service, const struct session *session,
                    const struct frame *frame, struct answers *out)
{
    struct call call = {.service = service, .session = session, .frame = frame, .out = out};
    int place = unit_set_index(service->units, frame->unit);
    counters_add(service->counters, counter_of_function(frame->pdu[0]), 1);
    if (session->side == SIDE_INPUTS)
        service->process_seen = service->now;
    if (place == UNIT_NONE)
        return refuse(&call, PDU_GATEWAY_TARGET);
    call.place = (size_t)place;
    enum pdu_exception code = check_right(&call);
    if (code == PDU_OK)
        code = pdu_check(frame->pdu, frame->pdu_len, &call.request);
    if (code == PDU_OK)
        code = check_process(&call);
    if (code != PDU_OK)
        return refuse(&call, code);
    return answers_of_kind[call.request.kind](&call);
}
