/* The rights of SCADA clients, from the rules of the configuration. Pure.
 *
 * A rule names clients and a right, and optionally units, registers, functions and roles. For each
 * register of a request, the first rule that matches client, unit, function and register decides;
 * a request is answered if all of its registers may be used. So no request evades a rule by being
 * longer than the registers of that rule. Functions 17 and 43 have no registers: only client, unit
 * and function count. A client without a right to any unit is refused. An IPv6 network, even ::/0,
 * matches no IPv4 address, although IPv4 addresses are stored as mapped ones. */
#ifndef TAGFERRY_MODBUSD_REQUESTS_ACCESS_H
#define TAGFERRY_MODBUSD_REQUESTS_ACCESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/unit_set.h"
#include "common/modbus/pdu.h"

enum { ACCESS_RULES_MAX = 64, ACCESS_RANGES_MAX = 32, ACCESS_ROLES_MAX = 8, ACCESS_ROLE_SIZE = 65 };
enum { ACCESS_FUNCTIONS = 64 }; /* all codes of functions that are served are less */

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

/* The last one is no right of a rule, but of a client to a unit: see access_has_function. */
enum access_right { ACCESS_NONE, ACCESS_READ, ACCESS_WRITE, ACCESS_BY_REQUEST };

struct access_range {
    enum pdu_table table;
    uint16_t first, last;
};

struct access_rule {
    bool only_serial; /* only clients on serial lines */
    struct access_network network;
    enum access_right right;
    bool every_unit;
    bool unit[256];     /* the units, if not every one */
    uint64_t functions; /* bit N is function N; 0: every function */
    size_t range_count; /* 0: every register */
    size_t role_count;  /* 0: every client, with or without a role */
    /* In the order of tables and addresses, without overlaps and neighbours. */
    struct access_range range[ACCESS_RANGES_MAX];
    char role[ACCESS_ROLES_MAX][ACCESS_ROLE_SIZE];
};

struct access_rules {
    size_t count;
    struct access_rule rule[ACCESS_RULES_MAX];
    /* The rules that match a unit and a function; bit N is rule N. */
    uint64_t of_unit[256], of_function[ACCESS_FUNCTIONS];
};

/* The rights of one client. */
struct access_rights {
    uint8_t of[UNIT_MAX]; /* enum access_right, by index in the unit set */
    /* For ACCESS_BY_REQUEST: */
    const struct access_rules *rules;
    uint64_t matching; /* the rules that match the client; bit N is rule N */
};

/* Why a request is refused. */
struct access_refusal {
    uint16_t address; /* the first register that the client may not use */
    size_t rule;      /* number from 1 of the rule that permits only reading; 0: no rule matches */
};

/* Formats an address as people write it, an IPv4 one as 10.0.0.7. */
void access_ip_format(const struct access_ip *ip, char text[INET6_ADDRSTRLEN]);

/* Parses an address, or an address with a prefix length such as 10.0.0.0/8. False if it is neither,
 * or if bits after the prefix are set: the author meant another network. */
bool access_network_parse(const char *text, struct access_network *network);
bool access_network_has(const struct access_network *network, const struct access_ip *ip);
/* True if one of the networks has the address. */
bool access_networks_have(const struct access_networks *networks, const struct access_ip *ip);
/* True if `network` has each address that `other` has. */
bool access_network_contains(const struct access_network *network,
                             const struct access_network *other);

/* Parses rules, separated by commas: "SOURCE ro|rw [unit=LIST] [TABLE=LIST] [fc=LIST] [role=LIST]"
 * with the lists in any order and number. SOURCE is "any", "serial", an address, or an address with
 * a prefix length; the items of a LIST are separated by commas, too: unit=1-4,7. False with the
 * reason in `why`. */
bool access_rules_parse(const char *text, struct access_rules *rules, char *why, size_t why_size);

/* Sets the rights of a client, which refer to `rules`. False when it has no rights. */
bool access_decide_rights(const struct access_rules *rules, const struct access_source *source,
                          const struct unit_set *units, struct access_rights *rights);
/* True if a rule is for the source's address, whatever its role: without one, no role can help. */
bool access_knows_address(const struct access_rules *rules, const struct access_source *source);
/* Sets all rights to all units, for the process side. */
void access_grant_all(struct access_rights *rights);

/* The following two decide about requests to a unit for which the client has ACCESS_BY_REQUEST.
 * `unit` is the unit's own id. On false, `refusal` has the reason. */

/* True if a rule permits the function, be it for some registers only. */
bool access_has_function(const struct access_rights *rights, uint8_t unit, uint8_t function,
                         struct access_refusal *refusal);
/* True if the rules permit all registers of a request that pdu_check_request accepted. */
bool access_has_registers(const struct access_rights *rights, uint8_t unit,
                          const struct pdu_request *request, struct access_refusal *refusal);

#endif
