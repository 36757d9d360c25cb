/* The options of [common], which every daemon reads. Each daemon's settings struct begins with a
 * struct common_settings, so that the offsets of both tables count from the same place. */
#ifndef TAGFERRY_COMMON_BASE_SETTINGS_H
#define TAGFERRY_COMMON_BASE_SETTINGS_H

#include "common/base/conf.h"
#include "common/base/net.h"
#include "common/base/unit_set.h"

struct common_settings {
    const char *database;           /* path of the SQLite store */
    const char *runtime_dir;        /* folder of the files that the daemons share */
    int log_level;                  /* enum log_level */
    struct unit_set units;          /* the unit ids of the local Modbus server */
    struct net_addr modbus;         /* the local modbusd, SCADA side */
    struct net_addr modbus_inputs;  /* its process side, holding registers and inputs swapped */
    struct net_addr modbus_outputs; /* its process side, straight */
};

extern const struct conf_table common_options;

#endif
