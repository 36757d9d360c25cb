/* The rights of SCADA clients to units, from the rules of the configuration. Pure.
 *
 * A rule is a network, a right and, optionally, units. The first rule that matches the client's
 * address and the unit applies; a client without a right to any unit is refused. An IPv6 network,
 * even ::/0, matches no IPv4 address, although IPv4 addresses are stored as mapped ones. */
#ifndef TAGFERRY_MODBUSD_REQUESTS_ACCESS_H
#define TAGFERRY_MODBUSD_REQUESTS_ACCESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/unit_set.h"

enum { ACCESS_RULES_MAX = 64 };

/* An IPv6 address, or an IPv4 one mapped into IPv6. */
struct access_ip {
    uint8_t bytes[16];
};

/* What the rules know of a client. */
struct access_source {
    struct access_ip ip; /* of a client in a network */
    bool is_serial;      /* it is on a serial line, and has no address */
    const char *role;    /* in its TLS certificate, owned by the client; NULL: none */
};

/* A network, or all addresses. */
struct access_network {
    bool anybody; /* matches all addresses */
    struct access_ip ip;
    unsigned prefix; /* significant bits of `ip`, 0 to 128 */
};

struct access_networks {
    size_t count;
    struct access_network item[ACCESS_RULES_MAX];
};

enum access_right { ACCESS_NONE, ACCESS_READ, ACCESS_WRITE };

struct access_rule {
    struct access_network network;
    enum access_right right;
    bool every_unit;
    bool unit[256]; /* the units, if not every one */
};

struct access_rules {
    size_t count;
    struct access_rule rule[ACCESS_RULES_MAX];
};

/* The rights of one client, by index in the unit set. */
struct access_rights {
    uint8_t of[UNIT_MAX]; /* enum access_right */
};

/* Formats an address as people write it, an IPv4 one as 10.0.0.7. */
void access_ip_format(const struct access_ip *ip, char text[INET6_ADDRSTRLEN]);

/* Parses an address, or an address with a prefix length such as 10.0.0.0/8. False if it is neither,
 * or if bits after the prefix are set: the author meant another network. */
bool access_network_parse(const char *text, struct access_network *network);
bool access_network_has(const struct access_network *network, const struct access_ip *ip);
/* True if one of the networks has the address. */
bool access_networks_have(const struct access_networks *networks, const struct access_ip *ip);

/* Parses "NETWORK ro|rw [unit=LIST]...". NETWORK is "any", an address, or an address with a prefix
 * length; LIST is for example 1-4. False with the reason in `why`. */
bool access_rule_parse(const char *text, struct access_rule *rule, char *why, size_t why_size);

/* Sets the rights of a client. False when it has no rights. */
bool access_decide_rights(const struct access_rules *rules, const struct access_source *source,
                          const struct unit_set *units, struct access_rights *rights);
/* True if a rule is for the source's address, whatever its role: without one, no role can help. */
bool access_knows_address(const struct access_rules *rules, const struct access_source *source);
/* Sets all rights to all units, for the process side. */
void access_grant_all(struct access_rights *rights);

#endif
