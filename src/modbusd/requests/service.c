/* Answers requests. */
#include "modbusd/requests/service.h"

#include <stdio.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/plural.h"
#include "common/base/require.h"
#include "modbusd/requests/access_words.h"

_Static_assert(MODBUSD_REQUESTS_OTHER - MODBUSD_REQUESTS_1 == (size_t)CLIENT_FUNCTION_OTHER,
               "the counters of functions are in the order of the clients' counters");
_Static_assert(MODBUSD_EXCEPTIONS_4 == MODBUSD_EXCEPTIONS_1 + PDU_DEVICE_FAILURE - 1,
               "the counters of exceptions 1 to 4 are in order");

/* mqttd reads the time-out each second, and its requests have waited for the former one. */
enum { PROCESS_LEARNS_MS = 3000 };

bool answers_have_room(const struct answers *out)
{
    return out->size >= out->len + ADU_MAX;
}

#define COUNTER_CASE(code, ...)                                                                    \
    case code:                                                                                     \
        return MODBUSD_REQUESTS_##code;

static size_t service_counter_of_function(uint8_t function)
{
    switch (function) {
        PDU_FUNCTIONS(COUNTER_CASE)
    default:
        return MODBUSD_REQUESTS_OTHER;
    }
}

enum { CAUSE_SIZE = 192 };

/* Counts a refused request and logs it, with a limit: a client must not fill the disk. */
static void service_log_refusal(struct service *service,
                                const struct client_session *client_session,
                                const struct pdu_frame *frame, size_t counter, const char *cause)
{
    const bool is_write = pdu_is_write(frame->pdu[0]);
    counters_add(service->counters, counter, 1);
    if (is_write)
        counters_add(service->counters, MODBUSD_WRITES_REFUSED, 1);
    if (!log_limit_count_event(&service->refusals, service->now))
        return;
    log_warning("%s refused: %s %s; %u such refusal%s since the last line",
                is_write ? "write" : "request", client_session->peer, cause,
                service->refusals.since, plural_suffix(service->refusals.since));
    log_limit_mark_logged(&service->refusals, service->now);
}

/* `refusal` has rule 0 if no rule has the function. */
static enum pdu_exception service_refuse_function(struct service *service,
                                                  const struct client_session *client_session,
                                                  const struct pdu_frame *frame,
                                                  const struct access_refusal *refusal)
{
    char cause[CAUSE_SIZE];
    if (refusal->rule != 0)
        snprintf(cause, sizeof cause, "may not write to unit %u (function %u)", frame->unit,
                 frame->pdu[0]);
    else
        snprintf(cause, sizeof cause,
                 "may not use function %u in unit %u: no allow rule for the client has it",
                 frame->pdu[0], frame->unit);
    service_log_refusal(service, client_session, frame, MODBUSD_FUNCTIONS_REFUSED, cause);
    return PDU_ILLEGAL_FUNCTION;
}

static enum pdu_exception service_refuse_registers(struct service *service,
                                                   const struct client_session *client_session,
                                                   const struct pdu_frame *frame,
                                                   const struct pdu_request *request,
                                                   const struct access_refusal *refusal)
{
    char cause[CAUSE_SIZE], rule[64] = "no allow rule for the client has it";
    if (refusal->rule != 0)
        snprintf(rule, sizeof rule, "allow rule %zu only lets it read", refusal->rule);
    snprintf(cause, sizeof cause, "may not use %s %u of unit %u (function %u): %s",
             access_table_name(request->table), refusal->address, frame->unit, frame->pdu[0], rule);
    service_log_refusal(service, client_session, frame, MODBUSD_REGISTERS_REFUSED, cause);
    return PDU_ILLEGAL_ADDRESS;
}

static void service_log_ownerless(struct service *service,
                                  const struct client_session *client_session,
                                  const struct pdu_frame *frame, const struct pdu_request *request)
{
    const char *table = request->table == PDU_COILS ? "coil" : "holding register";
    if (!log_limit_count_event(&service->ownerless, service->now))
        return;
    log_warning(
        "write refused: %s writes %u %s%s from %u of unit %u (function %u), and no tag takes "
        "writes there ([modbusd] writes = tags); %u such refusal%s since the last line",
        client_session->peer, request->write_count, table, plural_suffix(request->write_count),
        request->write_address, frame->unit, frame->pdu[0], service->ownerless.since,
        plural_suffix(service->ownerless.since));
    log_limit_mark_logged(&service->ownerless, service->now);
}

/* Refuses what [modbusd] gaps and writes refuse: counts it, and logs writes with a limit. */
static inline enum pdu_exception service_check_gaps(struct service *service,
                                                    const struct client_session *client_session,
                                                    const struct pdu_frame *frame,
                                                    const struct pdu_request *request, int place)
{
    enum gap_verdict verdict =
        gaps_judge_request(service->gaps, service->units->id[place], request);
    if (verdict == GAPS_PASS)
        return PDU_OK;
    bool is_read = verdict == GAPS_REFUSE_READ;
    counters_add(service->counters,
                 is_read ? MODBUSD_GAP_READS_REFUSED : MODBUSD_GAP_WRITES_REFUSED, 1);
    if (!is_read)
        service_log_ownerless(service, client_session, frame, request);
    return PDU_ILLEGAL_ADDRESS;
}

void service_note_closed(struct service *service, const struct client_session *client_session,
                         enum client_refusal_reason reason, const char *detail)
{
    const struct client_entry *entry = client_session->entry;
    if (!entry || client_session->is_serial) /* it has no address, and comes back at once */
        return;
    struct client_refusal refusal = {.port = (uint16_t)entry->words[CLIENT_WORD_PORT],
                                     .side = (enum client_side)client_session->side,
                                     .reason = reason,
                                     .at_ms = service->now + service->wall_offset};
    memcpy(refusal.address, &entry->words[CLIENT_WORD_ADDRESS], sizeof refusal.address);
    snprintf(refusal.detail, sizeof refusal.detail, "%s", detail);
    client_table_note_refusal(service->client_table, &refusal);
}

enum {
    SHOWN_BYTES = 8,
    SHOWN_SIZE = sizeof "18446744073709551615 bytes:" + (size_t)3 * SHOWN_BYTES
};

/* Formats the number of bytes and the first ones. */
static const char *service_show_bytes(const uint8_t *bytes, size_t len, char shown[SHOWN_SIZE])
{
    int at =
        snprintf(shown, SHOWN_SIZE, "%zu byte%s%s", len, plural_suffix(len), len > 0 ? ":" : "");
    for (size_t i = 0; i < len && i < SHOWN_BYTES; i++)
        at += snprintf(shown + at, SHOWN_SIZE - (size_t)at, " %02X", bytes[i]);
    return shown;
}

static void service_log_peer(struct service *service, struct log_limit *limit, const char *peer,
                             const char *detail)
{
    if (!log_limit_count_event(limit, service->now))
        return;
    log_warning("%s %s; %u such connection%s since the last line", peer, detail, limit->since,
                plural_suffix(limit->since));
    log_limit_mark_logged(limit, service->now);
}

void service_log_protocol(struct service *service, const struct client_session *client_session,
                          enum protocol expected, const uint8_t *bytes, size_t len)
{
    enum protocol protocol = protocol_guess(expected, bytes, len);
    char shown[SHOWN_SIZE], detail[CLIENT_DETAIL_SIZE];
    snprintf(detail, sizeof detail, "sends %s instead of %s (%s): %s", protocol_name(protocol),
             protocol_name(expected), service_show_bytes(bytes, len, shown),
             protocol_remedy(expected, protocol));
    service_note_closed(service, client_session, CLIENT_NOT_MODBUS, detail);
    service_log_peer(service, &service->protocols, client_session->peer, detail);
}

void service_log_header(struct service *service, const struct client_session *client_session,
                        const uint8_t *bytes, size_t len)
{
    char shown[SHOWN_SIZE], detail[CLIENT_DETAIL_SIZE];
    snprintf(detail, sizeof detail,
             "is in proxy_protocol_from but sends no PROXY header (%s): set send-proxy-v2, "
             "or correct proxy_protocol_from",
             service_show_bytes(bytes, len, shown));
    counters_add(service->counters, MODBUSD_CLOSED_PROXY_HEADER, 1);
    service_note_closed(service, client_session, CLIENT_NO_PROXY_HEADER, detail);
    service_log_peer(service, &service->headers, client_session->peer, detail);
}

static bool service_lost_process(const struct service *service)
{
    return service->process_timeout_ms != 0 &&
           service->now >= service->process_seen + service->process_timeout_ms;
}

void service_set_process_timeout(struct service *service, uint64_t timeout_ms)
{
    const uint64_t known_at = service->now + PROCESS_LEARNS_MS;
    const bool is_sooner = timeout_ms != 0 && (service->process_timeout_ms == 0 ||
                                               timeout_ms < service->process_timeout_ms);
    if (is_sooner && !service->process_lost && service->process_seen < known_at)
        service->process_seen = known_at;
    service->process_timeout_ms = timeout_ms;
}

void service_start_clock(struct service *service, uint64_t now)
{
    service->now = service->process_seen = now;
}

void service_set_time(struct service *service, uint64_t now)
{
    service->now = now;
    bool lost = service_lost_process(service);
    if (lost == service->process_lost)
        return;
    service->process_lost = lost;
    counters_set(service->counters, MODBUSD_PROCESS_LOST, lost);
    if (lost)
        log_warning(
            "process lost: no request on the inputs side for %llu ms; reads are answered with "
            "exception 11",
            (unsigned long long)service->process_timeout_ms);
    else
        log_info("tagferry-mqttd sends requests again: reads are answered with values again");
}

uint64_t service_process_due_ms(const struct service *service)
{
    return service->process_timeout_ms == 0 || service->process_lost
               ? UINT64_MAX
               : service->process_seen + service->process_timeout_ms;
}

/* Counts the request of a client, also if it was refused. */
static inline void service_note_request(struct client_entry *entry, const struct pdu_frame *frame,
                                        size_t counter, enum pdu_exception code)
{
    if (entry)
        client_entry_note_request(entry, (enum client_function)(counter - MODBUSD_REQUESTS_1),
                                  frame->unit, (uint8_t)code, frame->pdu, frame->pdu_len);
}

/* Index of the unit in the unit set, or UNIT_NONE. Only SCADA uses other names of units: a device
 * with such a unit id must not change the registers of another unit. */
static inline int service_find_place(const struct service *service, bool is_scada, uint8_t unit)
{
    if (!is_scada)
        return unit_set_index(service->units, unit);
    int place = unit_set_named_index(service->units, unit);
    return place == UNIT_NONE && service->unknown_is_first ? 0 : place;
}

/* Checks the request of a client that may not write all of the unit. */
static enum pdu_exception service_check_rights(struct service *service,
                                               const struct client_session *client_session,
                                               const struct pdu_frame *frame, int place,
                                               struct pdu_request *request)
{
    const uint8_t function = frame->pdu[0];
    const struct access_rights *rights = &client_session->rights;
    const uint8_t right = place == UNIT_NONE ? ACCESS_NONE : rights->of[place];
    struct access_refusal refusal = {.rule = 1};
    if (right == ACCESS_NONE)
        return PDU_GATEWAY_TARGET;
    const uint8_t unit = service->units->id[place];
    if (right == ACCESS_BY_REQUEST ? !access_has_function(rights, unit, function, &refusal)
                                   : pdu_is_write(function))
        return service_refuse_function(service, client_session, frame, &refusal);
    enum pdu_exception code = pdu_check_request(frame->pdu, frame->pdu_len, request);
    if (code == PDU_OK && right == ACCESS_BY_REQUEST &&
        !access_has_registers(rights, unit, request, &refusal))
        return service_refuse_registers(service, client_session, frame, request, &refusal);
    return code;
}

/* On a serial line another device may have the number of a unit that the client has no right to. */
static bool service_hides_unit(const struct client_session *client_session, int place)
{
    return place == UNIT_NONE || client_session->rights.of[place] == ACCESS_NONE;
}

void service_answer_frame(struct service *service, const struct client_session *client_session,
                          const struct pdu_frame *frame, struct answers *out)
{
    const uint8_t function = frame->pdu[0];
    const bool is_scada = client_session->side == SIDE_SCADA;
    struct pdu_request request;
    REQUIRE(out->len + ADU_MAX <= out->size);
    const size_t counter = service_counter_of_function(function);
    counters_add(service->counters, counter, 1);
    if (client_session->side == SIDE_INPUTS && service->process_seen < service->now)
        service->process_seen = service->now;

    /* Checks in this order: unit, right to the function, structure and address, right to the
     * registers, owners, process. */
    const int place = service_find_place(service, is_scada, frame->unit);
    enum pdu_exception code =
        place != UNIT_NONE && client_session->rights.of[place] == ACCESS_WRITE
            ? pdu_check_request(frame->pdu, frame->pdu_len, &request)
            : service_check_rights(service, client_session, frame, place, &request);
    if (code == PDU_OK && is_scada && service->gaps)
        code = service_check_gaps(service, client_session, frame, &request, place);
    if (code == PDU_OK && is_scada && request.read_count > 0 && service_lost_process(service))
        code = PDU_GATEWAY_TARGET;

    uint8_t *pdu = out->bytes + out->len + MBAP_SIZE;
    size_t pdu_len = 0;
    if (code == PDU_OK && request.kind == PDU_READ) {
        pdu_len =
            bank_encode_read(service->bank, client_session->side, (size_t)place, &request, pdu);
    } else if (code == PDU_OK && request.kind == PDU_WRITE) {
        pdu_len = bank_write_frame(service->bank, client_session->side, (size_t)place,
                                   frame->pdu - MBAP_SIZE, frame->size, &request, pdu);
        if (pdu_len == 0)
            code = PDU_DEVICE_FAILURE;
        else if (is_scada)
            counters_add(service->counters, MODBUSD_JOURNAL_ENTRIES, 1);
    } else if (code == PDU_OK) {
        code = ident_answer_request(&service->ident, frame->unit, frame->pdu, frame->pdu_len, pdu,
                                    &pdu_len);
    }
    if (code != PDU_OK) {
        if (client_session->is_serial && service_hides_unit(client_session, place))
            return;
        REQUIRE(code <= PDU_DEVICE_FAILURE || code == PDU_GATEWAY_TARGET);
        counters_add(service->counters,
                     code == PDU_GATEWAY_TARGET ? MODBUSD_EXCEPTIONS_11
                                                : MODBUSD_EXCEPTIONS_1 + (size_t)code - 1,
                     1);
        pdu_len = pdu_put_exception(pdu, function, code);
    }
    service_note_request(client_session->entry, frame, counter, code);
    pdu_put_header(pdu - MBAP_SIZE, frame->transaction, frame->unit, pdu_len);
    out->len += MBAP_SIZE + pdu_len;
}
