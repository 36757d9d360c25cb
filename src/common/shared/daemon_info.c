/* Writes and reads the files in which the daemons say what they are. */
#include "common/shared/daemon_info.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/require.h"
#include "common/shared/shared_word.h"

/* The words after the header. */
enum {
    INFO_VERSION,
    INFO_STARTED = INFO_VERSION + DAEMON_VERSION_SIZE / sizeof(word),
    INFO_RESIDENT,
    INFO_DISK_DEVICE,
    INFO_DISK_SIZE,
    INFO_DISK_AVAILABLE,
    INFO_ADDRESS_COUNT,
    INFO_ADDRESSES,
    INFO_ADDRESS_WORDS = DAEMON_ADDRESS_SIZE / sizeof(word) + 1, /* the last one is the port */
    INFO_PROCESS_TIMEOUT = INFO_ADDRESSES + DAEMON_ADDRESSES_MAX * INFO_ADDRESS_WORDS,
    INFO_USED,
    INFO_WORDS = 124, /* the rest is 0, for later versions */
};

_Static_assert((int)INFO_USED <= (int)INFO_WORDS, "the members fit");
_Static_assert(INFO_STARTED == 8 && INFO_ADDRESSES == 14, "the layout stays as it is");

static bool daemon_info_describe(const char *daemon, const char *runtime_dir, char path[PATH_MAX],
                                 struct shm_spec *spec)
{
    *spec = (struct shm_spec){.path = path, .magic = "TFdaemon", .layout = 1};
    spec->size = sizeof(struct shm_header) + INFO_WORDS * sizeof(word);
    return snprintf(path, PATH_MAX, "%s/%s.info", runtime_dir, daemon) < PATH_MAX;
}

static void daemon_info_store_bytes(word *at, const void *bytes, size_t size)
{
    uint64_t number;
    for (size_t i = 0; i * sizeof number < size; i++) {
        memcpy(&number, (const char *)bytes + i * sizeof number, sizeof number);
        shared_word_store(&at[i], number);
    }
}

static void daemon_info_load_bytes(const word *at, void *bytes, size_t size)
{
    for (size_t i = 0; i * sizeof(word) < size; i++) {
        uint64_t number = shared_word_load(&at[i]);
        memcpy((char *)bytes + i * sizeof number, &number, sizeof number);
    }
}

/* The memory of this process, in bytes; 0 on error. */
static uint64_t daemon_info_measure_memory(void)
{
    char text[128], *rest;
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t got = read(fd, text, sizeof text - 1);
    close(fd);
    if (got <= 0)
        return 0;
    text[got] = '\0';
    strtoull(text, &rest, 10); /* the first number is the address space */
    return strtoull(rest, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void daemon_info_write_facts(const struct daemon_info *info)
{
    const struct daemon_facts *facts = &info->facts;
    word *words = (word *)(info->shm.base + 1);
    daemon_info_store_bytes(&words[INFO_VERSION], facts->version, sizeof facts->version);
    shared_word_store(&words[INFO_STARTED], facts->started_ms);
    shared_word_store(&words[INFO_RESIDENT], facts->resident_bytes);
    shared_word_store(&words[INFO_DISK_DEVICE], facts->disk.device);
    shared_word_store(&words[INFO_DISK_SIZE], facts->disk.size);
    shared_word_store(&words[INFO_DISK_AVAILABLE], facts->disk.available);
    for (size_t i = 0; i < facts->address_count; i++) {
        word *at = &words[INFO_ADDRESSES + i * INFO_ADDRESS_WORDS];
        daemon_info_store_bytes(at, facts->addresses[i].address, DAEMON_ADDRESS_SIZE);
        shared_word_store(&at[INFO_ADDRESS_WORDS - 1],
                          facts->addresses[i].port | (uint64_t)facts->addresses[i].protocol << 16);
    }
    shared_word_store(&words[INFO_ADDRESS_COUNT], facts->address_count);
    shared_word_store(&words[INFO_PROCESS_TIMEOUT], facts->process_timeout_ms);
}

bool daemon_info_open_writer(struct daemon_info *info, const char *daemon, const char *runtime_dir,
                             char *why, size_t why_size)
{
    char path[PATH_MAX];
    struct shm_spec spec;
    *info = (struct daemon_info){.shm = {.fd = -1}};
    if (!daemon_info_describe(daemon, runtime_dir, path, &spec)) {
        snprintf(why, why_size, "%s.info: the path is too long", daemon);
        return false;
    }
    if (shm_open_writer(&info->shm, &spec, true, why, why_size) == SHM_FAILED)
        return false;
    _Static_assert(sizeof TAGFERRY_VERSION <= DAEMON_VERSION_SIZE, "the version fits");
    memcpy(info->facts.version, TAGFERRY_VERSION, sizeof TAGFERRY_VERSION);
    info->facts.started_ms = clock_wall_ms();
    daemon_info_refresh(info, -1);
    return true;
}

void daemon_info_add_address(struct daemon_info *info, const struct daemon_address *address)
{
    struct daemon_facts *facts = &info->facts;
    if (facts->address_count < DAEMON_ADDRESSES_MAX)
        facts->addresses[facts->address_count++] = *address;
}

void daemon_info_set_process_timeout(struct daemon_info *info, uint64_t timeout_ms)
{
    REQUIRE(timeout_ms > 0);
    info->facts.process_timeout_ms = timeout_ms;
    if (info->shm.base)
        daemon_info_write_facts(info);
}

void daemon_info_refresh(struct daemon_info *info, int disk_fd)
{
    if (!info || !info->shm.base)
        return;
    info->facts.resident_bytes = daemon_info_measure_memory();
    if (disk_fd >= 0)
        info->facts.disk = disk_space_of_fd(disk_fd);
    shm_repair_file(&info->shm);
    daemon_info_write_facts(info);
}

void daemon_info_close(struct daemon_info *info)
{
    if (!info)
        return;
    shm_close(&info->shm);
    *info = (struct daemon_info){.shm = {.fd = -1}};
}

/* True for a version as builds have it; it becomes a label of metrics. */
static bool daemon_info_check_version(const char *version)
{
    static const char allowed[] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.+~-";
    size_t len = strnlen(version, DAEMON_VERSION_SIZE);
    return len > 0 && len < DAEMON_VERSION_SIZE && strspn(version, allowed) == len;
}

static bool daemon_info_take_facts(const word *words, struct daemon_facts *facts)
{
    *facts =
        (struct daemon_facts){.started_ms = shared_word_load(&words[INFO_STARTED]),
                              .resident_bytes = shared_word_load(&words[INFO_RESIDENT]),
                              .process_timeout_ms = shared_word_load(&words[INFO_PROCESS_TIMEOUT])};
    uint64_t count = shared_word_load(&words[INFO_ADDRESS_COUNT]);
    daemon_info_load_bytes(&words[INFO_VERSION], facts->version, sizeof facts->version);
    facts->disk = (struct disk_space){.device = shared_word_load(&words[INFO_DISK_DEVICE]),
                                      .size = shared_word_load(&words[INFO_DISK_SIZE]),
                                      .available = shared_word_load(&words[INFO_DISK_AVAILABLE])};
    if (count > DAEMON_ADDRESSES_MAX || !daemon_info_check_version(facts->version))
        return false;
    for (size_t i = 0; i < count; i++) {
        const word *at = &words[INFO_ADDRESSES + i * INFO_ADDRESS_WORDS];
        struct daemon_address *address = &facts->addresses[facts->address_count];
        daemon_info_load_bytes(at, address->address, DAEMON_ADDRESS_SIZE);
        const uint64_t place = shared_word_load(&at[INFO_ADDRESS_WORDS - 1]);
        address->port = (uint16_t)place;
        address->protocol =
            place >> 16 < CLIENT_PROTOCOLS ? (enum client_protocol)(place >> 16) : CLIENT_TCP;
        facts->address_count += address->port != 0;
    }
    return true;
}

bool daemon_info_read(const char *daemon, const char *runtime_dir, struct daemon_facts *facts)
{
    char path[PATH_MAX], why[SHM_WHY_SIZE];
    struct shm_spec spec;
    struct shm shm = {.fd = -1};
    *facts = (struct daemon_facts){.started_ms = 0};
    if (!daemon_info_describe(daemon, runtime_dir, path, &spec) ||
        !shm_open_reader(&shm, &spec, why, sizeof why))
        return false;
    bool ok = shm_has_writer(&shm) && daemon_info_take_facts((const word *)(shm.base + 1), facts);
    shm_close(&shm);
    if (!ok)
        *facts = (struct daemon_facts){.started_ms = 0};
    return ok;
}
