/* The functions of the Modbus client are wrapped: the result of each call, and the reason that it
 * gives, are those of the newest request on the wire. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/modbus/modbus_client.h"
#include "foreign_server.h"

enum modbus_result __real_modbus_client_read(struct modbus_client *link, uint8_t unit,
                                             enum modbus_table table, uint16_t address,
                                             uint16_t count, uint16_t *words);
enum modbus_result __wrap_modbus_client_read(struct modbus_client *link, uint8_t unit,
                                             enum modbus_table table, uint16_t address,
                                             uint16_t count, uint16_t *words);
enum modbus_result __real_modbus_client_write(struct modbus_client *link, uint8_t unit,
                                              enum modbus_table table, uint16_t address,
                                              uint16_t count, const uint16_t *words);
enum modbus_result __wrap_modbus_client_write(struct modbus_client *link, uint8_t unit,
                                              enum modbus_table table, uint16_t address,
                                              uint16_t count, const uint16_t *words);
enum modbus_result __real_modbus_client_write_single(struct modbus_client *link, uint8_t unit,
                                                     enum modbus_table table, uint16_t address,
                                                     uint16_t word);
enum modbus_result __wrap_modbus_client_write_single(struct modbus_client *link, uint8_t unit,
                                                     enum modbus_table table, uint16_t address,
                                                     uint16_t word);
enum modbus_result __real_modbus_client_mask_write(struct modbus_client *link, uint8_t unit,
                                                   uint16_t address, uint16_t mask, uint16_t bits);
enum modbus_result __wrap_modbus_client_mask_write(struct modbus_client *link, uint8_t unit,
                                                   uint16_t address, uint16_t mask, uint16_t bits);
bool __wrap_modbus_client_trust_server(struct modbus_client *link);

/* No server is trusted here: libmodbus would wait in real time, and takes answers that are not
 * exact. */
bool __wrap_modbus_client_trust_server(struct modbus_client *link)
{
    (void)link;
    return true;
}

/* The result of a call for this request is that of its last attempt, and so is the reason. */
static void check_call(const struct modbus_client *link, enum modbus_result result,
                       unsigned attempts, uint8_t unit, uint16_t address, uint16_t count,
                       const uint16_t *words, bool is_bits)
{
    const struct attempt *attempt = &server.attempt;
    const char *reason = modbus_client_reason(link);
    char text[64] = "";
    if (result == MODBUS_UNREACHABLE && modbus_client_failure(link) == MODBUS_BACKS_OFF)
        return;
    if (result == MODBUS_UNREACHABLE && modbus_client_failure(link) == MODBUS_NOT_CONNECTED) {
        check(strstr(reason, "cannot connect"), "another reason of a connect");
        return;
    }
    if (result == MODBUS_EXCEPTION && modbus_client_exception(link) == 0) {
        check(attempt->number == attempts && strstr(reason, "unit id"), "no refusal of a unit");
        return;
    }
    check(attempt->number > attempts && attempt->unit == unit, "a result without a request");
    if (result == MODBUS_UNREACHABLE) {
        check(attempt->error != 0, "a right answer was not reported");
        snprintf(text, sizeof text, ", unit %u: ", unit);
        check(strstr(reason, text), "another unit in the reason");
        const char *why = attempt->error == ETIMEDOUT ? "no answer within"
                          : attempt->error == EPROTO  ? "malformed"
                          : attempt->error == EBADMSG ? "wrong CRC"
                                                      : "closed the connection";
        check(strstr(reason, why), "another reason");
        return;
    }
    check(attempt->error == 0 && attempt->address == address && attempt->count == count,
          "a result without an answer");
    check((attempt->exception != 0) == (result == MODBUS_EXCEPTION), "another result");
    if (result == MODBUS_EXCEPTION) {
        snprintf(text, sizeof text, "unit %u: exception %u, ", unit, attempt->exception);
        check(attempt->exception == modbus_client_exception(link) && strstr(reason, text),
              "another exception");
        return;
    }
    for (size_t i = 0; i < count; i++)
        check(is_bits ? (attempt->words[i] != 0) == (words[i] != 0) : attempt->words[i] == words[i],
              "other data");
}

enum modbus_result __wrap_modbus_client_read(struct modbus_client *link, uint8_t unit,
                                             enum modbus_table table, uint16_t address,
                                             uint16_t count, uint16_t *words)
{
    unsigned attempts = server.attempt.number;
    enum modbus_result result = __real_modbus_client_read(link, unit, table, address, count, words);
    check_call(link, result, attempts, unit, address, count, words, false);
    return result;
}

enum modbus_result __wrap_modbus_client_write(struct modbus_client *link, uint8_t unit,
                                              enum modbus_table table, uint16_t address,
                                              uint16_t count, const uint16_t *words)
{
    unsigned attempts = server.attempt.number;
    enum modbus_result result =
        __real_modbus_client_write(link, unit, table, address, count, words);
    check_call(link, result, attempts, unit, address, count, words, table == TABLE_COIL);
    return result;
}

enum modbus_result __wrap_modbus_client_write_single(struct modbus_client *link, uint8_t unit,
                                                     enum modbus_table table, uint16_t address,
                                                     uint16_t word)
{
    unsigned attempts = server.attempt.number;
    enum modbus_result result = __real_modbus_client_write_single(link, unit, table, address, word);
    check_call(link, result, attempts, unit, address, 1, &word, table == TABLE_COIL);
    return result;
}

/* FC22, or the register is read and written. */
enum modbus_result __wrap_modbus_client_mask_write(struct modbus_client *link, uint8_t unit,
                                                   uint16_t address, uint16_t mask, uint16_t bits)
{
    unsigned attempts = server.attempt.number;
    uint64_t unmasked = modbus_client_unmasked_count(link);
    enum modbus_result result = __real_modbus_client_mask_write(link, unit, address, mask, bits);
    const struct attempt *attempt = &server.attempt;
    bool is_emulated = modbus_client_unmasked_count(link) != unmasked;
    check(!is_emulated || attempt->number >= attempts + 1, "a write without its reading");
    server.unmasked += is_emulated;
    uint16_t word = attempt->function == FC_MASK_WRITE || !is_emulated ? bits : attempt->words[0];
    check(((word ^ bits) & mask) == 0, "other bits were written");
    if (result == MODBUS_OK)
        check(attempt->function == (is_emulated ? FC_WRITE_REGISTER : FC_MASK_WRITE),
              "another function");
    check_call(link, result, attempts, unit, address, 1, &word, false);
    return result;
}
