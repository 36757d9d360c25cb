/* Compares readings. */
#include "mqttd/polls.h"

#include <stdlib.h>
#include <string.h>

void polls_finish(struct polls *polls)
{
    free(polls->item);
    *polls = (struct polls){0};
}

static bool same_place(const struct poll *a, const struct poll *b)
{
    return a->tag == b->tag && a->unit == b->unit && a->table == b->table &&
           a->address == b->address && a->count == b->count;
}

void polls_replace(struct polls *polls, struct polls *newer)
{
    for (size_t i = 0; i < newer->count; i++) {
        for (size_t j = 0; j < polls->count; j++) {
            if (!same_place(&newer->item[i], &polls->item[j]))
                continue;
            newer->item[i].known = polls->item[j].known;
            memcpy(newer->item[i].words, polls->item[j].words, sizeof newer->item[i].words);
        }
    }
    free(polls->item);
    *polls = *newer;
    *newer = (struct polls){0};
}

bool polls_is_news(const struct poll *poll, const uint16_t *words)
{
    for (uint16_t i = 0; poll->known && i < poll->count; i++) {
        if ((poll->words[i] ^ words[i]) & poll->mask)
            return true;
    }
    return false;
}

void polls_take(struct poll *poll, const uint16_t *words)
{
    memcpy(poll->words, words, poll->count * sizeof *words);
    poll->known = true;
}

void polls_written(struct polls *polls, uint8_t unit, uint8_t table, uint16_t address,
                   uint16_t count, const uint16_t *words)
{
    for (size_t i = 0; i < polls->count; i++) {
        struct poll *poll = &polls->item[i];
        if (poll->unit != unit || poll->table != table || poll->address < address ||
            poll->address + poll->count > address + count)
            continue;
        memcpy(poll->words, words + (poll->address - address), poll->count * sizeof *words);
        poll->known = true;
    }
}
