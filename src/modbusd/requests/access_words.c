/* Access rules in words. */
#include "modbusd/requests/access_words.h"

#include <string.h>

#include "common/base/require.h"

enum { IPV6_BITS = 128, IPV4_BITS = 32, ITEMS_MAX = 256 };

#define FUNCTION_TABLE(code, name, kind, table, ...) [code] = {true, PDU_##kind, PDU_##table},

/* The functions that are served. */
static const struct function_use {
    bool is_served;
    enum pdu_kind kind;
    enum pdu_table table;
} function_uses[ACCESS_FUNCTIONS] = {PDU_FUNCTIONS(FUNCTION_TABLE)};

const char *access_table_name(enum pdu_table table)
{
    static const char *const names[] = {
        [PDU_COILS] = "coil",
        [PDU_DISCRETE_INPUTS] = "discrete input",
        [PDU_HOLDING_REGISTERS] = "holding register",
        [PDU_INPUT_REGISTERS] = "input register",
    };
    REQUIRE(table < PDU_NONE);
    return names[table];
}

/* Items of an enumeration: "1 to 4, 7 and 9". */
struct word_list {
    size_t count;
    struct word_item {
        unsigned first, last;
    } item[ITEMS_MAX];
};

static void words_write_list(const struct word_list *list, FILE *out)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct word_item *item = &list->item[i];
        fputs(i == 0 ? " " : i + 1 < list->count ? ", " : " and ", out);
        fprintf(out, "%u", item->first);
        if (item->last > item->first)
            fprintf(out, " to %u", item->last);
    }
}

/* Writes the noun, in the plural if the list names several things, and the list. */
static void words_write_things(const char *noun, const struct word_list *list, FILE *out)
{
    const bool is_one = list->count == 1 && list->item[0].first == list->item[0].last;
    fprintf(out, "%s%s", noun, is_one ? "" : "s");
    words_write_list(list, out);
}

static void words_write_source(const struct access_rule *rule, FILE *out)
{
    char text[INET6_ADDRSTRLEN];
    const struct access_network *network = &rule->network;
    access_ip_format(&network->ip, text);
    const bool is_ipv4 = strchr(text, '.') && network->prefix >= IPV6_BITS - IPV4_BITS;
    if (rule->only_serial)
        fputs("clients on serial lines", out);
    else if (network->anybody)
        fputs("all clients", out);
    else if (network->prefix == IPV6_BITS)
        fprintf(out, "clients at %s", text);
    else
        fprintf(out, "clients in %s/%u", text,
                network->prefix - (is_ipv4 ? IPV6_BITS - IPV4_BITS : 0));
    for (size_t i = 0; i < rule->role_count; i++)
        fprintf(out, "%s%s",
                i == 0                     ? " with the role "
                : i + 1 < rule->role_count ? ", "
                                           : " or ",
                rule->role[i]);
}

static void words_write_units(const struct access_rule *rule, FILE *out)
{
    struct word_list list = {.count = 0};
    if (rule->every_unit) {
        fputs("all units", out);
        return;
    }
    for (unsigned unit = UNIT_MIN; unit <= UNIT_MAX; unit++) {
        if (!rule->unit[unit])
            continue;
        if (list.count > 0 && list.item[list.count - 1].last + 1 == unit)
            list.item[list.count - 1].last = unit;
        else
            list.item[list.count++] = (struct word_item){unit, unit};
    }
    words_write_things("unit", &list, out);
}

static void words_write_registers(const struct access_rule *rule, FILE *out)
{
    for (enum pdu_table table = 0; table < PDU_NONE; table++) {
        struct word_list list = {.count = 0};
        for (size_t i = 0; i < rule->range_count; i++) {
            if (rule->range[i].table == table)
                list.item[list.count++] =
                    (struct word_item){rule->range[i].first, rule->range[i].last};
        }
        if (list.count == 0)
            continue;
        fputs(", ", out);
        words_write_things(access_table_name(table), &list, out);
    }
}

/* The functions of the rule; those that write, or the others. */
static struct word_list words_find_functions(const struct access_rule *rule, bool writes)
{
    struct word_list list = {.count = 0};
    for (unsigned code = 0; code < ACCESS_FUNCTIONS; code++) {
        if ((rule->functions >> code & 1) != 0 && pdu_is_write((uint8_t)code) == writes)
            list.item[list.count++] = (struct word_item){code, code};
    }
    return list;
}

static void words_write_functions(const struct access_rule *rule, FILE *out)
{
    struct word_list list = words_find_functions(rule, false);
    struct word_list writes = words_find_functions(rule, true);
    if (rule->right == ACCESS_WRITE) { /* all in one list, in order */
        list.count = 0;
        for (unsigned code = 0; code < ACCESS_FUNCTIONS; code++) {
            if ((rule->functions >> code & 1) != 0)
                list.item[list.count++] = (struct word_item){code, code};
        }
    }
    if (list.count > 0) {
        fputs(", with ", out);
        words_write_things("function", &list, out);
    }
    if (rule->right != ACCESS_WRITE && writes.count > 0) {
        fputs(", but not write with ", out);
        words_write_things("function", &writes, out);
    }
}

static void words_write_rule(const struct access_rules *rules, size_t at, FILE *out)
{
    const struct access_rule *rule = &rules->rule[at];
    fprintf(out, "rule %zu: ", at + 1);
    words_write_source(rule, out);
    fprintf(out, " may %s ", rule->right == ACCESS_WRITE ? "read and write" : "read");
    words_write_units(rule, out);
    words_write_registers(rule, out);
    if (rule->functions != 0)
        words_write_functions(rule, out);
    fputc('\n', out);
}

static bool rule_has_unit(const struct access_rule *rule, uint8_t unit)
{
    return rule->every_unit || rule->unit[unit];
}

static bool rule_covers_source(const struct access_rule *rule, const struct access_rule *other)
{
    if (rule->only_serial)
        return other->only_serial;
    if (other->only_serial)
        return rule->network.anybody;
    return access_network_contains(&rule->network, &other->network);
}

static bool rule_covers_roles(const struct access_rule *rule, const struct access_rule *other)
{
    if (rule->role_count == 0)
        return true;
    for (size_t i = 0; i < other->role_count; i++) {
        size_t at = 0;
        while (at < rule->role_count && strcmp(rule->role[at], other->role[i]) != 0)
            at++;
        if (at == rule->role_count)
            return false;
    }
    return other->role_count > 0;
}

static bool rule_covers_registers(const struct access_rule *rule, const struct access_rule *other)
{
    if (rule->range_count == 0)
        return true;
    for (size_t i = 0; i < other->range_count; i++) {
        const struct access_range *range = &other->range[i];
        bool is_in = false;
        for (size_t j = 0; j < rule->range_count; j++)
            is_in = is_in ||
                    (rule->range[j].table == range->table && rule->range[j].first <= range->first &&
                     rule->range[j].last >= range->last);
        if (!is_in)
            return false;
    }
    return other->range_count > 0;
}

/* True if `rule` matches whatever `other` matches in a unit that both have. */
static bool rule_covers_rule(const struct access_rule *rule, const struct access_rule *other)
{
    const bool has_functions = rule->functions == 0 || (other->functions != 0 &&
                                                        (other->functions & ~rule->functions) == 0);
    return has_functions && rule_covers_source(rule, other) && rule_covers_roles(rule, other) &&
           rule_covers_registers(rule, other);
}

/* True if one of its functions uses one of its tables, or has none. */
static bool rule_has_use(const struct access_rule *rule)
{
    if (rule->functions == 0 || rule->range_count == 0)
        return true;
    for (unsigned code = 0; code < ACCESS_FUNCTIONS; code++) {
        const struct function_use *use = &function_uses[code];
        if ((rule->functions >> code & 1) == 0)
            continue;
        if (use->table == PDU_NONE)
            return true;
        for (size_t i = 0; i < rule->range_count; i++) {
            if (rule->range[i].table == use->table)
                return true;
        }
    }
    return false;
}

/* Finds the earlier rules that match in each unit before this one: their number from 1 if it is one
 * rule for all units, SIZE_MAX if they are several, 0 if this rule decides in a unit. */
static size_t words_find_cover(const struct access_rules *rules, size_t at,
                               const struct unit_set *units)
{
    size_t cover = 0;
    for (size_t i = 0; i < units->count; i++) {
        const uint8_t unit = units->id[i];
        size_t earlier = 0;
        if (!rule_has_unit(&rules->rule[at], unit))
            continue;
        while (earlier < at && !(rule_has_unit(&rules->rule[earlier], unit) &&
                                 rule_covers_rule(&rules->rule[earlier], &rules->rule[at])))
            earlier++;
        if (earlier == at)
            return 0;
        cover = cover == 0 || cover == earlier + 1 ? earlier + 1 : SIZE_MAX;
    }
    return cover;
}

static bool words_has_served_unit(const struct access_rule *rule, const struct unit_set *units)
{
    for (size_t i = 0; i < units->count; i++) {
        if (rule_has_unit(rule, units->id[i]))
            return true;
    }
    return false;
}

/* Warns of a rule that never decides. True if it may. */
static bool words_check_rule(const struct access_rules *rules, size_t at,
                             const struct unit_set *units, FILE *out)
{
    const struct access_rule *rule = &rules->rule[at];
    if (!words_has_served_unit(rule, units)) {
        fprintf(out,
                "warning: rule %zu can never match: none of its units is in [common] units; the "
                "rights to another name of a unit are those to the unit itself\n",
                at + 1);
        return false;
    }
    if (!rule_has_use(rule)) {
        fprintf(out,
                "warning: rule %zu can never match: none of its functions uses its registers\n",
                at + 1);
        return false;
    }
    const size_t cover = words_find_cover(rules, at, units);
    if (cover == SIZE_MAX)
        fprintf(out, "warning: rule %zu can never match: earlier rules cover it\n", at + 1);
    else if (cover != 0)
        fprintf(out, "warning: rule %zu can never match: rule %zu covers it\n", at + 1, cover);
    return cover == 0;
}

void access_explain_rules(const struct access_rules *rules, const struct unit_set *units, FILE *out)
{
    bool any = false;
    for (size_t i = 0; i < rules->count; i++)
        words_write_rule(rules, i, out);
    for (size_t i = 0; i < rules->count; i++)
        any = words_check_rule(rules, i, units, out) || any;
    if (!any)
        fputs("warning: no rule lets anybody in: all SCADA clients, also tagferry-api, are "
              "refused\n",
              out);
}
