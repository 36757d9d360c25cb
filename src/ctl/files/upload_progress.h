/* How far a long request is, on the line of a terminal. */
#ifndef TAGFERRY_CTL_FILES_UPLOAD_PROGRESS_H
#define TAGFERRY_CTL_FILES_UPLOAD_PROGRESS_H

#include "ctl/client/client.h"
#include "ctl/output/terminal.h"

struct upload_progress {
    const char *name; /* of the file */
    double begun_s, shown_s;
    unsigned step; /* of the mark that moves while the server works */
    bool is_shown;
};

/* Lets the request tell its progress, where standard error is a terminal, on a line that is removed
 * at its end. The progress must outlive the request. */
void upload_progress_begin(struct upload_progress *progress, const struct terminal *terminal,
                           const char *name, struct client_request *request);

#endif
