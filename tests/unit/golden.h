/* Files with expected output, which TAGFERRY_APPROVE=1 writes. */
#ifndef TAGFERRY_TESTS_GOLDEN_H
#define TAGFERRY_TESTS_GOLDEN_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* The whole file, which the caller frees. */
static inline char *golden_read(const char *path)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return strdup("");
    char *text = NULL;
    size_t room = 0;
    ssize_t len = getdelim(&text, &room, '\0', file);
    fclose(file);
    if (len < 0) {
        free(text);
        return strdup("");
    }
    return text;
}

/* Compares the text with that of the file; prints how they differ. */
static inline bool golden_is_equal(const char *path, const char *text)
{
    char *expected = golden_read(path), command[1024];
    bool is_equal = strcmp(expected, text) == 0, approves = getenv("TAGFERRY_APPROVE");
    free(expected);
    if (is_equal)
        return true;
    snprintf(command, sizeof command, "diff -uN '%s' - >&2", path);
    FILE *diff = popen(command, "w");
    assert_non_null(diff);
    fputs(text, diff);
    pclose(diff);
    FILE *file = approves ? fopen(path, "we") : NULL;
    if (!file)
        return false;
    fputs(text, file);
    fclose(file);
    print_error("%s is changed: read it\n", path);
    return false;
}

#endif
