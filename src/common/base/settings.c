/* The option table of [common]. */
#include "common/base/settings.h"

#include "common/base/log.h"

static bool settings_parse_units(const struct conf_option *option, const char *text, void *field,
                                 char *why, size_t why_size)
{
    (void)option;
    return unit_set_parse(text, field, why, why_size);
}

static const struct conf_type conf_units = {.list = true, .parse = settings_parse_units};

#define AT(field) offsetof(struct common_settings, field)

static const struct conf_option rows[] = {
    {"common", "database", "/var/lib/tagferry/tagferry.db", &conf_path, AT(database),
     .help = "Path of the SQLite store of devices and tags. tagferry-api alone writes it."},
    {"common", "runtime_dir", "/run/tagferry", &conf_path, AT(runtime_dir),
     .help = "Folder of the files that the daemons share: live table, journal, counters."},
    {"common", "log_level", "info", &conf_choice, AT(log_level), .names = log_level_names,
     .help = "The most verbose level that is logged: error, warning, info or debug.",
     .reload = true},
    {"common", "units", "1", &conf_units, AT(units),
     .help = "The Modbus unit ids of the local server, such as 1 or 1-16,20."},
    {"common", "modbus", "127.0.0.1:8502", &conf_addr, AT(modbus),
     .help = "Where the local tagferry-modbusd serves SCADA clients."},
    {"common", "modbus_inputs", "127.0.0.1:8503", &conf_addr, AT(modbus_inputs),
     .help = "Where it takes writes to input registers and discrete inputs."},
    {"common", "modbus_outputs", "127.0.0.1:8504", &conf_addr, AT(modbus_outputs),
     .help = "Where it takes writes to holding registers and coils from the process side."},
};

const struct conf_table common_options = {rows, sizeof rows / sizeof rows[0]};
