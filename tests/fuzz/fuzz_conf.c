/* A configuration file is read or refused; an accepted one prints as a file that reads back the
 * same. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool read_file(struct conf *conf, const uint8_t *data, size_t size,
                      struct common_settings *settings, FILE *err)
{
    char path[] = "/tmp/tagferry-fuzz-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0 || !conf_init(conf, &common_options, 1))
        abort();
    bool ok = write(fd, data, size) == (ssize_t)size && conf_read_file(conf, path, true, err) &&
              conf_apply_settings(conf, settings, err);
    close(fd);
    unlink(path);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct conf conf, again;
    struct common_settings settings, settings_again;
    FILE *null = fopen("/dev/null", "w");
    char *printed = NULL;
    size_t printed_size = 0;
    FILE *out = open_memstream(&printed, &printed_size);
    if (!null || !out)
        abort();
    bool ok = read_file(&conf, data, size, &settings, null);
    if (ok)
        conf_print_settings(&conf, out);
    fclose(out);
    if (ok && printed_size < 180) {
        if (!read_file(&again, (const uint8_t *)printed, printed_size, &settings_again, null))
            abort();
        conf_finish(&again);
    }
    conf_finish(&conf);
    free(printed);
    fclose(null);
    return 0;
}
