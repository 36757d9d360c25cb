/* The trie answers as the rule of one filter and one topic does, while filters come and go.
 *
 * Input: lines; "t" and a topic, else a filter to add, or to remove when it is there. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/topic.h"
#include "mqttd/config/topic_tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILTERS_MAX = 64 };

struct world {
    struct topic_tree *topic_tree;
    struct feed feeds[FILTERS_MAX];
    size_t count;
};

static void toggle(struct world *world, const char *filter)
{
    if (!topic_filter_is_valid(filter))
        return;
    for (size_t i = 0; i < world->count; i++) {
        if (world->feeds[i].filter && strcmp(world->feeds[i].filter, filter) == 0) {
            topic_tree_remove(world->topic_tree, &world->feeds[i]);
            world->feeds[i].filter = NULL;
            return;
        }
    }
    if (world->count == FILTERS_MAX)
        return;
    world->feeds[world->count].filter = filter;
    if (!topic_tree_add(world->topic_tree, &world->feeds[world->count++]))
        abort();
}

static void take(void *context, struct feed *feed)
{
    const char *topic = context;
    if (!topic_matches(topic_filter_body(feed->filter), topic))
        abort();
}

static void ask(struct world *world, char *topic)
{
    const struct topic_visitor visitor = {.context = topic, .take = take};
    size_t expected = 0;
    for (size_t i = 0; i < world->count; i++) {
        const char *filter = world->feeds[i].filter;
        expected += filter && topic_matches(topic_filter_body(filter), topic);
    }
    if (topic_tree_match_topic(world->topic_tree, topic, &visitor) != expected)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world world = {.topic_tree = topic_tree_create()};
    char *text = malloc(size + 1), *line = text;
    memcpy(text, data, size);
    text[size] = '\0';
    for (char *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        if (line[0] == 't' && topic_name_is_valid(line + 1))
            ask(&world, line + 1);
        else
            toggle(&world, line);
    }
    topic_tree_destroy(world.topic_tree);
    free(text);
    return 0;
}
