/* The library: profiles in files, NAME.json in the folder [api] profile_dir. */
#ifndef TAGFERRY_API_RESOURCES_PROFILE_LIBRARY_H
#define TAGFERRY_API_RESOURCES_PROFILE_LIBRARY_H

#include "api/base/text.h"
#include "api/base/validation.h"

struct cJSON;

/* Returns the names of the files in their order, without .json; the list ends with NULL. A folder
 * that does not exist is an empty library. */
const char **profile_library_list(const char *folder, struct arena *arena);
/* Reads a file. NULL, with a sentence in *why, when there is none or it is not JSON. Free the tree
 * with json_body_free. */
struct cJSON *profile_library_read(const char *folder, const char *name, struct arena *arena,
                                   const char **why);

#endif
