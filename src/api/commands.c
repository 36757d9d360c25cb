/* token add|list|revoke, backup, restore. */
#include "api/commands.h"

#include <stdio.h>
#include <string.h>

#include "api/backup.h"
#include "api/tokens.h"
#include "common/clock.h"
#include "common/daemon.h"
#include "common/tag.h"
#include "common/utc.h"

const char commands_usage[] = "[COMMAND]\n\n"
                              "Commands, in place of serving:\n"
                              "  token add NAME [--scope read|write]  make a token and print it\n"
                              "  token list                           list the tokens\n"
                              "  token revoke NAME                    make a token worthless\n"
                              "  backup FILE                          copy the store while in use\n"
                              "  restore FILE                         put a backup in its place";

/* One command: its words, how many operands follow them, what it does. */
struct command {
    const char *words[2];
    int least, most;
    int (*run)(const struct api_settings *settings, char **operands);
};

static int fail(const char *why)
{
    fprintf(stderr, "tagferry-api: %s\n", why);
    return DAEMON_EXIT_FAILURE;
}

static int misuse(void)
{
    fprintf(stderr, "Usage: tagferry-api [options] %s\n", commands_usage);
    return DAEMON_EXIT_CONFIG;
}

static int add_token(const struct api_settings *settings, char **operands)
{
    char text[TOKEN_TEXT_SIZE], why[TOKENS_WHY_SIZE];
    int scope = SCOPE_READ;
    if (operands[1]) {
        scope = operands[2] ? name_index(scope_names, operands[2]) : -1;
        if (strcmp(operands[1], "--scope") != 0 || scope < 0)
            return misuse();
    }
    if (!tokens_add(settings->token_file, operands[0], (enum token_scope)scope, text, why,
                    sizeof why))
        return fail(why);
    fprintf(stderr, "Keep it well, it is shown only now:\n");
    printf("%s\n", text);
    return DAEMON_EXIT_OK;
}

static int list_tokens(const struct api_settings *settings, char **operands)
{
    struct tokens tokens = {.path = settings->token_file};
    (void)operands;
    tokens_refresh(&tokens);
    bool broken = tokens.broken;
    for (size_t i = 0; i < tokens.count && !broken; i++) {
        char created[UTC_TEXT_SIZE];
        utc_format((uint64_t)tokens.items[i].created_ms, created);
        printf("%-24s %-5s %s\n", tokens.items[i].name, scope_names[tokens.items[i].scope],
               created);
    }
    tokens_finish(&tokens);
    return broken ? DAEMON_EXIT_FAILURE : DAEMON_EXIT_OK;
}

static int revoke_token(const struct api_settings *settings, char **operands)
{
    char why[TOKENS_WHY_SIZE];
    if (!tokens_revoke(settings->token_file, operands[0], why, sizeof why))
        return fail(why);
    return DAEMON_EXIT_OK;
}

static int run_backup(const struct api_settings *settings, char **operands)
{
    char why[BACKUP_WHY_SIZE];
    return backup_make(settings->common.database, operands[0], why, sizeof why) ? DAEMON_EXIT_OK
                                                                                : fail(why);
}

static int run_restore(const struct api_settings *settings, char **operands)
{
    char why[BACKUP_WHY_SIZE];
    return backup_restore(settings->common.database, operands[0], why, sizeof why) ? DAEMON_EXIT_OK
                                                                                   : fail(why);
}

static const struct command commands[] = {
    {{"token", "add"}, 1, 3, add_token},       {{"token", "list"}, 0, 0, list_tokens},
    {{"token", "revoke"}, 1, 1, revoke_token}, {{"backup", NULL}, 1, 1, run_backup},
    {{"restore", NULL}, 1, 1, run_restore},
};

static int count_words(char **argv)
{
    int count = 0;
    while (argv[count])
        count++;
    return count;
}

int commands_run(const struct api_settings *settings, char **argv)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        const struct command *command = &commands[i];
        int words = command->words[1] ? 2 : 1, given = count_words(argv);
        if (given < words || strcmp(argv[0], command->words[0]) != 0 ||
            (words == 2 && strcmp(argv[1], command->words[1]) != 0))
            continue;
        if (given - words < command->least || given - words > command->most)
            return misuse();
        return command->run(settings, argv + words);
    }
    return misuse();
}
