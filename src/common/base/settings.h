/* The options of [common], which every daemon reads. The settings struct of each daemon begins with
 * a struct common_settings, so that the offsets of both tables are relative to the same address. */
#ifndef TAGFERRY_COMMON_BASE_SETTINGS_H
#define TAGFERRY_COMMON_BASE_SETTINGS_H

#include "common/base/conf.h"
#include "common/base/net.h"
#include "common/base/unit_set.h"

/* See CONF_ROW. `log_level` is an enum log_level. */
#define COMMON_OPTIONS(ROW)                                                                        \
    ROW(database, const char *, conf_path, "/var/lib/tagferry/tagferry.db",                        \
        .help = "Path of the store, an SQLite database of devices and tags. Only tagferry-api "    \
                "writes it.")                                                                      \
    ROW(gateway, const char *, conf_gateway_name, "",                                              \
        .help = "Name of this gateway, where several share devices or a configuration: it holds "  \
                "the devices that name it and those that name none. Two machines with the same "   \
                "name are a pair. Empty: none.")                                                   \
    ROW(runtime_dir, const char *, conf_path, "/run/tagferry",                                     \
        .help = "Folder of the files that the daemons share: live table, journal, counters.")      \
    ROW(log_level, int, conf_choice, "info", .names = log_level_names, .reload = true,             \
        .help = "The least severe messages that are logged: error, warning, info or debug.")       \
    ROW(units, struct unit_set, conf_units, "1",                                                   \
        .help = "The Modbus unit ids of the local server, such as 1 or 1-16,20. SCADA clients "    \
                "may use "                                                                         \
                "other names of units: with 1-16,20=1 unit 20 is unit 1.")                         \
    ROW(modbus, struct net_addr, conf_server, "127.0.0.1:8502",                                    \
        .help = "Address of the SCADA side of tagferry-modbusd, for the other two daemons.")       \
    ROW(modbus_inputs, struct net_addr, conf_server, "127.0.0.1:8503",                             \
        .help =                                                                                    \
            "Address at which the other two daemons write input registers and discrete inputs.")   \
    ROW(modbus_outputs, struct net_addr, conf_server, "127.0.0.1:8504",                            \
        .help = "Address at which the other two daemons write holding registers and coils.")

struct common_settings {
    COMMON_OPTIONS(CONF_MEMBER)
};

extern const struct conf_table common_options;

#endif
