/* Settings of tagferry-mqttd from assignments, and files that they name. */
#ifndef TAGFERRY_TESTS_MQTTD_SETTINGS_H
#define TAGFERRY_TESTS_MQTTD_SETTINGS_H

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mqttd/options.h"

struct mqttd_conf {
    struct conf conf;
    struct mqttd_settings settings;
    char said[2000]; /* why they were refused */
};

/* Reads assignments such as "mqttd.tls=yes", ended by NULL. False when they are refused. Call
 * mqttd_conf_finish in either case. */
static inline bool mqttd_conf_read(struct mqttd_conf *read, const char *const *assignments)
{
    static const struct conf_table *const tables[] = {&common_options, &mqttd_options};
    const struct conf_table both[] = {*tables[0], *tables[1]};
    memset(read, 0, sizeof *read);
    FILE *err = fmemopen(read->said, sizeof read->said, "w");
    assert_non_null(err);
    assert_true(conf_init(&read->conf, both, COUNT(both)));
    bool ok = true;
    for (; *assignments; assignments++)
        ok = conf_set_option(&read->conf, *assignments, err) && ok;
    ok = ok && conf_apply_settings(&read->conf, &read->settings, err);
    fclose(err);
    return ok;
}

static inline void mqttd_conf_finish(struct mqttd_conf *read)
{
    conf_finish(&read->conf);
}

/* A file in a folder, which exists, with this content. */
static inline void write_text_file(const char *path, const char *content, mode_t mode)
{
    unlink(path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
}

#endif
