/* What an import would change or has changed, and its faults, as JSON for programs or as a table
 * for people. */
#ifndef TAGFERRY_API_TRANSFER_IMPORT_REPORT_H
#define TAGFERRY_API_TRANSFER_IMPORT_REPORT_H

#include "api/base/text.h"
#include "api/base/validation.h"
#include "api/model/fields.h"

enum import_report_form { REPORT_NONE, REPORT_JSON, REPORT_TEXT };

/* The changes, in the order in which they were added. Zero it, set the form. */
struct import_report {
    enum import_report_form form;
    struct text changes; /* JSON objects, or lines of cells; see import_report.c */
};

/* A change of a device, or of a tag; or of a profile, which has only action and name. */
struct import_change {
    const char *action;  /* create, change, unchanged or delete */
    const char *profile; /* its name, or NULL */
    const struct resource *resource;
    const char *device, *tag;            /* names; tag NULL: of a device */
    const struct record *before, *after; /* NULL: not there */
    const struct validation *warnings;   /* its warnings begin at number first_warning */
    size_t first_warning;
};

/* Adds a change, unless the form is REPORT_NONE. */
void import_report_add(struct import_report *report, const struct import_change *change);

/* Write tables. Equal faults are one line: "5-180  type  REALL  must be ...". */
void import_report_write_faults(const struct validation *faults, struct arena *arena,
                                struct text *text);
void import_report_write_changes(const struct import_report *report, struct text *text);

#endif
