/* The names of faults. */
#include "api/replica/replica_fault.h"

#include <stdarg.h>
#include <stdio.h>

const char *const replica_code_names[REPLICA_CODES] = {
    [REPLICA_UNREACHABLE] = "unreachable",     [REPLICA_TLS_REFUSED] = "tls_refused",
    [REPLICA_NO_TOKEN] = "no_token",           [REPLICA_UNAUTHORIZED] = "unauthorized",
    [REPLICA_NOT_TAGFERRY] = "not_tagferry",   [REPLICA_REFUSED] = "refused",
    [REPLICA_NOT_LEADER] = "not_leader",       [REPLICA_OLDER_TERM] = "older_term",
    [REPLICA_OTHER_VERSION] = "other_version", [REPLICA_TRUNCATED] = "truncated",
    [REPLICA_TOO_LARGE] = "too_large",         [REPLICA_DAMAGED] = "damaged",
    [REPLICA_CANNOT_KEEP] = "cannot_keep",     [REPLICA_STORE_FAILED] = "store_failed",
    [REPLICA_SUPERSEDED] = "superseded",       [REPLICA_TWO_LEADERS] = "two_leaders",
};

enum replica_code replica_fault_set(struct replica_fault *fault, enum replica_code code,
                                    const char *detail, ...)
{
    va_list args;
    va_start(args, detail);
    fault->code = code;
    vsnprintf(fault->detail, sizeof fault->detail, detail, args);
    va_end(args);
    return code;
}
