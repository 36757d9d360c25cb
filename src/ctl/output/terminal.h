/* Where the output goes, and how it may look there. */
#ifndef TAGFERRY_CTL_OUTPUT_TERMINAL_H
#define TAGFERRY_CTL_OUTPUT_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum output_format { OUTPUT_TABLE, OUTPUT_JSON, OUTPUT_CSV };

enum terminal_style {
    STYLE_PLAIN,
    STYLE_HEAD,    /* of a column */
    STYLE_GOOD,    /* green */
    STYLE_WARNING, /* yellow */
    STYLE_WRONG,   /* red */
    STYLE_FAINT
};

struct terminal {
    enum output_format format;
    bool is_terminal; /* of the standard output */
    bool has_colour;
    bool errors_are_on_terminal; /* the standard error output is a terminal */
    bool can_ask;                /* standard input and error output are terminals */
    size_t columns;              /* of a terminal; else 0: no limit */
};

/* Looks at the streams, at NO_COLOR and at TERM. */
void terminal_find(struct terminal *terminal, enum output_format format);

/* Print the codes that begin and end a style, if there is colour. */
void terminal_begin_style(const struct terminal *terminal, FILE *out, enum terminal_style style);
void terminal_end_style(const struct terminal *terminal, FILE *out, enum terminal_style style);
/* The style of a quality: good, stale, bad or never. */
enum terminal_style terminal_quality_style(const char *quality);

/* Asks on the terminal. True if the answer is yes; false without a terminal, after a line on
 * standard error that `--yes` answers. */
bool terminal_confirm(const struct terminal *terminal, const char *question);

#endif
