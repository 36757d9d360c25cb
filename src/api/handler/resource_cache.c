/* A table by hash in which a newer answer takes an older one's slot. */
#include "api/handler/resource_cache.h"

#include <stdlib.h>
#include <string.h>

#include "api/base/request_memory.h"

enum { SLOTS = 1024, BODY_BYTES_MAX = 4096 };

static size_t slot_of(const char *path)
{
    uint32_t hash = 2166136261U; /* FNV-1a */
    for (; *path; path++)
        hash = (hash ^ (unsigned char)*path) * 16777619U;
    return hash % SLOTS;
}

const struct answer *answers_find(const struct answers *answers, const char *path, uint64_t version)
{
    if (!answers->slots || version == 0)
        return NULL;
    const struct answer *answer = &answers->slots[slot_of(path)];
    return answer->version == version && answer->path && strcmp(answer->path, path) == 0 ? answer
                                                                                         : NULL;
}

void answers_keep(struct answers *answers, const char *path, uint64_t version, int64_t revision,
                  const struct text *body)
{
    if (version == 0 || body->len > BODY_BYTES_MAX)
        return;
    if (!answers->slots && !(answers->slots = calloc(SLOTS, sizeof *answers->slots)))
        return;
    struct answer *answer = &answers->slots[slot_of(path)];
    char *copy = memory_try_text(path);
    if (!copy || !text_keep_copy(&answer->body, body)) {
        memory_free(copy);
        return;
    }
    memory_free(answer->path);
    answer->path = copy;
    answer->version = version;
    answer->revision = revision;
}

void answers_finish(struct answers *answers)
{
    for (size_t i = 0; answers->slots && i < SLOTS; i++) {
        memory_free(answers->slots[i].path);
        text_finish(&answers->slots[i].body);
    }
    free(answers->slots);
    *answers = (struct answers){0};
}
