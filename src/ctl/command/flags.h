/* The flags of tagferryctl, one row each. From the rows follow the parser, --help, the manual page
 * and the completion.
 *
 * FLAG(id, name, letter, value, completes, help)
 *     id         the constant in enum flag
 *     name       "url": the flag is --url
 *     letter     'u' for -u, or 0
 *     value      what the flag takes, for people: "URL"; NULL: nothing
 *     completes  what the shell completes for the value
 *     help       one sentence, in the imperative or a noun phrase, without a full stop
 * GLOBAL_FLAG    the same for a flag that every command has
 *
 * A flag means the same in each command that has it. One that is given again takes another value
 * beside the first; where a command uses one value, the last one counts. */
#ifndef TAGFERRY_CTL_COMMAND_FLAGS_H
#define TAGFERRY_CTL_COMMAND_FLAGS_H

/* What the shell completes. */
enum completes {
    COMPLETES_NOTHING,
    COMPLETES_FILE,
    COMPLETES_DEVICE,
    COMPLETES_TAG,      /* DEVICE/TAG */
    COMPLETES_TAG_NAME, /* of the device that is the first operand */
    COMPLETES_OBJECT,   /* DEVICE, DEVICE/TAG or profile:NAME */
    COMPLETES_PROFILE,
    COMPLETES_MEMBER, /* a member of an object and "=": modbus.scale= */
    COMPLETES_MEMBER_NAME,
    COMPLETES_TABLE, /* coil, discrete_input, ... */
    COMPLETES_QUALITY,
    COMPLETES_REASON,
    COMPLETES_OUTPUT, /* table, json, csv */
    COMPLETES_FORMAT, /* of files: json, csv, xlsx, ... */
    COMPLETES_MODE,   /* of an import: merge, replace */
    COMPLETES_SORT,   /* name, quality, age, change */
    COMPLETES_BYTE_ORDER,
    COMPLETES_DELIMITER, /* comma, semicolon */
    COMPLETES_SHELL,     /* bash, zsh */
    COMPLETES_COMMAND
};

/* clang-format off */
#define FLAG_LIST(FLAG, GLOBAL_FLAG)                                                               \
    GLOBAL_FLAG(FLAG_URL, "url", 'u', "URL", COMPLETES_NOTHING,                                    \
        "URL of tagferry-api, such as https://10.0.0.1:5000")                                      \
    GLOBAL_FLAG(FLAG_TOKEN_FILE, "token-file", 't', "FILE", COMPLETES_FILE,                        \
        "File whose first line is the access token")                                               \
    GLOBAL_FLAG(FLAG_CA_FILE, "ca-file", 0, "FILE", COMPLETES_FILE,                                \
        "Certificates that may sign the server's, in place of those of the system")                \
    GLOBAL_FLAG(FLAG_TIMEOUT, "timeout", 0, "TIME", COMPLETES_NOTHING,                             \
        "Longest wait for a connection, and for the next bytes of an answer: 500ms, 10s, 2m; without " \
        "this flag 10s, and for files 10m")      \
    GLOBAL_FLAG(FLAG_CONFIG, "config", 'c', "FILE", COMPLETES_FILE,                                \
        "Read this file in place of ~/.config/tagferry/ctl.conf")                                  \
    GLOBAL_FLAG(FLAG_OUTPUT, "output", 'o', "FORMAT", COMPLETES_OUTPUT,                            \
        "Form of the output: table, json (as the API answers) or csv")                             \
    GLOBAL_FLAG(FLAG_HELP, "help", 'h', NULL, COMPLETES_NOTHING, "Print help and exit")            \
    GLOBAL_FLAG(FLAG_VERSION, "version", 0, NULL, COMPLETES_NOTHING, "Print the version and exit") \
    FLAG(FLAG_SEARCH, "search", 'q', "TEXT", COMPLETES_NOTHING,                                    \
        "Only objects with this text in name, label, description, key, topic or address")          \
    FLAG(FLAG_DEVICE, "device", 'd', "DEVICE", COMPLETES_DEVICE,                                   \
        "Only this device; may be repeated")                                                       \
    FLAG(FLAG_QUALITY, "quality", 0, "QUALITY", COMPLETES_QUALITY,                                 \
        "Only objects of this quality; may be repeated")                                           \
    FLAG(FLAG_REASON, "reason", 0, "REASON", COMPLETES_REASON,                                     \
        "Only objects whose quality has this reason; may be repeated")                             \
    FLAG(FLAG_TABLE, "table", 0, "TABLE", COMPLETES_TABLE,                                         \
        "Table in Modbus: coil, discrete_input, input_register or holding_register")               \
    FLAG(FLAG_WRONG, "wrong", 'w', NULL, COMPLETES_NOTHING, "Only what is not good")               \
    FLAG(FLAG_LIMIT, "limit", 'n', "NUMBER", COMPLETES_NOTHING, "At most so many rows")            \
    FLAG(FLAG_UNIT, "unit", 0, "NUMBER", COMPLETES_NOTHING, "Unit id in Modbus")                   \
    FLAG(FLAG_DRY_RUN, "dry-run", 0, NULL, COMPLETES_NOTHING,                                      \
        "Show what would change, and change nothing")                                              \
    FLAG(FLAG_YES, "yes", 'y', NULL, COMPLETES_NOTHING, "Do not ask, also before many deletions")  \
    FLAG(FLAG_IF_MATCH, "if-match", 0, "REVISION", COMPLETES_NOTHING,                              \
        "Change only this revision of the object, in place of the one that was just read; * for any") \
    FLAG(FLAG_LIBRARY, "library", 0, NULL, COMPLETES_NOTHING,                                      \
        "The profiles that come with Tagferry, in place of those of the gateway")                  \
    FLAG(FLAG_SINCE, "since", 0, "WHEN", COMPLETES_NOTHING,                                        \
        "Only later ones: an age (30m, 12h, 7d), a time (2026-01-02T03:04:05Z) or, in the audit, a " \
        "revision (42)") \
    FLAG(FLAG_UNTIL, "until", 0, "WHEN", COMPLETES_NOTHING,                                        \
        "Only earlier ones: an age (30m, 12h, 7d) or a time (2026-01-02T03:04:05Z)")                                  \
    FLAG(FLAG_WHO, "who", 0, "TOKEN", COMPLETES_NOTHING, "Only changes with the token of this name") \
    FLAG(FLAG_FOLLOW, "follow", 'f', NULL, COMPLETES_NOTHING, "Go on with what comes, until Ctrl-C") \
    FLAG(FLAG_CREATE, "create", 0, NULL, COMPLETES_NOTHING,                                        \
        "Create the object if it does not exist")                                                   \
    FLAG(FLAG_FORMAT, "format", 0, "FORMAT", COMPLETES_FORMAT,                                     \
        "Format of the file: csv, json, xlsx, map, kepware, ignition or neuron")                   \
    FLAG(FLAG_MODE, "mode", 0, "MODE", COMPLETES_MODE,                                             \
        "merge keeps what the file does not have, replace deletes it; without this flag merge")    \
    FLAG(FLAG_SHEET, "sheet", 0, "NAME", COMPLETES_NOTHING, "Sheet of a workbook")                 \
    FLAG(FLAG_TOPIC, "topic", 0, "TOPIC", COMPLETES_NOTHING,                                       \
        "Topic in MQTT: of the message or copy, or of devices without one, {device} being their name") \
    FLAG(FLAG_COMMAND_TOPIC, "command-topic", 0, "TOPIC", COMPLETES_NOTHING,                       \
        "Topic of commands to tags without one; {device} and {tag} are their names")               \
    FLAG(FLAG_BYTE_ORDER, "byte-order", 0, "ORDER", COMPLETES_BYTE_ORDER,                          \
        "Byte order of numbers of several registers: ABCD, CDAB, BADC or DCBA")                    \
    FLAG(FLAG_BASE, "base", 0, "NUMBER", COMPLETES_NOTHING,                                        \
        "Number of the first register in the file: 0 or 1")                                        \
    FLAG(FLAG_DELIMITER, "delimiter", 0, "NAME", COMPLETES_DELIMITER,                              \
        "Delimiter in CSV: comma or semicolon")                                                    \
    FLAG(FLAG_LABEL, "label", 0, "TEXT", COMPLETES_NOTHING, "Name as people write it")             \
    FLAG(FLAG_STRIDE, "stride", 0, "TABLE=NUMBER", COMPLETES_TABLE,                                \
        "Registers between one copy and the next in a table; may be repeated")                     \
    FLAG(FLAG_PARAM, "param", 0, "NAME=VALUE", COMPLETES_NOTHING,                                  \
        "Parameter of the profile; may be repeated")                                               \
    FLAG(FLAG_WHERE, "where", 0, "JSON", COMPLETES_NOTHING,                                        \
        "Which messages of a shared topic are the device's: {\"id\": 37}")                         \
    FLAG(FLAG_TO, "to", 0, "REVISION", COMPLETES_NOTHING, "Undo everything after this revision")   \
    FLAG(FLAG_SECONDS, "seconds", 0, "NUMBER", COMPLETES_NOTHING,                                  \
        "Listen so long, at most 3600; without this flag 60")                                      \
    FLAG(FLAG_KEY, "key", 0, "KEY", COMPLETES_NOTHING,                                             \
        "Only values with this key; may be repeated")                                              \
    FLAG(FLAG_PROFILE, "profile", 0, NULL, COMPLETES_NOTHING,                                      \
        "Make one profile of devices of one kind; the proposal is JSON then")                      \
    FLAG(FLAG_CHECK, "check", 0, NULL, COMPLETES_NOTHING,                                          \
        "Exit with status 1 where something is not as it should be")                               \
    FLAG(FLAG_SORT, "sort", 's', "ORDER", COMPLETES_SORT,                                          \
        "Order of the rows: name, quality, age or change")

/* clang-format on */

#define FLAG_ID(id, ...) id,
enum flag { FLAG_LIST(FLAG_ID, FLAG_ID) FLAG_COUNT };

struct flag_row {
    const char *name;
    char letter;
    const char *value;
    enum completes completes;
    bool is_global;
    const char *help;
};

extern const struct flag_row flag_rows[FLAG_COUNT];

#endif
