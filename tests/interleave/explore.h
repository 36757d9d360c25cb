/* Runs the threads of a scenario in every order, and lets every load read every number that C11
 * allows.
 *
 * Writers are interleaved at each operation. Readers must not store: nobody can notice when they
 * run, so each of them runs after the writers, and reads old numbers as if it had run between. */
#ifndef TAGFERRY_TESTS_INTERLEAVE_EXPLORE_H
#define TAGFERRY_TESTS_INTERLEAVE_EXPLORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WRITERS_MAX = 3, READERS_MAX = 4 };

typedef void thread_body(void);

struct scenario {
    const char *name;
    /* Called once, and before each execution. Their operations are plain, and known to all threads.
     */
    thread_body *set_up, *begin;
    thread_body *writers[WRITERS_MAX];
    /* NULL, or the next process: the writers are killed before or after each of their stores, and
     * this runs then. The lock on the file lets it see all that they have stored. */
    thread_body *recover;
    /* NULL, or runs after the writers, or after `recover`, and sees all that they have stored: what
     * a process does a second later. */
    thread_body *finish;
    thread_body *readers[READERS_MAX];
    /* Called when a reader waits that nobody will wake; the execution ends then. */
    thread_body *on_sleep;
};

enum mistake_kind {
    RELAXED_ORDER,
    LATE_STORE,     /* after the next store of the thread */
    DROPPED_STORE,  /* not made */
    DROPPED_MARK,   /* a store of 0 is not made */
    SPLIT_ADDITION, /* a load and a store */
    TORN_STORE      /* two stores of 32 bits */
};

/* A mistake in the code, made at the operations of `function` whose operand has this text. */
struct mistake {
    const char *function, *operand;
    enum mistake_kind kind;
    const char *scenario; /* the one that notices it */
};

/* Explores the scenarios, in which no check may fail, and then each mistake, which has to make a
 * check of its scenario fail. Both lists end with a name of NULL. The options are those of --help.
 * Returns the exit status. */
int explore_main(int argc, char **argv, const struct scenario *scenarios,
                 const struct mistake *mistakes);

/* With --deep: threads do one operation more. */
bool explore_is_deep(void);
/* A property. If it is false, the execution ends with a report. */
void explore_check(bool holds, const char *property);
/* For a reader after its call number `step`; `state` stands for all that it keeps from its calls.
 * An execution that comes here as an earlier one did, with the same knowledge of the memory, ends:
 * the rest would be the same. */
void explore_merge(unsigned step, uint64_t state);
/* Readers read the oldest number they may from this part of the memory, to keep their number of
 * choices low. From `set_up`. */
void explore_read_oldest(const volatile void *from, size_t size);
/* True when the writers of this execution were killed. */
bool explore_was_killed(void);

#endif
