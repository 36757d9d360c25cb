/* The option table of [modbusd]. */
#include "modbusd/options.h"

#include <stdio.h>
#include <string.h>

static const char *const persist_names[] = {"interval", "always", "never", NULL};
static const char *const process_loss_names[] = {"hold", "exception", NULL};

/* True for the 7 of "any ro unit=1-4,7", which the list has parted from its rule. */
static bool is_unit_range(const char *item)
{
    return strspn(item, "0123456789-") == strlen(item);
}

static bool parse_access_rules(const struct conf_option *option, const char *text, void *field,
                               char *why, size_t why_size)
{
    struct access_rules *rules = field;
    struct conf_list list;
    char rule[4 * CONF_ITEM_SIZE];
    if (!conf_list.parse(option, text, &list, why, why_size))
        return false;
    _Static_assert((int)CONF_LIST_MAX <= (int)ACCESS_RULES_MAX, "all items have a place");
    rules->count = 0;
    for (size_t i = 0; i < list.count; rules->count++) {
        int len = snprintf(rule, sizeof rule, "%s", list.item[i]);
        for (i++; i < list.count && is_unit_range(list.item[i]); i++) {
            if ((size_t)len < sizeof rule)
                len += snprintf(rule + len, sizeof rule - (size_t)len, " unit=%s", list.item[i]);
        }
        if ((size_t)len >= sizeof rule) {
            snprintf(why, why_size, "a rule has too many units; part it in two");
            return false;
        }
        if (!access_rule_parse(rule, &rules->rule[rules->count], why, why_size))
            return false;
    }
    return true;
}

static const struct conf_type conf_access_rules = {.list = true, .parse = parse_access_rules};

/* A text that function 43/14 shows. */
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

/* Whoever reaches the process side may write every register. */
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

#define AT(field) offsetof(struct modbusd_settings, field)

static const struct conf_option rows[] = {
    {"modbusd", "listen", "127.0.0.1:8502", &conf_addrs, AT(listen),
     .help = "Addresses for SCADA clients, such as 0.0.0.0:502, or [::]:502 for IPv4 too. May be "
             "repeated."},
    {"modbusd", "inputs_listen", "127.0.0.1:8503", &conf_loopback, AT(inputs_listen),
     .help = "Loopback address where the process writes input registers and discrete inputs."},
    {"modbusd", "outputs_listen", "127.0.0.1:8504", &conf_loopback, AT(outputs_listen),
     .help = "Loopback address where the process writes holding registers and coils."},
    {"modbusd", "image", "/var/lib/tagferry/image", &conf_path, AT(image),
     .help = "Path of the file that keeps the registers."},
    {"modbusd", "persist", "interval", &conf_choice, AT(persist), .names = persist_names,
     .help =
         "When changed registers are written to the disk: at an interval, always before a write "
         "is answered, or never by us. In each case they outlive kill -9."},
    {"modbusd", "sync_interval_ms", "1000", &conf_number, AT(sync_interval_ms), 1, 3600000,
     .help = "How often changed registers are written to the disk, in ms."},
    {"modbusd", "max_connections", "2048", &conf_number, AT(max_connections), 1, 60000,
     .help = "How many SCADA clients may be connected at once; more are closed at once.",
     .reload = true},
    {"modbusd", "max_connections_per_ip", "0", &conf_number, AT(max_connections_per_ip), 0, 60000,
     .help = "How many of them may come from one IP address; 0: no limit of its own.",
     .reload = true},
    {"modbusd", "idle_timeout_s", "0", &conf_number, AT(idle_timeout_s), 0, 86400,
     .help = "A client that asks nothing for so long is closed, in s; 0: never.", .reload = true},
    {"modbusd", "frame_timeout_ms", "5000", &conf_number, AT(frame_timeout_ms), 1, 3600000,
     .help = "How long a request may take from its first byte to its last, in ms.", .reload = true},
    {"modbusd", "write_timeout_ms", "5000", &conf_number, AT(write_timeout_ms), 1, 3600000,
     .help = "How long a client may leave its answers unread, in ms.", .reload = true},
    {"modbusd", "allow", "any rw", &conf_access_rules, AT(allow),
     .help = "Who may do what on the SCADA side, such as 10.0.0.0/8 rw or any ro unit=1-4. May be "
             "repeated; the first that fits the client and the unit decides, no fit is refused. "
             "tagferry-api is a client too, from 127.0.0.1.",
     .reload = true},
    {"modbusd", "on_process_loss", "hold", &conf_choice, AT(on_process_loss),
     .names = process_loss_names,
     .help = "While tagferry-mqttd is gone: hold answers reads with the last values, exception "
             "with exception 11.",
     .reload = true},
    {"modbusd", "process_timeout_s", "10", &conf_number, AT(process_timeout_s), 1, 3600,
     .help = "It is taken for gone when it has asked nothing for so long, in s.", .reload = true},
    {"modbusd", "vendor_name", "Tagferry", &conf_ident_text, AT(ident.text[IDENT_VENDOR]),
     .help = "The vendor that functions 43/14 and 17 tell.", .reload = true},
    {"modbusd", "product_code", "tagferry-modbusd", &conf_ident_text,
     AT(ident.text[IDENT_PRODUCT_CODE]), .help = "The product code that function 43/14 tells.",
     .reload = true},
    {"modbusd", "revision", "", &conf_ident_text, AT(ident.text[IDENT_REVISION]),
     .help = "The version that both tell; empty: the version of this program.", .reload = true},
    {"modbusd", "vendor_url", "", &conf_ident_text, AT(ident.text[IDENT_URL]),
     .help = "The vendor's address that function 43/14 tells; empty: none.", .reload = true},
    {"modbusd", "product_name", "Tagferry", &conf_ident_text, AT(ident.text[IDENT_PRODUCT]),
     .help = "The product's name that both tell.", .reload = true},
    {"modbusd", "model_name", "", &conf_ident_text, AT(ident.text[IDENT_MODEL]),
     .help = "The model that function 43/14 tells; empty: none.", .reload = true},
    {"modbusd", "application_name", "", &conf_ident_text, AT(ident.text[IDENT_APPLICATION]),
     .help = "The application that it tells, such as the plant's name; empty: none.",
     .reload = true},
};

const struct conf_table modbusd_options = {rows, sizeof rows / sizeof rows[0]};
