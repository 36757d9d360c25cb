/* Shelly: what its generations share. Private to shelly*.c. */
#ifndef TAGFERRY_API_RECOGNISERS_SHELLY_H
#define TAGFERRY_API_RECOGNISERS_SHELLY_H

#include "api/recognisers/maker_json.h"
#include "api/recognisers/shelly_facts.h"

/* Sets table and type of a tag whose key was heard. `words`: with commas in between, or NULL. */
void shelly_set_type(struct proposal *proposal, struct cJSON *tag, enum shelly_kind kind,
                     const char *words, const struct survey_key *heard);
/* Sets the availability, which all of them tell in the topic PREFIX/online. */
void shelly_set_online(struct proposal *proposal, struct proposal_device *device,
                       const char *prefix);
/* Proposes devices of the second and later generations. */
void shelly_propose_rpc(struct proposal *proposal);

#endif
