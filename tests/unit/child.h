/* A function that ends its process, run in a child. */
#ifndef TAGFERRY_TESTS_CHILD_H
#define TAGFERRY_TESTS_CHILD_H

#include "check.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of builds with gcov: keeps what has run, as an ordinary exit does. */
__attribute__((weak)) void __gcov_dump(void);

/* Returns the status of wait(2), and in `said` what the child wrote to standard error. The child
 * ends with status 0 if run() returns. */
static inline int run_child(void (*run)(void), char *said, size_t size)
{
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        dup2(ends[1], STDERR_FILENO);
        run();
        if (__gcov_dump)
            __gcov_dump();
        _exit(0);
    }
    close(ends[1]);
    size_t len = 0;
    ssize_t got;
    while ((got = read(ends[0], said + len, size - 1 - len)) > 0)
        len += (size_t)got;
    said[len] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

#endif
