/* SQL of the table discovery. */
#include "api/discovery/discovery_store.h"

#define DISCOVERY_COLUMNS "id, topics, seconds, created_ms, ends_ms, who"

static void discovery_read_row(struct query *query, struct arena *arena,
                               struct discovery *discovery)
{
    *discovery = (struct discovery){.id = query_read_integer(query)};
    discovery->topics = query_read_text(query, arena);
    discovery->seconds = query_read_integer(query);
    discovery->created_ms = query_read_integer(query);
    discovery->ends_ms = query_read_integer(query);
    discovery->who = query_read_text(query, arena);
}

size_t discovery_store_list(struct store *store, struct arena *arena,
                            struct discovery discoveries[DISCOVERY_ROWS_MAX])
{
    size_t count = 0;
    struct query query = store_prepare_query(store, "SELECT " DISCOVERY_COLUMNS
                                                    " FROM discovery ORDER BY id DESC LIMIT ?");
    query_bind_integer(&query, DISCOVERY_ROWS_MAX);
    while (query_next_row(&query))
        discovery_read_row(&query, arena, &discoveries[count++]);
    return count;
}

bool discovery_store_find(struct store *store, struct arena *arena, int64_t id,
                          struct discovery *discovery)
{
    struct query query =
        store_prepare_query(store, "SELECT " DISCOVERY_COLUMNS " FROM discovery WHERE id = ?");
    query_bind_integer(&query, id);
    if (!query_next_row(&query))
        return false;
    discovery_read_row(&query, arena, discovery);
    query_finish(&query);
    return true;
}

void discovery_store_insert(struct store *store, struct discovery *discovery)
{
    int64_t now = store_transaction_ms(store);
    discovery->created_ms = now;
    discovery->ends_ms = now + discovery->seconds * 1000;
    store_execute(store,
                  "DELETE FROM discovery WHERE ends_ms <= ?1 AND id NOT IN (SELECT id FROM"
                  " discovery WHERE ends_ms <= ?1 ORDER BY id DESC LIMIT ?2)",
                  now, DISCOVERY_ENDED_MAX);
    struct query query = store_prepare_query(
        store,
        "INSERT INTO discovery (topics, seconds, created_ms, ends_ms, who) VALUES (?, ?, ?, ?, ?)");
    query_bind_text(&query, discovery->topics);
    query_bind_integer(&query, discovery->seconds);
    query_bind_integer(&query, discovery->created_ms);
    query_bind_integer(&query, discovery->ends_ms);
    query_bind_text(&query, discovery->who);
    query_execute(&query);
    discovery->id = store_last_insert_id(store);
}

void discovery_store_delete(struct store *store, int64_t id)
{
    store_execute(store, "DELETE FROM discovery WHERE id = ?", id);
}
