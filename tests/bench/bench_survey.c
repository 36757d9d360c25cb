/* bench_survey: adds messages to a survey, as a discovery does for each one that it hears. Prints
 * the nanoseconds of a message; run under callgrind it tells their instructions.
 *
 * bench_survey KEYS MESSAGES */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/clock.h"
#include "common/model/survey.h"

enum { KEYS_MAX = 100, TOPICS = 100, TOPIC_SIZE = 32, BLOCK = 16 << 20 };

int main(int argc, char **argv)
{
    static char topics[TOPICS][TOPIC_SIZE], text[KEYS_MAX * 16];
    unsigned keys = argc > 1 ? (unsigned)atoi(argv[1]) : 0;
    unsigned messages = argc > 2 ? (unsigned)atoi(argv[2]) : 0;
    void *memory = malloc(BLOCK);
    size_t len = 0;
    if (keys < 1 || keys > KEYS_MAX || messages < 1 || !memory)
        return 2;
    for (unsigned i = 0; i < TOPICS; i++)
        snprintf(topics[i], TOPIC_SIZE, "site/%u/state", i);
    for (unsigned key = 0; key < keys; key++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%c\"k%u\":%u", key ? ',' : '{', key,
                                12345U);
    text[len++] = '}';

    struct survey *survey = survey_make(memory, BLOCK);
    for (unsigned i = 0; i < TOPICS; i++)
        survey_add_message(survey, topics[i], text, len, false, 0);
    uint64_t begin = clock_steady_us();
    for (unsigned i = 0; i < messages; i++)
        survey_add_message(survey, topics[i % TOPICS], text, len, false, i);
    printf("%.0f\n", (double)(clock_steady_us() - begin) * 1000 / messages);
    free(memory);
    return 0;
}
