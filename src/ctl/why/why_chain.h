/* The way of a value, link by link, and where it ends. Pure. */
#ifndef TAGFERRY_CTL_WHY_WHY_CHAIN_H
#define TAGFERRY_CTL_WHY_WHY_CHAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "ctl/why/why_facts.h"

enum why_state {
    WHY_OK,
    WHY_LOOK,   /* works, but look at it */
    WHY_ENDS,   /* the chain ends here */
    WHY_BEHIND, /* behind the end: it is not known whether it works */
    WHY_STATE_COUNT
};

struct why_link {
    const char *name; /* "broker", "key", "register" */
    enum why_state state;
    const char *detail; /* a line */
};

enum { WHY_LINKS_MAX = 32, WHY_COMMANDS_MAX = 3 };

struct why_verdict {
    /* Stable: a reason of the API ("silent"), an outcome of a message ("no_birth"), or api_down,
     * store_down, key_not_found, register_differs, not_written, no_tags, command_refused; of a
     * whole chain whole, old_value, client_refused, byte_order_changed, scale_changed,
     * tag_changed. */
    const char *code;
    /* The code of the API that says more: of an error, or why a part is down; or "". */
    const char *error;
    const char *link; /* where the chain ends; "" where it is whole */
    bool is_whole;
    const char *sentence;                   /* where it ends */
    const char *remedy;                     /* what to do, in sentences; or "" */
    const char *commands[WHY_COMMANDS_MAX]; /* that help; NULL after the last one */
};

struct why_chain {
    struct why_link links[WHY_LINKS_MAX];
    size_t link_count;
    struct why_verdict verdict;
};

/* Decides where the chain ends, and lists its links. Texts stay until the program ends. */
void why_decide(const struct why_facts *facts, struct why_chain *chain);

/* "ok", "look", "ends here", "". */
extern const char *const why_state_names[WHY_STATE_COUNT];

#endif
