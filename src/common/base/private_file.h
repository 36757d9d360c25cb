/* Files that only their daemon should read: private keys and passwords. */
#ifndef TAGFERRY_COMMON_BASE_PRIVATE_FILE_H
#define TAGFERRY_COMMON_BASE_PRIVATE_FILE_H

/* Logs a warning if every user of the machine can read the file. Its group may: the keys of
 * Debian's ssl-cert and of /etc/tagferry are of mode 0640. Ignores a file that cannot be examined.
 */
void private_file_check(const char *path);

#endif
