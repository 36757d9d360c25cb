/* Encodes the identification from the configuration. */
#include "modbusd/requests/ident.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/base/require.h"

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

_Static_assert((int)IDENT_REVISION == 2 && (int)IDENT_APPLICATION == 6, "ids of the specification");
_Static_assert(4 + 3 * IDENT_TEXT_MAX + 2 <= PDU_MAX, "the answer to function 17 fits");
_Static_assert(7 + 3 * (2 + IDENT_TEXT_MAX) <= PDU_MAX, "the basic objects fit in one answer");

static bool ident_has_object(const struct ident *ident, size_t id)
{
    return id <= IDENT_REVISION || (id < IDENT_OBJECTS && ident->text[id][0] != '\0');
}

/* Function 43/14: the objects of a category, or one of them. */
static enum pdu_exception ident_read_objects(const struct ident *ident, uint8_t code, size_t first,
                                             uint8_t *pdu, size_t *len)
{
    if (code < READ_BASIC || code > READ_INDIVIDUAL)
        return PDU_ILLEGAL_VALUE;
    size_t last = code == READ_BASIC ? IDENT_REVISION : IDENT_APPLICATION;
    if (code == READ_INDIVIDUAL) {
        if (!ident_has_object(ident, first))
            return PDU_ILLEGAL_ADDRESS;
        last = first;
    } else if (first > last || !ident_has_object(ident, first)) {
        first = 0; /* by the specification, an unknown object means the first one */
    }

    const uint8_t head[] = {FC_ENCAPSULATED, MEI_IDENTIFICATION, code, CONFORMITY, 0, 0, 0};
    memcpy(pdu, head, sizeof head);
    *len = sizeof head;
    for (size_t id = first; id <= last; id++) {
        if (!ident_has_object(ident, id))
            continue;
        size_t size = strlen(ident->text[id]);
        REQUIRE(size <= IDENT_TEXT_MAX);
        if (*len + 2 + size > PDU_MAX) {
            pdu[4] = MORE_FOLLOWS;
            pdu[5] = (uint8_t)id;
            break;
        }
        pdu[*len] = (uint8_t)id;
        pdu[*len + 1] = (uint8_t)size;
        memcpy(pdu + *len + 2, ident->text[id], size);
        *len += 2 + size;
        pdu[6]++;
    }
    return PDU_OK;
}

enum pdu_exception ident_answer_request(const struct ident *ident, uint8_t unit,
                                        const uint8_t *request, size_t request_len, uint8_t *pdu,
                                        size_t *len)
{
    REQUIRE(request_len >= 1);
    if (request[0] == FC_REPORT_SERVER_ID && request_len == 1) {
        char text[3 * IDENT_TEXT_MAX + 3];
        int size = snprintf(text, sizeof text, "%s %s %s", ident->text[IDENT_VENDOR],
                            ident->text[IDENT_PRODUCT], ident->text[IDENT_REVISION]);
        REQUIRE(size > 0 && (size_t)size < sizeof text);
        pdu[0] = FC_REPORT_SERVER_ID;
        pdu[1] = (uint8_t)(2 + size);
        pdu[2] = unit;
        pdu[3] = RUNNING;
        memcpy(pdu + 4, text, (size_t)size);
        *len = 4 + (size_t)size;
        return PDU_OK;
    }
    if (request[0] == FC_ENCAPSULATED && request_len > 1 && request[1] != MEI_IDENTIFICATION)
        return PDU_ILLEGAL_FUNCTION;
    if (request[0] == FC_ENCAPSULATED && request_len == 4)
        return ident_read_objects(ident, request[2], request[3], pdu, len);
    return PDU_ILLEGAL_VALUE;
}
