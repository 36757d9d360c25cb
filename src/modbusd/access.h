/* The rights of SCADA clients to units, by rules of the configuration. Pure.
 *
 * A rule is a network, a right and, optionally, units. The first rule that fits the client's
 * address and the unit decides; a client without a right to any unit is refused. An IPv6 network,
 * ::/0 too, contains no IPv4 address, although these are stored as mapped ones. */
#ifndef TAGFERRY_MODBUSD_ACCESS_H
#define TAGFERRY_MODBUSD_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/unit_set.h"

enum { ACCESS_RULES_MAX = 64 };

/* An IPv6 address, or an IPv4 one mapped into IPv6. */
struct access_ip {
    uint8_t bytes[16];
};

enum access_right { ACCESS_NONE, ACCESS_READ, ACCESS_WRITE };

struct access_rule {
    bool anybody; /* the network does not matter */
    struct access_ip network;
    unsigned prefix; /* bits of the network that count, 0 to 128 */
    enum access_right right;
    bool every_unit;
    bool unit[256]; /* the units meant, if not every one */
};

struct access_rules {
    size_t count;
    struct access_rule rule[ACCESS_RULES_MAX];
};

/* The rights of one client, by place in the unit set. */
struct access_rights {
    uint8_t of[UNIT_MAX]; /* enum access_right */
};

/* Reads "NETWORK ro|rw [unit=LIST]...", where NETWORK is "any", an address, or an address and a
 * prefix length, and LIST is such as 1-4. False, with the reason, for anything else. */
bool access_rule_parse(const char *text, struct access_rule *rule, char *why, size_t why_size);

/* Fills the rights of a client. False when it has none at all. */
bool access_decide_rights(const struct access_rules *rules, const struct access_ip *client,
                          const struct unit_set *units, struct access_rights *rights);
/* Every right to every unit, as the process side has. */
void access_grant_all(struct access_rights *rights);

#endif
