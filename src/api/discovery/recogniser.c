/* The table of recognisers. One that knows a maker comes before one that knows a convention. */
#include "api/discovery/recogniser.h"

#include <stddef.h>

const struct recogniser recognisers[] = {
    {"shape", "the shape of topics and payloads", recognise_shape},
    {NULL, NULL, NULL},
};
