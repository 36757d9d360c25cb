/* GET /api/v1/backup: a copy of the store, as `tagferry-api backup` writes it. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/handler/thread_ctx.h"
#include "api/http/problem.h"
#include "api/store/backup.h"
#include "api/transfer/transfer_routes.h"
#include "common/base/log.h"

/* The file is beside the store, where there is room for it, and has no name while it is sent. Only
 * the thread of reports is here, and only one tagferry-api uses a store, so one name is enough; a
 * kill leaves at most one file behind, which the next request removes. */
static void backup_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                              struct response *response)
{
    char why[512];
    struct stat status;
    struct backup_content content;
    const char *store = thread_ctx->settings->common.database;
    const char *file = arena_format(request->arena, "%s.download", store);
    if (unlink(file) == 0)
        log_info("store: removed %s, which an earlier download left", file);
    if (!backup_create(store, file, &content, why, sizeof why)) {
        log_error("store: a backup for %s failed: %s", request->remote, why);
        problem_respond(response, 503, "The backup failed: %s.", why);
        return;
    }
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    int error = fd < 0 || fstat(fd, &status) != 0 ? errno : 0;
    unlink(file);
    if (error != 0 || status.st_size == 0) {
        if (fd >= 0)
            close(fd);
        problem_respond(response, 503, "The backup failed: %s: %s.", file,
                        error != 0 ? strerror(error) : "it is empty");
        return;
    }
    response->status = 200;
    response->file.fd = fd;
    response->file.size = (uint64_t)status.st_size;
    response->content_type = "application/vnd.sqlite3";
    response->disposition = "attachment; filename=\"tagferry.db\"";
    response->cache_control = "no-store";
}

static const struct route backup_rows[] = {
    {METHOD_GET, API_PREFIX "/backup", QUEUE_REPORT, .handle = backup_handle_get},
};

const struct route_table backup_routes = ROUTE_TABLE(backup_rows);
