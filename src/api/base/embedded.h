/* The files in tagferry-api. */
#ifndef TAGFERRY_API_BASE_EMBEDDED_H
#define TAGFERRY_API_BASE_EMBEDDED_H

#include "common/base/embedded.h"

extern const struct embedded schema_files[];  /* sql/, in order */
extern const struct embedded openapi_files[]; /* docs/openapi.json */
extern const struct embedded web_files[]; /* the dashboard, compressed with gzip; may be empty */

#endif
