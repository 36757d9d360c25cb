/* cmocka and the headers that it requires. */
#ifndef TAGFERRY_TESTS_CHECK_H
#define TAGFERRY_TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Names the table row in the output when a check fails. */
#define check_row(condition, name)                                                                 \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg("%s: not true: %s", (name), #condition);                                      \
    } while (0)

#endif
