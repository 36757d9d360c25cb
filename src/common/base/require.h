/* Checks of contracts, also in release builds.
 *
 * REQUIRE is for programming errors: a lock that is not held, a call out of order, an index out of
 * range. It must not depend on input from a network, a file, the shared memory of another process
 * or the command line, or on a failed allocation: such errors are handled. */
#ifndef TAGFERRY_COMMON_BASE_REQUIRE_H
#define TAGFERRY_COMMON_BASE_REQUIRE_H

/* Aborts the process if the condition is false, with a line on stderr that gives the condition,
 * file, line and function. The condition is always evaluated; it must have no side effects. */
#define REQUIRE(condition)                                                                         \
    ((condition) ? (void)0 : require_fail(#condition, __FILE_NAME__, __LINE__, __func__))

/* Writes the line to stderr and aborts. Use REQUIRE. */
__attribute__((noreturn, cold)) void require_fail(const char *condition, const char *file, int line,
                                                  const char *function);

#endif
