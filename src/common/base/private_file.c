/* Looks at the mode of a file. */
#include "common/base/private_file.h"

#include <sys/stat.h>

#include "common/base/log.h"

void private_file_check(const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & (S_IROTH | S_IWOTH)) != 0)
        log_warning("%s holds a secret, and every user of this machine can %s it: chmod o= %s",
                    path, st.st_mode & S_IWOTH ? "change" : "read", path);
}
