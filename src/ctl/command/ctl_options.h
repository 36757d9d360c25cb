/* The options of ctl.conf. */
#ifndef TAGFERRY_CTL_COMMAND_CTL_OPTIONS_H
#define TAGFERRY_CTL_COMMAND_CTL_OPTIONS_H

#include "common/base/conf.h"

#define CTL_OPTIONS(ROW)                                                                           \
    ROW(url, const char *, conf_path, "http://127.0.0.1:5000", .help = "URL of tagferry-api.")     \
    ROW(token_file, const char *, conf_text, "",                                                   \
        .help = "File whose first line is the access token. Empty: none.")                         \
    ROW(ca_file, const char *, conf_text, "",                                                      \
        .help = "Certificates that may sign the server's. Empty: those of the system.")            \
    ROW(timeout, const char *, conf_path, "10s",                                                   \
        .help = "Longest wait for a connection, and for the next bytes of an answer.")             \
    ROW(output, const char *, conf_path, "table", .help = "Form of the output: table, json, csv.")

struct ctl_options {
    CTL_OPTIONS(CONF_MEMBER)
};

extern const struct conf_table ctl_options_table;

#endif
