/* The table of recognisers. One that knows a maker comes before one that knows a convention. */
#include "api/recognisers/recogniser.h"

#include <stddef.h>

const struct recogniser recognisers[] = {
    {"zigbee2mqtt", "Zigbee2MQTT", recognise_zigbee2mqtt},
    {"tasmota", "Tasmota", recognise_tasmota},
    {"shelly", "Shelly", recognise_shelly},
    {"chirpstack", "ChirpStack 3 and 4", recognise_chirpstack},
    {"things_stack", "The Things Stack 3", recognise_things_stack},
    {"victron", "Victron Venus OS", recognise_victron},
    {"sparkplug", "Sparkplug B", recognise_sparkplug},
    /* Behind the makers that describe their devices twice, for Home Assistant, too. */
    {"home_assistant", "Home Assistant discovery", recognise_home_assistant},
    {"kepware", "Kepware IoT Gateway", recognise_kepware},
    {"neuron", "Neuron", recognise_neuron},
    {"senml", "SenML", recognise_senml},
    {"shape", "the shape of topics and payloads", recognise_shape},
    {NULL, NULL, NULL},
};
