/* The operations of an execution, for the report of one that fails. */
#ifndef TAGFERRY_TESTS_INTERLEAVE_REPORT_H
#define TAGFERRY_TESTS_INTERLEAVE_REPORT_H

#include <stdint.h>
#include <stdio.h>

#include "operations.h"

struct explore_count {
    uint64_t histories;  /* orders of the writers' operations, each end by a kill counted, too */
    uint64_t executions; /* of readers, or of writers in scenarios without a reader */
};

void report_begin(void);
unsigned report_length(void);
/* Forgets the operations behind this length. */
void report_cut(unsigned length);
void report_set_thread(unsigned thread);
void report_note(const char *text);
void report_add(const struct site *site, const char *verb, uint64_t number, const char *remark);
void report_print(FILE *to);

#endif
