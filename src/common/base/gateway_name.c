/* Checks and compares names of gateways. */
#include "common/base/gateway_name.h"

#include <string.h>

#include "common/base/require.h"

#define LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

bool gateway_name_is_valid(const char *name)
{
    size_t len = strlen(name);
    return len >= 1 && len <= GATEWAY_NAME_MAX && strchr(LETTERS_AND_DIGITS, name[0]) &&
           strspn(name, LETTERS_AND_DIGITS "_-") == len;
}

bool gateway_holds_device(const char *own, const char *named)
{
    REQUIRE(own);
    return !named || strcmp(own, named) == 0;
}
