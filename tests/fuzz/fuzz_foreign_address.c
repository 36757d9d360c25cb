/* Addresses of other products: what is accepted lies within the limits of a point. The first byte
 * is the notation and the options. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/foreign/foreign_address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct foreign_address address;
    struct foreign_error why = {""};
    if (size < 1)
        return 0;
    char *text = calloc(1, size);
    if (!text)
        return 0;
    memcpy(text, data + 1, size - 1);
    unsigned options = data[0] & 0x0f; /* a letter of the corpus is a notation */
    bool ok = foreign_address_parse((enum foreign_notation)(options % FOREIGN_NOTATIONS), text,
                                    (options & 4) != 0, (options & 8) ? 0 : 1, &address, &why);
    if (!ok && !why.text[0])
        abort();
    if (ok && (address.table >= TABLE_COUNT || address.bit < NO_BIT || address.bit > 15 ||
               address.unit < -1 || address.unit > 255 || address.length > STRING_REGISTERS_MAX ||
               (address.bit != NO_BIT && table_is_bits(address.table)) ||
               (address.length > 0 && table_is_bits(address.table))))
        abort();
    free(text);
    return 0;
}
