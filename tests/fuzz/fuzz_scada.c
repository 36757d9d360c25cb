/* Two SCADA clients and both process sides at one image, in any order, against a model: each answer
 * is right at the moment when it is given, and so are the registers, the journal of SCADA's writes,
 * the counters and the rights of each client. What one client sends never touches another one.
 *
 * The input is a program: who acts next, and what it does. Clients send frames and other bytes, cut
 * anywhere, read their answers late, close; time passes, rules change, the journal is read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/log.h"
#include "modbusd/net/conn.h"
#include "modbusd_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    CLIENT_A,
    CLIENT_B,
    INPUTS,
    OUTPUTS,
    PEERS,
    INPUT_MAX = 1500,
    SENT_MAX = 1 << 15,
    EXPECTED_MAX = 1 << 18,
    TIMEOUT_MS = 1000,
    SEND_BUFFER = 4608
};

static const char *const rule_texts[] = {
    "any rw",
    "10.0.0.1 rw, any ro",
    "10.0.0.1 rw unit=1 holding_register=0-20 coil=0-9, 10.0.0.1 ro, 10.0.0.2 rw unit=5",
    "10.0.0.2 rw unit=5 fc=3,6, any ro unit=1, 10.0.0.1 ro holding_register=3-9, any rw fc=3,16,23",
};
enum { RULE_SETS = sizeof rule_texts / sizeof rule_texts[0] };

#define FC(code) (UINT64_C(1) << (code))

static const struct model_rule rules[RULE_SETS][4] = {
    {{0, true, MODEL_EVERY_UNIT, 0, false, PDU_NONE, 0, 0}},
    {{'A', true, MODEL_EVERY_UNIT, 0, false, PDU_NONE, 0, 0},
     {0, false, MODEL_EVERY_UNIT, 0, false, PDU_NONE, 0, 0}},
    {{'A', true, 0, 0, true, PDU_HOLDING_REGISTERS, 0, 20},
     {'A', true, 0, 0, true, PDU_COILS, 0, 9},
     {'A', false, MODEL_EVERY_UNIT, 0, false, PDU_NONE, 0, 0},
     {'B', true, 1, 0, false, PDU_NONE, 0, 0}},
    {{'B', true, 1, FC(3) | FC(6), false, PDU_NONE, 0, 0},
     {0, false, 0, 0, false, PDU_NONE, 0, 0},
     {'A', false, MODEL_EVERY_UNIT, 0, true, PDU_HOLDING_REGISTERS, 3, 9},
     {0, true, MODEL_EVERY_UNIT, FC(3) | FC(16) | FC(23), false, PDU_NONE, 0, 0}},
};
static const size_t rule_counts[RULE_SETS] = {1, 2, 4, 4};
static const struct model_rule all_rights = {.writes = true, .unit = MODEL_EVERY_UNIT};

/* A client and its connection. */
static struct peer {
    struct model_client client;
    struct access_source source;
    struct conn *conn; /* NULL: none */
    int fd;            /* the client's end */
    uint8_t queue[4096];
    size_t queued; /* what it will send */
    uint8_t sent[SENT_MAX];
    size_t sent_len, received, taken; /* by the socket, by the connection, as whole frames */
    uint8_t expected[EXPECTED_MAX];
    size_t expected_len, got;
} peers[PEERS];

static struct system {
    struct unit_set units;
    struct image image;
    struct journal journal, reader;
    struct bank *bank;
    struct counters counters;
    _Atomic uint64_t values[MODBUSD_COUNTERS];
    struct service service;
    struct access_rules rules[RULE_SETS];
    size_t rule_set;
    uint64_t now, process_seen;
    uint64_t position; /* of the reader */
    size_t entries_read, bad_frames;
    const uint8_t *program, *program_end;
} under_test;

static uint8_t program_next(void)
{
    return under_test.program < under_test.program_end ? *under_test.program++ : 0;
}

/* The parts of the daemon, created once. */
static void start(void)
{
    char folder[] = "/tmp/fuzz_scada.XXXXXX", image[64], journal[64], why[1024];
    log_open(LOG_LEVEL_ERROR);
    check(unit_set_parse("1,5", &under_test.units, why, sizeof why), "units");
    check(mkdtemp(folder) != NULL, "temporary folder");
    snprintf(image, sizeof image, "%s/image", folder);
    snprintf(journal, sizeof journal, "%s/journal", folder);
    if (!image_open(&under_test.image, image, &under_test.units, why, sizeof why) ||
        !journal_open_writer(&under_test.journal, journal, why, sizeof why) ||
        !journal_open_reader(&under_test.reader, journal, why, sizeof why))
        check(false, why);
    unlink(image);
    unlink(journal);
    rmdir(folder);
    for (size_t i = 0; i < RULE_SETS; i++) {
        if (!access_rules_parse(rule_texts[i], &under_test.rules[i], why, sizeof why))
            check(false, why);
    }
    under_test.bank = bank_create(&under_test.image, &under_test.journal, NULL, &under_test.units);
    check(under_test.bank != NULL, "bank");
    under_test.counters = (struct counters){
        .rows = modbusd_counters.rows, .count = MODBUSD_COUNTERS, .values = under_test.values};
    under_test.service = (struct service){
        .units = &under_test.units,
        .bank = under_test.bank,
        .counters = &under_test.counters,
        .ident = {{"V", "C", "R", "", "P", "", ""}},
    };
}

/* As at a reload: the rights of clients that are connected change, too. */
static void set_rules(size_t set)
{
    under_test.rule_set = set;
    for (size_t i = CLIENT_A; i <= CLIENT_B; i++) {
        struct peer *peer = &peers[i];
        peer->client.rules = rules[set];
        peer->client.rule_count = rule_counts[set];
        if (peer->conn)
            access_decide_rights(&under_test.rules[set], &peer->source, &under_test.units,
                                 &peer->conn->client_session.rights);
    }
}

static void peer_connect(struct peer *peer)
{
    static const int buffer = SEND_BUFFER;
    struct client_session session = {.side = peer->client.side};
    int ends[2];
    check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0, "socket pair");
    setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer); /* answers have to wait */
    if (peer->client.side == SIDE_SCADA)
        access_decide_rights(&under_test.rules[under_test.rule_set], &peer->source,
                             &under_test.units, &session.rights);
    else
        access_grant_all(&session.rights);
    peer->conn = conn_create(ends[0], &session, &peer->source, under_test.now);
    check(peer->conn != NULL, "connection");
    peer->fd = ends[1];
    peer->queued = peer->sent_len = peer->received = peer->taken = 0;
    peer->expected_len = peer->got = 0;
}

static void peer_read(struct peer *peer, size_t most)
{
    static uint8_t bytes[1 << 16];
    ssize_t len = recv(peer->fd, bytes, most < sizeof bytes ? most : sizeof bytes, 0);
    if (len <= 0)
        return;
    check(peer->got + (size_t)len <= peer->expected_len, "more answers than requests");
    check(memcmp(bytes, peer->expected + peer->got, (size_t)len) == 0, "another answer");
    peer->got += (size_t)len;
}

static void peer_disconnect(struct peer *peer)
{
    size_t before;
    bool is_whole = !conn_is_blocked(peer->conn);
    conn_destroy(peer->conn);
    peer->conn = NULL;
    do {
        before = peer->got;
        peer_read(peer, SIZE_MAX);
    } while (peer->got != before);
    check(!is_whole || peer->got == peer->expected_len, "an answer is missing");
    close(peer->fd);
    peer->fd = -1;
}

/* Answers what has been received, by the model. True if the bytes are no Modbus. */
static bool model_take(struct peer *peer)
{
    enum pdu_frame_result result;
    unsigned pdu_len, frames = 0;
    model.client = &peer->client;
    model.out_len = 0;
    while ((result = model_cut_frame(peer->sent + peer->taken, peer->received - peer->taken,
                                     &pdu_len)) == FRAME_WHOLE &&
           frames++ < CONN_FRAMES_PER_TURN && model.out_len + ADU_MAX <= sizeof peer->conn->out) {
        if (peer->client.side == SIDE_INPUTS)
            under_test.process_seen = under_test.now;
        model.lost = peer->client.side == SIDE_SCADA &&
                     under_test.now >= under_test.process_seen + TIMEOUT_MS;
        model_answer_frame(peer->sent + peer->taken, pdu_len);
        peer->taken += MBAP_SIZE + pdu_len;
    }
    check(peer->expected_len + model.out_len <= EXPECTED_MAX, "too many answers");
    memcpy(peer->expected + peer->expected_len, model.out, model.out_len);
    peer->expected_len += model.out_len;
    return result == FRAME_BAD;
}

/* A turn of the loop for one client. */
static void peer_serve(struct peer *peer)
{
    struct conn *conn = peer->conn;
    struct counters *counters = &under_test.counters;
    if (!conn)
        return;
    service_set_time(&under_test.service, under_test.now);
    if (!conn_is_blocked(conn)) {
        uint64_t before = atomic_load(&under_test.values[MODBUSD_BYTES_IN]);
        conn_receive_bytes(conn, counters);
        peer->received += atomic_load(&under_test.values[MODBUSD_BYTES_IN]) - before;
        check(peer->received <= peer->sent_len, "more bytes than were sent");
        conn_answer_frames(conn, &under_test.service, under_test.now);
        bool is_bad = model_take(peer);
        under_test.bad_frames += is_bad;
        check(conn->broken == is_bad, "broken, or not");
        check(conn->in_end - conn->in_start == peer->received - peer->taken, "other bytes wait");
        check((conn->frame_since != 0) ==
                  (!is_bad && peer->received != peer->taken && !conn_has_work(conn)),
              "a deadline");
    }
    conn_send_answers(conn, counters, under_test.now);
    bank_wake_journal(under_test.bank);
    if (conn_is_finished(conn))
        peer_disconnect(peer);
}

static void queue_byte(struct peer *peer, unsigned byte)
{
    if (peer->queued < sizeof peer->queue)
        peer->queue[peer->queued++] = (uint8_t)byte;
}

/* A request that is mostly right. */
static void queue_frame(struct peer *peer)
{
    static const uint8_t functions[] = {1, 2, 3, 4, 5, 6, 15, 16, 22, 23, 3, 16, 6, 17, 43, 24};
    static const uint8_t unit_ids[] = {1, 5, 0, 255, 9, 1, 5, 1};
    static const uint16_t counts[] = {120, 121, 122, 123, 124, 125, 126, 2000};
    unsigned how = program_next(), at = program_next(), number = program_next();
    unsigned function = functions[how % 16], unit = unit_ids[how / 16 % 8];
    unsigned address = at < 240 ? at % 48 : 65280 + at;
    unsigned count = number < 248 ? number % 12 + 1 : counts[number - 248], bytes = 0;
    uint8_t pdu[300] = {(uint8_t)function};
    pdu_put_u16(pdu + 1, (uint16_t)address);
    pdu_put_u16(pdu + 3, (uint16_t)count);
    unsigned len = 5;
    if (function == 5)
        pdu[3] = number & 1 ? 0xff : 0, pdu[4] = 0;
    else if (function == 22)
        len = 7;
    else if (function == 15 || function == 16)
        bytes = function == 15 ? (count + 7) / 8 : 2 * count;
    else if (function == 17)
        len = 1;
    else if (function == 43)
        pdu[1] = 14, pdu[2] = (uint8_t)(at % 6), pdu[3] = (uint8_t)(number % 8), len = 4;
    if (function == 23) {
        pdu_put_u16(pdu + 5, (uint16_t)(program_next() % 64));
        count = count < 122 ? count : 121;
        pdu_put_u16(pdu + 7, (uint16_t)count);
        bytes = 2 * count;
        len = 9;
    }
    if (bytes > 0) {
        bytes = bytes > 255 ? 255 : bytes;
        pdu[len++] = (uint8_t)bytes;
        uint8_t first = program_next(), step = program_next();
        for (unsigned i = 0; i < bytes && len < 263; i++)
            pdu[len++] = (uint8_t)(first + i * step);
    } else if (function == 22) {
        pdu[5] = program_next();
        pdu[6] = program_next();
    }
    uint8_t header[MBAP_SIZE] = {how / 128 ? 7 : 0, (uint8_t)number, 0, 0, 0, 0, (uint8_t)unit};
    pdu_put_u16(header + 4, (uint16_t)(len + 1));
    for (unsigned i = 0; i < MBAP_SIZE; i++)
        queue_byte(peer, header[i]);
    for (unsigned i = 0; i < len; i++)
        queue_byte(peer, pdu[i]);
}

/* Sends bytes of the queue. */
static void peer_send(struct peer *peer, size_t most)
{
    size_t len = peer->queued < most ? peer->queued : most;
    if (len > SENT_MAX - peer->sent_len)
        len = SENT_MAX - peer->sent_len;
    ssize_t sent = len > 0 ? send(peer->fd, peer->queue, len, MSG_NOSIGNAL) : 0;
    if (sent <= 0)
        return;
    memcpy(peer->sent + peer->sent_len, peer->queue, (size_t)sent);
    peer->sent_len += (size_t)sent;
    peer->queued -= (size_t)sent;
    memmove(peer->queue, peer->queue + sent, peer->queued);
}

/* At most this many entries; each is that of the model. */
static void read_journal(size_t most)
{
    struct journal_entry entry;
    enum journal_result result = JOURNAL_ENTRY;
    while (most-- > 0 && (result = journal_read_entry(&under_test.reader, &under_test.position,
                                                      &entry)) == JOURNAL_ENTRY) {
        check(under_test.entries_read < model.journal_count, "an entry that nobody wrote");
        const struct journal_entry *expected = &model.journal[under_test.entries_read++];
        bool is_bits = entry.table == JOURNAL_COIL;
        size_t words = is_bits ? (entry.count + 15u) / 16 : entry.count;
        check(entry.unit == expected->unit && entry.table == expected->table &&
                  entry.address == expected->address && entry.count == expected->count,
              "an entry for other registers");
        check(memcmp(entry.values, expected->values, 2 * words) == 0, "an entry with other values");
        check(is_bits || memcmp(entry.masks, expected->masks, 2 * words) == 0,
              "an entry with other bits");
        under_test.position++;
    }
    check(result == JOURNAL_ENTRY ||
              (result == JOURNAL_EMPTY && under_test.entries_read == model.journal_count),
          "an entry is missing");
}

static void act_otherwise(struct peer *peer)
{
    unsigned how = program_next();
    if (how % 4 == 0)
        under_test.now += how * 4;
    else if (how % 4 == 1)
        set_rules(how / 4 % RULE_SETS);
    else if (how % 4 == 2)
        read_journal(how / 4 % 8);
    else if (how & 4)
        shutdown(peer->fd, SHUT_WR);
    else
        peer_disconnect(peer);
}

static void run_step(void)
{
    unsigned step = program_next(), bytes = step / 32;
    size_t before, end;
    struct peer *peer = &peers[step % PEERS];
    if (!peer->conn)
        peer_connect(peer);
    switch (step / PEERS % 8) {
    case 0:
    case 1:
        queue_frame(peer);
        return;
    case 2:
        before = peer->queued;
        queue_frame(peer);
        end = peer->queued;
        for (unsigned i = 0; i < 5 * bytes * (end - before); i++)
            queue_byte(peer, peer->queue[before + i % (end - before)]);
        return;
    case 3:
        for (unsigned i = 0; i <= bytes; i++)
            queue_byte(peer, program_next());
        return;
    case 4:
        peer_send(peer, bytes == 0 ? SIZE_MAX : bytes * 3);
        break;
    case 5:
        peer_send(peer, SIZE_MAX);
        break;
    case 6:
        peer_read(peer, bytes == 0 ? SIZE_MAX : bytes * 64);
        break;
    default:
        act_otherwise(peer);
        return;
    }
    peer_serve(peer);
}

/* Each client sends and reads the rest. */
static void finish_peer(struct peer *peer)
{
    size_t before;
    while (peer->conn) {
        before = peer->sent_len + peer->received + peer->got + peer->taken;
        peer_send(peer, SIZE_MAX);
        peer_serve(peer);
        if (peer->conn)
            peer_read(peer, SIZE_MAX);
        if (peer->conn && before == peer->sent_len + peer->received + peer->got + peer->taken)
            break;
    }
    if (!peer->conn)
        return;
    check(peer->got == peer->expected_len, "an answer did not come");
    peer_disconnect(peer);
}

static void check_counters(void)
{
    static const struct {
        uint8_t function;
        enum modbusd_counter counter;
    } functions[] = {
        {1, MODBUSD_REQUESTS_1},   {2, MODBUSD_REQUESTS_2},   {3, MODBUSD_REQUESTS_3},
        {4, MODBUSD_REQUESTS_4},   {5, MODBUSD_REQUESTS_5},   {6, MODBUSD_REQUESTS_6},
        {15, MODBUSD_REQUESTS_15}, {16, MODBUSD_REQUESTS_16}, {17, MODBUSD_REQUESTS_17},
        {22, MODBUSD_REQUESTS_22}, {23, MODBUSD_REQUESTS_23}, {43, MODBUSD_REQUESTS_43},
    };
    const _Atomic uint64_t *values = under_test.values;
    uint64_t others = 0;
    for (unsigned i = 0; i < 256; i++)
        others += model.requests[i];
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        uint64_t count = model.requests[functions[i].function];
        check(atomic_load(&values[functions[i].counter]) == count, "requests of a function");
        others -= count;
    }
    check(atomic_load(&values[MODBUSD_REQUESTS_OTHER]) == others, "requests of other functions");
    for (unsigned code = 1; code <= 4; code++)
        check(atomic_load(&values[MODBUSD_EXCEPTIONS_1 + code - 1]) == model.exceptions[code],
              "exceptions");
    check(atomic_load(&values[MODBUSD_EXCEPTIONS_11]) == model.exceptions[11], "exceptions 11");
    check(atomic_load(&values[MODBUSD_JOURNAL_ENTRIES]) == model.journal_count, "entries");
    check(atomic_load(&values[MODBUSD_BAD_FRAMES]) == under_test.bad_frames, "bad frames");
}

static void reset(void)
{
    static const enum side sides[PEERS] = {SIDE_SCADA, SIDE_SCADA, SIDE_INPUTS, SIDE_OUTPUTS};
    struct access_network network;
    for (size_t i = 0; i < PEERS; i++) {
        char address[] = "10.0.0.1";
        address[sizeof address - 2] = (char)('1' + i);
        check(access_network_parse(address, &network), "address");
        peers[i].client = (struct model_client){
            .name = (char)('A' + i), .side = sides[i], .rules = &all_rights, .rule_count = 1};
        peers[i].source = (struct access_source){.ip = network.ip};
        peers[i].conn = NULL;
    }
    memset(&under_test.values, 0, sizeof under_test.values);
    under_test.now = under_test.process_seen = 1000000;
    under_test.service.process_timeout_ms = TIMEOUT_MS;
    under_test.service.process_lost = false;
    service_start_clock(&under_test.service, under_test.now);
    under_test.position = journal_next_sequence(&under_test.reader);
    under_test.entries_read = under_test.bad_frames = 0;
    set_rules(program_next() % RULE_SETS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!under_test.bank)
        start();
    if (size < 3 || size > INPUT_MAX)
        return 0;
    under_test.program = data;
    under_test.program_end = data + size;
    reset();
    while (under_test.program < under_test.program_end)
        run_step();
    for (size_t i = 0; i < PEERS; i++)
        finish_peer(&peers[i]);
    read_journal(SIZE_MAX);
    check_counters();
    model_compare_tables(&under_test.image);
    model_clear(&under_test.image);
    return 0;
}
