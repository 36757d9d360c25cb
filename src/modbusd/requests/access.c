/* Addresses and networks, and what the access rules decide. */
#include "modbusd/requests/access.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/require.h"

enum { HOST_SIZE = 128, IPV4_BITS = 32, IPV6_BITS = 128, MAPPED_BITS = IPV6_BITS - IPV4_BITS };

static const uint8_t mapped[MAPPED_BITS / 8] = {[10] = 0xFF, [11] = 0xFF};

void access_ip_format(const struct access_ip *ip, char text[INET6_ADDRSTRLEN])
{
    if (memcmp(ip->bytes, mapped, sizeof mapped) == 0)
        inet_ntop(AF_INET, ip->bytes + sizeof mapped, text, INET6_ADDRSTRLEN);
    else
        inet_ntop(AF_INET6, ip->bytes, text, INET6_ADDRSTRLEN);
}

static bool access_host_bits_are_clear(const struct access_ip *ip, unsigned prefix)
{
    for (unsigned bit = prefix; bit < IPV6_BITS; bit++) {
        if (ip->bytes[bit / 8] >> (7 - bit % 8) & 1)
            return false;
    }
    return true;
}

bool access_network_parse(const char *text, struct access_network *network)
{
    char host[HOST_SIZE];
    const char *slash = strchr(text, '/');
    size_t len = slash ? (size_t)(slash - text) : strlen(text);
    unsigned bits = IPV6_BITS;
    *network = (struct access_network){.anybody = false};
    if (len >= sizeof host)
        return false;
    snprintf(host, sizeof host, "%.*s", (int)len, text);
    if (inet_pton(AF_INET6, host, network->ip.bytes) != 1) {
        bits = IPV4_BITS;
        memcpy(network->ip.bytes, mapped, sizeof mapped);
        if (inet_pton(AF_INET, host, network->ip.bytes + sizeof mapped) != 1)
            return false;
    }
    unsigned long prefix = bits;
    if (slash) {
        size_t digits = strspn(slash + 1, "0123456789");
        prefix = strtoul(slash + 1, NULL, 10);
        if (digits < 1 || digits > 3 || slash[1 + digits] || prefix > bits)
            return false;
    }
    network->prefix = (unsigned)prefix + (IPV6_BITS - bits);
    return access_host_bits_are_clear(&network->ip, network->prefix);
}

bool access_network_has(const struct access_network *network, const struct access_ip *ip)
{
    size_t whole = network->prefix / 8;
    unsigned rest = network->prefix % 8;
    REQUIRE(network->prefix <= IPV6_BITS);
    if (network->anybody)
        return true;
    if (network->prefix < MAPPED_BITS && memcmp(ip->bytes, mapped, sizeof mapped) == 0)
        return false;
    if (memcmp(network->ip.bytes, ip->bytes, whole) != 0)
        return false;
    return rest == 0 || (network->ip.bytes[whole] ^ ip->bytes[whole]) >> (8 - rest) == 0;
}

bool access_networks_have(const struct access_networks *networks, const struct access_ip *ip)
{
    REQUIRE(networks->count <= ACCESS_RULES_MAX);
    for (size_t i = 0; i < networks->count; i++) {
        if (access_network_has(&networks->item[i], ip))
            return true;
    }
    return false;
}

bool access_network_contains(const struct access_network *network,
                             const struct access_network *other)
{
    if (network->anybody)
        return true;
    return !other->anybody && network->prefix <= other->prefix &&
           access_network_has(network, &other->ip);
}

static bool access_rule_has_source(const struct access_rule *rule,
                                   const struct access_source *source)
{
    if (source->is_serial ? !rule->only_serial && !rule->network.anybody
                          : rule->only_serial || !access_network_has(&rule->network, &source->ip))
        return false;
    bool has_role = rule->role_count == 0;
    for (size_t i = 0; !has_role && source->role && i < rule->role_count; i++)
        has_role = strcmp(rule->role[i], source->role) == 0;
    return has_role;
}

static size_t access_first_rule(uint64_t set)
{
    return (size_t)__builtin_ctzll(set);
}

bool access_decide_rights(const struct access_rules *rules, const struct access_source *source,
                          const struct unit_set *units, struct access_rights *rights)
{
    uint64_t matching = 0;
    bool any = false;
    REQUIRE(rules->count <= ACCESS_RULES_MAX && units->count <= UNIT_MAX);
    for (size_t i = 0; i < rules->count; i++) {
        if (access_rule_has_source(&rules->rule[i], source))
            matching |= UINT64_C(1) << i;
    }
    for (size_t i = 0; i < units->count; i++) {
        uint64_t here = matching & rules->of_unit[units->id[i]];
        rights->of[i] = ACCESS_NONE;
        if (here == 0)
            continue;
        const struct access_rule *rule = &rules->rule[access_first_rule(here)];
        bool is_plain = rule->functions == 0 && rule->range_count == 0;
        rights->of[i] = (uint8_t)(is_plain ? rule->right : ACCESS_BY_REQUEST);
        any = true;
    }
    rights->rules = rules;
    rights->matching = matching;
    return any;
}

bool access_knows_address(const struct access_rules *rules, const struct access_source *source)
{
    for (size_t i = 0; i < rules->count; i++) {
        if (!rules->rule[i].only_serial && access_network_has(&rules->rule[i].network, &source->ip))
            return true;
    }
    return false;
}

void access_grant_all(struct access_rights *rights)
{
    memset(rights->of, ACCESS_WRITE, sizeof rights->of);
}

/* The rules that match the client, the unit and the function. */
static uint64_t access_find_rules(const struct access_rights *rights, uint8_t unit,
                                  uint8_t function)
{
    const struct access_rules *rules = rights->rules;
    return function < ACCESS_FUNCTIONS
               ? rights->matching & rules->of_unit[unit] & rules->of_function[function]
               : 0;
}

bool access_has_function(const struct access_rights *rights, uint8_t unit, uint8_t function,
                         struct access_refusal *refusal)
{
    const enum access_right needed = pdu_is_write(function) ? ACCESS_WRITE : ACCESS_READ;
    *refusal = (struct access_refusal){.rule = 0};
    for (uint64_t set = access_find_rules(rights, unit, function); set != 0; set &= set - 1) {
        const size_t at = access_first_rule(set);
        const struct access_rule *rule = &rights->rules->rule[at];
        if (rule->right >= needed)
            return true;
        if (refusal->rule == 0)
            refusal->rule = at + 1;
        if (rule->range_count == 0) /* later rules decide about no register */
            return false;
    }
    return false;
}

/* True if the rule has the register; else and then *until is moved to the register before which
 * this holds. */
static bool access_rule_has_register(const struct access_rule *rule, enum pdu_table table,
                                     size_t at, size_t *until)
{
    for (size_t i = 0; i < rule->range_count; i++) {
        const struct access_range *range = &rule->range[i];
        if (range->table != table || range->last < at)
            continue;
        const bool is_there = range->first <= at;
        const size_t end = is_there ? (size_t)range->last + 1 : range->first;
        if (end < *until)
            *until = end;
        return is_there;
    }
    return rule->range_count == 0;
}

/* Decides about registers `at` to `end` - 1 by the rules of the set. */
static bool access_has_range(const struct access_rules *rules, uint64_t set,
                             enum access_right needed, enum pdu_table table, size_t at, size_t end,
                             struct access_refusal *refusal)
{
    while (at < end) {
        size_t until = end; /* the same rule decides up to here */
        uint64_t rest = set;
        while (rest != 0 &&
               !access_rule_has_register(&rules->rule[access_first_rule(rest)], table, at, &until))
            rest &= rest - 1;
        if (rest == 0 || rules->rule[access_first_rule(rest)].right < needed) {
            *refusal = (struct access_refusal){.address = (uint16_t)at,
                                               .rule = rest == 0 ? 0 : access_first_rule(rest) + 1};
            return false;
        }
        at = until;
    }
    return true;
}

bool access_has_registers(const struct access_rights *rights, uint8_t unit,
                          const struct pdu_request *request, struct access_refusal *refusal)
{
    const uint64_t set = access_find_rules(rights, unit, request->function);
    const size_t read = request->read_address, write = request->write_address;
    return access_has_range(rights->rules, set, ACCESS_READ, request->table, read,
                            read + request->read_count, refusal) &&
           access_has_range(rights->rules, set, ACCESS_WRITE, request->table, write,
                            write + request->write_count, refusal);
}
