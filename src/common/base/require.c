/* Reports a broken contract and aborts. */
#include "common/base/require.h"

#include <stdio.h>
#include <stdlib.h>

void require_fail(const char *condition, const char *file, int line, const char *function)
{
    fprintf(stderr, "error   internal error: %s is false in %s at %s:%d\n", condition, function,
            file, line);
    abort();
}
