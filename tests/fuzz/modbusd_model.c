/* Plain arrays, and each function as in the specification. */
#include "modbusd_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct model model;

static const uint8_t model_unit_ids[MODEL_UNITS] = {1, 5};

void check(bool holds, const char *what)
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

/* The rule is for the client, the unit and the function; function 0 is any. */
static bool rule_applies(const struct model_rule *rule, unsigned unit, unsigned function)
{
    return (rule->client == 0 || rule->client == model.client->name) &&
           (rule->unit == MODEL_EVERY_UNIT || rule->unit == unit) &&
           (function == 0 || rule->functions == 0 ||
            (function < 64 && rule->functions >> function & 1));
}

static bool has_unit(unsigned unit)
{
    bool has = false;
    for (size_t i = 0; i < model.client->rule_count; i++)
        has |= rule_applies(&model.client->rules[i], unit, 0);
    return has;
}

/* The first rule of the unit decides if it is for all functions and registers; else the first that
 * permits the function, unless one for all registers is before it. */
static bool has_function(unsigned unit, unsigned function, bool writes)
{
    for (size_t i = 0; i < model.client->rule_count; i++) {
        const struct model_rule *rule = &model.client->rules[i];
        if (!rule_applies(rule, unit, function))
            continue;
        if (!writes || rule->writes)
            return true;
        if (!rule->has_range)
            return false;
    }
    return false;
}

/* The first rule that has a register decides about it. */
static bool has_registers(unsigned unit, unsigned function, enum pdu_table table, unsigned from,
                          unsigned count, bool writes)
{
    for (unsigned at = from; at < from + count; at++) {
        size_t i = 0;
        while (i < model.client->rule_count) {
            const struct model_rule *rule = &model.client->rules[i];
            if (rule_applies(rule, unit, function) &&
                (!rule->has_range ||
                 (rule->table == table && rule->first <= at && at <= rule->last)))
                break;
            i++;
        }
        if (i == model.client->rule_count || (writes && !model.client->rules[i].writes))
            return false;
    }
    return true;
}

/* The tables of a side; `input` selects the second of the two. */
static uint8_t *bits(unsigned unit, bool input)
{
    bool second = input != (model.client->side == SIDE_INPUTS);
    return second ? model.unit[unit].discrete_inputs : model.unit[unit].coils;
}

static uint16_t *words(unsigned unit, bool input)
{
    bool second = input != (model.client->side == SIDE_INPUTS);
    return second ? model.unit[unit].input_registers : model.unit[unit].holding_registers;
}

static void *touch(void *at, size_t size)
{
    check(model.touch_count < TOUCHES_MAX, "too many writes");
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
    model.exceptions[code]++;
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
    } else if (!has_registers(unit, function, (enum pdu_table)(function - 1), address, count,
                              false)) {
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

/* Of a write of SCADA the journal gets the registers after it, and the bits that it changed. */
static void begin_write(bool is_bits, unsigned unit, unsigned address, unsigned count)
{
    model.is_noted = model.client->side == SIDE_SCADA;
    if (!model.is_noted)
        return;
    check(model.journal_count < MODEL_JOURNAL_MAX, "too many writes");
    model.journal[model.journal_count] =
        (struct journal_entry){.unit = model_unit_ids[unit],
                               .table = is_bits ? JOURNAL_COIL : JOURNAL_HOLDING_REGISTER,
                               .address = (uint16_t)address,
                               .count = (uint16_t)count};
    model.noted_unit = unit;
    for (unsigned i = 0; i < count && !is_bits; i++)
        model.before[i] = words(unit, false)[address + i];
}

static void end_write(unsigned mask)
{
    if (!model.is_noted)
        return;
    struct journal_entry *entry = &model.journal[model.journal_count++];
    for (unsigned i = 0; i < entry->count; i++) {
        unsigned at = entry->address + i;
        if (entry->table == JOURNAL_COIL) {
            entry->values[i / 16] |= (uint16_t)(bits(model.noted_unit, false)[at] << i % 16);
            continue;
        }
        entry->values[i] = words(model.noted_unit, false)[at];
        uint16_t changed = model.before[i] ^ entry->values[i];
        entry->masks[i] = model.is_masked ? (uint16_t)mask : changed ? changed : UINT16_MAX;
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
    if (!has_registers(unit, adu[7], adu[7] == 5 ? PDU_COILS : PDU_HOLDING_REGISTERS, address, 1,
                       true)) {
        model_exception(adu, 2);
        return;
    }
    begin_write(adu[7] == 5, unit, address, 1);
    if (adu[7] == 5)
        *(uint8_t *)touch(bits(unit, false) + address, 1) = value != 0;
    else
        *(uint16_t *)touch(words(unit, false) + address, 2) = (uint16_t)value;
    end_write(0);
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
    if (address + count > 65536 ||
        !has_registers(unit, adu[7], coils ? PDU_COILS : PDU_HOLDING_REGISTERS, address, count,
                       true)) {
        model_exception(adu, 2);
        return;
    }
    begin_write(coils, unit, address, count);
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
    end_write(0);
    model_echo(adu, 5);
}

static void model_mask(const uint8_t *adu, unsigned pdu_len, unsigned unit)
{
    if (pdu_len != 7) {
        model_exception(adu, 3);
        return;
    }
    if (!has_registers(unit, 22, PDU_HOLDING_REGISTERS, word_at(adu + 8), 1, true)) {
        model_exception(adu, 2);
        return;
    }
    begin_write(false, unit, word_at(adu + 8), 1);
    uint16_t *cell = touch(words(unit, false) + word_at(adu + 8), 2);
    unsigned and_mask = word_at(adu + 10), or_mask = word_at(adu + 12);
    *cell = (uint16_t)((*cell & and_mask) | (or_mask & ~and_mask));
    model.is_masked = true;
    end_write(~and_mask);
    model.is_masked = false;
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
    } else if (!has_registers(unit, 23, PDU_HOLDING_REGISTERS, from, reads, false) ||
               !has_registers(unit, 23, PDU_HOLDING_REGISTERS, to, writes, true)) {
        model_exception(adu, 2);
    } else if (model.lost) {
        model_exception(adu, 11);
    } else {
        begin_write(false, unit, to, writes);
        uint16_t *target = touch(words(unit, false) + to, 2 * writes);
        for (unsigned i = 0; i < writes; i++)
            target[i] = (uint16_t)word_at(adu + 17 + 2 * i);
        end_write(0);
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

void model_answer_frame(const uint8_t *adu, unsigned pdu_len)
{
    uint8_t padded[6 + 1023 + 32] = {0}; /* fields of a frame that is too short read as 0 */
    memcpy(padded, adu, pdu_len + 7);
    unsigned unit = adu[6] == 5 ? 1 : 0, function = adu[7];
    bool writes = function == 5 || function == 6 || function == 15 || function == 16 ||
                  function == 22 || function == 23;
    model.requests[function]++;
    if ((adu[6] != 0 && adu[6] != 1 && adu[6] != 5 && adu[6] != 255) || !has_unit(unit))
        model_exception(adu, 11);
    else if (!has_function(unit, function, writes))
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

enum pdu_frame_result model_cut_frame(const uint8_t *data, size_t size, unsigned *pdu_len)
{
    unsigned length = size >= 6 ? word_at(data + 4) : 2;
    bool writes = size < 8 || data[7] == 15 || data[7] == 16 || data[7] == 23;
    if (size < 3)
        return FRAME_PART;
    if (data[2] || (size >= 4 && data[3]) || (size >= 5 && data[4] > 3) || length < 2 ||
        length > (writes ? 1023 : 254))
        return FRAME_BAD;
    *pdu_len = length - 1;
    return size < 6 + length ? FRAME_PART : FRAME_WHOLE;
}

void model_compare_tables(const struct image *image)
{
    for (unsigned unit = 0; unit < MODEL_UNITS; unit++)
        check(memcmp(image->unit[unit], &model.unit[unit], sizeof model.unit[unit]) == 0,
              "a register or a bit differs");
}

/* Clears only written registers: clearing all would take most of the time. */
void model_clear(struct image *image)
{
    for (size_t i = 0; i < model.touch_count; i++) {
        const struct touch *touched = &model.touches[i];
        unsigned unit = touched->at >= (uint8_t *)&model.unit[1];
        size_t offset = (size_t)(touched->at - (uint8_t *)&model.unit[unit]);
        memset((uint8_t *)image->unit[unit] + offset, 0, touched->size);
        memset(touched->at, 0, touched->size);
    }
    memset(model.requests, 0, sizeof model.requests);
    memset(model.exceptions, 0, sizeof model.exceptions);
    memset(model.journal, 0, model.journal_count * sizeof model.journal[0]);
    model.touch_count = model.journal_count = model.out_len = 0;
}
