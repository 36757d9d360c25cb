/* The names of the reasons. */
#include "common/model/broker_reason.h"

#include <stddef.h>

const char *const broker_reason_names[] = {
    [BROKER_CONNECTED] = "connected",
    [BROKER_CONNECTING] = "connecting",
    [BROKER_UNREACHABLE] = "unreachable",
    [BROKER_TLS_FAILED] = "tls_failed",
    [BROKER_NO_ANSWER] = "no_answer",
    [BROKER_CLOSED] = "closed",
    [BROKER_PROTOCOL_REFUSED] = "protocol_refused",
    [BROKER_CLIENT_ID_REFUSED] = "client_id_refused",
    [BROKER_NOT_AUTHORIZED] = "not_authorized",
    [BROKER_REFUSED] = "refused",
    [BROKER_LOST] = "lost",
    [BROKER_SESSION_TAKEN_OVER] = "session_taken_over",
    [BROKER_CLOSED_ON_SUBSCRIBE] = "closed_on_subscribe",
    [BROKER_CLOSED_ON_PUBLISH] = "closed_on_publish",
    [BROKER_NO_MEMORY] = "no_memory",
    [BROKER_REASON_COUNT] = NULL,
};
