/* Parses access rules and applies them. */
#include "modbusd/requests/access.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/require.h"

enum { WORD_SIZE = 128, IPV4_BITS = 32, IPV6_BITS = 128, MAPPED_BITS = IPV6_BITS - IPV4_BITS };

static const uint8_t mapped[MAPPED_BITS / 8] = {[10] = 0xFF, [11] = 0xFF};

void access_ip_format(const struct access_ip *ip, char text[INET6_ADDRSTRLEN])
{
    if (memcmp(ip->bytes, mapped, sizeof mapped) == 0)
        inet_ntop(AF_INET, ip->bytes + sizeof mapped, text, INET6_ADDRSTRLEN);
    else
        inet_ntop(AF_INET6, ip->bytes, text, INET6_ADDRSTRLEN);
}

/* Reads the next word and moves *text past it. False at the end. Cuts a word that is too long for a
 * rule. */
static bool access_next_word(const char **text, char word[WORD_SIZE])
{
    *text += strspn(*text, " \t");
    size_t len = strcspn(*text, " \t");
    snprintf(word, WORD_SIZE, "%.*s", (int)len, *text);
    *text += len;
    return len > 0;
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
    char host[WORD_SIZE];
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

bool access_rule_parse(const char *text, struct access_rule *rule, char *why, size_t why_size)
{
    char word[WORD_SIZE];
    const char *rest = text;
    *rule = (struct access_rule){.every_unit = true};
    bool has_word = access_next_word(&rest, word);
    if (has_word && strcmp(word, "any") == 0) {
        rule->network.anybody = true;
    } else if (!has_word || !access_network_parse(word, &rule->network)) {
        snprintf(why, why_size,
                 "\"%s\" must begin with any, an address or a network such as 10.0.0.0/8", text);
        return false;
    }
    if (!access_next_word(&rest, word) || (strcmp(word, "ro") != 0 && strcmp(word, "rw") != 0)) {
        snprintf(why, why_size, "\"%s\" must say ro or rw after the network", text);
        return false;
    }
    rule->right = strcmp(word, "rw") == 0 ? ACCESS_WRITE : ACCESS_READ;
    while (access_next_word(&rest, word)) {
        struct unit_set set;
        char no_reason[1];
        if (strncmp(word, "unit=", 5) != 0 ||
            !unit_set_parse(word + 5, &set, no_reason, sizeof no_reason)) {
            snprintf(why, why_size, "\"%s\": after the right there may be units, such as unit=1-4",
                     text);
            return false;
        }
        rule->every_unit = false;
        for (size_t i = 0; i < set.count; i++)
            rule->unit[set.id[i]] = true;
    }
    return true;
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

bool access_decide_rights(const struct access_rules *rules, const struct access_source *source,
                          const struct unit_set *units, struct access_rights *rights)
{
    bool any = false;
    REQUIRE(rules->count <= ACCESS_RULES_MAX && units->count <= UNIT_MAX);
    for (size_t i = 0; i < units->count; i++) {
        uint8_t unit = units->id[i];
        rights->of[i] = ACCESS_NONE;
        for (size_t j = 0; j < rules->count; j++) {
            const struct access_rule *rule = &rules->rule[j];
            if ((rule->every_unit || rule->unit[unit]) &&
                access_network_has(&rule->network, &source->ip)) {
                rights->of[i] = (uint8_t)rule->right;
                break;
            }
        }
        any = any || rights->of[i] != ACCESS_NONE;
    }
    return any;
}

bool access_knows_address(const struct access_rules *rules, const struct access_source *source)
{
    for (size_t i = 0; i < rules->count; i++) {
        if (access_network_has(&rules->rule[i].network, &source->ip))
            return true;
    }
    return false;
}

void access_grant_all(struct access_rights *rights)
{
    memset(rights->of, ACCESS_WRITE, sizeof rights->of);
}
