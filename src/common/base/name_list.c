/* Finds a name in a list. */
#include "common/base/name_list.h"

#include <string.h>

#include "common/base/require.h"

int name_list_find(const char *const *names, const char *text)
{
    REQUIRE(names && text);
    for (int i = 0; names[i]; i++) {
        if (strcmp(names[i], text) == 0)
            return i;
    }
    return -1;
}
