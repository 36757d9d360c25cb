/* Takes the place of the C library's __assert_fail. */
#include "mqttd/broker/library_guard.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mqttd/broker/mqtt_session_internal.h"

/* assert.h does not declare it where NDEBUG is defined. */
// NOLINTNEXTLINE(bugprone-reserved-identifier)
_Noreturn void __assert_fail(const char *assertion, const char *file, unsigned line,
                             const char *function);

/* Where library_guard_read goes on; NULL: this thread is not in it. */
static _Thread_local jmp_buf *guard_exit;

/* The library holds no lock while it reads properties. */
// NOLINTNEXTLINE(bugprone-reserved-identifier)
void __assert_fail(const char *assertion, const char *file, unsigned line, const char *function)
{
    if (guard_exit && strcmp(assertion, "mosq") == 0 && strcmp(function, "log__printf") == 0)
        longjmp(*guard_exit, 1);
    fprintf(stderr, "%s:%u: %s: Assertion `%s' failed.\n", file, line, function, assertion);
    abort();
}

int library_guard_read(struct mosquitto *mosquitto)
{
    jmp_buf here;
    volatile int rc = MOSQ_ERR_MALFORMED_PACKET;
    guard_exit = &here;
    if (setjmp(here) == 0)
        rc = mosquitto_loop_read(mosquitto, 1);
    guard_exit = NULL;
    return rc;
}
