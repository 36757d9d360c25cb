/* Grows arrays by doubling. */
#include "common/base/array.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/require.h"

enum { ARRAY_ROOM_AT_FIRST = 16 };

/* Copies the pointer out and back, because its type differs from caller to caller. */
bool array_grow(void *items, size_t *room, size_t count, size_t more, size_t size)
{
    void *block, *grown;
    REQUIRE(size > 0);
    size_t most = (size_t)PTRDIFF_MAX / size, bigger = *room ? *room : ARRAY_ROOM_AT_FIRST;
    REQUIRE(count <= *room && *room <= most);
    if (more > most - count) {
        errno = ENOMEM;
        return false;
    }
    while (bigger < count + more)
        bigger = bigger <= most / 2 ? bigger * 2 : most;
    memcpy(&block, items, sizeof block);
    grown = realloc(block, bigger * size);
    if (!grown)
        return false;
    memcpy(items, &grown, sizeof grown);
    *room = bigger;
    return true;
}

bool array_extend(void *items, size_t *room, size_t *count, size_t wanted, size_t size)
{
    char *bytes;
    REQUIRE(wanted >= *count);
    if (wanted > *room && !array_grow(items, room, *count, wanted - *count, size))
        return false;
    memcpy(&bytes, items, sizeof bytes);
    memset(bytes + *count * size, 0, (wanted - *count) * size);
    *count = wanted;
    return true;
}
