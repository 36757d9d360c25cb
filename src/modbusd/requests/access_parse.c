/* Parses access rules. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modbusd/requests/access.h"

enum { RULE_SIZE = 256, NUMBER_DIGITS = 5 };

#define FUNCTION_BIT(code, ...)  | UINT64_C(1) << (code)
#define FUNCTION_FITS(code, ...) _Static_assert((code) < ACCESS_FUNCTIONS, "a bit for each");
PDU_FUNCTIONS(FUNCTION_FITS)

static const uint64_t served_functions = UINT64_C(0) PDU_FUNCTIONS(FUNCTION_BIT);

/* What a list after the right is about. */
enum rule_key {
    KEY_NONE, /* nothing: a rule begins */
    KEY_UNIT,
    KEY_FUNCTION,
    KEY_ROLE,
    KEY_COIL,
    KEY_DISCRETE_INPUT,
    KEY_HOLDING_REGISTER,
    KEY_INPUT_REGISTER,
    KEY_COUNT
};

static const char *const key_names[KEY_COUNT] = {
    [KEY_UNIT] = "unit",
    [KEY_FUNCTION] = "fc",
    [KEY_ROLE] = "role",
    [KEY_COIL] = "coil",
    [KEY_DISCRETE_INPUT] = "discrete_input",
    [KEY_HOLDING_REGISTER] = "holding_register",
    [KEY_INPUT_REGISTER] = "input_register",
};

static const enum pdu_table key_tables[KEY_COUNT] = {
    [KEY_COIL] = PDU_COILS,
    [KEY_DISCRETE_INPUT] = PDU_DISCRETE_INPUTS,
    [KEY_HOLDING_REGISTER] = PDU_HOLDING_REGISTERS,
    [KEY_INPUT_REGISTER] = PDU_INPUT_REGISTERS,
};

struct rule_parser {
    struct access_rules *rules;
    struct access_rule *rule; /* the last one, which the next item may continue */
    enum rule_key key;        /* of its last list */
    char item[RULE_SIZE];     /* the text between two commas */
    char *why;
    size_t why_size;
};

/* Reads the next word and moves *text past it. False at the end. */
static bool parser_next_word(const char **text, char word[RULE_SIZE])
{
    *text += strspn(*text, " \t");
    size_t len = strcspn(*text, " \t");
    snprintf(word, RULE_SIZE, "%.*s", (int)len, *text);
    *text += len;
    return len > 0;
}

/* Reads "7" or "1-4" with numbers up to `max`. */
static bool parser_read_range(const char *text, long max, long *first, long *last)
{
    size_t digits = strspn(text, "0123456789");
    *first = *last = strtol(text, NULL, 10);
    if (digits < 1 || digits > NUMBER_DIGITS)
        return false;
    if (text[digits] == '-') {
        const char *rest = text + digits + 1;
        digits = strspn(rest, "0123456789");
        *last = strtol(rest, NULL, 10);
        if (digits < 1 || digits > NUMBER_DIGITS || rest[digits] != '\0')
            return false;
    } else if (text[digits] != '\0') {
        return false;
    }
    return *first <= *last && *last <= max;
}

static bool parser_add_units(struct rule_parser *parser, const char *value)
{
    long first, last;
    if (!parser_read_range(value, UNIT_MAX, &first, &last) || first < UNIT_MIN) {
        snprintf(parser->why, parser->why_size, "\"%s\": units are %d to %d, such as unit=1-4,7",
                 parser->item, UNIT_MIN, UNIT_MAX);
        return false;
    }
    parser->rule->every_unit = false;
    for (long unit = first; unit <= last; unit++)
        parser->rule->unit[unit] = true;
    return true;
}

static bool parser_add_functions(struct rule_parser *parser, const char *value)
{
    long first, last;
    bool is_good = parser_read_range(value, ACCESS_FUNCTIONS - 1, &first, &last);
    for (long code = first; is_good && code <= last; code++) {
        is_good = (served_functions >> code & 1) != 0;
        parser->rule->functions |= UINT64_C(1) << code;
    }
    if (!is_good)
        snprintf(parser->why, parser->why_size,
                 "\"%s\": functions are 1-6, 15-17, 22, 23 and 43, such as fc=1-4,16",
                 parser->item);
    return is_good;
}

/* A role is a word that cannot be mistaken for the beginning of a rule. */
static bool parser_is_role(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    bool begins_well = text[0] != '\0' && (strchr(letters, text[0]) || (text[0] & 0x80) != 0);
    for (const char *at = text; *at; at++) {
        if (!strchr(letters, *at) && !strchr("0123456789._-", *at) && (*at & 0x80) == 0)
            return false;
    }
    return begins_well && strcmp(text, "any") != 0 && strcmp(text, "serial") != 0;
}

static bool parser_add_role(struct rule_parser *parser, const char *value)
{
    struct access_rule *rule = parser->rule;
    if (!parser_is_role(value) || strlen(value) >= ACCESS_ROLE_SIZE) {
        snprintf(
            parser->why, parser->why_size,
            "\"%s\": a role is a word of up to %d letters, digits, '.', '_' and '-' that begins "
            "with a letter, such as role=operator; any and serial are none",
            parser->item, ACCESS_ROLE_SIZE - 1);
        return false;
    }
    if (rule->role_count == ACCESS_ROLES_MAX) {
        snprintf(parser->why, parser->why_size,
                 "\"%s\": a rule has more than %d roles; split it in two", parser->item,
                 ACCESS_ROLES_MAX);
        return false;
    }
    memcpy(rule->role[rule->role_count++], value, strlen(value) + 1);
    return true;
}

static bool parser_add_range(struct rule_parser *parser, const char *value)
{
    struct access_rule *rule = parser->rule;
    long first, last;
    if (!parser_read_range(value, TABLE_SIZE - 1, &first, &last)) {
        snprintf(parser->why, parser->why_size,
                 "\"%s\": registers are 0 to %d, such as %s=200-299,400", parser->item,
                 TABLE_SIZE - 1, key_names[parser->key]);
        return false;
    }
    if (rule->range_count == ACCESS_RANGES_MAX) {
        snprintf(parser->why, parser->why_size,
                 "\"%s\": a rule has more than %d ranges of registers; split it in two",
                 parser->item, ACCESS_RANGES_MAX);
        return false;
    }
    rule->range[rule->range_count++] = (struct access_range){
        .table = key_tables[parser->key], .first = (uint16_t)first, .last = (uint16_t)last};
    return true;
}

/* Takes "key=value", or a value that continues the last list. */
static bool parser_take_word(struct rule_parser *parser, const char *word, bool may_continue)
{
    const char *equals = strchr(word, '='), *value = equals ? equals + 1 : word;
    enum rule_key key = equals || !may_continue ? KEY_NONE : parser->key;
    for (enum rule_key at = KEY_UNIT; equals && at < KEY_COUNT; at++) {
        if (strlen(key_names[at]) == (size_t)(equals - word) &&
            memcmp(key_names[at], word, (size_t)(equals - word)) == 0)
            key = at;
    }
    if (key == KEY_NONE) {
        snprintf(parser->why, parser->why_size,
                 "\"%s\": after the right there may be units, such as unit=1-4, registers, such as "
                 "holding_register=200-299, functions, such as fc=3,16, and role=NAME",
                 parser->item);
        return false;
    }
    parser->key = key;
    return key == KEY_UNIT       ? parser_add_units(parser, value)
           : key == KEY_FUNCTION ? parser_add_functions(parser, value)
           : key == KEY_ROLE     ? parser_add_role(parser, value)
                                 : parser_add_range(parser, value);
}

/* True if the item is not a rule, but the next part of a list in the last one. */
static bool parser_item_continues(const struct rule_parser *parser)
{
    char word[RULE_SIZE], next[RULE_SIZE];
    const char *rest = parser->item;
    if (parser->key == KEY_NONE || !parser_next_word(&rest, word))
        return false;
    if (parser->key != KEY_ROLE)
        return strspn(word, "0123456789-") == strlen(word);
    return parser_is_role(word) &&
           !(parser_next_word(&rest, next) && (strcmp(next, "ro") == 0 || strcmp(next, "rw") == 0));
}

/* Takes the source and the right at the beginning of a rule, and moves *rest past them. */
static bool parser_begin_rule(struct rule_parser *parser, const char **rest)
{
    struct access_rules *rules = parser->rules;
    char word[RULE_SIZE];
    if (rules->count == ACCESS_RULES_MAX) {
        snprintf(parser->why, parser->why_size, "more than %d rules", ACCESS_RULES_MAX);
        return false;
    }
    struct access_rule *rule = parser->rule = &rules->rule[rules->count++];
    *rule = (struct access_rule){.every_unit = true};
    parser->key = KEY_NONE;
    bool has_word = parser_next_word(rest, word);
    if (has_word && strcmp(word, "any") == 0) {
        rule->network.anybody = true;
    } else if (has_word && strcmp(word, "serial") == 0) {
        rule->only_serial = true;
    } else if (!has_word || !access_network_parse(word, &rule->network)) {
        snprintf(parser->why, parser->why_size,
                 "\"%s\" must begin with any, serial, an address or a network such as 10.0.0.0/8",
                 parser->item);
        return false;
    }
    if (!parser_next_word(rest, word) || (strcmp(word, "ro") != 0 && strcmp(word, "rw") != 0)) {
        snprintf(parser->why, parser->why_size, "\"%s\" must say ro or rw after the %s",
                 parser->item, rule->only_serial ? "word serial" : "network");
        return false;
    }
    rule->right = strcmp(word, "rw") == 0 ? ACCESS_WRITE : ACCESS_READ;
    return true;
}

static bool parser_take_item(struct rule_parser *parser)
{
    char word[RULE_SIZE];
    const char *rest = parser->item;
    bool may_continue = parser_item_continues(parser);
    if (!may_continue && !parser_begin_rule(parser, &rest))
        return false;
    for (; parser_next_word(&rest, word); may_continue = false) {
        if (!parser_take_word(parser, word, may_continue))
            return false;
    }
    return true;
}

static int access_compare_ranges(const void *one, const void *other)
{
    const struct access_range *a = one, *b = other;
    if (a->table != b->table)
        return a->table < b->table ? -1 : 1;
    return (int)a->first - (int)b->first;
}

/* Sorts the ranges and joins those that overlap or are neighbours. */
static void access_join_ranges(struct access_rule *rule)
{
    size_t kept = 0;
    if (rule->range_count == 0)
        return;
    qsort(rule->range, rule->range_count, sizeof rule->range[0], access_compare_ranges);
    for (size_t i = 1; i < rule->range_count; i++) {
        struct access_range *last = &rule->range[kept];
        const struct access_range *next = &rule->range[i];
        if (next->table != last->table || (unsigned)next->first > last->last + 1u)
            rule->range[++kept] = *next;
        else if (next->last > last->last)
            last->last = next->last;
    }
    rule->range_count = kept + 1;
}

/* Notes the rule in the sets of its units and functions. */
static void access_index_rule(struct access_rules *rules, size_t at)
{
    const struct access_rule *rule = &rules->rule[at];
    const uint64_t bit = UINT64_C(1) << at;
    for (size_t unit = 0; unit < 256; unit++) {
        if (rule->every_unit || rule->unit[unit])
            rules->of_unit[unit] |= bit;
    }
    for (size_t function = 0; function < ACCESS_FUNCTIONS; function++) {
        if (rule->functions == 0 || (rule->functions >> function & 1) != 0)
            rules->of_function[function] |= bit;
    }
}

bool access_rules_parse(const char *text, struct access_rules *rules, char *why, size_t why_size)
{
    struct rule_parser parser = {.rules = rules, .why = why, .why_size = why_size};
    memset(rules, 0, sizeof *rules);
    for (const char *at = text + strspn(text, " \t,"); *at; at += strspn(at, " \t,")) {
        size_t len = strcspn(at, ",");
        if (len >= sizeof parser.item) {
            snprintf(why, why_size, "\"%.40s...\" is longer than %d bytes", at, RULE_SIZE - 1);
            return false;
        }
        snprintf(parser.item, sizeof parser.item, "%.*s", (int)len, at);
        for (size_t end = len; end > 0 && strchr(" \t", parser.item[end - 1]); end--)
            parser.item[end - 1] = '\0';
        if (!parser_take_item(&parser))
            return false;
        at += len;
    }
    for (size_t i = 0; i < rules->count; i++) {
        access_join_ranges(&rules->rule[i]);
        access_index_rule(rules, i);
    }
    return true;
}
