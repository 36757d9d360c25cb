/* Reads what discoveries compare with from the store. Within a transaction. */
#ifndef TAGFERRY_API_DISCOVERY_KNOWN_STORE_H
#define TAGFERRY_API_DISCOVERY_KNOWN_STORE_H

#include "api/discovery/known_tags.h"
#include "api/proposal/proposal_output.h"
#include "api/store/store.h"
#include "common/base/settings.h"

/* Reads all devices and tags. The survey may be NULL; it and the arena outlive the result. */
struct known_tags *known_store_load(struct store *store, struct arena *arena,
                                    const struct survey *survey);

/* The context of the callbacks for a proposal. */
struct known_store {
    struct store *store;
    struct arena *arena;
    const struct common_settings *common;
    struct known_tags *tags;
};
/* The callbacks. `known_store` is borrowed. */
struct proposal_known known_store_callbacks(struct known_store *known_store);

#endif
