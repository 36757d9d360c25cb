/* The settings of tagferry-modbusd. */
#ifndef TAGFERRY_MODBUSD_OPTIONS_H
#define TAGFERRY_MODBUSD_OPTIONS_H

#include "common/base/settings.h"
#include "modbusd/access.h"
#include "modbusd/ident.h"

enum persist { PERSIST_INTERVAL, PERSIST_ALWAYS, PERSIST_NEVER };
enum process_loss { PROCESS_LOSS_HOLD, PROCESS_LOSS_EXCEPTION };

struct modbusd_settings {
    struct common_settings common;
    struct conf_addrs listen;
    struct conf_addrs inputs_listen, outputs_listen;
    const char *image;
    int persist; /* enum persist */
    long sync_interval_ms;
    long max_connections, max_connections_per_ip;
    long idle_timeout_s;
    long frame_timeout_ms, write_timeout_ms;
    struct access_rules allow;
    int on_process_loss; /* enum process_loss */
    long process_timeout_s;
    struct ident ident;
};

extern const struct conf_table modbusd_options;

#endif
