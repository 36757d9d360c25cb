/* Collects option texts from file, environment and flags, and parses them into settings. */
#include "common/base/conf.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/require.h"

enum conf_source { FROM_DEFAULT, FROM_FILE, FROM_ENVIRONMENT, FROM_FLAG };

enum { ORIGIN_SIZE = 320, NAME_SIZE = 96 };

struct conf_value {
    const struct conf_option *option;
    char *text; /* owned; NULL while the default applies */
    enum conf_source source;
    char origin[ORIGIN_SIZE]; /* for messages: "file:line", "environment NAME", "-o NAME" */
};

static const char *const sections[] = {"common", "api", "modbusd", "mqttd", "ctl"};
enum { SECTION_COUNT = sizeof sections / sizeof sections[0] };

static bool conf_section_is_known(const char *name)
{
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        if (strcmp(sections[i], name) == 0)
            return true;
    }
    return false;
}

bool conf_init(struct conf *conf, const struct conf_table *tables, size_t table_count)
{
    *conf = (struct conf){0};
    for (size_t i = 0; i < table_count; i++)
        conf->value_count += tables[i].count;
    conf->values = calloc(conf->value_count, sizeof *conf->values);
    if (!conf->values)
        return false;
    struct conf_value *value = conf->values;
    for (size_t i = 0; i < table_count; i++) {
        for (size_t j = 0; j < tables[i].count; j++) {
            const struct conf_option *option = &tables[i].rows[j];
            REQUIRE(conf_section_is_known(option->section));
            REQUIRE(option->key && option->fallback && option->type->parse);
            (value++)->option = option;
        }
    }
    return true;
}

void conf_finish(struct conf *conf)
{
    if (!conf)
        return;
    for (size_t i = 0; conf->values && i < conf->value_count; i++)
        free(conf->values[i].text);
    free(conf->values);
    *conf = (struct conf){0};
}

/* What is wrong with a text that no line of a file could give back, or NULL: --print-config prints
 * values of any source as lines of a file. */
static const char *conf_find_text_fault(const char *text)
{
    size_t len = strlen(text);
    if (strpbrk(text, "\r\n"))
        return "has a line break";
    if (len > 0 && (isspace((unsigned char)text[0]) || isspace((unsigned char)text[len - 1])))
        return "begins or ends with a space, which a file does not keep";
    for (size_t i = 0; i < len; i++) {
        if (text[i] == ';' && (i == 0 || isspace((unsigned char)text[i - 1])))
            return "has a \";\" at its beginning or after a space, where a comment begins";
    }
    return NULL;
}

/* Stores a text. A later source replaces an earlier one; within one source, a list grows, a flag
 * given twice replaces the first, and a key that appears twice in the file is an error. Sections of
 * the other daemons are skipped, whatever their keys. */
static bool conf_assign_option(struct conf *conf, const char *section, const char *key,
                               const char *text, enum conf_source source, const char *origin,
                               FILE *err)
{
    struct conf_value *value = NULL;
    bool section_is_ours = false;
    if (!conf_section_is_known(section)) {
        fprintf(err, "%s: unknown section [%s]; there are common, api, modbusd, mqttd and ctl\n",
                origin, section);
        return false;
    }
    for (size_t i = 0; i < conf->value_count && !value; i++) {
        const struct conf_option *option = conf->values[i].option;
        if (strcmp(option->section, section) != 0)
            continue;
        section_is_ours = true;
        if (strcmp(option->key, key) == 0)
            value = &conf->values[i];
    }
    if (!section_is_ours)
        return true;
    if (!value) {
        fprintf(err, "%s: unknown key \"%s\" in [%s]\n", origin, key, section);
        return false;
    }

    const char *fault = conf_find_text_fault(text);
    if (fault) {
        fprintf(err, "%s: [%s] %s: \"%s\" %s\n", origin, section, key, text, fault);
        return false;
    }
    REQUIRE(source >= value->source);
    bool again = value->source == source, appends = again && value->option->type->list;
    char *stored;
    if (again && !appends && source == FROM_FILE) {
        fprintf(err, "%s: [%s] %s appears twice; the first is at %s\n", origin, section, key,
                value->origin);
        return false;
    }
    if (asprintf(&stored, "%s%s%s", appends ? value->text : "", appends ? "," : "", text) < 0) {
        fputs("configuration: no memory\n", err);
        return false;
    }
    free(value->text);
    value->text = stored;
    value->source = source;
    if (!again)
        snprintf(value->origin, sizeof value->origin, "%s", origin);
    return true;
}

/* libinih itself splits a long line in two without an error and, as Debian builds it, reports no
 * line numbers: the reader below counts them. */
struct ini_reader {
    struct conf *conf;
    FILE *file;
    FILE *err;
    const char *path;
    unsigned line;
    char origin[ORIGIN_SIZE]; /* "file:line" of the line read last */
    bool ok;
};

static char *conf_read_line(char *buffer, int size, void *context)
{
    struct ini_reader *reading = context;
    if (!fgets(buffer, size, reading->file))
        return NULL;
    reading->line++;
    snprintf(reading->origin, ORIGIN_SIZE, "%.255s:%u", reading->path, reading->line);
    if (!strchr(buffer, '\n') && !feof(reading->file)) {
        fprintf(reading->err, "%s: the line is longer than %d bytes; repeat the key instead\n",
                reading->origin, size - 2);
        reading->ok = false;
        for (int c = fgetc(reading->file); c != EOF && c != '\n'; c = fgetc(reading->file))
            ;
    }
    return buffer;
}

static int conf_take_line(void *context, const char *section, const char *key, const char *text)
{
    struct ini_reader *reading = context;
    if (!conf_assign_option(reading->conf, section, key, text, FROM_FILE, reading->origin,
                            reading->err))
        reading->ok = false;
    return 1;
}

bool conf_read_file(struct conf *conf, const char *path, bool must_exist, FILE *err)
{
    struct ini_reader reading = {.conf = conf, .err = err, .path = path, .ok = true};
    reading.file = fopen(path, "re");
    if (!reading.file) {
        if (errno == ENOENT && !must_exist)
            return true;
        fprintf(err, "%s: %s\n", path, strerror(errno));
        return false;
    }
    conf->has_file = true;
    int bad_line = ini_parse_stream(conf_read_line, &reading, conf_take_line, &reading);
    if (ferror(reading.file)) {
        fprintf(err, "%s: cannot be read\n", path);
        reading.ok = false;
    }
    fclose(reading.file);
    if (bad_line < 0)
        fprintf(err, "%s: cannot be read to its end: no memory\n", path);
    else if (bad_line > 0)
        fprintf(err, "%s:%d: neither \"[section]\" nor \"key = value\"\n", path, bad_line);
    return reading.ok && bad_line == 0;
}

static void conf_lower_case(const char *from, size_t len, char *to, size_t size)
{
    size_t n = len < size - 1 ? len : size - 1;
    for (size_t i = 0; i < n; i++)
        to[i] = (char)tolower((unsigned char)from[i]);
    to[n] = '\0';
}

bool conf_read_environment(struct conf *conf, char *const *environment, FILE *err)
{
    static const char prefix[] = "TAGFERRY_";
    enum { PREFIX_LEN = sizeof prefix - 1 };
    bool ok = true;
    for (; *environment; environment++) {
        char section[NAME_SIZE], key[NAME_SIZE], origin[ORIGIN_SIZE];
        const char *variable = *environment;
        if (strncmp(variable, prefix, PREFIX_LEN) != 0)
            continue;
        const char *name = variable + PREFIX_LEN;
        const char *equals = strchr(name, '='), *underscore = strchr(name, '_');
        if (!equals || !underscore || underscore > equals)
            continue;
        conf_lower_case(name, (size_t)(underscore - name), section, sizeof section);
        if (!conf_section_is_known(section))
            continue;
        conf_lower_case(underscore + 1, (size_t)(equals - underscore) - 1, key, sizeof key);
        snprintf(origin, sizeof origin, "environment %.*s", (int)(equals - variable), variable);
        ok =
            conf_assign_option(conf, section, key, equals + 1, FROM_ENVIRONMENT, origin, err) && ok;
    }
    return ok;
}

bool conf_set_option(struct conf *conf, const char *assignment, FILE *err)
{
    char section[NAME_SIZE], key[NAME_SIZE], origin[ORIGIN_SIZE];
    const char *dot = strchr(assignment, '.');
    const char *equals = strchr(assignment, '=');
    if (!dot || !equals || dot > equals) {
        fprintf(err, "-o %s: expected section.key=value\n", assignment);
        return false;
    }
    snprintf(section, sizeof section, "%.*s", (int)(dot - assignment), assignment);
    snprintf(key, sizeof key, "%.*s", (int)(equals - dot) - 1, dot + 1);
    snprintf(origin, sizeof origin, "-o %.*s", (int)(equals - assignment), assignment);
    return conf_assign_option(conf, section, key, equals + 1, FROM_FLAG, origin, err);
}

static const char *conf_effective_text(const struct conf_value *value)
{
    return value->text ? value->text : value->option->fallback;
}

bool conf_apply_settings(const struct conf *conf, void *settings, FILE *err)
{
    bool ok = true;
    for (size_t i = 0; i < conf->value_count; i++) {
        const struct conf_value *value = &conf->values[i];
        const struct conf_option *option = value->option;
        char why[CONF_WHY_SIZE] = "";
        if (!option->type->parse(option, conf_effective_text(value),
                                 (char *)settings + option->offset, why, sizeof why)) {
            fprintf(err, "%s: [%s] %s: %s\n", value->text ? value->origin : "default",
                    option->section, option->key, why);
            ok = false;
        }
    }
    return ok;
}

void conf_apply_reload(const struct conf *conf, void *settings)
{
    for (size_t i = 0; i < conf->value_count; i++) {
        const struct conf_option *option = conf->values[i].option;
        char why[CONF_WHY_SIZE];
        if (option->reload)
            option->type->parse(option, conf_effective_text(&conf->values[i]),
                                (char *)settings + option->offset, why, sizeof why);
    }
}

void conf_each_restart_option(const struct conf *one, const struct conf *other,
                              void (*tell)(const struct conf_option *option))
{
    REQUIRE(one->value_count == other->value_count);
    for (size_t i = 0; i < one->value_count; i++) {
        const struct conf_option *option = one->values[i].option;
        if (!option->reload && strcmp(conf_effective_text(&one->values[i]),
                                      conf_effective_text(&other->values[i])) != 0)
            tell(option);
    }
}

bool conf_is_equal(const struct conf *one, const struct conf *other)
{
    REQUIRE(one->value_count == other->value_count);
    for (size_t i = 0; i < one->value_count; i++) {
        if (strcmp(conf_effective_text(&one->values[i]), conf_effective_text(&other->values[i])) !=
            0)
            return false;
    }
    return true;
}

void conf_print_settings(const struct conf *conf, FILE *out)
{
    const char *section = "";
    for (size_t i = 0; i < conf->value_count; i++) {
        const struct conf_value *value = &conf->values[i];
        if (strcmp(section, value->option->section) != 0) {
            section = value->option->section;
            fprintf(out, "%s[%s]\n", i ? "\n" : "", section);
        }
        fprintf(out, "%s = %s\n", value->option->key, conf_effective_text(value));
    }
}

/* Types of options. */

static bool conf_parse_text(const struct conf_option *option, const char *text, void *field,
                            char *why, size_t why_size)
{
    (void)option, (void)why, (void)why_size;
    memcpy(field, &text, sizeof text);
    return true;
}

static bool conf_parse_path(const struct conf_option *option, const char *text, void *field,
                            char *why, size_t why_size)
{
    if (text[0] == '\0') {
        snprintf(why, why_size, "must name a path");
        return false;
    }
    return conf_parse_text(option, text, field, why, why_size);
}

static bool conf_parse_number(const struct conf_option *option, const char *text, void *field,
                              char *why, size_t why_size)
{
    char *end;
    REQUIRE(option->min < option->max);
    errno = 0;
    const int64_t number = strtoll(text, &end, 10);
    if (end == text || *end || errno || number < option->min || number > option->max) {
        snprintf(why, why_size, "\"%s\" is not a whole number from %lld to %lld", text,
                 (long long)option->min, (long long)option->max);
        return false;
    }
    memcpy(field, &number, sizeof number);
    return true;
}

static bool conf_parse_flag(const struct conf_option *option, const char *text, void *field,
                            char *why, size_t why_size)
{
    (void)option;
    bool yes = strcasecmp(text, "yes") == 0;
    if (!yes && strcasecmp(text, "no") != 0) {
        snprintf(why, why_size, "\"%s\" is neither yes nor no", text);
        return false;
    }
    memcpy(field, &yes, sizeof yes);
    return true;
}

static bool conf_parse_choice(const struct conf_option *option, const char *text, void *field,
                              char *why, size_t why_size)
{
    REQUIRE(option->names);
    size_t used = (size_t)snprintf(why, why_size, "\"%.100s\" is not one of", text);
    for (int i = 0; option->names[i]; i++) {
        if (strcmp(option->names[i], text) == 0) {
            memcpy(field, &i, sizeof i);
            return true;
        }
        if (used < why_size)
            used += (size_t)snprintf(why + used, why_size - used, " %s", option->names[i]);
    }
    return false;
}

static bool conf_parse_server(const struct conf_option *option, const char *text, void *field,
                              char *why, size_t why_size)
{
    (void)option;
    return net_server_parse(text, field, why, why_size);
}

/* Finds the next item of a comma-separated list at *rest, without the blanks around it, and moves
 * *rest past it. Skips empty items. False at the end. */
static bool conf_next_item(const char **rest, const char **item, size_t *len)
{
    *item = *rest + strspn(*rest, " \t,");
    *len = strcspn(*item, ",");
    *rest = *item + *len;
    while (*len > 0 && ((*item)[*len - 1] == ' ' || (*item)[*len - 1] == '\t'))
        --*len;
    return *len > 0;
}

static bool conf_parse_each_addr(const char *text,
                                 bool (*parse)(const char *text, struct net_addr *addr, char *why,
                                               size_t why_size),
                                 struct conf_addrs *addrs, char *why, size_t why_size)
{
    const char *item;
    size_t len;
    addrs->count = 0;
    while (conf_next_item(&text, &item, &len)) {
        char one[NET_TEXT_SIZE];
        if (addrs->count == CONF_ADDRS_MAX || len >= sizeof one) {
            snprintf(why, why_size, "more than %d addresses, or one that is too long",
                     CONF_ADDRS_MAX);
            return false;
        }
        memcpy(one, item, len);
        one[len] = '\0';
        if (!parse(one, &addrs->item[addrs->count++], why, why_size))
            return false;
    }
    if (addrs->count == 0)
        snprintf(why, why_size, "must name at least one address");
    return addrs->count > 0;
}

static bool conf_parse_addrs(const struct conf_option *option, const char *text, void *field,
                             char *why, size_t why_size)
{
    (void)option;
    return conf_parse_each_addr(text, net_addr_parse, field, why, why_size);
}

static bool conf_parse_servers(const struct conf_option *option, const char *text, void *field,
                               char *why, size_t why_size)
{
    (void)option;
    return conf_parse_each_addr(text, net_server_parse, field, why, why_size);
}

static bool conf_parse_list(const struct conf_option *option, const char *text, void *field,
                            char *why, size_t why_size)
{
    (void)option;
    struct conf_list *list = field;
    const char *item;
    size_t len;
    list->count = 0;
    while (conf_next_item(&text, &item, &len)) {
        if (list->count == CONF_LIST_MAX || len >= CONF_ITEM_SIZE) {
            snprintf(why, why_size, "more than %d values, or one longer than %d bytes",
                     CONF_LIST_MAX, CONF_ITEM_SIZE - 1);
            return false;
        }
        char *to = list->item[list->count++];
        memcpy(to, item, len);
        to[len] = '\0';
    }
    return true;
}

const struct conf_type conf_text = {.parse = conf_parse_text};
const struct conf_type conf_path = {.parse = conf_parse_path};
const struct conf_type conf_number = {.parse = conf_parse_number};
const struct conf_type conf_flag = {.parse = conf_parse_flag};
const struct conf_type conf_choice = {.parse = conf_parse_choice};
const struct conf_type conf_server = {.parse = conf_parse_server};
const struct conf_type conf_addrs = {.list = true, .parse = conf_parse_addrs};
const struct conf_type conf_servers = {.list = true, .parse = conf_parse_servers};
const struct conf_type conf_list = {.list = true, .parse = conf_parse_list};
