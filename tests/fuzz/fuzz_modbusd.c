/* A whole connection: bytes in, bytes out, and the registers after it, against a simple model of
 * the specification, so that a wrong answer is found and not only a crash.
 *
 * The first byte of an input chooses the side, the rights and whether the process is lost; the
 * second how many bytes come at a time. The rest is what the client sends. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "modbusd/net/conn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { UNITS = 2, STREAM_MAX = 1 << 20, TOUCHES_MAX = 1000 };

/* The model: plain arrays, each function as in the specification. */
struct model {
    struct image_unit unit[UNITS];
    struct touch {
        uint8_t *at; /* in a unit of the model */
        size_t size;
    } touches[TOUCHES_MAX]; /* written registers, cleared after the run */
    size_t touch_count;
    enum side side;
    bool may_write, lost;
    uint8_t out[STREAM_MAX];
    size_t out_len;
    bool closed;
};

static struct model model;

static struct system {
    struct unit_set units;
    struct image image;
    struct bank *bank;
    struct counters counters;
    struct service service;
} under_test;

static void check(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

static unsigned word_at(const uint8_t *at)
{
    return at[0] * 256u + at[1];
}

/* The tables of a side; `input` selects the second of the two. */
static uint8_t *bits(unsigned unit, bool input)
{
    bool second = input != (model.side == SIDE_INPUTS);
    return second ? model.unit[unit].discrete_inputs : model.unit[unit].coils;
}

static uint16_t *words(unsigned unit, bool input)
{
    bool second = input != (model.side == SIDE_INPUTS);
    return second ? model.unit[unit].input_registers : model.unit[unit].holding_registers;
}

static void *touch(void *at, size_t size)
{
    model.touches[model.touch_count++] = (struct touch){at, size};
    return at;
}

static void put(unsigned byte)
{
    model.out[model.out_len++] = (uint8_t)byte;
}

static void put_word(unsigned value)
{
    put(value >> 8);
    put(value & 255);
}

static void begin(const uint8_t *adu, unsigned pdu_len)
{
    put(adu[0]);
    put(adu[1]);
    put_word(0);
    put_word(pdu_len + 1);
    put(adu[6]);
}

static void model_exception(const uint8_t *adu, unsigned code)
{
    begin(adu, 2);
    put(adu[7] | 0x80u);
    put(code);
}

static void model_read_words(const uint8_t *adu, const uint16_t *from, unsigned count)
{
    begin(adu, 2 + 2 * count);
    put(adu[7]);
    put(2 * count);
    for (unsigned i = 0; i < count; i++)
        put_word(from[i]);
}

static void model_read(const uint8_t *adu, unsigned pdu_len, unsigned unit)
{
    unsigned function = adu[7], address = word_at(adu + 8), count = word_at(adu + 10);
    if (pdu_len != 5 || count < 1 || count > (function <= 2 ? 2000u : 125u)) {
        model_exception(adu, 3);
    } else if (address + count > 65536) {
        model_exception(adu, 2);
    } else if (model.lost) {
        model_exception(adu, 11);
    } else if (function > 2) {
        model_read_words(adu, words(unit, function == 4) + address, count);
    } else {
        unsigned bytes = (count + 7) / 8;
        const uint8_t *from = bits(unit, function == 2) + address;
        begin(adu, 2 + bytes);
        put(function);
        put(bytes);
        for (unsigned byte = 0; byte < bytes; byte++) {
            unsigned value = 0;
            for (unsigned bit = 0; bit < 8 && byte * 8 + bit < count; bit++)
                value += from[byte * 8 + bit] ? 1u << bit : 0;
            put(value);
        }
    }
}

static void model_echo(const uint8_t *adu, unsigned len)
{
    begin(adu, len);
    for (unsigned i = 0; i < len; i++)
        put(adu[7 + i]);
}

static void model_write_one(const uint8_t *adu, unsigned pdu_len, unsigned unit)
{
    unsigned address = word_at(adu + 8), value = word_at(adu + 10);
    if (pdu_len != 5 || (adu[7] == 5 && value != 0 && value != 0xFF00)) {
        model_exception(adu, 3);
        return;
    }
    if (adu[7] == 5)
        *(uint8_t *)touch(bits(unit, false) + address, 1) = value != 0;
    else
        *(uint16_t *)touch(words(unit, false) + address, 2) = (uint16_t)value;
    model_echo(adu, 5);
}

static void model_write_many(const uint8_t *adu, unsigned pdu_len, unsigned unit)
{
    unsigned address = word_at(adu + 8), count = word_at(adu + 10);
    bool coils = adu[7] == 15;
    unsigned bytes = coils ? (count + 7) / 8 : 2 * count;
    if (pdu_len < 6 || count < 1 || count > (coils ? 1968u : 123u) || adu[12] != bytes ||
        pdu_len != 6 + bytes) {
        model_exception(adu, 3);
        return;
    }
    if (address + count > 65536) {
        model_exception(adu, 2);
        return;
    }
    if (coils)
        touch(bits(unit, false) + address, count);
    else
        touch(words(unit, false) + address, 2 * count);
    for (unsigned i = 0; i < count; i++) {
        if (coils)
            bits(unit, false)[address + i] = adu[13 + i / 8] >> (i % 8) & 1;
        else
            words(unit, false)[address + i] = (uint16_t)word_at(adu + 13 + 2 * i);
    }
    model_echo(adu, 5);
}

static void model_mask(const uint8_t *adu, unsigned pdu_len, unsigned unit)
{
    if (pdu_len != 7) {
        model_exception(adu, 3);
        return;
    }
    uint16_t *cell = touch(words(unit, false) + word_at(adu + 8), 2);
    unsigned and_mask = word_at(adu + 10), or_mask = word_at(adu + 12);
    *cell = (uint16_t)((*cell & and_mask) | (or_mask & ~and_mask));
    model_echo(adu, 7);
}

static void model_exchange(const uint8_t *adu, unsigned pdu_len, unsigned unit)
{
    unsigned from = word_at(adu + 8), reads = word_at(adu + 10);
    unsigned to = word_at(adu + 12), writes = word_at(adu + 14);
    if (pdu_len < 10 || reads < 1 || reads > 125 || writes < 1 || writes > 121 ||
        adu[16] != 2 * writes || pdu_len != 10 + 2 * writes) {
        model_exception(adu, 3);
    } else if (from + reads > 65536 || to + writes > 65536) {
        model_exception(adu, 2);
    } else if (model.lost) {
        model_exception(adu, 11);
    } else {
        uint16_t *target = touch(words(unit, false) + to, 2 * writes);
        for (unsigned i = 0; i < writes; i++)
            target[i] = (uint16_t)word_at(adu + 17 + 2 * i);
        model_read_words(adu, words(unit, false) + from, reads);
    }
}

static void model_identify(const uint8_t *adu, unsigned pdu_len)
{
    static const char report[] = "V P R";
    static const char texts[] = "\0\1V\1\1C\2\1R\4\1P";
    if (adu[7] == 17) {
        if (pdu_len != 1) {
            model_exception(adu, 3);
            return;
        }
        begin(adu, 9);
        put(17);
        put(7);
        put(adu[6]);
        put(255);
        for (unsigned i = 0; i < 5; i++)
            put((uint8_t)report[i]);
        return;
    }
    unsigned code = adu[9], object = adu[10];
    if (pdu_len > 1 && adu[8] != 14) {
        model_exception(adu, 1);
    } else if (pdu_len != 4 || code < 1 || code > 4) {
        model_exception(adu, 3);
    } else if (code == 4 && (object == 3 || object > 4)) {
        model_exception(adu, 2);
    } else {
        unsigned count = code == 1 ? 3 : 4;
        unsigned first = object == 4 ? 3 : object;
        bool there = object <= 2 || (object == 4 && code != 1);
        if (!there)
            first = 0;
        if (code == 4)
            count = first + 1;
        begin(adu, 7 + 3 * (count - first));
        put(43);
        put(14);
        put(code);
        put(0x82);
        put(0);
        put(0);
        put(count - first);
        for (unsigned i = 3 * first; i < 3 * count; i++)
            put((uint8_t)texts[i]);
    }
}

static void model_frame(const uint8_t *adu, unsigned pdu_len)
{
    uint8_t padded[6 + 1023 + 32] = {0}; /* fields of a frame that is too short read as 0 */
    memcpy(padded, adu, pdu_len + 7);
    unsigned unit = adu[6] == 5 ? 1 : 0, function = adu[7];
    bool writes = function == 5 || function == 6 || function == 15 || function == 16 ||
                  function == 22 || function == 23;
    if (adu[6] != 0 && adu[6] != 1 && adu[6] != 5 && adu[6] != 255)
        model_exception(adu, 11);
    else if (writes && !model.may_write)
        model_exception(adu, 1);
    else if (function >= 1 && function <= 4)
        model_read(padded, pdu_len, unit);
    else if (function == 5 || function == 6)
        model_write_one(padded, pdu_len, unit);
    else if (function == 15 || function == 16)
        model_write_many(padded, pdu_len, unit);
    else if (function == 22)
        model_mask(padded, pdu_len, unit);
    else if (function == 23)
        model_exchange(padded, pdu_len, unit);
    else if (function == 17 || function == 43)
        model_identify(padded, pdu_len);
    else
        model_exception(adu, 1);
}

static void model_stream(const uint8_t *data, size_t size)
{
    model.closed = false;
    model.out_len = 0;
    while (size >= 3) {
        unsigned length = size >= 6 ? word_at(data + 4) : 2;
        bool writes = size < 8 || data[7] == 15 || data[7] == 16 || data[7] == 23;
        if (data[2] || (size >= 4 && data[3]) || (size >= 5 && data[4] > 3) || length < 2 ||
            length > (writes ? 1023 : 254)) {
            model.closed = true;
            return;
        }
        if (size < 6 + length)
            return;
        model_frame(data, length - 1);
        data += 6 + length;
        size -= 6 + length;
    }
}

/* The parts of the daemon, created once. */
static void start(void)
{
    char path[] = "/tmp/fuzz_modbusd.XXXXXX";
    char why[1024];
    check(unit_set_parse("1,5", &under_test.units, why, sizeof why), "units");
    int fd = mkstemp(path);
    check(fd >= 0 && unlink(path) == 0, "temporary file");
    close(fd);
    if (!image_open(&under_test.image, path, &under_test.units, why, sizeof why))
        check(false, why);
    unlink(path);
    under_test.bank = bank_create(&under_test.image, NULL, NULL, &under_test.units);
    check(under_test.bank != NULL, "bank");
    under_test.service = (struct service){
        .units = &under_test.units,
        .bank = under_test.bank,
        .counters = &under_test.counters,
        .ident = {{"V", "C", "R", "", "P", "", ""}},
    };
}

/* Sends the stream in pieces, like the loop, and collects the answers. */
static bool converse(const struct client_session *client_session, const uint8_t *data, size_t size,
                     size_t piece, uint8_t *out, size_t *out_len)
{
    int ends[2];
    struct access_source source = {.is_serial = false};
    check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0, "socket pair");
    struct conn *conn = conn_create(ends[0], client_session, &source, 1);
    check(conn != NULL, "connection");
    *out_len = 0;
    for (size_t at = 0; !conn->broken && (at < size || conn_has_work(conn));) {
        size_t len = size - at < piece ? size - at : piece;
        ssize_t sent = len ? send(ends[1], data + at, len, MSG_NOSIGNAL) : 0;
        at += sent > 0 ? (size_t)sent : 0;
        if (!conn_is_blocked(conn)) {
            conn_receive_bytes(conn, &under_test.counters);
            conn_answer_frames(conn, &under_test.service, 1);
        }
        conn_send_answers(conn, &under_test.counters, 1);
        ssize_t got = recv(ends[1], out + *out_len, STREAM_MAX - *out_len, 0);
        *out_len += got > 0 ? (size_t)got : 0;
    }
    bool closed = conn->broken;
    conn_destroy(conn);
    for (ssize_t got; (got = recv(ends[1], out + *out_len, STREAM_MAX - *out_len, 0)) > 0;)
        *out_len += (size_t)got;
    close(ends[1]);
    return closed;
}

static void compare_tables(void)
{
    for (unsigned unit = 0; unit < UNITS; unit++)
        check(memcmp(under_test.image.unit[unit], &model.unit[unit], sizeof model.unit[unit]) == 0,
              "a register or a bit differs");
}

/* Clears only written registers: clearing all would take most of the time. */
static void clear_tables(void)
{
    for (size_t i = 0; i < model.touch_count; i++) {
        const struct touch *touched = &model.touches[i];
        unsigned unit = touched->at >= (uint8_t *)&model.unit[1];
        size_t offset = (size_t)(touched->at - (uint8_t *)&model.unit[unit]);
        memset((uint8_t *)under_test.image.unit[unit] + offset, 0, touched->size);
        memset(touched->at, 0, touched->size);
    }
    model.touch_count = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t out[STREAM_MAX];
    size_t out_len;
    if (!under_test.bank)
        start();
    if (size < 3 || size > 4000)
        return 0;
    model.side = data[0] % SIDE_COUNT;
    model.may_write = model.side != SIDE_SCADA || !(data[0] & 0x40);
    model.lost = model.side == SIDE_SCADA && (data[0] & 0x80);
    struct client_session client_session = {.side = model.side};
    memset(client_session.rights.of, model.may_write ? ACCESS_WRITE : ACCESS_READ,
           sizeof client_session.rights.of);
    under_test.service.process_timeout_ms = model.lost ? 1 : 0;
    service_start_clock(&under_test.service, 1);
    under_test.service.now = 2;
    /* Suppresses log lines. */
    under_test.service.refusals.logged_ms = under_test.service.protocols.logged_ms = 2;
    bool closed = converse(&client_session, data + 2, size - 2, data[1] + 1u, out, &out_len);
    model_stream(data + 2, size - 2);
    check(closed == model.closed, "closed, or not");
    check(out_len == model.out_len, "another length of answers");
    check(memcmp(out, model.out, out_len) == 0, "another answer");
    compare_tables();
    clear_tables();
    return 0;
}
