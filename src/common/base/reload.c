/* Reads the configuration again; keeps a list of readings, the newest first. */
#include "common/base/reload.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/require.h"

/* One reading. The texts in the settings belong to the conf. */
struct reload_reading {
    struct reload_reading *next;
    struct conf conf;
    alignas(max_align_t) char settings[];
};

static void reload_free_from(struct reload_reading *reading)
{
    while (reading) {
        struct reload_reading *next = reading->next;
        conf_finish(&reading->conf);
        free(reading);
        reading = next;
    }
}

static void reload_log_option(const struct conf_option *option)
{
    log_warning("[%s] %s has changed, which takes a restart", option->section, option->key);
}

bool reload_run(struct reload *reload)
{
    const struct reload_source *source = reload->source;
    const struct reload_ops *ops = reload->ops;
    struct reload_reading *newest = reload->readings;
    const struct conf *old_conf = newest ? &newest->conf : source->conf;
    const void *old = newest ? newest->settings : source->settings;
    REQUIRE(source->settings_size >= sizeof(struct common_settings));
    REQUIRE(source->conf && source->settings && ops->apply);

    struct reload_reading *reading = calloc(1, sizeof *reading + source->settings_size);
    if (!reading) {
        log_error("configuration not reloaded: no memory; the old one stays in effect");
        return false;
    }
    bool good = daemon_reconfigure(source->spec, source->argc, source->argv, old_conf,
                                   &reading->conf, reading->settings);
    if (good) {
        memcpy(reading->settings, old, source->settings_size);
        conf_apply_reload(&reading->conf, reading->settings);
        good = !ops->check || ops->check(reload->context, old, reading->settings);
    }
    if (!good) {
        reload_free_from(reading);
        log_error("configuration not reloaded: it has errors; the old one stays in effect");
        return false;
    }

    const struct common_settings *common = (const struct common_settings *)reading->settings;
    conf_each_restart_option(source->conf, &reading->conf, reload_log_option);
    log_open((enum log_level)common->log_level);
    if (ops->keeps_older && conf_is_equal(old_conf, &reading->conf)) {
        reload_free_from(reading); /* repeated SIGHUPs must not use more and more memory */
    } else {
        ops->apply(reload->context, reading->settings);
        reading->next = ops->keeps_older ? newest : NULL;
        reload->readings = reading;
        if (!ops->keeps_older)
            reload_free_from(newest);
    }
    log_info("configuration reloaded");
    return true;
}

void reload_finish(struct reload *reload)
{
    reload_free_from(reload->readings);
    reload->readings = NULL;
}
