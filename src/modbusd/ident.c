/* Tells clients what they talk to. */
#include "modbusd/ident.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
    MEI_IDENTIFICATION = 14,
    READ_BASIC = 1,
    READ_REGULAR = 2,
    READ_EXTENDED = 3,
    READ_INDIVIDUAL = 4,
    CONFORMITY = 0x82, /* regular, streamed and individual */
    MORE_FOLLOWS = 0xFF,
    RUNNING = 0xFF,
};

static enum pdu_exception ident_report_server(const struct ident *ident, uint8_t unit, uint8_t *pdu,
                                              size_t *len)
{
    char text[3 * IDENT_TEXT_MAX + 3];
    int size = snprintf(text, sizeof text, "%s %s %s", ident->text[IDENT_VENDOR],
                        ident->text[IDENT_PRODUCT], ident->text[IDENT_REVISION]);
    if (size < 0 || (size_t)size >= sizeof text)
        return PDU_DEVICE_FAILURE;
    pdu[0] = FC_REPORT_SERVER_ID;
    pdu[1] = (uint8_t)(2 + size);
    pdu[2] = unit;
    pdu[3] = RUNNING;
    memcpy(pdu + 4, text, (size_t)size);
    *len = 4 + (size_t)size;
    return PDU_OK;
}

static bool ident_has_object(const struct ident *ident, size_t id)
{
    return id <= IDENT_REVISION || (id < IDENT_OBJECTS && ident->text[id][0] != '\0');
}

/* Appends objects until the category's last, or until the answer is full. */
static size_t ident_put_objects(const struct ident *ident, size_t first, size_t last, uint8_t *pdu)
{
    size_t at = 7;
    for (size_t id = first; id <= last; id++) {
        if (!ident_has_object(ident, id))
            continue;
        size_t size = strlen(ident->text[id]);
        if (at + 2 + size > PDU_MAX) {
            pdu[4] = MORE_FOLLOWS;
            pdu[5] = (uint8_t)id;
            break;
        }
        pdu[at] = (uint8_t)id;
        pdu[at + 1] = (uint8_t)size;
        memcpy(pdu + at + 2, ident->text[id], size);
        at += 2 + size;
        pdu[6]++;
    }
    return at;
}

static enum pdu_exception ident_read_objects(const struct ident *ident, const uint8_t *request,
                                             uint8_t *pdu, size_t *len)
{
    uint8_t code = request[2];
    size_t first = request[3];
    if (code < READ_BASIC || code > READ_INDIVIDUAL)
        return PDU_ILLEGAL_VALUE;
    size_t last = code == READ_BASIC ? IDENT_REVISION : IDENT_APPLICATION;
    if (code == READ_INDIVIDUAL) {
        if (!ident_has_object(ident, first))
            return PDU_ILLEGAL_ADDRESS;
        last = first;
    } else if (first > last || !ident_has_object(ident, first)) {
        first = 0; /* as the specification has it: begin again at the start */
    }
    const uint8_t head[] = {FC_ENCAPSULATED, MEI_IDENTIFICATION, code, CONFORMITY, 0, 0, 0};
    memcpy(pdu, head, sizeof head);
    *len = ident_put_objects(ident, first, last, pdu);
    return PDU_OK;
}

enum pdu_exception ident_answer_request(const struct ident *ident, uint8_t unit,
                                        const uint8_t *request, size_t request_len, uint8_t *pdu,
                                        size_t *len)
{
    if (request[0] == FC_REPORT_SERVER_ID && request_len == 1)
        return ident_report_server(ident, unit, pdu, len);
    if (request[0] == FC_ENCAPSULATED && request_len > 1 && request[1] != MEI_IDENTIFICATION)
        return PDU_ILLEGAL_FUNCTION;
    if (request[0] == FC_ENCAPSULATED && request_len == 4)
        return ident_read_objects(ident, request, pdu, len);
    return PDU_ILLEGAL_VALUE;
}
