/* Syncs folders: after a rename, the new name survives a power failure once its folder is synced.
 */
#ifndef TAGFERRY_COMMON_BASE_FOLDER_H
#define TAGFERRY_COMMON_BASE_FOLDER_H

#include <stdbool.h>

/* Syncs the folder of the file at `path` to disk. False with errno. Blocks. */
bool folder_sync_parent(const char *path);

#endif
