/* The settings of tagferry-modbusd. */
#ifndef TAGFERRY_MODBUSD_OPTIONS_H
#define TAGFERRY_MODBUSD_OPTIONS_H

#include "common/settings.h"

struct modbusd_settings {
    struct common_settings common;
    struct conf_addrs listen;
    struct conf_addrs inputs_listen, outputs_listen;
    const char *image;
    long sync_interval_ms;
    long max_connections;
    long frame_timeout_ms, write_timeout_ms;
};

extern const struct conf_table modbusd_options;

/* Checks what no single option shows. False, with the reason, when something is wrong. */
bool modbusd_settings_check(const struct modbusd_settings *settings, char *why, size_t why_size);

#endif
