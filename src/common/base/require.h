/* Checks of contracts that stay in release builds.
 *
 * REQUIRE is for errors of a programmer: a lock that is not held, a call out of order, an index out
 * of range. Input from a network, a file, another process's shared memory, the command line, and an
 * allocation that fails are no such errors: they have a way out of their own. */
#ifndef TAGFERRY_COMMON_BASE_REQUIRE_H
#define TAGFERRY_COMMON_BASE_REQUIRE_H

/* Ends the process with a line that names the condition and its place when the condition is false.
 * The condition is always evaluated and has no side effects. */
#define REQUIRE(condition)                                                                         \
    ((condition) ? (void)0 : require_fail(#condition, __FILE_NAME__, __LINE__, __func__))

/* Writes the line to stderr and aborts. Use REQUIRE. */
__attribute__((noreturn, cold)) void require_fail(const char *condition, const char *file, int line,
                                                  const char *function);

#endif
