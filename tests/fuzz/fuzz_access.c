/* Access rules: a text is refused with a reason or makes rules whose decisions about a request are
 * those of a simple model, which asks for each register for the first rule that matches it; and a
 * rule that is said never to match is not among them.
 *
 * The first nine bytes are the client, the unit and the request, the rest is the text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modbusd/requests/access_words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 9, TEXT_MAX = 4096 };

static struct access_rules rules;
static bool is_decided[ACCESS_RULES_MAX]; /* by this rule: some register */

static void check(bool holds)
{
    if (!holds)
        abort();
}

static bool model_has_source(const struct access_rule *rule, const struct access_source *source)
{
    bool has_role = rule->role_count == 0;
    for (size_t i = 0; i < rule->role_count; i++)
        has_role = has_role || (source->role && strcmp(source->role, rule->role[i]) == 0);
    if (!has_role)
        return false;
    if (source->is_serial)
        return rule->only_serial || rule->network.anybody;
    return !rule->only_serial && access_network_has(&rule->network, &source->ip);
}

static bool model_has_register(const struct access_rule *rule, enum pdu_table table, size_t at)
{
    bool has = rule->range_count == 0 || table == PDU_NONE;
    for (size_t i = 0; i < rule->range_count; i++)
        has = has || (rule->range[i].table == table && rule->range[i].first <= at &&
                      rule->range[i].last >= at);
    return has;
}

/* The right to a register, by the first rule that matches. */
static enum access_right model_right(const struct access_source *source, uint8_t unit,
                                     uint8_t function, enum pdu_table table, size_t at)
{
    for (size_t i = 0; i < rules.count; i++) {
        const struct access_rule *rule = &rules.rule[i];
        if (!model_has_source(rule, source) || !(rule->every_unit || rule->unit[unit]) ||
            (rule->functions != 0 && (rule->functions >> function & 1) == 0) ||
            !model_has_register(rule, table, at))
            continue;
        is_decided[i] = true;
        return rule->right;
    }
    return ACCESS_NONE;
}

static bool model_permits(const struct access_source *source, uint8_t unit,
                          const struct pdu_request *request)
{
    bool ok = true;
    if (request->table == PDU_NONE)
        return model_right(source, unit, request->function, PDU_NONE, 0) != ACCESS_NONE;
    for (size_t i = 0; i < request->read_count; i++)
        ok &= model_right(source, unit, request->function, request->table,
                          request->read_address + i) >= ACCESS_READ;
    for (size_t i = 0; i < request->write_count; i++)
        ok &= model_right(source, unit, request->function, request->table,
                          request->write_address + i) >= ACCESS_WRITE;
    return ok;
}

static bool is_permitted(const struct access_rights *rights, uint8_t unit, size_t place,
                         const struct pdu_request *request)
{
    struct access_refusal refusal;
    const uint8_t right = rights->of[place];
    if (right != ACCESS_BY_REQUEST)
        return right == ACCESS_WRITE || (right == ACCESS_READ && !pdu_is_write(request->function));
    bool has_function = access_has_function(rights, unit, request->function, &refusal);
    bool has_registers = access_has_registers(rights, unit, request, &refusal);
    check(refusal.rule <= rules.count);
    check(has_function || !has_registers || request->table == PDU_NONE);
    return has_function && has_registers;
}

static void check_ranges(const struct access_rule *rule)
{
    for (size_t i = 0; i < rule->range_count; i++) {
        const struct access_range *range = &rule->range[i];
        check(range->first <= range->last && range->table < PDU_NONE);
        check(i == 0 || range[-1].table < range->table ||
              (range[-1].table == range->table && range[-1].last + 1 < range->first));
    }
}

/* Checks that no rule which decided something is said never to match. */
static void check_words(const struct unit_set *units)
{
    char *words = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&words, &size);
    check(out != NULL);
    access_explain_rules(&rules, units, out);
    fclose(out);
    for (const char *at = words; (at = strstr(at, "warning: rule ")); at++) {
        unsigned long number = strtoul(at + strlen("warning: rule "), NULL, 10);
        check(number >= 1 && number <= rules.count && !is_decided[number - 1]);
    }
    free(words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t functions[] = {1, 2, 3, 4, 5, 6, 15, 16, 17, 22, 23, 43};
    static const enum pdu_table tables[] = {PDU_COILS,
                                            PDU_DISCRETE_INPUTS,
                                            PDU_HOLDING_REGISTERS,
                                            PDU_INPUT_REGISTERS,
                                            PDU_COILS,
                                            PDU_HOLDING_REGISTERS,
                                            PDU_COILS,
                                            PDU_HOLDING_REGISTERS,
                                            PDU_NONE,
                                            PDU_HOLDING_REGISTERS,
                                            PDU_HOLDING_REGISTERS,
                                            PDU_NONE};
    static const char *const roles[] = {NULL, "a", "operator", "x"};
    char text[TEXT_MAX], why[512] = "";
    struct unit_set units;
    struct access_rights rights;
    if (size < HEAD || size - HEAD >= sizeof text)
        return 0;
    memcpy(text, data + HEAD, size - HEAD);
    text[size - HEAD] = '\0';
    memset(is_decided, 0, sizeof is_decided);
    if (!access_rules_parse(text, &rules, why, sizeof why)) {
        check(why[0] != '\0');
        return 0;
    }
    check(rules.count <= ACCESS_RULES_MAX);
    for (size_t i = 0; i < rules.count; i++)
        check_ranges(&rules.rule[i]);

    struct access_source source = {.is_serial = (data[0] & 1) != 0,
                                   .role = roles[data[0] >> 1 & 3]};
    source.ip = (struct access_ip){{[10] = 0xFF, [11] = 0xFF, 10, data[1], 0, data[2]}};
    if ((data[0] & 8) != 0)
        source.ip.bytes[0] = 0xFD;
    const size_t kind = data[3] % sizeof functions;
    const size_t at = data[5] * 256u + data[6];
    struct pdu_request request = {.function = functions[kind], .table = tables[kind]};
    const size_t most = TABLE_SIZE - at;
    const uint16_t count = (uint16_t)(data[4] % 125 + 1u > most ? most : data[4] % 125 + 1u);
    if (request.table != PDU_NONE && pdu_is_write(request.function)) {
        request.write_address = (uint16_t)at;
        request.write_count = count;
    }
    if (request.table != PDU_NONE && (!pdu_is_write(request.function) || request.function == 23)) {
        request.read_address = request.function == 23 ? data[7] : (uint16_t)at;
        request.read_count = request.function == 23 ? 3 : count;
    }
    check(unit_set_parse("1-3,9,20=1", &units, why, sizeof why));
    const size_t place = data[8] % units.count;
    bool any = access_decide_rights(&rules, &source, &units, &rights);
    bool permitted = is_permitted(&rights, units.id[place], place, &request);
    check(permitted == model_permits(&source, units.id[place], &request));
    check(any || !permitted);
    check_words(&units);
    return 0;
}
