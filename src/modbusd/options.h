/* The settings of tagferry-modbusd. */
#ifndef TAGFERRY_MODBUSD_OPTIONS_H
#define TAGFERRY_MODBUSD_OPTIONS_H

#include "common/base/serial_line.h"
#include "common/base/settings.h"
#include "modbusd/requests/access.h"
#include "modbusd/requests/gaps.h"
#include "modbusd/requests/ident.h"

enum { SERIAL_OPTION_MAX = 16 };

/* Field of the option `serial`. */
struct conf_serial_lines {
    size_t count;
    struct serial_line item[SERIAL_OPTION_MAX];
};

enum persist { PERSIST_INTERVAL, PERSIST_ALWAYS, PERSIST_NEVER };
enum unknown_unit { UNKNOWN_UNIT_EXCEPTION, UNKNOWN_UNIT_FIRST };
enum writes_allowed { WRITES_ANY, WRITES_TAGS };
enum process_loss { PROCESS_LOSS_HOLD, PROCESS_LOSS_EXCEPTION };

/* See CONF_ROW. `persist` is an enum persist, `unknown_unit` an enum unknown_unit,
 * `writes` an enum writes_allowed, `on_process_loss` an enum process_loss. */
#define MODBUSD_OPTIONS(ROW)                                                                       \
    ROW(listen, struct conf_addrs, conf_addrs, "127.0.0.1:8502",                                   \
        .help = "Addresses for SCADA clients, such as 0.0.0.0:502, or [::]:502 for IPv6 and "      \
                "IPv4. May be repeated.")                                                          \
    ROW(rtu_listen, struct conf_addrs, conf_optional_addrs, "",                                    \
        .help = "Addresses for SCADA clients that speak Modbus RTU over TCP, such as "             \
                "0.0.0.0:5020. Empty: none. May be repeated.")                                     \
    ROW(tls_listen, struct conf_addrs, conf_optional_addrs, "",                                    \
        .help = "Addresses for SCADA clients with Modbus/TCP Security (TLS), such as "             \
                "0.0.0.0:802; empty: none. Needs tls_certificate, tls_key and tls_client_ca. May " \
                "be repeated.")                                                                    \
    ROW(tls_certificate, const char *, conf_text, "", .reload = true,                              \
        .help = "Path of the server's certificate for TLS, PEM, with those between it and the "    \
                "root.")                                                                           \
    ROW(tls_key, const char *, conf_text, "", .reload = true,                                      \
        .help = "Path of the key of tls_certificate, PEM, readable only for the service.")         \
    ROW(tls_client_ca, const char *, conf_text, "", .reload = true,                                \
        .help = "Path of the certificates of the CAs that sign those of TLS clients, PEM, and, "   \
                "if wanted, of their revocation lists. Each client needs a certificate of one of " \
                "them.")                                                                           \
    ROW(udp_listen, struct conf_addrs, conf_optional_addrs, "",                                    \
        .help = "Addresses for SCADA clients that send Modbus TCP frames in UDP datagrams, such "  \
                "as 0.0.0.0:8502. Empty: none. May be repeated.")                                  \
    ROW(serial, struct conf_serial_lines, conf_serial_lines, "",                                   \
        .help = "Serial lines on which the units answer as devices of Modbus RTU, such as "        \
                "/dev/ttyUSB0:19200,8E1, or /dev/ttyS1:9600,8N1,rs485 for a driver that switches " \
                "RS-485 itself. Empty: none. May be repeated.")                                    \
    ROW(inputs_listen, struct conf_addrs, conf_loopback, "127.0.0.1:8503",                         \
        .help =                                                                                    \
            "Loopback address where the process side writes input registers and discrete inputs.") \
    ROW(outputs_listen, struct conf_addrs, conf_loopback, "127.0.0.1:8504",                        \
        .help = "Loopback address where the process side writes holding registers and coils.")     \
    ROW(image, const char *, conf_path, "/var/lib/tagferry/image",                                 \
        .help = "Path of the file that stores the registers.")                                     \
    ROW(persist, int, conf_choice, "interval", .names = persist_names,                             \
        .help = "When changed registers are written to the disk: interval (every "                 \
                "sync_interval_ms), always (before a write is answered) or never (when the "       \
                "kernel decides). With all three they survive kill -9.")                           \
    ROW(sync_interval_ms, int64_t, conf_number, "1000", .min = 1, .max = 3600000,                  \
        .help = "Interval in ms at which changed registers are written to the disk.")              \
    ROW(max_connections, int64_t, conf_number, "2048", .min = 1, .max = 60000, .reload = true,     \
        .help = "Maximum number of SCADA clients connected at the same time; further ones are "    \
                "disconnected at once.")                                                           \
    ROW(max_connections_per_ip, int64_t, conf_number, "0", .min = 0, .max = 60000, .reload = true, \
        .help = "Maximum number of SCADA clients from one IP address; 0: no such limit.")          \
    ROW(idle_timeout_s, int64_t, conf_number, "0", .min = 0, .max = 86400, .reload = true,         \
        .help = "Seconds without a request after which a client is disconnected; 0: never.")       \
    ROW(frame_timeout_ms, int64_t, conf_number, "5000", .min = 1, .max = 3600000, .reload = true,  \
        .help = "Maximum time in ms from the first to the last byte of a request.")                \
    ROW(write_timeout_ms, int64_t, conf_number, "5000", .min = 1, .max = 3600000, .reload = true,  \
        .help = "Maximum time in ms for which a client may leave its answers unread.")             \
    ROW(allow, struct access_rules, conf_access_rules, "any rw", .reload = true,                   \
        .help =                                                                                    \
            "Access rules of the SCADA side, such as 10.0.0.0/8 rw or any ro unit=1-4, also with " \
            "registers and functions: 10.1.0.0/16 rw unit=1-4 holding_register=200-299 "           \
            "fc=3,6,16. May be repeated; the first rule that matches the client, the unit, the "   \
            "function and the register decides, and without a match access is refused. "           \
            "--check-config says in words what they mean. tagferry-api is a client, too, from "    \
            "127.0.0.1.")                                                                          \
    ROW(unknown_unit, int, conf_choice, "exception", .names = unknown_unit_names, .reload = true,  \
        .help = "How a SCADA client's request to a unit that is not in units is answered: "        \
                "exception (11), or first (by the first unit, under the id of the request).")      \
    ROW(proxy_protocol_from, struct access_networks, conf_proxy_networks, "", .reload = true,      \
        .help = "Addresses or networks of proxies, such as 10.0.0.9 or 10.0.9.0/24, whose "        \
                "connections must begin with a header of the PROXY protocol (version 1 or 2). "    \
                "The access rules, the limits and the log use the address of the client that it "  \
                "names. May be repeated.")                                                         \
    ROW(gaps, struct gap_rules, conf_gap_rules, "zero", .reload = true,                            \
        .help = "Answer to reads of addresses without a tag: zero (their contents, 0 unless they " \
                "were written), strict (exception 2 when no address of the request belongs to a "  \
                "tag) or exception (exception 2 when any of them belongs to no tag). Units may "   \
                "differ: zero, 3=strict, 5-8=exception.")                                          \
    ROW(writes, int, conf_choice, "any", .names = writes_names, .reload = true,                    \
        .help = "What SCADA may write: any registers, or tags (exception 2 when no register of "   \
                "the request belongs to a tag that takes writes).")                                \
    ROW(on_process_loss, int, conf_choice, "hold", .names = process_loss_names, .reload = true,    \
        .help = "While tagferry-mqttd does not run: hold answers reads with the last values, "     \
                "exception answers them with exception 11.")                                       \
    ROW(process_timeout_s, int64_t, conf_number, "10", .min = 1, .max = 3600, .reload = true,      \
        .help =                                                                                    \
            "Seconds without a request from tagferry-mqttd after which it counts as not running.") \
    ROW(vendor_name, const char *, conf_ident_text, "Tagferry", .reload = true,                    \
        .help = "Vendor name in the answers to functions 17 and 43/14.")                           \
    ROW(product_code, const char *, conf_ident_text, "tagferry-modbusd", .reload = true,           \
        .help = "Product code in the answer to function 43/14.")                                   \
    ROW(revision, const char *, conf_ident_text, "", .reload = true,                               \
        .help = "Version in the answers to functions 17 and 43/14; empty: the version of this "    \
                "program.")                                                                        \
    ROW(vendor_url, const char *, conf_ident_text, "", .reload = true,                             \
        .help = "Vendor's web address in the answer to function 43/14; empty: none.")              \
    ROW(product_name, const char *, conf_ident_text, "Tagferry", .reload = true,                   \
        .help = "Product name in the answers to functions 17 and 43/14.")                          \
    ROW(model_name, const char *, conf_ident_text, "", .reload = true,                             \
        .help = "Model name in the answer to function 43/14; empty: none.")                        \
    ROW(application_name, const char *, conf_ident_text, "", .reload = true,                       \
        .help = "Application name, such as the plant's name, in the answer to function 43/14; "    \
                "empty: none.")

struct modbusd_settings {
    struct common_settings common; /* first: the offsets of both tables are relative to it */
    MODBUSD_OPTIONS(CONF_MEMBER)
};

extern const struct conf_table modbusd_options;

#endif
