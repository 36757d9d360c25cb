/* A message below the mirror topic, which any client of the broker may have sent: what is read
 * stays within its bounds, is read the same when it is written again, and names one topic only; and
 * the clock never goes back.
 *
 * Input: the stamp of the clock before, 8 bytes; then the payload. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/require.h"
#include "mqttd/mirror/mirror_message.h"
#include "mqttd/mirror/mirror_order.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The name that these characters of a level stand for. Returns what follows them. */
static const char *read_level(const char *at, char name[MIRROR_NAME_SIZE])
{
    size_t len = 0;
    for (; *at && *at != '/'; at++) {
        REQUIRE(*at != '.' && len < MIRROR_NAME_SIZE - 1);
        bool is_dot = strncmp(at, "%2E", 3) == 0;
        REQUIRE(*at != '%' || is_dot || strncmp(at, "%25", 3) == 0);
        name[len++] = *at == '%' ? (is_dot ? '.' : '%') : *at;
        at += *at == '%' ? 2 : 0;
    }
    name[len] = '\0';
    return at;
}

static void check_levels(const struct mirror_message *message)
{
    char levels[MIRROR_LEVELS_SIZE], device[MIRROR_NAME_SIZE], tag[MIRROR_NAME_SIZE];
    REQUIRE(mirror_message_write_levels(message->device, message->tag, levels));
    REQUIRE(strncmp(levels, "%/", 2) != 0); /* the own messages */
    if (strchr(message->device, '/') || strchr(message->tag, '/'))
        return; /* a topic with two levels is another one */
    const char *end = read_level(levels, device);
    REQUIRE(*end == '/' && *read_level(end + 1, tag) == '\0');
    REQUIRE(strcmp(device, message->device) == 0 && strcmp(tag, message->tag) == 0);
}

static void check_again(const struct mirror_message *message)
{
    static char text[MIRROR_PAYLOAD_SIZE];
    static struct mirror_message again;
    size_t len = mirror_message_write(message, text);
    if (len == 0)
        return; /* the client id has many characters that are escaped */
    REQUIRE(mirror_message_read(text, len, &again) == MIRROR_READ_OK);
    REQUIRE(strcmp(again.device, message->device) == 0 && strcmp(again.tag, message->tag) == 0);
    REQUIRE(strcmp(again.from, message->from) == 0 && again.stamp == message->stamp);
    REQUIRE(again.is_expired == message->is_expired && again.is_value == message->is_value);
    REQUIRE(again.wall_ms == message->wall_ms && again.source_ms == message->source_ms);
    REQUIRE(again.outcome == message->outcome && again.count == message->count);
    REQUIRE(memcmp(again.words, message->words, again.count * sizeof *again.words) == 0);
    if (message->point.type != TYPE_STRING && message->count == point_width(&message->point))
        REQUIRE(mirror_message_fits(&again, &message->point));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct mirror_message message;
    struct mirror_clock mirror_clock;
    if (size < sizeof mirror_clock.offset_us)
        return 0;
    memcpy(&mirror_clock.offset_us, data, sizeof mirror_clock.offset_us);
    data += sizeof mirror_clock.offset_us;
    size -= sizeof mirror_clock.offset_us;
    if (mirror_message_read((const char *)data, size, &message) != MIRROR_READ_OK)
        return 0;
    REQUIRE(message.stamp > 0 && message.stamp < MIRROR_STAMP_LIMIT);
    REQUIRE(message.count > 0 && message.count <= POINT_REGISTERS_MAX);
    REQUIRE(message.point.bit >= NO_BIT && message.point.bit < 16);
    REQUIRE(message.outcome < LIVE_OUTCOME_COUNT);
    check_levels(&message);
    check_again(&message);

    uint64_t before = mirror_clock_stamp_at(&mirror_clock, 1000);
    bool is_taken = mirror_clock_see_stamp(&mirror_clock, message.stamp, 1000);
    uint64_t after = mirror_clock_stamp_at(&mirror_clock, 1000);
    REQUIRE(after >= before && after < MIRROR_STAMP_LIMIT);
    REQUIRE(is_taken ? after >= message.stamp : after == before);
    return 0;
}
