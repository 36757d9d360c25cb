/* Parts of Prometheus's text format. */
#ifndef TAGFERRY_API_MONITOR_METRICS_TEXT_H
#define TAGFERRY_API_MONITOR_METRICS_TEXT_H

#include "api/base/text.h"

/* Writes the lines before the samples of a series. */
static inline void metrics_write_head(struct text *text, const char *name, const char *type,
                                      const char *help)
{
    text_printf(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

#endif
