/* How long the scheduler lets a thread run in one go beside others that want the processor.
 *
 * A daemon on the way of a value is busy for some 10 to 50 µs, then waits. Linux decides from a
 * thread's slice how soon it runs after a wake-up: a shorter one than that of the running thread
 * comes first, and no share of the processor is lost by it. With the slice of all others (some ms),
 * a value waits until a busy neighbour's slice is over. */
#ifndef TAGFERRY_COMMON_BASE_TIME_SLICE_H
#define TAGFERRY_COMMON_BASE_TIME_SLICE_H

#include <stdbool.h>

/* The shortest slice that Linux grants. */
enum { TIME_SLICE_SHORTEST_NS = 100000 };

/* Gives the calling thread, and threads that it starts later, the shortest slice. It keeps the nice
 * value, and changes nothing under another policy than SCHED_OTHER: somebody chose that. Linux
 * before 6.12 accepts the call without effect. Needs no privilege. False with errno when a sandbox
 * forbids the system calls. */
bool time_slice_shorten(void);

#endif
