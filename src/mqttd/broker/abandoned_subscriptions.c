/* Reads and writes the file of filters. */
#include "mqttd/broker/abandoned_subscriptions.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/model/topic.h"

enum { FILE_BYTES_MAX = 1 << 24 };

static void warn(const char *path, int error)
{
    log_warning("%s: %s; topics with wildcards that were given up meanwhile stay subscribed", path,
                strerror(error));
}

/* NULL without a file. An unreadable file is distinguished from a missing or an empty one. */
static char *read_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
    char *text = NULL;
    size_t size = 0;
    ssize_t len = file ? getdelim(&text, &size, '\0', file) : -1;
    if (len < 0 && (file ? !feof(file) : errno != ENOENT))
        warn(path, errno);
    if (file)
        fclose(file);
    else if (fd >= 0)
        close(fd);
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

void leftovers_tell(struct leftovers *leftovers, const struct subscriptions *subscriptions,
                    void (*unsubscribe)(void *context, const char *const *filters, size_t count),
                    void *context)
{
    const char *list[SUBSCRIPTIONS_A_PACKET];
    size_t count = 0;
    char *rest = leftovers->text;
    for (const char *line; (line = strsep(&rest, "\n"));) {
        if (!topic_filter_is_valid(line) || subscriptions_has(subscriptions, line))
            continue;
        list[count++] = line;
        if (count == SUBSCRIPTIONS_A_PACKET) {
            unsubscribe(context, list, count);
            count = 0;
        }
    }
    if (count > 0)
        unsubscribe(context, list, count);
    leftovers_finish(leftovers);
}

static void write_line(void *context, const char *filter)
{
    if (topic_has_wildcard(filter) && !strchr(filter, '\n'))
        fprintf(context, "%s\n", filter);
}

/* Nobody else's file is written through a link that somebody has put here. */
static FILE *open_draft(const char *path)
{
    if (unlink(path) != 0 && errno != ENOENT)
        return NULL;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!file && fd >= 0)
        close(fd);
    return file;
}

void leftovers_save(struct leftovers *leftovers, const struct subscriptions *subscriptions)
{
    char draft[sizeof leftovers->path + 8];
    if (!leftovers->dirty)
        return;
    leftovers->dirty = false;
    snprintf(draft, sizeof draft, "%s.new", leftovers->path);
    FILE *file = open_draft(draft);
    if (file) {
        subscriptions_each(subscriptions, write_line, file);
        bool failed = ferror(file) != 0;
        failed |= fclose(file) != 0;
        if (!failed && rename(draft, leftovers->path) == 0)
            return;
    }
    log_warning("%s: %s", draft, strerror(errno));
}
