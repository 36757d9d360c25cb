/* A ring. */
#include "mqttd/flights.h"

static struct flight *find(struct flights *flights, uint64_t sequence)
{
    for (size_t i = 0; i < flights->count; i++) {
        struct flight *flight = &flights->ring[(flights->first + i) % FLIGHTS_MAX];
        if (flight->sequence == sequence)
            return flight;
    }
    return NULL;
}

void flights_take_off(struct flights *flights, uint64_t sequence)
{
    size_t at = (flights->first + flights->count++) % FLIGHTS_MAX;
    flights->ring[at] = (struct flight){.sequence = sequence};
}

bool flights_hold(struct flights *flights, uint64_t sequence)
{
    struct flight *flight = find(flights, sequence);
    if (flight)
        flight->open++;
    return flight != NULL;
}

void flights_release(struct flights *flights, uint64_t sequence)
{
    struct flight *flight = find(flights, sequence);
    if (flight && flight->open > 0)
        flight->open--;
}

uint64_t flights_land(struct flights *flights)
{
    uint64_t position = 0;
    while (flights->count > 0 && flights->ring[flights->first].open == 0) {
        position = flights->ring[flights->first].sequence + 1;
        flights->first = (flights->first + 1) % FLIGHTS_MAX;
        flights->count--;
    }
    return position;
}
