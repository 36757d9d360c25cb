/* The table of options of [modbusd]. */
#include "modbusd/options.h"

#include <stdio.h>
#include <string.h>

static const char *const persist_names[] = {
    [PERSIST_INTERVAL] = "interval", [PERSIST_ALWAYS] = "always", [PERSIST_NEVER] = "never", NULL};
static const char *const unknown_unit_names[] = {
    [UNKNOWN_UNIT_EXCEPTION] = "exception", [UNKNOWN_UNIT_FIRST] = "first", NULL};
static const char *const process_loss_names[] = {
    [PROCESS_LOSS_HOLD] = "hold", [PROCESS_LOSS_EXCEPTION] = "exception", NULL};

static const char *const writes_names[] = {[WRITES_ANY] = "any", [WRITES_TAGS] = "tags", NULL};

static bool parse_access_rules(const struct conf_option *option, const char *text, void *field,
                               char *why, size_t why_size)
{
    (void)option;
    return access_rules_parse(text, field, why, why_size);
}

static const struct conf_type conf_access_rules = {.list = true, .parse = parse_access_rules};

/* tagferry-api reads and writes values as a client from a loopback address, without a header. */
static bool parse_proxy_networks(const struct conf_option *option, const char *text, void *field,
                                 char *why, size_t why_size)
{
    static const char *const own[] = {"127.0.0.1", "::1"};
    struct access_networks *networks = field;
    struct conf_list list;
    if (!conf_list.parse(option, text, &list, why, why_size))
        return false;
    networks->count = list.count;
    for (size_t i = 0; i < list.count; i++) {
        if (!access_network_parse(list.item[i], &networks->item[i])) {
            snprintf(why, why_size, "\"%s\" must be an address or a network such as 10.0.0.0/8",
                     list.item[i]);
            return false;
        }
        for (size_t j = 0; j < sizeof own / sizeof own[0]; j++) {
            struct access_network self;
            if (!access_network_parse(own[j], &self) ||
                !access_network_has(&networks->item[i], &self.ip))
                continue;
            snprintf(why, why_size,
                     "%s contains %s, from which tagferry-api connects; a proxy on this machine "
                     "needs another source address, such as 127.0.0.2",
                     list.item[i], own[j]);
            return false;
        }
    }
    return true;
}

static const struct conf_type conf_proxy_networks = {.list = true, .parse = parse_proxy_networks};

static bool parse_gap_rules(const struct conf_option *option, const char *text, void *field,
                            char *why, size_t why_size)
{
    struct conf_list list;
    return conf_list.parse(option, text, &list, why, why_size) &&
           gap_rules_parse(&list, field, why, why_size);
}

static const struct conf_type conf_gap_rules = {.list = true, .parse = parse_gap_rules};

/* A text of function 43/14. */
static bool parse_ident_text(const struct conf_option *option, const char *text, void *field,
                             char *why, size_t why_size)
{
    if (strlen(text) > IDENT_TEXT_MAX) {
        snprintf(why, why_size, "longer than %d bytes", IDENT_TEXT_MAX);
        return false;
    }
    return conf_text.parse(option, text, field, why, why_size);
}

static const struct conf_type conf_ident_text = {.parse = parse_ident_text};

static bool parse_optional_addrs(const struct conf_option *option, const char *text, void *field,
                                 char *why, size_t why_size)
{
    struct conf_addrs *addrs = field;
    addrs->count = 0;
    return text[strspn(text, " ,")] == '\0' || conf_addrs.parse(option, text, field, why, why_size);
}

static const struct conf_type conf_optional_addrs = {.list = true, .parse = parse_optional_addrs};

/* A line has commas of its own: each path begins the next one. */
static bool parse_serial_lines(const struct conf_option *option, const char *text, void *field,
                               char *why, size_t why_size)
{
    struct conf_serial_lines *lines = field;
    struct conf_list list;
    char line[SERIAL_TEXT_SIZE];
    if (!conf_list.parse(option, text, &list, why, why_size))
        return false;
    lines->count = 0;
    for (size_t i = 0; i < list.count;) {
        size_t len = (size_t)snprintf(line, sizeof line, "%s", list.item[i]);
        for (i++; i < list.count && list.item[i][0] != '/' && len < sizeof line; i++)
            len += (size_t)snprintf(line + len, sizeof line - len, ",%s", list.item[i]);
        if (len >= sizeof line || lines->count == SERIAL_OPTION_MAX) {
            snprintf(why, why_size, "more than %d lines, or one that is too long",
                     SERIAL_OPTION_MAX);
            return false;
        }
        struct serial_line *to = &lines->item[lines->count];
        if (!serial_line_parse(line, to, why, why_size))
            return false;
        for (size_t j = 0; j < lines->count; j++) {
            if (strcmp(lines->item[j].path, to->path) == 0) {
                snprintf(why, why_size, "%s is listed twice", to->path);
                return false;
            }
        }
        lines->count++;
    }
    return true;
}

static const struct conf_type conf_serial_lines = {.list = true, .parse = parse_serial_lines};

/* Every client of the process side may write every register. */
static bool parse_loopback_addrs(const struct conf_option *option, const char *text, void *field,
                                 char *why, size_t why_size)
{
    const struct conf_addrs *addrs = field;
    if (!conf_addrs.parse(option, text, field, why, why_size))
        return false;
    for (size_t i = 0; i < addrs->count; i++) {
        if (net_host_is_loopback(addrs->item[i].host))
            continue;
        snprintf(why, why_size, "%s is not a loopback address", addrs->item[i].host);
        return false;
    }
    return true;
}

static const struct conf_type conf_loopback = {.list = true, .parse = parse_loopback_addrs};

#define MODBUSD_ROW(...) CONF_ROW("modbusd", struct modbusd_settings, __VA_ARGS__)

static const struct conf_option modbusd_option_rows[] = {MODBUSD_OPTIONS(MODBUSD_ROW)};

const struct conf_table modbusd_options = {modbusd_option_rows, sizeof modbusd_option_rows /
                                                                    sizeof modbusd_option_rows[0]};
