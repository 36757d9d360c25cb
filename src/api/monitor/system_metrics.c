/* Writes the versions, memory and start of the daemons, the size of the store and the free space of
 * the file systems that Tagferry writes to. */
#include "api/monitor/system_metrics.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "api/monitor/metrics_text.h"
#include "common/base/disk_space.h"
#include "common/shared/daemon_info.h"

const char *const daemon_names[] = {
    [DAEMON_API] = "api", [DAEMON_MODBUSD] = "modbusd", [DAEMON_MQTTD] = "mqttd"};
_Static_assert(sizeof daemon_names / sizeof daemon_names[0] == DAEMONS, "a name for each daemon");

/* A daemon that works but has no readable file is of a version that writes another one or none. */
static void system_write_versions(const struct daemon_facts facts[DAEMONS], const bool up[DAEMONS],
                                  struct text *text)
{
    metrics_write_head(text, "tagferry_build_info", "gauge",
                       "The versions of the daemons that run; \"unknown\" is another one.");
    for (size_t i = 0; i < DAEMONS; i++) {
        const char *version = i == DAEMON_API ? TAGFERRY_VERSION : facts[i].version;
        if (version[0] != '\0' || up[i])
            text_printf(text, "tagferry_build_info{daemon=\"%s\",version=\"%s\"} 1\n",
                        daemon_names[i], version[0] != '\0' ? version : "unknown");
    }
}

static void system_write_processes(const struct daemon_facts facts[DAEMONS], struct text *text)
{
    metrics_write_head(text, "process_resident_memory_bytes", "gauge",
                       "Resident memory of the daemon.");
    for (size_t i = 0; i < DAEMONS; i++) {
        if (facts[i].resident_bytes != 0)
            text_printf(text, "process_resident_memory_bytes{daemon=\"%s\"} %llu\n",
                        daemon_names[i], (unsigned long long)facts[i].resident_bytes);
    }
    metrics_write_head(text, "process_start_time_seconds", "gauge",
                       "Start time of the daemon, since 1970.");
    for (size_t i = 0; i < DAEMONS; i++) {
        if (facts[i].started_ms != 0)
            text_printf(text, "process_start_time_seconds{daemon=\"%s\"} %.15g\n", daemon_names[i],
                        (double)facts[i].started_ms / 1000);
    }
}

static void system_write_store_files(const char *database, struct text *text)
{
    static const char *const files[][2] = {
        {"database", ""}, {"wal", "-wal"}, {"history", "-history"}};
    metrics_write_head(text, "tagferry_store_size_bytes", "gauge", "Sizes of the store's files.");
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[PATH_MAX];
        struct stat st;
        if (snprintf(path, sizeof path, "%s%s", database, files[i][1]) < (int)sizeof path &&
            stat(path, &st) == 0 && S_ISREG(st.st_mode))
            text_printf(text, "tagferry_store_size_bytes{file=\"%s\"} %llu\n", files[i][0],
                        (unsigned long long)st.st_size);
    }
}

/* A file system that Tagferry writes to. */
struct system_disk {
    const char *use;
    struct disk_space space;
};

static void system_write_disks(const struct system_disk *disks, size_t count, bool available,
                               struct text *text)
{
    const char *name =
        available ? "tagferry_filesystem_avail_bytes" : "tagferry_filesystem_size_bytes";
    metrics_write_head(text, name, "gauge",
                       available
                           ? "Free bytes of the file system of the store, runtime_dir and image."
                           : "Size of the file system of the store, runtime_dir and image.");
    for (size_t i = 0; i < count; i++) {
        const struct disk_space *space = &disks[i].space;
        if (space->size != 0)
            text_printf(text, "%s{use=\"%s\",filesystem=\"%u:%u\"} %llu\n", name, disks[i].use,
                        major((dev_t)space->device), minor((dev_t)space->device),
                        (unsigned long long)(available ? space->available : space->size));
    }
}

void system_metrics_write(const struct common_settings *common, const bool up[DAEMONS],
                          struct text *text)
{
    struct daemon_facts facts[DAEMONS];
    for (size_t i = 0; i < DAEMONS; i++)
        daemon_info_read(daemon_names[i], common->runtime_dir, &facts[i]);
    const struct system_disk disks[] = {{"store", disk_space_of_path(common->database)},
                                        {"runtime_dir", disk_space_of_path(common->runtime_dir)},
                                        {"image", facts[DAEMON_MODBUSD].disk}};
    system_write_versions(facts, up, text);
    system_write_processes(facts, text);
    system_write_store_files(common->database, text);
    system_write_disks(disks, sizeof disks / sizeof disks[0], false, text);
    system_write_disks(disks, sizeof disks / sizeof disks[0], true, text);
}
