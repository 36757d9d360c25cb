/* Recognisers: each knows the topics and payloads of one maker or convention, and proposes devices
 * and tags with what the maker documents. Pure.
 *
 * A recogniser looks at all topics of the survey that are not claimed, claims those that it knows,
 * and adds devices. It must accept any payload: topics and payloads come from strangers. */
#ifndef TAGFERRY_API_RECOGNISERS_RECOGNISER_H
#define TAGFERRY_API_RECOGNISERS_RECOGNISER_H

#include "api/proposal/proposal.h"

/* In the order in which they run; the last row has no name. */
extern const struct recogniser recognisers[];

/* Each proposes the devices of one maker or convention: see its file. */
void recognise_home_assistant(struct proposal *proposal);
void recognise_zigbee2mqtt(struct proposal *proposal);
void recognise_tasmota(struct proposal *proposal);
void recognise_shelly(struct proposal *proposal);
void recognise_chirpstack(struct proposal *proposal);
void recognise_things_stack(struct proposal *proposal);
void recognise_senml(struct proposal *proposal);
void recognise_kepware(struct proposal *proposal);
void recognise_neuron(struct proposal *proposal);
void recognise_victron(struct proposal *proposal);
void recognise_sparkplug(struct proposal *proposal);
/* The last one: proposes all other topics by the shape of their payloads. */
void recognise_shape(struct proposal *proposal);

#endif
