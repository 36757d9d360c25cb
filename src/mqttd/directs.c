/* Queues writes. */
#include "mqttd/directs.h"

#include <stdlib.h>
#include <string.h>

static struct target_write *waiting(struct directs *directs, const struct target_write *write)
{
    for (size_t i = 0; write->has_words && i < directs->count; i++) {
        struct target_write *each = &directs->item[i];
        if (each->has_words && each->unit == write->unit && each->table == write->table &&
            each->address == write->address)
            return each;
    }
    return NULL;
}

static bool reserve(struct directs *directs, size_t room)
{
    struct target_write *item = realloc(directs->item, room * sizeof *item);
    if (!item)
        return false;
    directs->item = item;
    directs->room = room;
    return true;
}

void directs_add(struct directs *directs, const struct target_write *write)
{
    struct target_write *same = waiting(directs, write);
    if (same)
        *same = *write;
    else if (directs->count < directs->room ||
             reserve(directs, directs->room ? directs->room * 2 : 16))
        directs->item[directs->count++] = *write;
}

void directs_put_back(struct directs *directs, struct directs *writes, size_t done)
{
    size_t left = writes->count - done;
    if (left > 0 && reserve(writes, writes->count + directs->count)) {
        memmove(writes->item, writes->item + done, left * sizeof *writes->item);
        if (directs->count > 0)
            memcpy(writes->item + left, directs->item, directs->count * sizeof *directs->item);
        writes->count = left + directs->count;
        free(directs->item);
        *directs = *writes;
        *writes = (struct directs){0};
    }
    directs_finish(writes);
}

void directs_finish(struct directs *directs)
{
    free(directs->item);
    *directs = (struct directs){0};
}
