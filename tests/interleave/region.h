/* Stands for shm.c in the tests: a file is a part of the memory that outlives its writers, at the
 * same address for all. shm.c has no atomic operations, and its system calls are tested elsewhere.
 */
#ifndef TAGFERRY_TESTS_INTERLEAVE_REGION_H
#define TAGFERRY_TESTS_INTERLEAVE_REGION_H

/* Removes all files. */
void region_remove_files(void);

#endif
