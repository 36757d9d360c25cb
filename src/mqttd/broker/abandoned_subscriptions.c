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

enum { ABANDONED_SUBS_BYTES_MAX = 1 << 24 };

void abandoned_subs_init(struct abandoned_subs *abandoned_subs, const char *runtime_dir)
{
    *abandoned_subs = (struct abandoned_subs){.dirty = true};
    snprintf(abandoned_subs->path, sizeof abandoned_subs->path, "%s/wildcards", runtime_dir);
    int fd = open(abandoned_subs->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
    size_t size = 0;
    ssize_t len = file ? getdelim(&abandoned_subs->text, &size, '\0', file) : -1;
    /* A missing or an empty file is no error. */
    if (len < 0 && (file ? !feof(file) : errno != ENOENT))
        log_warning("%s: %s; topics with wildcards that were given up meanwhile stay subscribed",
                    abandoned_subs->path, strerror(errno));
    if (file)
        fclose(file);
    else if (fd >= 0)
        close(fd);
    if (len < 0 || len >= ABANDONED_SUBS_BYTES_MAX)
        abandoned_subs_finish(abandoned_subs);
}

void abandoned_subs_finish(struct abandoned_subs *abandoned_subs)
{
    free(abandoned_subs->text);
    abandoned_subs->text = NULL;
}

void abandoned_subs_unsubscribe(
    struct abandoned_subs *abandoned_subs, const struct subscriptions *subscriptions,
    void (*unsubscribe)(void *context, const char *const *filters, size_t count), void *context)
{
    const char *list[SUBSCRIPTIONS_PER_PACKET];
    size_t count = 0;
    char *rest = abandoned_subs->text;
    for (const char *line; (line = strsep(&rest, "\n"));) {
        if (!topic_filter_is_valid(line) || subscriptions_has_filter(subscriptions, line))
            continue;
        list[count++] = line;
        if (count == SUBSCRIPTIONS_PER_PACKET) {
            unsubscribe(context, list, count);
            count = 0;
        }
    }
    if (count > 0)
        unsubscribe(context, list, count);
    abandoned_subs_finish(abandoned_subs);
}

static void abandoned_subs_write_line(void *context, const char *filter)
{
    if (topic_has_wildcard(filter) && !strchr(filter, '\n'))
        fprintf(context, "%s\n", filter);
}

void abandoned_subs_save(struct abandoned_subs *abandoned_subs,
                         const struct subscriptions *subscriptions)
{
    char draft[sizeof abandoned_subs->path + 8];
    if (!abandoned_subs->dirty)
        return;
    abandoned_subs->dirty = false;
    snprintf(draft, sizeof draft, "%s.new", abandoned_subs->path);
    /* O_EXCL: never write to another file through a link that somebody has created at this path. */
    int fd = unlink(draft) == 0 || errno == ENOENT
                 ? open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640)
                 : -1;
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!file && fd >= 0)
        close(fd);
    if (file) {
        subscriptions_for_each(subscriptions, abandoned_subs_write_line, file);
        bool failed = ferror(file) != 0;
        failed |= fclose(file) != 0;
        if (!failed && rename(draft, abandoned_subs->path) == 0)
            return;
    }
    log_warning("%s: %s", draft, strerror(errno));
}
