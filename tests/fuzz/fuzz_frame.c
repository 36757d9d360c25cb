/* Framing: the result of pdu_cut_frame must not depend on how the stream is split, and must agree
 * with the specification, which is implemented here a second time. */
#include <stdlib.h>
#include <string.h>

#include "common/modbus/pdu.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

enum { LONGEST = 6 + 1023 };

static enum pdu_frame_result expected(const uint8_t *data, size_t size, bool request)
{
    uint8_t header[8] = {0};
    memcpy(header, data, size < 8 ? size : 8);
    size_t length = (size_t)header[4] * 256 + header[5];
    bool writes = size < 8 || header[7] == 15 || header[7] == 16 || header[7] == 23;
    size_t most = !request ? 254 : size < 6 || writes ? 1023 : 254;
    if (!request && header[4])
        return FRAME_BAD;
    if (header[2] || header[3] || length > most || (size >= 6 && length < 2))
        return FRAME_BAD;
    return size >= 6 && size >= 6 + length ? FRAME_WHOLE : FRAME_PART;
}

static void check_frame(const uint8_t *data, size_t size, const struct pdu_frame *frame,
                        bool request)
{
    uint8_t header[MBAP_SIZE];
    struct pdu_request asked;
    check(frame->size <= size && frame->size == frame->pdu_len + MBAP_SIZE);
    check(frame->pdu == data + MBAP_SIZE && frame->pdu_len >= 1);
    check(frame->pdu_len <= (request ? 1022 : 253));
    /* Too long requests never pass the checks. */
    check(frame->pdu_len <= 253 ||
          pdu_check_request(frame->pdu, frame->pdu_len, &asked) == PDU_ILLEGAL_VALUE);
    if (frame->pdu_len > 253)
        return;
    pdu_put_header(header, frame->transaction, frame->unit, frame->pdu_len);
    check(memcmp(header, data, MBAP_SIZE) == 0);
}

static void check_cut(const uint8_t *data, size_t len, bool request)
{
    uint8_t *exact = malloc(len ? len : 1); /* detects a read beyond it */
    struct pdu_frame frame;
    memcpy(exact, data, len);
    enum pdu_frame_result result =
        request ? pdu_cut_request(exact, len, &frame) : pdu_cut_frame(exact, len, &frame);
    check(result == expected(exact, len, request));
    if (result == FRAME_WHOLE)
        check_frame(exact, len, &frame, request);
    free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (size_t len = 0; len <= size && len <= LONGEST + 1; len++) {
        check_cut(data, len, false);
        check_cut(data, len, true);
    }
    return 0;
}
