/* A ring. */
#include "mqttd/writeback/inflight.h"

#include <assert.h>

static struct flight *at(struct flights *flights, uint64_t number)
{
    return &flights->ring[number % FLIGHTS_MAX];
}

static struct flight *find(struct flights *flights, uint64_t number)
{
    bool there = number > flights->first && number - flights->first <= flights->count;
    return there ? at(flights, number) : NULL;
}

uint64_t flights_take_off(struct flights *flights, uint64_t journal, uint64_t sequence)
{
    assert(flights->count < FLIGHTS_MAX);
    uint64_t number = flights->first + ++flights->count;
    *at(flights, number) = (struct flight){.journal = journal, .sequence = sequence};
    return number;
}

bool flights_hold(struct flights *flights, uint64_t number)
{
    struct flight *flight = find(flights, number);
    if (flight)
        flight->open++;
    return flight != NULL;
}

void flights_release(struct flights *flights, uint64_t number)
{
    struct flight *flight = find(flights, number);
    if (flight && flight->open > 0)
        flight->open--;
}

bool flights_land(struct flights *flights, struct flight_position *position)
{
    bool landed = false;
    while (flights->count > 0) {
        const struct flight *flight = at(flights, flights->first + 1);
        if (flight->open > 0)
            break;
        *position = (struct flight_position){flight->journal, flight->sequence + 1};
        flights->first++;
        flights->count--;
        landed = true;
    }
    return landed;
}
