/* The settings of tagferry-modbusd. */
#ifndef TAGFERRY_MODBUSD_OPTIONS_H
#define TAGFERRY_MODBUSD_OPTIONS_H

#include "common/base/settings.h"
#include "modbusd/access.h"
#include "modbusd/ident.h"

enum persist { PERSIST_INTERVAL, PERSIST_ALWAYS, PERSIST_NEVER };
enum process_loss { PROCESS_LOSS_HOLD, PROCESS_LOSS_EXCEPTION };

/* See CONF_ROW. `persist` is an enum persist, `on_process_loss` an enum process_loss. */
#define MODBUSD_OPTIONS(ROW)                                                                       \
    ROW(listen, struct conf_addrs, conf_addrs, "127.0.0.1:8502",                                   \
        .help = "Addresses for SCADA clients, such as 0.0.0.0:502, or [::]:502 for IPv4 too. May " \
                "be repeated.")                                                                    \
    ROW(inputs_listen, struct conf_addrs, conf_loopback, "127.0.0.1:8503",                         \
        .help = "Loopback address where the process writes input registers and discrete inputs.")  \
    ROW(outputs_listen, struct conf_addrs, conf_loopback, "127.0.0.1:8504",                        \
        .help = "Loopback address where the process writes holding registers and coils.")          \
    ROW(image, const char *, conf_path, "/var/lib/tagferry/image",                                 \
        .help = "Path of the file that keeps the registers.")                                      \
    ROW(persist, int, conf_choice, "interval", .names = persist_names,                             \
        .help = "When changed registers are written to the disk: at an interval, always before a " \
                "write is answered, or never by us. In each case they outlive kill -9.")           \
    ROW(sync_interval_ms, long, conf_number, "1000", .min = 1, .max = 3600000,                     \
        .help = "How often changed registers are written to the disk, in ms.")                     \
    ROW(max_connections, long, conf_number, "2048", .min = 1, .max = 60000, .reload = true,        \
        .help = "How many SCADA clients may be connected at once; more are closed at once.")       \
    ROW(max_connections_per_ip, long, conf_number, "0", .min = 0, .max = 60000, .reload = true,    \
        .help = "How many of them may come from one IP address; 0: no limit of its own.")          \
    ROW(idle_timeout_s, long, conf_number, "0", .min = 0, .max = 86400, .reload = true,            \
        .help = "A client that asks nothing for so long is closed, in s; 0: never.")               \
    ROW(frame_timeout_ms, long, conf_number, "5000", .min = 1, .max = 3600000, .reload = true,     \
        .help = "How long a request may take from its first byte to its last, in ms.")             \
    ROW(write_timeout_ms, long, conf_number, "5000", .min = 1, .max = 3600000, .reload = true,     \
        .help = "How long a client may leave its answers unread, in ms.")                          \
    ROW(allow, struct access_rules, conf_access_rules, "any rw", .reload = true,                   \
        .help = "Who may do what on the SCADA side, such as 10.0.0.0/8 rw or any ro unit=1-4. "    \
                "May be repeated; the first that fits the client and the unit decides, no fit is " \
                "refused. tagferry-api is a client too, from 127.0.0.1.")                          \
    ROW(on_process_loss, int, conf_choice, "hold", .names = process_loss_names, .reload = true,    \
        .help = "While tagferry-mqttd is gone: hold answers reads with the last values, "          \
                "exception with exception 11.")                                                    \
    ROW(process_timeout_s, long, conf_number, "10", .min = 1, .max = 3600, .reload = true,         \
        .help = "It is taken for gone when it has asked nothing for so long, in s.")               \
    ROW(vendor_name, const char *, conf_ident_text, "Tagferry", .reload = true,                    \
        .help = "The vendor that functions 43/14 and 17 tell.")                                    \
    ROW(product_code, const char *, conf_ident_text, "tagferry-modbusd", .reload = true,           \
        .help = "The product code that function 43/14 tells.")                                     \
    ROW(revision, const char *, conf_ident_text, "", .reload = true,                               \
        .help = "The version that both tell; empty: the version of this program.")                 \
    ROW(vendor_url, const char *, conf_ident_text, "", .reload = true,                             \
        .help = "The vendor's address that function 43/14 tells; empty: none.")                    \
    ROW(product_name, const char *, conf_ident_text, "Tagferry", .reload = true,                   \
        .help = "The product's name that both tell.")                                              \
    ROW(model_name, const char *, conf_ident_text, "", .reload = true,                             \
        .help = "The model that function 43/14 tells; empty: none.")                               \
    ROW(application_name, const char *, conf_ident_text, "", .reload = true,                       \
        .help = "The application that it tells, such as the plant's name; empty: none.")

struct modbusd_settings {
    struct common_settings common; /* first: the offsets of both tables count from here */
    MODBUSD_OPTIONS(CONF_MEMBER)
};

extern const struct conf_table modbusd_options;

#endif
