/* Asks the scheduler for a short slice. glibc has no function for these system calls before 2.41,
 * and the kernel's header of the struct cannot be included beside <sched.h>. */
#include "common/base/time_slice.h"

#include <sched.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's struct sched_attr, in its first size (sched_setattr(2)). */
struct attributes {
    uint32_t size;
    uint32_t policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime_ns; /* the slice, for SCHED_OTHER */
    uint64_t deadline_ns;
    uint64_t period_ns;
};

_Static_assert(sizeof(struct attributes) == 48, "SCHED_ATTR_SIZE_VER0");

bool time_slice_shorten(void)
{
    struct attributes attributes = {0};
    if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0)
        return false;
    if (attributes.policy != SCHED_OTHER)
        return true;
    attributes.size = sizeof attributes;
    attributes.runtime_ns = TIME_SLICE_SHORTEST_NS;
    return syscall(SYS_sched_setattr, 0, &attributes, 0) == 0;
}
