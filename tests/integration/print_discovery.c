/* Prints the file of a discovery as JSON, for test_discovery_engine.py. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/shared/discovery_file.h"

static void add_number(cJSON *object, const char *name, double number)
{
    cJSON_AddItemToObject(object, name,
                          isnan(number) ? cJSON_CreateNull() : cJSON_CreateNumber(number));
}

static cJSON *key_object(const struct survey_key *key)
{
    cJSON *object = cJSON_CreateObject(), *words = cJSON_AddArrayToObject(object, "words");
    add_number(object, "kinds", key->kinds);
    add_number(object, "count", (double)key->count);
    add_number(object, "smallest", key->smallest);
    add_number(object, "largest", key->largest);
    cJSON_AddStringToObject(object, "sample", key->sample);
    cJSON_AddStringToObject(object, "type", key->type);
    for (size_t i = 0; i < key->word_count; i++)
        cJSON_AddItemToArray(words, cJSON_CreateString(key->words[i]));
    return object;
}

static cJSON *topic_object(const struct survey *survey, const struct survey_topic *topic)
{
    cJSON *object = cJSON_CreateObject();
    struct survey_key key;
    cJSON_AddStringToObject(object, "topic", topic->topic);
    if (topic->format == SURVEY_JSON || topic->format == SURVEY_PLAIN)
        cJSON_AddStringToObject(object, "payload", topic->payload);
    add_number(object, "messages", (double)topic->messages);
    add_number(object, "retained", (double)topic->retained_messages);
    cJSON *keys = cJSON_AddObjectToObject(object, "keys");
    for (size_t i = 0; survey_read_key(survey, topic, i, &key); i++)
        cJSON_AddItemToObject(keys, key.key, key_object(&key));
    return object;
}

int main(int argc, char **argv)
{
    char why[DISCOVERY_WHY_SIZE];
    struct discovery_file file;
    struct survey_topic topic;
    if (argc != 3)
        return 2;
    enum discovery_file_result result =
        discovery_file_read(argv[1], strtoll(argv[2], NULL, 10), &file, why, sizeof why);
    if (result != DISCOVERY_FILE_READ) {
        fprintf(stderr, "%s\n", why);
        discovery_file_finish(&file);
        return result == DISCOVERY_FILE_MISSING ? 3 : 1;
    }
    const struct survey_totals totals = survey_read_totals(file.survey);
    cJSON *root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "state", discovery_state_names[file.status.state]);
    cJSON_AddStringToObject(root, "error", file.status.error);
    add_number(root, "connected_ms", (double)file.status.connected_ms);
    add_number(root, "dropped", (double)file.status.dropped);
    add_number(root, "budget", (double)file.status.budget);
    add_number(root, "messages", (double)totals.messages);
    add_number(root, "lost_messages", (double)totals.lost_messages);
    cJSON *topics = cJSON_AddArrayToObject(root, "topics");
    for (uint32_t i = 0; survey_read_topic(file.survey, i, &topic); i++)
        cJSON_AddItemToArray(topics, topic_object(file.survey, &topic));
    char *text = cJSON_PrintUnformatted(root);
    puts(text);
    free(text);
    cJSON_Delete(root);
    discovery_file_finish(&file);
    return 0;
}
