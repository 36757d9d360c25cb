/* The table of recognisers. One that knows a maker comes before one that knows a convention. */
#include "api/discovery/recogniser.h"

#include <stddef.h>

const struct recogniser recognisers[] = {
    {"chirpstack", "ChirpStack 3 and 4", recognise_chirpstack},
    {"things_stack", "The Things Stack 3", recognise_things_stack},
    {"victron", "Victron Venus OS", recognise_victron},
    {"sparkplug", "Sparkplug B", recognise_sparkplug},
    {"kepware", "Kepware IoT Gateway", recognise_kepware},
    {"neuron", "Neuron", recognise_neuron},
    {"senml", "SenML", recognise_senml},
    {"shape", "the shape of topics and payloads", recognise_shape},
    {NULL, NULL, NULL},
};
