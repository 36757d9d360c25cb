/* tagferry-api: the REST service, and the only writer of the store. */
#include <unistd.h>

#include "api/api.h"
#include "api/cli.h"
#include "api/settings_reload.h"
#include "common/base/daemon.h"

int main(int argc, char **argv)
{
    const struct conf_table tables[] = {common_options, api_options};
    const struct daemon_spec spec = {.name = "tagferry-api",
                                     .summary = "devices and tags over HTTP",
                                     .usage = cli_usage,
                                     .tables = tables,
                                     .table_count = sizeof tables / sizeof tables[0],
                                     .check = settings_check_files};
    struct api_settings settings;
    struct conf conf = {0};
    int operand;
    int status = daemon_configure(&spec, argc, argv, &conf, &settings, &operand);
    if (status == DAEMON_RUN && argv[operand]) {
        status = cli_run_command(&settings, argv + operand);
    } else if (status == DAEMON_RUN) {
        int signals = daemon_open_signals();
        const struct reload_source source = {&spec, argc, argv, &conf, &settings, sizeof settings};
        struct api *api = api_start(&source, &status);
        if (api) {
            daemon_notify_ready("serving HTTP");
            api_run(api, signals);
            daemon_notify_stopping();
            api_stop(api);
            status = DAEMON_EXIT_OK;
        }
        close(signals);
    }
    conf_finish(&conf);
    return status;
}
