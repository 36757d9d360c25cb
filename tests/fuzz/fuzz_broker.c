/* mqttd and a broker that answers anything. The input is a program of steps for the broker, with
 * turns of mqttd between them; broker_daemon.h says what of mqttd runs. Whatever the broker does:
 * mqttd acknowledges only what it has got and handed over, sends well-formed packets, counts what
 * it took, and holds no command for published that no broker has acknowledged. In the end the
 * broker behaves well: mqttd is connected and subscribed again, takes values, publishes commands,
 * keeps nothing that waits, and leaves no descriptor open.
 *
 * Input: a byte of CONFIG_ bits, then the steps: a byte, and what the step reads. With
 * TAGFERRY_FUZZ_LOG in the environment, mqttd logs all that it does. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker_daemon.h"
#include "broker_peer.h"
#include "common/base/log.h"
#include "common/base/require.h"
#include "common/message/payload.h"
#include "mqttd/broker/mqtt_session_internal.h"
#include "mqttd/broker/subscriptions_internal.h"

enum { STEPS_MAX = 120, SILENCE_BUDGET_S = 900, TURNS_MAX = 1500 };

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libmosquitto 2.0.11 loses the properties of a PUBACK or PUBREL that it does not expect. That its
 * clients are freed is checked here in another way: clients_made. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libmosquitto.so";
}

static int clients;

struct mosquitto *__real_mosquitto_new(const char *id, bool clean, void *context);
struct mosquitto *__wrap_mosquitto_new(const char *id, bool clean, void *context);
void __real_mosquitto_destroy(struct mosquitto *mosquitto);
void __wrap_mosquitto_destroy(struct mosquitto *mosquitto);

struct mosquitto *__wrap_mosquitto_new(const char *id, bool clean, void *context)
{
    clients++;
    return __real_mosquitto_new(id, clean, context);
}

void __wrap_mosquitto_destroy(struct mosquitto *mosquitto)
{
    clients -= mosquitto != NULL;
    __real_mosquitto_destroy(mosquitto);
}

/* The input. */
static struct program {
    const uint8_t *at, *end;
    unsigned config;
    unsigned silence_s; /* so far */
    size_t cut;         /* the next packet is sent up to here; 0: whole */
    int value;          /* of the newest message with one */
} program;

static unsigned next(void)
{
    return program.at < program.end ? *program.at++ : 0;
}

/* A packet that is being made. */
static struct {
    uint8_t body[1024];
    size_t len;
} packet;

static void put(unsigned byte)
{
    if (packet.len < sizeof packet.body)
        packet.body[packet.len++] = (uint8_t)byte;
}

static void put_u16(unsigned value)
{
    put(value >> 8);
    put(value & 255);
}

static void put_bytes(const void *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        put(((const uint8_t *)bytes)[i]);
}

/* Up to 63 bytes of the input. */
static void put_raw(void)
{
    for (size_t len = next() % 64; len > 0; len--)
        put(next());
}

/* The properties that a broker may announce, by bit, each with a value of the input. */
static void put_properties(unsigned bits)
{
    static const struct {
        uint8_t id, bytes; /* of the value; 0: a text */
    } known[] = {{37, 1}, {36, 1}, {33, 2}, {39, 4}, {42, 1}, {40, 1}, {19, 2}, {31, 0}};
    size_t before = packet.len;
    put(0);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        unsigned value = bits >> i & 1 ? next() : 0;
        if (!(bits >> i & 1))
            continue;
        put(known[i].id);
        for (size_t k = 1; k < known[i].bytes; k++)
            put(value & 0x80 ? 255 : 0);
        if (known[i].bytes > 0)
            put(value);
        else
            put_bytes("\0\2ab", 4);
    }
    if (before < sizeof packet.body)
        packet.body[before] = (uint8_t)(packet.len - before - 1);
}

/* Properties only where the connection has them. */
static void put_properties_5(unsigned bits)
{
    if (peer.version == 5)
        put_properties(bits);
}

static void send_made(unsigned head)
{
    static uint8_t whole[sizeof packet.body + 5];
    size_t len = 0, rest = packet.len;
    whole[len++] = (uint8_t)head;
    do {
        whole[len++] = (uint8_t)((rest & 127) | (rest > 127 ? 128 : 0));
    } while ((rest >>= 7) > 0);
    memcpy(whole + len, packet.body, packet.len);
    len += packet.len;
    peer_send(whole, program.cut > 0 && program.cut < len ? program.cut : len);
    program.cut = 0;
}

/* A turn of mqttd and of the broker. */
static void turn(void)
{
    peer_run();
    broker_daemon_turn();
    peer_run();
}

/* Lets mqttd take all that was sent, without time passing by much. */
static void settle(void)
{
    uint8_t answers = peer.answers;
    turn();
    turn();
    peer.answers = answers & (ANSWERS_ALL ^ ANSWERS_MIRROR); /* these are messages, too */
    turn();
    turn();
    peer_check_taken();
    peer.answers = answers;
}

/* The steps. */

static void step_turn(void)
{
    for (unsigned i = next() % 8 + 1; i > 0; i--)
        turn();
}

static void step_silence(void)
{
    static const unsigned seconds[] = {1, 3, 6, 11, 35, 70, 200, 450};
    unsigned s = seconds[next() % 8];
    uint64_t until = bd.now_us + s * 1000000ULL;
    if ((program.silence_s += s) > SILENCE_BUDGET_S)
        return;
    bd.leap = s > 11 ? 5 : 1;
    while (bd.now_us < until)
        turn();
    bd.leap = 1;
}

static void step_connack(void)
{
    unsigned flags = next(), code = next();
    packet.len = 0;
    put(flags & (flags & 0x80 ? 0xFF : 1));
    put(flags & 0x40 ? code : 0);
    if (!(flags & 1))
        peer.filter_count = 0;
    put_properties_5(flags & 0x20 ? next() : 0);
    for (size_t i = 0; i < peer.request_count; i++) {
        if (peer.requests[i].type == CONNECT)
            peer.requests[i].type = 0;
    }
    send_made(CONNACK << 4);
}

static void step_answer(void)
{
    unsigned index = next();
    if (peer.request_count > 0)
        peer_answer(index % peer.request_count);
}

/* The mid of a waiting request of this type, of the newest message, or any. */
static uint16_t choose_mid(unsigned choice, uint8_t type)
{
    if (choice & 0x80) {
        unsigned high = next();
        return (uint16_t)(high << 8 | next());
    }
    for (size_t i = 0; i < peer.request_count; i++) {
        if (peer.requests[i].type == type && choice-- == 0)
            return peer.requests[i].mid;
    }
    return choice & 1 ? peer.client_mid : peer.next_mid;
}

static void step_suback(void)
{
    unsigned form = next();
    uint16_t mid = choose_mid(form & 0x83, form & 0x40 ? UNSUBSCRIBE : SUBSCRIBE);
    packet.len = 0;
    put_u16(mid);
    put_properties_5(0);
    for (unsigned count = next() % 12; count > 0; count--)
        put(form & 0x20 ? next() : 1);
    send_made((form & 0x40 ? (unsigned)UNSUBACK : (unsigned)SUBACK) << 4);
}

static void step_publish(void)
{
    static const char *const topics[] = {"d/1",
                                         "d/1/state",
                                         "w/1/x",
                                         "s/1",
                                         "r/1/x",
                                         "r.1/x",
                                         "spBv1.0/G/NBIRTH/N",
                                         "spBv1.0/G/DBIRTH/N/D",
                                         "spBv1.0/G/DDATA/N/D",
                                         "spBv1.0/G/NDEATH/N",
                                         "q/1",
                                         "nobody/here",
                                         "d/1/set",
                                         "tagferry/mirror/g/fuzz",
                                         "tagferry/mirror/g/x/a",
                                         "tagferry/fuzz/status"};
    static const char *const payloads[] = {"on", "off",           "",     "{\"a\": 1",
                                           "[]", "{\"a\": null}", "\xff", "{\"a\": 1e9}"};
    unsigned head = next(), form = next();
    char text[32];
    packet.len = 0;
    if (form & 0x10) {
        put_u16(form & 0x20 ? next() : 3);
        put_raw();
    } else {
        const char *topic = topics[form & 15];
        put_u16((unsigned)strlen(topic));
        put_bytes(topic, strlen(topic));
    }
    if (head & 6) {
        if (!(head & 0x30))
            peer.next_mid = (uint16_t)(peer.next_mid % 60000 + 1);
        put_u16((head & 0x30) == 0x30 ? 0 : (head & 0x30) == 0x20 ? next() : peer.next_mid);
    }
    put_properties_5(head & 0x40 ? next() : 0);
    if (form & 0x40) {
        put_raw();
    } else if (form & 0x80) {
        put_bytes(payloads[head >> 4 & 7], strlen(payloads[head >> 4 & 7]));
    } else {
        snprintf(text, sizeof text, "{\"a\": %d}", ++program.value);
        put_bytes(text, strlen(text));
    }
    send_made(PUBLISH << 4 | (head & 15));
}

static void step_ack(void)
{
    static const uint8_t asked_by[] = {PUBLISH, PUBREC, 0, PUBREL};
    unsigned form = next(), type = (unsigned)PUBACK + (form & 3);
    uint16_t mid = choose_mid(form >> 2 & 0x23, asked_by[form & 3]);
    packet.len = 0;
    put_u16(mid);
    if (form & 0x10)
        put(next());
    if (form & 0x20)
        put_properties(next());
    send_made(type << 4 | (type == PUBREL ? 2 : form >> 4 & 0x8));
}

static void step_release(void)
{
    packet.len = 0;
    put_u16(peer.next_mid);
    send_made(PUBREL << 4 | 2);
}

static void step_disconnect(void)
{
    unsigned form = next();
    packet.len = 0;
    if (form & 1)
        put(next());
    if (form & 2)
        put_properties(form & 4 ? 0x80 : 0);
    send_made(DISCONNECT << 4);
}

static void step_bare(void)
{
    unsigned head = next();
    packet.len = 0;
    if (head & 1)
        put_raw();
    send_made(head & 0xFE);
}

static void step_raw(void)
{
    packet.len = 0;
    put_raw();
    peer_send(packet.body, packet.len);
}

/* A packet whose length is not that of its bytes. */
static void step_length(void)
{
    unsigned form = next();
    packet.len = 0;
    put(next());
    for (unsigned i = form & 7; i > 0; i--)
        put(form & 0x80 ? 0xFF : 0x80);
    put(form >> 3 & 15);
    put_raw();
    peer_send(packet.body, packet.len);
}

static void step_cut(void)
{
    program.cut = next() % 64 + 1;
}

static void step_end(void)
{
    peer_end(next() & 1);
}

static void step_welcome(void)
{
    peer.welcome = (enum peer_welcome)(next() & 3);
}

static void step_answers(void)
{
    unsigned answers = next();
    peer.answers = answers & ANSWERS_ALL;
    peer.keeps_session = (answers & 0x20) != 0;
}

/* One of the client's setpoints comes back, perhaps changed, as from the other gateway. */
static void step_setpoint(void)
{
    unsigned form = next();
    if (peer.setpoint_count == 0)
        return;
    size_t back = 1 + (form >> 2) % 4 % peer.setpoint_count;
    struct peer_setpoint setpoint =
        peer.setpoints[(peer.setpoint_count - back) % PEER_SETPOINTS_MAX];
    for (unsigned edits = form >> 4 & 7; edits > 0; edits--) {
        unsigned at = next() % (unsigned)(setpoint.topic_len + setpoint.len);
        setpoint.bytes[at] = (uint8_t)next();
    }
    peer_send_setpoint(&setpoint, (int)(form & 3) % 3);
}

static void step_write(void)
{
    broker_daemon_write((uint16_t)(COMMAND_ADDRESS + next() % 3));
}

static void step_change(void)
{
    unsigned form = next();
    broker_daemon_change(form & 7, form >> 3 & 3);
}

static void step_short(void)
{
    bd.is_short = true;
}

static void step_restart(void)
{
    peer_run();
    broker_daemon_restart(program.config);
    turn();
}

static void step_reconfigure(void)
{
    const struct mqtt_session_options options =
        session_settings_options(&bd.d.session, bd.d.status_topic, bd.d.will);
    if (!bd.d.mqtt_session->renews)
        mqtt_session_reconfigure(bd.d.mqtt_session, &options, true);
}

static void run_program(void)
{
    static void (*const steps[])(void) = {
        step_turn,    step_publish, step_setpoint,    step_ack,     step_answer,  step_suback,
        step_connack, step_silence, step_write,       step_answers, step_end,     step_disconnect,
        step_raw,     step_bare,    step_length,      step_cut,     step_welcome, step_change,
        step_short,   step_restart, step_reconfigure, step_release, settle};
    for (unsigned i = 0; i < STEPS_MAX && program.at < program.end; i++) {
        unsigned step = next();
        steps[(step & 0x7F) % (sizeof steps / sizeof steps[0])]();
        if (step & 0x80)
            turn();
        if (peer.has_lost_track)
            continue;
        REQUIRE(counters_get(&bd.d.counters, MQTTD_CONNECTS) <= peer.connacks);
        REQUIRE(bd.acknowledged <= peer.acks || peer.has_limits);
    }
    settle();
}

/* The broker behaves well. */

static void check_filter(void *context, const char *filter)
{
    size_t *missing = context;
    *missing += !peer_has_filter(filter);
}

/* All that the configuration needs, and nothing else. */
static bool is_subscribed(void)
{
    const struct subscriptions *subscriptions = bd.d.device_table.subscriptions;
    size_t missing = 0;
    subscriptions_for_each(subscriptions, check_filter, &missing);
    for (size_t i = 0; i < peer.filter_count; i++)
        missing += !subscriptions_has_filter(subscriptions, peer.filters[i].text);
    return missing == 0 && subscriptions->queued_count == 0 && !subscriptions->packets;
}

static bool is_published(void)
{
    return bd.saved == bd.write_count + 1 || bd.write_count == 0;
}

static bool has_nothing_waiting(void)
{
    return !bd.d.mqtt_session->publications.first && bd.taken_writes == bd.write_count;
}

/* In a pair: the newest write of SCADA is told to the other gateway, too. */
static bool is_mirrored(void)
{
    char value[16];
    snprintf(value, sizeof value, "%u", bd.writes[bd.write_count - 1].value);
    for (size_t i = 0; i < PEER_SETPOINTS_MAX && i < peer.setpoint_count; i++) {
        const struct peer_setpoint *at = &peer.setpoints[i];
        if (memmem(at->bytes, at->topic_len + at->len, value, strlen(value)))
            return true;
    }
    return !bd.d.mirror;
}

/* At most TURNS_MAX turns until it is true; what was refused is asked for again after an hour. */
static void await(bool (*is_true)(void), const char *what)
{
    for (int i = 0; i < TURNS_MAX; i++) {
        if (is_true())
            return;
        bd.leap = i > 200 ? 10 : 1;
        turn();
    }
    bd.leap = 1;
    fprintf(stderr, "not reached with a broker that behaves well: %s\n", what);
    abort();
}

static void check_topic(unsigned device, const char *topic)
{
    char payload[32];
    if (!bd.is_present[device])
        return;
    snprintf(payload, sizeof payload, "{\"a\": %u}", 40000 + device);
    peer_publish(topic, payload, device == 2 ? 0 : 1);
    settle();
    REQUIRE(broker_daemon_value(device) == (int)(40000 + device));
}

static void check_recovery(void)
{
    peer.answers = ANSWERS_ALL;
    peer.welcome = WELCOMES;
    peer.keeps_session = false;
    bd.is_short = false;
    peer_end(true);
    await(peer_is_served, "connected");
    await(is_subscribed, "subscribed");
    uint64_t connects = counters_get(&bd.d.counters, MQTTD_CONNECTS);
    broker_daemon_write(COMMAND_ADDRESS);
    await(is_published, "published");
    await(has_nothing_waiting, "nothing waits");
    await(is_mirrored, "mirrored");
    await(peer_is_served, "connected again");
    await(is_subscribed, "subscribed again");
    check_topic(1, "d/1");
    check_topic(2, "w/1/x");
    check_topic(3, "s/1");
    check_topic(4, "r.1/x");
    REQUIRE(counters_get(&bd.d.counters, MQTTD_CONNECTS) >= connects);
    REQUIRE(target_set_backlog(&bd.d.targets).values > 0);
    REQUIRE(bd.d.device_table.subscriptions->failed_count == 0);
}

static size_t count_descriptors(void)
{
    size_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (folder && readdir(folder))
        count++;
    if (folder)
        closedir(folder);
    return count;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    log_open(getenv("TAGFERRY_FUZZ_LOG") ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR);
    payload_install_pool();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t descriptors = count_descriptors();
    program = (struct program){.at = data, .end = data + size};
    program.config = next();
    clients = 0;
    broker_daemon_start(program.config);
    peer_open(bd.socket);
    settle();
    run_program();
    check_recovery();
    broker_daemon_finish();
    peer_run();
    peer_close();
    broker_daemon_remove_files();
    REQUIRE(clients == 0);
    REQUIRE(count_descriptors() == descriptors);
    bd.now_us = 0; /* the fuzzer's time goes on */
    return 0;
}
