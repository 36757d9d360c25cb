/* The folder of a file: a name is safe from a power cut once its folder is on the disk. */
#ifndef TAGFERRY_COMMON_BASE_FOLDER_H
#define TAGFERRY_COMMON_BASE_FOLDER_H

#include <stdbool.h>

/* Writes the folder that `path` lies in to its disk. False with errno. */
bool folder_sync_parent(const char *path);

#endif
