/* Framing: what frame_cut says of a stream must not depend on how the stream is cut into pieces,
 * and must be what the specification says, here written down once more. */
#include <stdlib.h>
#include <string.h>

#include "common/pdu.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static enum frame_result expected(const uint8_t *data, size_t size)
{
    uint8_t header[6] = {0};
    memcpy(header, data, size < 6 ? size : 6);
    size_t length = (size_t)header[4] * 256 + header[5];
    if (header[2] || header[3] || length > 254 || (size >= 6 && length < 2))
        return FRAME_BAD;
    return size >= 6 && size >= 6 + length ? FRAME_WHOLE : FRAME_PART;
}

static void check_frame(const uint8_t *data, size_t size, const struct frame *frame)
{
    uint8_t header[MBAP_SIZE];
    check(frame->size <= size && frame->size == frame->pdu_len + MBAP_SIZE);
    check(frame->pdu == data + MBAP_SIZE && frame->pdu_len >= 1 && frame->pdu_len <= PDU_MAX);
    frame_header(header, frame->transaction, frame->unit, frame->pdu_len);
    check(memcmp(header, data, MBAP_SIZE) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (size_t len = 0; len <= size && len <= ADU_MAX + 1; len++) {
        uint8_t *piece = malloc(len + 1); /* so that a read beyond it is seen */
        struct frame frame;
        memcpy(piece, data, len);
        uint8_t *exact = realloc(piece, len ? len : 1);
        enum frame_result result = frame_cut(exact, len, &frame);
        check(result == expected(exact, len));
        if (result == FRAME_WHOLE)
            check_frame(exact, len, &frame);
        free(exact);
    }
    return 0;
}
