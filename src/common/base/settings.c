/* The table of options of [common]. */
#include "common/base/settings.h"

#include <stdio.h>

#include "common/base/gateway_name.h"
#include "common/base/log.h"

static bool settings_parse_units(const struct conf_option *option, const char *text, void *field,
                                 char *why, size_t why_size)
{
    (void)option;
    return unit_set_parse(text, field, why, why_size);
}

static const struct conf_type conf_units = {.list = true, .parse = settings_parse_units};

/* Empty: no name. */
static bool settings_parse_gateway(const struct conf_option *option, const char *text, void *field,
                                   char *why, size_t why_size)
{
    (void)option;
    *(const char **)field = text;
    if (text[0] == '\0' || gateway_name_is_valid(text))
        return true;
    snprintf(why, why_size, "\"%.80s\" is not the name of a gateway: it " GATEWAY_NAME_RULE, text);
    return false;
}

static const struct conf_type conf_gateway_name = {.parse = settings_parse_gateway};

#define COMMON_ROW(...) CONF_ROW("common", struct common_settings, __VA_ARGS__)

static const struct conf_option common_option_rows[] = {COMMON_OPTIONS(COMMON_ROW)};

const struct conf_table common_options = {common_option_rows,
                                          sizeof common_option_rows / sizeof common_option_rows[0]};
