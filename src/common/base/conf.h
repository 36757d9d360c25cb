/* Configuration: one INI file, environment and flags, read through tables of options.
 *
 * A table row says everything about an option: its name, default, type, range and meaning. The
 * texts are collected first, in order of precedence (flag over environment over file over
 * default), then parsed into the daemon's settings struct. */
#ifndef TAGFERRY_COMMON_BASE_CONF_H
#define TAGFERRY_COMMON_BASE_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/base/net.h"

enum { CONF_WHY_SIZE = 512 };

struct conf_option;

/* How an option's text becomes a field. A list type takes comma-separated and repeated values. */
struct conf_type {
    bool list;
    bool (*parse)(const struct conf_option *option, const char *text, void *field, char *why,
                  size_t why_size);
};

struct conf_option {
    const char *section; /* "common", "api", "modbusd" or "mqttd" */
    const char *key;
    const char *fallback; /* the default, as the file would say it */
    const struct conf_type *type;
    size_t offset;            /* of the field in the settings struct */
    long min, max;            /* for conf_number: the range, both ends allowed */
    const char *const *names; /* for conf_choice: the words, in order, ended by NULL */
    const char *help;         /* one sentence, with the unit */
    bool reload;              /* SIGHUP is enough for a change of it */
};

/* A daemon lists its options once, in a macro of rows:
 *
 *     ROW(key, member type, struct conf_type, default, .help = "...", ...)
 *
 * where more members of struct conf_option may follow the help. Of such a list CONF_MEMBER makes
 * the members of the settings struct, each named like its key, and CONF_ROW the rows of the table.
 * The sample file, docs/configuration.md and the manual page follow from the table: run
 * scripts/gen-config-reference. */
#define CONF_MEMBER(key_, member_type, ...) member_type key_;
#define CONF_ROW(section_, settings, key_, member_type, parser, default_, ...)                     \
    {.section = (section_),                                                                        \
     .key = #key_,                                                                                 \
     .fallback = (default_),                                                                       \
     .type = &(parser),                                                                            \
     .offset = offsetof(settings, key_),                                                           \
     __VA_ARGS__},

struct conf_table {
    const struct conf_option *rows;
    size_t count;
};

enum { CONF_LIST_MAX = 64, CONF_ITEM_SIZE = 128 };

/* Field of conf_list. */
struct conf_list {
    size_t count;
    char item[CONF_LIST_MAX][CONF_ITEM_SIZE];
};

enum { CONF_ADDRS_MAX = 16 };

/* Field of conf_addrs. */
struct conf_addrs {
    size_t count;
    struct net_addr item[CONF_ADDRS_MAX];
};

extern const struct conf_type conf_text;   /* const char *, may be empty; lives as long as conf */
extern const struct conf_type conf_path;   /* const char *, not empty; lives as long as conf */
extern const struct conf_type conf_number; /* long */
extern const struct conf_type conf_flag;   /* bool: yes or no */
extern const struct conf_type conf_choice; /* int: the place among names */
extern const struct conf_type conf_addr;   /* struct net_addr */
extern const struct conf_type conf_addrs;  /* struct conf_addrs */
extern const struct conf_type conf_list;   /* struct conf_list */

/* The collected texts. Zero it before the first call. */
struct conf {
    const struct conf_table *tables;
    size_t table_count;
    struct conf_value *values; /* one for each row of all tables, in order */
    bool has_file;             /* a file was read */
};

bool conf_init(struct conf *conf, const struct conf_table *tables, size_t table_count);
void conf_finish(struct conf *conf);

/* Each writes what is wrong, with its place, to `err` and answers false. All faults of a file are
 * reported, not just the first. */
bool conf_read_file(struct conf *conf, const char *path, bool must_exist, FILE *err);
bool conf_read_environment(struct conf *conf, char *const *environment, FILE *err);
/* `assignment` is "section.key=value", as given to -o. */
bool conf_set_option(struct conf *conf, const char *assignment, FILE *err);
/* Parses every text into `settings`, which the tables' offsets describe. */
bool conf_apply_settings(const struct conf *conf, void *settings, FILE *err);
/* Parses again into `settings` only those options for which SIGHUP is enough, out of a conf that
 * conf_apply_settings has found good. Texts live as long as this conf. */
void conf_apply_reload(const struct conf *conf, void *settings);
/* Calls `tell` for each of the other options that does not say the same in both. */
void conf_each_restart_option(const struct conf *one, const struct conf *other,
                              void (*tell)(const struct conf_option *option));
/* True when all options say the same in both. */
bool conf_is_equal(const struct conf *one, const struct conf *other);
/* Prints the settings in force as a file that conf_read_file reads. */
void conf_print_settings(const struct conf *conf, FILE *out);

#endif
