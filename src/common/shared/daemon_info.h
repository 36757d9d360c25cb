/* What each daemon says of itself: its version, when it started, its memory, and for
 * tagferry-modbusd where it listens, the disk of its image and how soon it misses tagferry-mqttd. A
 * mapped file for each daemon, such as "modbusd.info", which any process may read.
 *
 * The layout of the file never changes, so that daemons of different versions, as after half an
 * upgrade, can read one another's; new members take the place of words that are 0 today. */
#ifndef TAGFERRY_COMMON_SHARED_DAEMON_INFO_H
#define TAGFERRY_COMMON_SHARED_DAEMON_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/disk_space.h"
#include "common/shared/client_table.h"
#include "common/shared/shm.h"

enum {
    DAEMON_VERSION_SIZE = 64,
    DAEMON_ADDRESS_SIZE = 16, /* an IPv6 address, or an IPv4 one mapped into IPv6 */
    DAEMON_ADDRESSES_MAX = 8,
};
#define DAEMON_NO_TIMEOUT UINT64_MAX

struct daemon_address {
    uint8_t address[DAEMON_ADDRESS_SIZE];
    uint16_t port;
    enum client_protocol protocol;
};

struct daemon_facts {
    char version[DAEMON_VERSION_SIZE];
    uint64_t started_ms;     /* since 1970 */
    uint64_t resident_bytes; /* of memory; 0: unknown */
    struct disk_space disk;  /* of the image, from modbusd; else zeros */
    /* From modbusd: ms without a request of mqttd until reads are refused, or DAEMON_NO_TIMEOUT; 0:
     * unknown. */
    uint64_t process_timeout_ms;
    size_t address_count; /* addresses for SCADA, from modbusd */
    struct daemon_address addresses[DAEMON_ADDRESSES_MAX];
};

/* For the writer, one thread at a time. Zero it before use. */
struct daemon_info {
    struct shm shm;
    struct daemon_facts facts;
};

/* Opens the file of the daemon, "api", "modbusd" or "mqttd", in `runtime_dir`, with this program's
 * version and the time as its start. False with the reason in `why`. */
bool daemon_info_open_writer(struct daemon_info *info, const char *daemon, const char *runtime_dir,
                             char *why, size_t why_size);
/* Adds an address; ignores those beyond DAEMON_ADDRESSES_MAX. daemon_info_refresh shows it. */
void daemon_info_add_address(struct daemon_info *info, const struct daemon_address *address);
/* Shows the time-out at once. Accepts a closed info. */
void daemon_info_set_process_timeout(struct daemon_info *info, uint64_t timeout_ms);
/* Call it once a second: measures the memory, and the disk of `disk_fd` unless that is -1, writes
 * the file again, and repairs it. Accepts NULL and a closed info. */
void daemon_info_refresh(struct daemon_info *info, int disk_fd);
/* Accepts NULL and a closed info. */
void daemon_info_close(struct daemon_info *info);

/* Reads the file of a daemon that runs, in any process. False when the daemon does not run, or its
 * file is damaged or missing, as it is with versions that write none. */
bool daemon_info_read(const char *daemon, const char *runtime_dir, struct daemon_facts *facts);

#endif
