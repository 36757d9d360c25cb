/* Decides what becomes of a request. The order of checks: unit, function and right to it,
 * structure, address, presence of the process. */
#include "modbusd/service.h"

#include <stdio.h>

#include "common/base/log.h"
#include "common/base/plural.h"
#include "modbusd/protocol_guess.h"
#include "modbusd/reads.h"

/* What a kind of request needs to be answered. */
struct service_call {
    struct service *service;
    const struct client_session *client_session;
    const struct pdu_frame *frame;
    size_t place; /* of the unit */
    struct pdu_request request;
    struct answers *out;
};

bool service_has_room(const struct service *service, const struct answers *out)
{
    return out->size - out->len >= bank_waiting_bytes(service->bank) + ADU_MAX;
}

bool service_fetch_answers(struct service *service, struct answers *out)
{
    size_t waiting = bank_waiting_bytes(service->bank);
    if (!bank_drain_answers(service->bank, out->bytes + out->len))
        return false;
    out->len += waiting;
    return true;
}

static uint8_t *call_own_pdu(const struct service_call *service_call)
{
    return service_call->out->bytes + service_call->out->len + MBAP_SIZE;
}

static void call_finish_own(const struct service_call *service_call, size_t pdu_len)
{
    pdu_put_header(service_call->out->bytes + service_call->out->len,
                   service_call->frame->transaction, service_call->frame->unit, pdu_len);
    service_call->out->len += MBAP_SIZE + pdu_len;
}

static size_t counter_of_exception(enum pdu_exception code)
{
    return code == PDU_GATEWAY_TARGET ? MODBUSD_EXCEPTIONS_11
                                      : MODBUSD_EXCEPTIONS_1 + (size_t)code - 1;
}

static bool call_refuse_request(const struct service_call *service_call, enum pdu_exception code)
{
    if (!service_fetch_answers(service_call->service, service_call->out))
        return false;
    counters_add(service_call->service->counters, counter_of_exception(code), 1);
    call_finish_own(service_call, pdu_put_exception(call_own_pdu(service_call),
                                                    service_call->frame->pdu[0], code));
    return true;
}

static bool call_answer_read(const struct service_call *service_call)
{
    const struct register_tables *register_tables = bank_unit_tables(
        service_call->service->bank, service_call->client_session->side, service_call->place);
    if (!service_fetch_answers(service_call->service, service_call->out))
        return false;
    call_finish_own(service_call, reads_encode_answer(register_tables, &service_call->request,
                                                      call_own_pdu(service_call)));
    return true;
}

static bool call_answer_write(const struct service_call *service_call)
{
    const struct pdu_frame *frame = service_call->frame;
    if (!bank_write_frame(service_call->service->bank, service_call->client_session->side,
                          frame->pdu - MBAP_SIZE, frame->size, &service_call->request))
        return call_refuse_request(service_call, PDU_DEVICE_FAILURE);
    if (service_call->client_session->side == SIDE_SCADA)
        counters_add(service_call->service->counters, MODBUSD_JOURNAL_ENTRIES, 1);
    return true;
}

static bool call_answer_identify(const struct service_call *service_call)
{
    const struct pdu_frame *frame = service_call->frame;
    size_t len;
    if (!service_fetch_answers(service_call->service, service_call->out))
        return false;
    enum pdu_exception code =
        ident_answer_request(&service_call->service->ident, frame->unit, frame->pdu, frame->pdu_len,
                             call_own_pdu(service_call), &len);
    if (code != PDU_OK)
        return call_refuse_request(service_call, code);
    call_finish_own(service_call, len);
    return true;
}

static bool (*const answers_of_kind[])(const struct service_call *) = {
    [PDU_READ] = call_answer_read,
    [PDU_WRITE] = call_answer_write,
    [PDU_IDENTIFY] = call_answer_identify,
};

#define COUNTER_CASE(code, ...)                                                                    \
    case code:                                                                                     \
        return MODBUSD_REQUESTS_##code;

static size_t counter_of_function(uint8_t function)
{
    switch (function) {
        PDU_FUNCTIONS(COUNTER_CASE)
    default:
        return MODBUSD_REQUESTS_OTHER;
    }
}

/* One line for many refusals, so that nobody fills the disk by trying. */
static void service_log_refusal(struct service *service,
                                const struct client_session *client_session,
                                const struct pdu_frame *frame)
{
    counters_add(service->counters, MODBUSD_WRITES_REFUSED, 1);
    if (!log_limit_count_event(&service->refusals, service->now))
        return;
    log_warning("write refused: %s may not write to unit %u (function %u); %u such refusal%s since "
                "the last line",
                client_session->peer, frame->unit, frame->pdu[0], service->refusals.since,
                plural_suffix(service->refusals.since));
    log_limit_mark_logged(&service->refusals, service->now);
}

void service_log_protocol(struct service *service, const struct client_session *client_session,
                          const uint8_t *bytes, size_t len)
{
    enum { SHOWN = 8 };
    enum protocol protocol = protocol_guess(bytes, len);
    char shown[3 * SHOWN + 1] = "";
    if (!log_limit_count_event(&service->protocols, service->now))
        return;
    for (size_t i = 0; i < len && i < SHOWN; i++)
        snprintf(shown + 3 * i, sizeof shown - 3 * i, " %02X", bytes[i]);
    log_warning("%s sends no Modbus TCP but %s (%zu byte%s:%s): %s; %u such connection%s since the "
                "last line",
                client_session->peer, protocol_name(protocol), len, plural_suffix(len), shown,
                protocol_remedy(protocol), service->protocols.since,
                plural_suffix(service->protocols.since));
    log_limit_mark_logged(&service->protocols, service->now);
}

static bool process_is_lost(const struct service *service)
{
    return service->process_timeout_ms != 0 &&
           service->now - service->process_seen >= service->process_timeout_ms;
}

void service_start_clock(struct service *service, uint64_t now)
{
    service->now = service->process_seen = now;
}

void service_set_time(struct service *service, uint64_t now)
{
    service->now = now;
    bool lost = process_is_lost(service);
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
static enum pdu_exception call_check_right(const struct service_call *service_call)
{
    const struct client_session *client_session = service_call->client_session;
    uint8_t right = client_session->rights.of[service_call->place];
    if (right == ACCESS_NONE)
        return PDU_GATEWAY_TARGET;
    if (right == ACCESS_WRITE || !pdu_is_write(service_call->frame->pdu[0]))
        return PDU_OK;
    service_log_refusal(service_call->service, client_session, service_call->frame);
    return PDU_ILLEGAL_FUNCTION;
}

/* Function 23 reads too. */
static enum pdu_exception call_check_process(const struct service_call *service_call)
{
    if (service_call->client_session->side == SIDE_SCADA && service_call->request.read_count > 0 &&
        process_is_lost(service_call->service))
        return PDU_GATEWAY_TARGET;
    return PDU_OK;
}

bool service_answer_frame(struct service *service, const struct client_session *client_session,
                          const struct pdu_frame *frame, struct answers *out)
{
    struct service_call service_call = {
        .service = service, .client_session = client_session, .frame = frame, .out = out};
    int place = unit_set_index(service->units, frame->unit);
    counters_add(service->counters, counter_of_function(frame->pdu[0]), 1);
    if (client_session->side == SIDE_INPUTS)
        service->process_seen = service->now;
    if (place == UNIT_NONE)
        return call_refuse_request(&service_call, PDU_GATEWAY_TARGET);
    service_call.place = (size_t)place;
    enum pdu_exception code = call_check_right(&service_call);
    if (code == PDU_OK)
        code = pdu_check_request(frame->pdu, frame->pdu_len, &service_call.request);
    if (code == PDU_OK)
        code = call_check_process(&service_call);
    if (code != PDU_OK)
        return call_refuse_request(&service_call, code);
    return answers_of_kind[service_call.request.kind](&service_call);
}
