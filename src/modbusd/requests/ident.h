/* Functions 17 (Report Server Id) and 43/14 (Read Device Identification). Pure. */
#ifndef TAGFERRY_MODBUSD_REQUESTS_IDENT_H
#define TAGFERRY_MODBUSD_REQUESTS_IDENT_H

#include <stddef.h>
#include <stdint.h>

#include "common/modbus/pdu.h"

/* The object ids of function 43/14. The first three are the basic ones. */
enum ident_object {
    IDENT_VENDOR,
    IDENT_PRODUCT_CODE,
    IDENT_REVISION,
    IDENT_URL,
    IDENT_PRODUCT,
    IDENT_MODEL,
    IDENT_APPLICATION,
    IDENT_OBJECTS,
};

enum { IDENT_TEXT_MAX = 64 };

/* The texts, at most IDENT_TEXT_MAX bytes each. An empty text is omitted unless it is a basic one.
 */
struct ident {
    const char *text[IDENT_OBJECTS];
};

/* Answers a request of kind PDU_IDENTIFY; `len` receives the length of the answer, at most PDU_MAX.
 * Returns PDU_OK, or the exception to answer instead. */
enum pdu_exception ident_answer_request(const struct ident *ident, uint8_t unit,
                                        const uint8_t *request, size_t request_len, uint8_t *pdu,
                                        size_t *len);

#endif
