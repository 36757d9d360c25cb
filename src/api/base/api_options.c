/* The option table of [api]. */
#include "api/base/api_options.h"

#define API_ROW(...) CONF_ROW("api", struct api_settings, __VA_ARGS__)

static const struct conf_option api_option_rows[] = {API_OPTIONS(API_ROW)};

const struct conf_table api_options = {api_option_rows,
                                       sizeof api_option_rows / sizeof api_option_rows[0]};
