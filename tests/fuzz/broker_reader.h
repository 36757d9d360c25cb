/* Reads the parts of an MQTT packet. */
#ifndef TAGFERRY_TESTS_BROKER_READER_H
#define TAGFERRY_TESTS_BROKER_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A packet as it is read. Reading beyond its end makes it bad. */
struct reader {
    const uint8_t *at, *end;
    bool is_bad;
};

static inline unsigned read_byte(struct reader *r)
{
    if (r->at < r->end)
        return *r->at++;
    r->is_bad = true;
    return 0;
}

static inline uint16_t read_u16(struct reader *r)
{
    unsigned high = read_byte(r);
    return (uint16_t)(high << 8 | read_byte(r));
}

static inline uint32_t read_varint(struct reader *r)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < 4; i++) {
        unsigned byte = read_byte(r);
        value |= (byte & 127U) << (7 * i);
        if (!(byte & 128))
            return value;
    }
    r->is_bad = true;
    return 0;
}

static inline const uint8_t *read_text(struct reader *r, size_t *len)
{
    const uint8_t *text = r->at + 2;
    *len = read_u16(r);
    r->is_bad |= *len > (size_t)(r->end - r->at);
    r->at += r->is_bad ? 0 : *len;
    return text;
}

static inline bool text_is(const uint8_t *text, size_t len, const char *other)
{
    return strlen(other) == len && memcmp(text, other, len) == 0;
}

static inline bool text_begins(const uint8_t *text, size_t len, const char *other)
{
    return strlen(other) <= len && memcmp(text, other, strlen(other)) == 0;
}

/* Properties of MQTT 5. False when they are not such ones that end where their length says. */
static inline bool read_properties(struct reader *r)
{
    uint32_t len = read_varint(r);
    if (r->is_bad || len > (size_t)(r->end - r->at)) {
        r->is_bad = true;
        return false;
    }
    struct reader each = {r->at, r->at + len, false};
    r->at += len;
    while (each.at < each.end && !each.is_bad) {
        size_t text;
        switch (read_byte(&each)) {
        case 1:
        case 23:
        case 25:
        case 36:
        case 37:
        case 40:
        case 41:
        case 42:
            read_byte(&each);
            break;
        case 19:
        case 33:
        case 34:
        case 35:
            read_u16(&each);
            break;
        case 2:
        case 17:
        case 24:
        case 39:
            read_u16(&each);
            read_u16(&each);
            break;
        case 11:
            read_varint(&each);
            break;
        case 3:
        case 8:
        case 9:
        case 18:
        case 21:
        case 22:
        case 26:
        case 28:
        case 31:
            read_text(&each, &text);
            break;
        case 38:
            read_text(&each, &text);
            read_text(&each, &text);
            break;
        default:
            return false;
        }
    }
    return !each.is_bad;
}

#endif
