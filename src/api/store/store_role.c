/* Reads and changes the role, and compares positions. */
#include "api/store/store_role.h"

#include <stdio.h>
#include <string.h>

#include "api/store/store_internal.h"
#include "common/base/require.h"

static void role_copy_text(struct query *query, char *text, size_t size)
{
    const unsigned char *column = sqlite3_column_text(query->statement, query->column++);
    snprintf(text, size, "%s", column ? (const char *)column : "");
}

bool store_lineage_read(struct store *store, struct store_lineage *lineage)
{
    *lineage = (struct store_lineage){0};
    struct query query = store_prepare_query(
        store, "SELECT term, revision, coalesce((SELECT max(id) FROM audit), 0),"
               " coalesce((SELECT max(id) FROM undo), 0), coalesce((SELECT at_ms FROM audit"
               " ORDER BY id DESC LIMIT 1), 0), gone_from, parent_revision,"
               " parent_audit, branch, parent FROM store");
    if (!query_next_row(&query))
        return false;
    int64_t *const numbers[] = {
        &lineage->position.term,   &lineage->position.revision, &lineage->position.audit,
        &lineage->position.undo,   &lineage->position.audit_ms, &lineage->gone_from,
        &lineage->parent_revision, &lineage->parent_audit,
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        *numbers[i] = query_read_integer(&query);
    role_copy_text(&query, lineage->position.branch, STORE_BRANCH_SIZE);
    role_copy_text(&query, lineage->parent, STORE_BRANCH_SIZE);
    query_finish(&query);
    return true;
}

bool store_role_read(struct store *store, struct store_role *role)
{
    *role = (struct store_role){0};
    struct query query =
        store_prepare_query(store, "SELECT decided, leader, former, instance FROM leadership");
    if (!query_next_row(&query))
        return false;
    role->decided = query_read_integer(&query) != 0;
    role_copy_text(&query, role->leader, STORE_URL_SIZE);
    role_copy_text(&query, role->former, STORE_URL_SIZE);
    role_copy_text(&query, role->instance, STORE_BRANCH_SIZE);
    query_finish(&query);
    return true;
}

bool store_follows(struct store *store)
{
    return store_query_integer(store, "SELECT leader <> '' FROM leadership") != 0;
}

bool store_lineage_continues(const struct store_lineage *lineage, const struct store_position *have)
{
    const struct store_position *newest = &lineage->position;
    if (strcmp(have->branch, newest->branch) == 0)
        return have->revision <= newest->revision && have->audit <= newest->audit;
    return lineage->parent[0] != '\0' && strcmp(have->branch, lineage->parent) == 0 &&
           have->revision <= lineage->parent_revision && have->audit <= lineage->parent_audit;
}

bool store_position_is_equal(const struct store_position *a, const struct store_position *b)
{
    return a->term == b->term && a->revision == b->revision && a->audit == b->audit &&
           a->undo == b->undo && a->audit_ms == b->audit_ms && strcmp(a->branch, b->branch) == 0;
}

void store_position_format(const struct store_position *position, char text[STORE_POSITION_SIZE])
{
    snprintf(text, STORE_POSITION_SIZE, "\"%lld-%lld-%lld-%lld-%lld-%s\"",
             (long long)position->term, (long long)position->revision, (long long)position->audit,
             (long long)position->undo, (long long)position->audit_ms, position->branch);
}

void store_role_promote(struct store *store)
{
    store_execute_integers(store,
                           "UPDATE store SET term = term + 1, parent = branch,"
                           " parent_revision = revision,"
                           " parent_audit = coalesce((SELECT max(id) FROM audit), 0),"
                           " branch = lower(hex(randomblob(8)))",
                           NULL, 0);
    store_execute_integers(store,
                           "UPDATE leadership SET decided = 1, leader = '',"
                           " former = CASE leader WHEN '' THEN former ELSE leader END",
                           NULL, 0);
    store_note_change(store);
}

void store_role_follow(struct store *store, const char *leader)
{
    REQUIRE(leader[0] != '\0');
    struct query query =
        store_prepare_query(store, "UPDATE leadership SET decided = 1, leader = ?1, former = ?1");
    query_bind_text(&query, leader);
    query_execute(&query);
    store_note_change(store);
}

void store_role_configure(struct store *store, const char *leader)
{
    struct query query = store_prepare_query(
        store, "UPDATE leadership SET leader = ?1,"
               " former = CASE ?1 WHEN '' THEN former ELSE ?1 END WHERE NOT decided"
               " AND leader <> ?1");
    query_bind_text(&query, leader);
    query_execute(&query);
    store_note_change(store);
}

void store_role_renew_instance(struct store *store)
{
    store_execute_integers(store, "UPDATE leadership SET instance = lower(hex(randomblob(8)))",
                           NULL, 0);
    store_note_change(store);
}

bool store_role_read_url(const char *text, char url[STORE_URL_SIZE], const char **why)
{
    static const char *const schemes[] = {"http://", "https://"};
    const char *host = NULL;
    size_t len = strlen(text);
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t skip = strlen(schemes[i]);
        if (strncmp(text, schemes[i], skip) == 0)
            host = text + skip;
    }
    if (host && len > 0 && text[len - 1] == '/')
        len--;
    *why = NULL;
    if (!host || host >= text + len)
        *why = "the URL of a leader begins with http:// or https:// and has a host, such as "
               "https://10.0.0.1:5000";
    else if (len >= STORE_URL_SIZE)
        *why = "the URL is too long";
    else if (strcspn(host, "/?#@ \t\r\n\"\\") < (size_t)(text + len - host))
        *why = "the URL of a leader is scheme, host and port only, such as https://10.0.0.1:5000";
    if (*why)
        return false;
    memcpy(url, text, len);
    url[len] = '\0';
    return true;
}
