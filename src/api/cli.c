/* Implements token add|list|revoke, backup, restore, promote and follow. */
#include "api/cli.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/http/tokens.h"
#include "api/replica/replica_role.h"
#include "api/store/audit.h"
#include "api/store/backup.h"
#include "common/base/clock.h"
#include "common/base/daemon.h"
#include "common/base/json_text.h"
#include "common/base/plural.h"
#include "common/base/require.h"
#include "common/base/utc.h"
#include "common/model/tag.h"
#include "common/store/db.h"

const char cli_usage[] =
    "[COMMAND]\n\n"
    "Commands that run instead of the service:\n"
    "  token add NAME [--scope read|write]  create a token and print it\n"
    "  token list                           list the tokens\n"
    "  token revoke NAME                    revoke a token immediately\n"
    "  backup FILE                          copy the store while it is in use\n"
    "  restore FILE                         replace the store with a backup\n"
    "  promote [--if-leaderless]            make this gateway the leader of the configuration\n"
    "  follow URL                           follow the configuration of another gateway";

/* One command: its words, the least and greatest number of operands, its function. */
struct cli_command {
    const char *words[2];
    int least, most;
    int (*run)(const struct api_settings *settings, char **operands);
};

static int cli_report_failure(const char *why)
{
    fprintf(stderr, "tagferry-api: %s\n", why);
    return DAEMON_EXIT_FAILURE;
}

static int cli_report_misuse(void)
{
    fprintf(stderr, "Usage: tagferry-api [options] %s\n", cli_usage);
    return DAEMON_EXIT_CONFIG;
}

/* Name of the user who runs this command. It usually runs under sudo, which sets SUDO_USER. */
static const char *cli_user_name(void)
{
    const char *before = getenv("SUDO_USER");
    const struct passwd *own = getpwuid(getuid());
    const char *name = before ? before : own ? own->pw_name : "";
    return utf8_is_valid(name, strlen(name)) ? name : "";
}

/* Opens the existing store. An audit entry alone does not create a store. */
static struct store *cli_open_store(const char *path, char *why, size_t why_size)
{
    if (access(path, F_OK) == 0)
        return store_open(path, STORE_RAW, why, why_size);
    snprintf(why, why_size, "%s: %s", path, strerror(errno));
    return NULL;
}

static bool cli_write_audit_note(const struct api_settings *settings, const char *after, char *why,
                                 size_t why_size)
{
    struct audit audit = {
        .who = "", .remote = "local", .request_id = "", .keep = settings->audit_entries};
    struct store *store = cli_open_store(settings->common.database, why, why_size);
    if (!store)
        return false;
    if (store_begin(store))
        audit_add_access_change(store, &audit, after);
    bool ok = store_commit(store);
    if (!ok)
        snprintf(why, why_size, "%s: %s", settings->common.database, store_failure_reason(store));
    store_close(store);
    return ok;
}

/* Records the change of a token in the audit. The change itself holds even if this fails: above
 * all, a revoked token stays revoked, whatever the state of the store. */
static void cli_audit_token_change(const struct api_settings *settings, const char *what,
                                   const char *name, const char *scope)
{
    char why[DB_WHY_SIZE];
    struct text after = {0};
    json_open(&after, '{');
    json_write_key(&after, what);
    json_write_string(&after, name);
    if (scope) {
        json_write_key(&after, "scope");
        json_write_string(&after, scope);
    }
    json_write_key(&after, "user");
    json_write_string(&after, cli_user_name());
    json_close(&after, '}');
    if (!cli_write_audit_note(settings, after.data, why, sizeof why))
        fprintf(stderr, "tagferry-api: done, but not recorded in the audit: %s\n", why);
    text_finish(&after);
}

static int cli_add_token(const struct api_settings *settings, char **operands)
{
    char text[TOKEN_TEXT_SIZE], why[TOKENS_WHY_SIZE];
    int scope = SCOPE_READ;
    if (operands[1]) {
        scope = operands[2] ? name_list_find(scope_names, operands[2]) : -1;
        if (strcmp(operands[1], "--scope") != 0 || scope < 0)
            return cli_report_misuse();
    }
    struct file_owner owner;
    if (!file_owner_find(&owner, settings->common.database, why, sizeof why) ||
        !tokens_add(settings->token_file, &owner, operands[0], (enum token_scope)scope, text, why,
                    sizeof why))
        return cli_report_failure(why);
    cli_audit_token_change(settings, "token_added", operands[0], scope_names[scope]);
    fprintf(stderr,
            "Added %s (%s) to %s; every request needs a token now.\n"
            "Keep the token safe. It is shown only once:\n",
            operands[0], scope_names[scope], settings->token_file);
    printf("%s\n", text);
    return DAEMON_EXIT_OK;
}

static int cli_list_tokens(const struct api_settings *settings, char **operands)
{
    struct tokens tokens = {.path = settings->token_file};
    (void)operands;
    tokens_refresh(&tokens);
    bool broken = tokens.broken;
    for (size_t i = 0; i < tokens.count && !broken; i++) {
        char created[UTC_TEXT_SIZE];
        utc_format((uint64_t)tokens.item[i].created_ms, created);
        printf("%-24s %-5s %s\n", tokens.item[i].name, scope_names[tokens.item[i].scope], created);
    }
    tokens_finish(&tokens);
    return broken ? DAEMON_EXIT_FAILURE : DAEMON_EXIT_OK;
}

static int cli_revoke_token(const struct api_settings *settings, char **operands)
{
    char why[TOKENS_WHY_SIZE];
    struct file_owner owner;
    size_t left = 0;
    if (!file_owner_find(&owner, settings->common.database, why, sizeof why) ||
        !tokens_revoke(settings->token_file, &owner, operands[0], &left, why, sizeof why))
        return cli_report_failure(why);
    cli_audit_token_change(settings, "token_revoked", operands[0], NULL);
    if (left > 0)
        fprintf(stderr, "Revoked %s; %zu token%s left in %s.\n", operands[0], left,
                left == 1 ? " is" : "s are", settings->token_file);
    else
        fprintf(stderr,
                "Revoked %s, the last token in %s; requests over loopback need no token now.\n",
                operands[0], settings->token_file);
    return DAEMON_EXIT_OK;
}

static void cli_print_content(const struct backup_content *content)
{
    printf("%lld device%s, %lld tag%s, revision %lld\n", (long long)content->devices,
           plural_suffix((unsigned long long)content->devices), (long long)content->tags,
           plural_suffix((unsigned long long)content->tags), (long long)content->revision);
}

static int cli_run_backup(const struct api_settings *settings, char **operands)
{
    char why[BACKUP_WHY_SIZE];
    struct backup_content content;
    if (!backup_create(settings->common.database, operands[0], &content, why, sizeof why))
        return cli_report_failure(why);
    printf("Copied %s to %s: ", settings->common.database, operands[0]);
    cli_print_content(&content);
    return DAEMON_EXIT_OK;
}

static int cli_run_restore(const struct api_settings *settings, char **operands)
{
    char why[BACKUP_WHY_SIZE];
    struct file_owner owner;
    struct backup_content content;
    if (!file_owner_find(&owner, settings->common.database, why, sizeof why) ||
        !backup_restore(settings->common.database, operands[0], &owner, &content, why, sizeof why))
        return cli_report_failure(why);
    printf("Restored %s from %s: ", settings->common.database, operands[0]);
    cli_print_content(&content);
    return DAEMON_EXIT_OK;
}

/* Runs a command about the role and prints what has happened. */
static int cli_change_role(const struct api_settings *settings, struct replica_command command)
{
    char why[DB_WHY_SIZE], said[REPLICA_SAID_SIZE];
    struct audit audit = {
        .who = "", .remote = "local", .request_id = "", .keep = settings->audit_entries};
    command.audit = &audit;
    command.user = cli_user_name();
    replica_fetch_prepare_process();
    struct store *store = cli_open_store(settings->common.database, why, sizeof why);
    struct replica_fetch *fetch = store ? replica_fetch_create(NULL, NULL) : NULL;
    if (!fetch) {
        int status = cli_report_failure(store ? "no memory" : why);
        store_close(store);
        return status;
    }
    enum replica_outcome outcome = replica_role_change(store, fetch, settings, &command, said);
    replica_fetch_destroy(fetch);
    store_close(store);
    if (outcome == REPLICA_DENIED || outcome == REPLICA_FAILED)
        return cli_report_failure(said);
    printf("%s\n", said);
    return DAEMON_EXIT_OK;
}

static int cli_run_promote(const struct api_settings *settings, char **operands)
{
    struct replica_command command = {.if_leaderless = operands[0] != NULL};
    if (operands[0] && strcmp(operands[0], "--if-leaderless") != 0)
        return cli_report_misuse();
    return cli_change_role(settings, command);
}

static int cli_run_follow(const struct api_settings *settings, char **operands)
{
    struct replica_command command = {.if_leaderless = false};
    const char *why;
    if (!store_role_read_url(operands[0], command.follow, &why)) {
        cli_report_failure(why);
        return DAEMON_EXIT_CONFIG;
    }
    return cli_change_role(settings, command);
}

static const struct cli_command cli_commands[] = {
    {{"token", "add"}, 1, 3, cli_add_token},       {{"token", "list"}, 0, 0, cli_list_tokens},
    {{"token", "revoke"}, 1, 1, cli_revoke_token}, {{"backup", NULL}, 1, 1, cli_run_backup},
    {{"restore", NULL}, 1, 1, cli_run_restore},    {{"promote", NULL}, 0, 1, cli_run_promote},
    {{"follow", NULL}, 1, 1, cli_run_follow},
};

int cli_run_command(const struct api_settings *settings, char **argv)
{
    int given = 0;
    while (argv[given])
        given++;
    REQUIRE(given > 0);
    for (size_t i = 0; i < sizeof cli_commands / sizeof cli_commands[0]; i++) {
        const struct cli_command *command = &cli_commands[i];
        int words = command->words[1] ? 2 : 1;
        if (given < words || strcmp(argv[0], command->words[0]) != 0 ||
            (words == 2 && strcmp(argv[1], command->words[1]) != 0))
            continue;
        if (given - words < command->least || given - words > command->most)
            return cli_report_misuse();
        return command->run(settings, argv + words);
    }
    return cli_report_misuse();
}
