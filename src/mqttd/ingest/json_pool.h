/* Memory for the trees of messages: pieces of one block a thread, given back all at once. The heap
 * would be a fifth of what a message of a hundred keys costs. */
#ifndef TAGFERRY_MQTTD_INGEST_JSON_POOL_H
#define TAGFERRY_MQTTD_INGEST_JSON_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct cJSON;

/* Gives cJSON its memory from then on, in the whole process. Call it before there are threads.
 * Without it everything works the same, from the heap. */
void json_pool_install(void);

/* cJSON_ParseWithLength and cJSON_Delete, for trees that one thread parses and deletes. A tree that
 * does not fit lies in the heap for the rest. Takes NULL. */
struct cJSON *json_pool_parse(const char *text, size_t len);
void json_pool_delete(struct cJSON *tree);
/* True when memory was refused to this thread's newest parse. */
bool json_pool_has_failed(void);

#endif
