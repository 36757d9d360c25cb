/* Addresses of Modbus registers as engineers and other products write them. Pure.
 *
 * Offsets are 0-based everywhere in Tagferry. `base` is the number that a product gives to the
 * first register: 1 by default in each of them; a setting of its device can make it 0.
 *
 *   notation   text               meaning                            where this is said
 *   plain      400101 40101       Modicon: holding register 100      docs/rest.md
 *              4x00101 4x101      the same                           docs/rest.md
 *              400101.3           bit 3, 0 the least significant     KEPServerEX, Neuron, Ignition
 *              40101:3            the same, with a caution           AVEVA writes register:bit
 *              %MW100 %M7         holding register 100, coil 7       Schneider EcoStruxure
 *              %MW100.3 %MW100:X3 bit 3 of holding register 100      Schneider EcoStruxure, Unity
 *              %MX100.3           the same, with a caution           WAGO; others count bytes
 *              %IX1.2 %QX1.2      discrete input 10, coil 10         OpenPLC
 *   Kepware    400001 40001 41    holding register 0                 PTC: Modbus addressing
 *              H40000A            hexadecimal: holding register 9    PTC
 *              400001.3           bit 3                              PTC: zero-based bit addressing
 *              400001.20H .20L    text of 20 bytes; L: low byte first  PTC: 2 to 240, even
 *              400001 [10]        array of 10 values                 PTC
 *   Ignition   HR1 IR1 C1 DI1     offset 0 of each table             AddressType in its source
 *              HRUS HRI HRUI      also HRI_64 HRUI_64 HRF HRD HRBCD HRBCD_32
 *              HRS1:20            text of 20 bytes                   ModbusAddress: 2 to 250, even
 *              HR1.3, 2.HR1       bit 3; unit 2                      ModbusAddress
 *   Neuron     1!400001           unit 1, holding register 0         emqx/neuron: modbus_point.c
 *              1!400001.3         bit 3, of type BIT
 *              1!400001.20H .20L  text of 20 bytes                   emqx/neuron: tag.c
 *              1!400001#BL        byte order; see the table in foreign_address.c */
#ifndef TAGFERRY_API_FOREIGN_FOREIGN_ADDRESS_H
#define TAGFERRY_API_FOREIGN_FOREIGN_ADDRESS_H

#include <stdbool.h>

#include "common/model/tag.h"

enum foreign_notation {
    FOREIGN_PLAIN,
    FOREIGN_KEPWARE,
    FOREIGN_IGNITION,
    FOREIGN_NEURON,
    FOREIGN_NOTATIONS
};

/* The texts are constants, NULL where the address does not say it. */
struct foreign_address {
    enum modbus_table table;
    uint16_t address;       /* 0-based */
    int bit;                /* 0 to 15, or NO_BIT */
    int unit;               /* 0 to 255, or -1 */
    unsigned length;        /* registers of a string; 0: none */
    unsigned count;         /* elements of an array; 0: none */
    const char *type;       /* the name of a value type; this version may not have the type */
    const char *byte_order; /* the name of a byte order, likewise */
    const char *caution;    /* a sentence: how the text was understood */
};

struct foreign_error {
    char text[200]; /* what is wrong, and what would be right */
};

/* Parses an address. In Neuron the type decides what follows the point: `is_text`, a length. False
 * with the reason. */
bool foreign_address_parse(enum foreign_notation notation, const char *text, bool is_text,
                           unsigned base, struct foreign_address *address,
                           struct foreign_error *why);

#endif
