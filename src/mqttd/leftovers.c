/* Reads and writes the file of filters. */
#include "mqttd/leftovers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/topic.h"

enum { FILE_BYTES_MAX = 1 << 24 };

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = NULL;
    size_t size = 0;
    ssize_t len = file ? getdelim(&text, &size, '\0', file) : -1;
    if (file)
        fclose(file);
    if (len >= 0 && len < FILE_BYTES_MAX)
        return text;
    free(text);
    return NULL;
}

void leftovers_init(struct leftovers *leftovers, const char *runtime_dir)
{
    *leftovers = (struct leftovers){.dirty = true};
    snprintf(leftovers->path, sizeof leftovers->path, "%s/wildcards", runtime_dir);
    leftovers->text = read_file(leftovers->path);
}

void leftovers_finish(struct leftovers *leftovers)
{
    free(leftovers->text);
    leftovers->text = NULL;
}

void leftovers_tell(struct leftovers *leftovers, const struct filters *filters, filters_tell *tell,
                    void *context)
{
    char *rest = leftovers->text;
    for (const char *line; (line = strsep(&rest, "\n"));) {
        if (topic_filter_is_valid(line) && !filters_has(filters, line))
            tell(context, &line, 1, -1);
    }
    leftovers_finish(leftovers);
}

static void write_line(void *context, const char *filter)
{
    if (topic_has_wildcard(filter) && !strchr(filter, '\n'))
        fprintf(context, "%s\n", filter);
}

void leftovers_save(struct leftovers *leftovers, const struct filters *filters)
{
    char draft[sizeof leftovers->path + 8];
    if (!leftovers->dirty)
        return;
    leftovers->dirty = false;
    snprintf(draft, sizeof draft, "%s.new", leftovers->path);
    FILE *file = fopen(draft, "we");
    if (file) {
        filters_each(filters, write_line, file);
        bool failed = ferror(file) != 0;
        failed |= fclose(file) != 0;
        if (!failed && rename(draft, leftovers->path) == 0)
            return;
    }
    log_warning("%s: %s", draft, strerror(errno));
}
