/* A function that ends its process, run in a child. */
#ifndef TAGFERRY_TESTS_CHILD_H
#define TAGFERRY_TESTS_CHILD_H

#include "check.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Returns the status of wait(2), and in `said` what the child wrote to standard error. The child
 * ends with status 0 if run() returns. */
static inline int run_child(void (*run)(void), char *said, size_t size)
{
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    fflush(NULL); /* not twice */
    pid_t child = fork();
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        dup2(ends[1], STDERR_FILENO);
        run();
        exit(0); /* so that builds with gcov count what has run */
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
