/* Configuration: one INI file, environment and flags, read through tables of options.
 *
 * A table row describes an option: name, default, type, range and help. The texts are collected
 * first, in order of precedence (flag over environment over file over default), then parsed into
 * the daemon's settings struct. Not thread-safe. */
#ifndef TAGFERRY_COMMON_BASE_CONF_H
#define TAGFERRY_COMMON_BASE_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/base/net.h"

enum { CONF_WHY_SIZE = 512 };

struct conf_option;

/* Parses the text of an option into its field. A list type accepts comma-separated and repeated
 * values. `parse` returns false with the reason in `why` for a text that it refuses. */
struct conf_type {
    bool list;
    bool (*parse)(const struct conf_option *option, const char *text, void *field, char *why,
                  size_t why_size);
};

struct conf_option {
    const char *section; /* "common", "api", "modbusd", "mqttd" or "ctl" */
    const char *key;
    const char *fallback; /* the default, written as in the file */
    const struct conf_type *type;
    size_t offset;            /* of the field in the settings struct */
    int64_t min, max;         /* for conf_number: the range, both ends allowed */
    const char *const *names; /* for conf_choice: the words, in order, ended by NULL */
    const char *help;         /* one sentence, with the unit */
    bool reload;              /* a change takes effect on SIGHUP; else it needs a restart */
};

/* A daemon lists its options once, in a macro of rows:
 *
 *     ROW(key, member type, struct conf_type, default, .help = "...", ...)
 *
 * Other members of struct conf_option may follow the help. CONF_MEMBER makes the members of the
 * settings struct from such a list, each named after its key; CONF_ROW makes the rows of the table.
 * scripts/gen-config-reference writes the sample file, docs/configuration.md and the manual page
 * from the table. */
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

/* Field of conf_addrs and conf_servers. */
struct conf_addrs {
    size_t count;
    struct net_addr item[CONF_ADDRS_MAX];
};

extern const struct conf_type conf_text;   /* const char *, may be empty; lives as long as conf */
extern const struct conf_type conf_path;   /* const char *, not empty; lives as long as conf */
extern const struct conf_type conf_number; /* int64_t */
extern const struct conf_type conf_flag;   /* bool: yes or no */
extern const struct conf_type conf_choice; /* int: the index in names */
extern const struct conf_type conf_addrs;  /* struct conf_addrs, to listen on */
/* Of servers to connect to, without port 0. */
extern const struct conf_type conf_server;  /* struct net_addr */
extern const struct conf_type conf_servers; /* struct conf_addrs */
extern const struct conf_type conf_list;    /* struct conf_list */

/* The collected texts. */
struct conf {
    struct conf_value *values; /* one for each row of all tables, in order */
    size_t value_count;
    bool has_file; /* a file was read */
};

/* Starts with the defaults of the tables, whose rows must outlive the conf. False when out of
 * memory; conf_finish is allowed then, too. */
bool conf_init(struct conf *conf, const struct conf_table *tables, size_t table_count);
/* Frees the texts, and with them every `const char *` field parsed from this conf. Accepts NULL and
 * a zeroed conf. */
void conf_finish(struct conf *conf);

/* The sources, in order of precedence: call them in this order. Each writes every error, with its
 * place, to `err` and returns false if it found any. A missing file is an error if `must_exist`. */
bool conf_read_file(struct conf *conf, const char *path, bool must_exist, FILE *err);
bool conf_read_environment(struct conf *conf, char *const *environment, FILE *err);
/* `assignment` is "section.key=value", as given to -o. */
bool conf_set_option(struct conf *conf, const char *assignment, FILE *err);
/* Parses every text into `settings`, at the offsets of the tables. Writes every text that its type
 * refuses to `err`; false if there was one. */
bool conf_apply_settings(const struct conf *conf, void *settings, FILE *err);
/* Parses only the options that take effect on SIGHUP. conf_apply_settings must have accepted this
 * conf. Texts live as long as this conf. */
void conf_apply_reload(const struct conf *conf, void *settings);
/* Calls `tell` for each option that needs a restart and differs between two confs of the same
 * tables. */
void conf_each_restart_option(const struct conf *one, const struct conf *other,
                              void (*tell)(const struct conf_option *option));
/* True when no option differs between two confs of the same tables. */
bool conf_is_equal(const struct conf *one, const struct conf *other);
/* Prints the effective settings in the format that conf_read_file reads. */
void conf_print_settings(const struct conf *conf, FILE *out);

#endif
