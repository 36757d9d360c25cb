/* For libraries that are preloaded into a daemon. */
#ifndef TAGFERRY_FAULTS_REAL_H
#define TAGFERRY_FAULTS_REAL_H

#include <dlfcn.h>
#include <stdatomic.h>
#include <string.h>

/* `real`: the function that the library replaces. */
#define REAL(name)                                                                                 \
    static _Atomic(__typeof__(&name)) kept;                                                        \
    __typeof__(&name) real = atomic_load(&kept);                                                   \
    if (!real) {                                                                                   \
        void *found = dlsym(RTLD_NEXT, #name);                                                     \
        memcpy(&real, &found, sizeof real);                                                        \
        atomic_store(&kept, real);                                                                 \
    }

#endif
