/* Parses access rules and applies them. */
#include "modbusd/access.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/require.h"

enum { WORD_SIZE = 128, IPV4_BITS = 32, IPV6_BITS = 128, MAPPED_BITS = IPV6_BITS - IPV4_BITS };

static const uint8_t mapped[MAPPED_BITS / 8] = {[10] = 0xFF, [11] = 0xFF};

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

/* Bits after the prefix are an error: the author meant another network. */
static bool access_host_bits_are_clear(const struct access_ip *ip, unsigned prefix)
{
    for (unsigned bit = prefix; bit < IPV6_BITS; bit++) {
        if (ip->bytes[bit / 8] >> (7 - bit % 8) & 1)
            return false;
    }
    return true;
}

static bool access_parse_network(char *word, struct access_rule *rule)
{
    unsigned bits = IPV6_BITS;
    rule->anybody = strcmp(word, "any") == 0;
    if (rule->anybody)
        return true;
    char *slash = strchr(word, '/');
    if (slash)
        *slash = '\0';
    if (inet_pton(AF_INET6, word, rule->network.bytes) != 1) {
        bits = IPV4_BITS;
        memcpy(rule->network.bytes, mapped, sizeof mapped);
        if (inet_pton(AF_INET, word, rule->network.bytes + sizeof mapped) != 1)
            return false;
    }
    unsigned long prefix = bits;
    if (slash) {
        size_t digits = strspn(slash + 1, "0123456789");
        prefix = strtoul(slash + 1, NULL, 10);
        if (digits < 1 || digits > 3 || slash[1 + digits] || prefix > bits)
            return false;
    }
    rule->prefix = (unsigned)prefix + (IPV6_BITS - bits);
    return access_host_bits_are_clear(&rule->network, rule->prefix);
}

bool access_rule_parse(const char *text, struct access_rule *rule, char *why, size_t why_size)
{
    char word[WORD_SIZE];
    const char *rest = text;
    *rule = (struct access_rule){.every_unit = true};
    if (!access_next_word(&rest, word) || !access_parse_network(word, rule)) {
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

static bool access_in_network(const struct access_rule *rule, const struct access_ip *client)
{
    size_t whole = rule->prefix / 8;
    unsigned rest = rule->prefix % 8;
    REQUIRE(rule->prefix <= IPV6_BITS);
    if (rule->anybody)
        return true;
    if (rule->prefix < MAPPED_BITS && memcmp(client->bytes, mapped, sizeof mapped) == 0)
        return false;
    if (memcmp(rule->network.bytes, client->bytes, whole) != 0)
        return false;
    return rest == 0 || (rule->network.bytes[whole] ^ client->bytes[whole]) >> (8 - rest) == 0;
}

bool access_decide_rights(const struct access_rules *rules, const struct access_ip *client,
                          const struct unit_set *units, struct access_rights *rights)
{
    bool any = false;
    REQUIRE(rules->count <= ACCESS_RULES_MAX && units->count <= UNIT_MAX);
    for (size_t i = 0; i < units->count; i++) {
        uint8_t unit = units->id[i];
        rights->of[i] = ACCESS_NONE;
        for (size_t j = 0; j < rules->count; j++) {
            const struct access_rule *rule = &rules->rule[j];
            if ((rule->every_unit || rule->unit[unit]) && access_in_network(rule, client)) {
                rights->of[i] = (uint8_t)rule->right;
                break;
            }
        }
        any = any || rights->of[i] != ACCESS_NONE;
    }
    return any;
}

void access_grant_all(struct access_rights *rights)
{
    memset(rights->of, ACCESS_WRITE, sizeof rights->of);
}
