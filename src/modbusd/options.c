/* The option table of [modbusd]. */
#include "modbusd/options.h"

#include <stdio.h>

#define AT(field) offsetof(struct modbusd_settings, field)

static const struct conf_option rows[] = {
    {"modbusd", "listen", "127.0.0.1:8502", &conf_addrs, AT(listen),
     .help = "Addresses for SCADA clients, such as 0.0.0.0:502 or [::]:502. May be repeated."},
    {"modbusd", "inputs_listen", "127.0.0.1:8503", &conf_addrs, AT(inputs_listen),
     .help = "Loopback address where the process writes input registers and discrete inputs."},
    {"modbusd", "outputs_listen", "127.0.0.1:8504", &conf_addrs, AT(outputs_listen),
     .help = "Loopback address where the process writes holding registers and coils."},
    {"modbusd", "image", "/var/lib/tagferry/image", &conf_path, AT(image),
     .help = "Path of the file that keeps the registers."},
    {"modbusd", "sync_interval_ms", "1000", &conf_number, AT(sync_interval_ms), 10, 3600000,
     .help = "How often changed registers are written to the disk, in ms."},
    {"modbusd", "max_connections", "2048", &conf_number, AT(max_connections), 1, 60000,
     .help = "How many SCADA clients may be connected at once; more are closed at once."},
    {"modbusd", "frame_timeout_ms", "5000", &conf_number, AT(frame_timeout_ms), 10, 3600000,
     .help = "How long a request may take from its first byte to its last, in ms."},
    {"modbusd", "write_timeout_ms", "5000", &conf_number, AT(write_timeout_ms), 10, 3600000,
     .help = "How long a client may leave its answers unread, in ms."},
};

const struct conf_table modbusd_options = {rows, sizeof rows / sizeof rows[0]};

static bool all_loopback(const struct conf_addrs *addrs, const char *key, char *why,
                         size_t why_size)
{
    for (size_t i = 0; i < addrs->count; i++) {
        if (net_host_is_loopback(addrs->item[i].host))
            continue;
        snprintf(why, why_size,
                 "[modbusd] %s: %s is no loopback address; whoever reaches it "
                 "may write every register",
                 key, addrs->item[i].host);
        return false;
    }
    return true;
}

bool modbusd_settings_check(const struct modbusd_settings *settings, char *why, size_t why_size)
{
    return all_loopback(&settings->inputs_listen, "inputs_listen", why, why_size) &&
           all_loopback(&settings->outputs_listen, "outputs_listen", why, why_size);
}
