/* Reads the packets of the client, keeps what is sent to it, and compares the two. */
#include "broker_peer.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "broker_daemon.h"
#include "broker_reader.h"
#include "common/base/require.h"

enum { IN_SIZE = 1 << 18, OUT_SIZE = 1 << 17, ARENA_SIZE = 1 << 18 };

struct broker_peer peer;
static uint8_t in[IN_SIZE], out[OUT_SIZE], arena[ARENA_SIZE];

/* What is sent to the client. */

static void lose_track(void)
{
    peer.lost_track = peer.has_lost_track = true;
}

static const uint8_t *keep(const uint8_t *bytes, size_t len)
{
    uint8_t *copy = arena + peer.arena_used;
    memcpy(copy, bytes, len);
    peer.arena_used += len;
    return copy;
}

static void note_publish(uint8_t head, struct reader r)
{
    struct peer_message *message = &peer.messages[peer.message_count];
    if (peer.message_count == PEER_MESSAGES_MAX ||
        peer.arena_used + (size_t)(r.end - r.at) > sizeof arena) {
        lose_track();
        return;
    }
    *message = (struct peer_message){.connection = peer.connection, .qos = (head >> 1) & 3};
    message->topic = read_text(&r, &message->topic_len);
    if (message->qos > 0)
        message->mid = read_u16(&r);
    if (r.is_bad)
        return; /* the client ends the connection */
    if (peer.version == 5)
        message->is_doubtful = !read_properties(&r);
    message->topic = keep(message->topic, message->topic_len);
    if (!r.is_bad) {
        message->len = (size_t)(r.end - r.at);
        message->payload = keep(r.at, message->len);
    }
    peer.message_count++;
}

static void note_packet(uint8_t head, const uint8_t *body, size_t len)
{
    struct reader r = {body, body + len, false};
    switch (head >> 4) {
    case 0:
        lose_track(); /* libmosquitto reads such a byte again when the packet is cut */
        break;
    case CONNACK:
        read_byte(&r);
        if (read_byte(&r) == 0 && !r.is_bad) {
            peer.connacks++;
            peer.is_accepted = true;
            peer.has_limits |= len > 3;
        }
        break;
    case PUBLISH:
        note_publish(head, r);
        break;
    case PUBACK:
    case PUBREC:
    case PUBCOMP:
        peer.acks++;
        break;
    case PUBREL:
        peer.releases++;
        break;
    }
}

/* Takes whole packets from the front of `bytes`. Returns their length; *head is the first byte of
 * each, and `take` gets the rest. *is_endless: no length ends. */
static size_t take_packets(const uint8_t *bytes, size_t len,
                           void (*take)(uint8_t head, const uint8_t *body, size_t len),
                           bool *is_endless)
{
    size_t used = 0;
    for (;;) {
        struct reader r = {bytes + used, bytes + len, false};
        uint8_t head = (uint8_t)read_byte(&r);
        uint32_t size = read_varint(&r);
        if (r.is_bad) {
            *is_endless = len - used >= 5;
            return used;
        }
        if (size > (size_t)(r.end - r.at))
            return used;
        used = (size_t)(r.at - bytes) + size;
        take(head, r.at, size);
    }
}

void peer_send(const uint8_t *bytes, size_t len)
{
    bool is_endless = false;
    if (peer.fd < 0)
        return;
    ssize_t sent = send(peer.fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 || peer.out_len + len > sizeof out) {
        lose_track();
        return;
    }
    memcpy(out + peer.out_len, bytes, (size_t)sent);
    peer.out_len += (size_t)sent;
    if (sent > 0 && out[0] == 0)
        lose_track();
    size_t used = take_packets(out, peer.out_len, note_packet, &is_endless);
    if (is_endless)
        lose_track();
    peer.out_len -= used;
    memmove(out, out + used, peer.out_len);
    if (peer.out_len > 0 && out[0] == 0)
        lose_track();
}

void peer_send_packet(uint8_t head, const uint8_t *body, size_t len)
{
    static uint8_t packet[OUT_SIZE];
    size_t at = 0, rest = len;
    REQUIRE(len + 5 <= sizeof packet);
    packet[at++] = head;
    do {
        packet[at++] = (uint8_t)((rest & 127) | (rest > 127 ? 128 : 0));
    } while ((rest >>= 7) > 0);
    memcpy(packet + at, body, len);
    peer_send(packet, at + len);
}

static uint16_t send_message(const uint8_t *topic, size_t topic_len, const uint8_t *payload,
                             size_t len, int qos)
{
    static uint8_t body[1024];
    size_t at = 2 + topic_len;
    REQUIRE(at + 3 + len <= sizeof body);
    body[0] = (uint8_t)(topic_len >> 8);
    body[1] = (uint8_t)topic_len;
    memcpy(body + 2, topic, topic_len);
    peer.next_mid = (uint16_t)(peer.next_mid % 60000 + 1);
    if (qos > 0) {
        body[at++] = (uint8_t)(peer.next_mid >> 8);
        body[at++] = (uint8_t)peer.next_mid;
    }
    if (peer.version == 5)
        body[at++] = 0;
    memcpy(body + at, payload, len);
    peer_send_packet((uint8_t)(PUBLISH << 4 | qos << 1), body, at + len);
    return peer.next_mid;
}

uint16_t peer_publish(const char *topic, const char *payload, int qos)
{
    return send_message((const uint8_t *)topic, strlen(topic), (const uint8_t *)payload,
                        strlen(payload), qos);
}

void peer_send_setpoint(const struct peer_setpoint *setpoint, int qos)
{
    const uint8_t *payload = setpoint->bytes + setpoint->topic_len;
    send_message(setpoint->bytes, setpoint->topic_len, payload, setpoint->len, qos);
}

/* What mqttd takes. */

static void read_client(void);

/* An acknowledgement of this message must not be there yet: it is not handed over. */
void broker_peer_before_message(const struct mqtt_message *message)
{
    (void)message;
    read_client();
}

/* One of the messages that were sent, and each of them once. */
void broker_peer_after_message(const struct mqtt_message *message, bool is_taken)
{
    struct peer_message *found = NULL, *doubtful = NULL;
    for (size_t i = 0; i < peer.message_count && !found; i++) {
        struct peer_message *at = &peer.messages[i];
        bool is_here = at->connection == peer.connection || at->qos == 2;
        if (!is_here || at->is_taken || at->qos != message->qos)
            continue;
        if (at->is_doubtful && !doubtful)
            doubtful = at;
        if (text_is(at->topic, at->topic_len, message->topic) && at->len == message->len &&
            (at->len == 0 || memcmp(at->payload, message->payload, at->len) == 0))
            found = at;
    }
    found = found ? found : doubtful;
    /* libmosquitto keeps messages of QoS 2 for the next connection. */
    REQUIRE(found || peer.lost_track || (message->qos == 2 && peer.has_lost_track));
    if (found)
        found->is_taken = is_taken;
}

/* The client acknowledges what it has got, and only what mqttd has taken. */
static void take_ack(uint8_t type, struct reader *r)
{
    uint16_t mid = read_u16(r);
    if (peer.version == 5 && r->at < r->end) {
        read_byte(r);
        if (r->at < r->end)
            read_properties(r);
    }
    REQUIRE(!r->is_bad && r->at == r->end && mid != 0);
    peer.completed += type == PUBCOMP;
    REQUIRE(peer.lost_track || peer.completed <= peer.releases);
    if (type == PUBREL || type == PUBCOMP)
        return;
    struct peer_message *found = NULL;
    for (size_t i = 0; i < peer.message_count && !found; i++) {
        struct peer_message *at = &peer.messages[i];
        bool is_it = at->mid == mid && at->qos == (type == PUBACK ? 1 : 2) && !at->is_acknowledged;
        if (is_it && at->connection == peer.connection)
            found = at;
    }
    REQUIRE(found || peer.lost_track);
    if (!found)
        return;
    REQUIRE(found->is_taken || type != PUBACK || peer.lost_track);
    found->is_acknowledged = true;
}

/* The packets of the client. */

static void take_connect(struct reader *r)
{
    size_t len;
    const uint8_t *text = read_text(r, &len);
    REQUIRE(!peer.has_connect && text_is(text, len, "MQTT"));
    peer.version = (int)read_byte(r);
    REQUIRE(peer.version == 4 || peer.version == 5);
    unsigned flags = read_byte(r);
    REQUIRE((flags & 1) == 0 && (flags & 0xC0) == 0 && (flags & 4) != 0 && (flags & 0x18) <= 8);
    REQUIRE(read_u16(r) == bd.settings.keepalive_s);
    REQUIRE(peer.version == 4 || read_properties(r));
    text = read_text(r, &len);
    REQUIRE(text_is(text, len, "fuzz"));
    REQUIRE(peer.version == 4 || read_properties(r));
    text = read_text(r, &len);
    REQUIRE(text_is(text, len, "tagferry/fuzz/status"));
    text = read_text(r, &len);
    REQUIRE(text_begins(text, len, "{\"status\": \"offline\""));
    peer.has_connect = true;
    peer.has_session &= (flags & 2) == 0;
    peer.requests[peer.request_count++] = (struct peer_request){.type = CONNECT};
}

static void keep_setpoint(const uint8_t *topic, size_t topic_len, const struct reader *r)
{
    struct peer_setpoint *setpoint = &peer.setpoints[peer.setpoint_count % PEER_SETPOINTS_MAX];
    size_t len = (size_t)(r->end - r->at);
    REQUIRE(topic_len + len <= sizeof setpoint->bytes);
    memcpy(setpoint->bytes, topic, topic_len);
    memcpy(setpoint->bytes + topic_len, r->at, len);
    setpoint->topic_len = topic_len;
    setpoint->len = len;
    peer.setpoint_count++;
}

static void take_client_publish(uint8_t head, struct reader *r)
{
    static const char *const topics[] = {"tagferry/fuzz/status", "d/1/set", "d/1/set2", "d/1/set0",
                                         "q/1/get"};
    size_t len;
    const uint8_t *topic = read_text(r, &len);
    int qos = (head >> 1) & 3;
    bool is_known =
        text_begins(topic, len, "tagferry/mirror/") || text_begins(topic, len, "spBv1.0/G/");
    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++)
        is_known |= text_is(topic, len, topics[i]);
    REQUIRE(is_known && qos < 3);
    struct peer_request request = {.type = qos == 1 ? PUBLISH : PUBREC};
    if (qos > 0)
        request.mid = peer.client_mid = read_u16(r);
    REQUIRE(qos == 0 || request.mid != 0);
    REQUIRE(peer.version == 4 || read_properties(r));
    if (qos > 0 && peer.request_count < PEER_REQUESTS_MAX)
        peer.requests[peer.request_count++] = request;
    if (!r->is_bad && text_begins(topic, len, "tagferry/mirror/"))
        keep_setpoint(topic, len, r);
    r->at = r->end;
}

static bool filter_is_known(const uint8_t *text, size_t len)
{
    static const char *const filters[] = {"d/1",   "d/1/state",    "w/+/x", "w/#",
                                          "w/1/x", "$share/g/s/1", "r.1/x", "q/1"};
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        if (text_is(text, len, filters[i]))
            return true;
    }
    return text_begins(text, len, "spBv1.0/G/") || text_begins(text, len, "tagferry/mirror/");
}

static void set_filter(const uint8_t *text, size_t len, int qos)
{
    size_t i = 0;
    while (i < peer.filter_count && !text_is(text, len, peer.filters[i].text))
        i++;
    if (qos < 0) {
        if (i < peer.filter_count)
            peer.filters[i] = peer.filters[--peer.filter_count];
        return;
    }
    REQUIRE(i < PEER_FILTERS_MAX && len < PEER_FILTER_SIZE);
    memcpy(peer.filters[i].text, text, len);
    peer.filters[i].text[len] = '\0';
    peer.filters[i].qos = (uint8_t)qos;
    peer.filter_count += i == peer.filter_count;
}

bool peer_has_filter(const char *filter)
{
    for (size_t i = 0; i < peer.filter_count; i++) {
        if (strcmp(peer.filters[i].text, filter) == 0)
            return true;
    }
    return false;
}

static void take_subscribe(uint8_t type, struct reader *r)
{
    struct peer_request request = {.type = type, .mid = read_u16(r)};
    REQUIRE(request.mid != 0 && (peer.version == 4 || read_properties(r)) && r->at < r->end);
    while (r->at < r->end) {
        size_t len;
        const uint8_t *text = read_text(r, &len);
        unsigned options = type == SUBSCRIBE ? read_byte(r) : 0;
        REQUIRE(!r->is_bad && len > 0 && request.count < SUBSCRIPTIONS_PER_PACKET);
        REQUIRE((options & 3) < 2 && (options & 0xCC) == 0 && (options & 0x30) < 0x30);
        REQUIRE(peer.version == 5 || options < 2);
        REQUIRE(type == UNSUBSCRIBE || filter_is_known(text, len));
        request.qos[request.count++] = (uint8_t)(options & 3);
        set_filter(text, len, type == SUBSCRIBE ? (int)(options & 3) : -1);
    }
    if (peer.request_count < PEER_REQUESTS_MAX)
        peer.requests[peer.request_count++] = request;
}

static void take_client_packet(uint8_t head, const uint8_t *body, size_t len)
{
    struct reader r = {body, body + len, false};
    uint8_t type = head >> 4, flags = head & 15;
    REQUIRE(peer.has_connect == (type != CONNECT) && !peer.is_over);
    REQUIRE(type == PUBLISH ||
            flags == (type == SUBSCRIBE || type == UNSUBSCRIBE || type == PUBREL ? 2 : 0));
    switch (type) {
    case CONNECT:
        take_connect(&r);
        break;
    case PUBLISH:
        take_client_publish(head, &r);
        break;
    case PUBACK:
    case PUBREC:
    case PUBCOMP:
    case PUBREL:
        take_ack(type, &r);
        if (type == PUBREL && peer.request_count < PEER_REQUESTS_MAX)
            peer.requests[peer.request_count++] =
                (struct peer_request){.type = PUBREL, .mid = (uint16_t)(body[0] << 8 | body[1])};
        break;
    case SUBSCRIBE:
    case UNSUBSCRIBE:
        take_subscribe(type, &r);
        break;
    case PINGREQ:
        if (peer.request_count < PEER_REQUESTS_MAX)
            peer.requests[peer.request_count++] = (struct peer_request){.type = PINGREQ};
        break;
    case PINGRESP: /* libmosquitto answers a PINGREQ of the broker */
        break;
    case DISCONNECT:
        peer.is_over = true;
        r.at = r.end;
        break;
    default:
        REQUIRE(type == AUTH); /* no other packet comes from a client */
    }
    REQUIRE(!r.is_bad && r.at == r.end);
}

/* The connection. */

static void forget_connection(void)
{
    close(peer.fd);
    peer.fd = -1;
    peer.in_len = peer.out_len = peer.request_count = 0;
    peer.has_connect = peer.is_over = peer.is_accepted = false;
    peer.releases = peer.completed = 0;
}

void peer_end(bool resets)
{
    if (peer.fd < 0)
        return;
    read_client();
    if (peer.fd >= 0 && resets)
        forget_connection();
    else if (peer.fd >= 0)
        shutdown(peer.fd, SHUT_WR);
}

static void read_client(void)
{
    bool is_endless = false;
    while (peer.fd >= 0) {
        ssize_t len = recv(peer.fd, in + peer.in_len, sizeof in - peer.in_len, MSG_DONTWAIT);
        if (len < 0 && errno == EAGAIN)
            return;
        if (len <= 0) {
            forget_connection();
            return;
        }
        peer.in_len += (size_t)len;
        size_t used = take_packets(in, peer.in_len, take_client_packet, &is_endless);
        REQUIRE(!is_endless);
        peer.in_len -= used;
        memmove(in, in + used, peer.in_len);
        REQUIRE(peer.in_len < sizeof in);
    }
}

static void accept_client(void)
{
    /* A client has one connection. */
    for (int fd; (fd = accept4(peer.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        if (peer.fd >= 0)
            read_client();
        if (peer.fd >= 0)
            forget_connection();
        peer.fd = fd;
        peer.connection++;
        peer.version = 4;
        peer.lost_track = false;
        if (peer.welcome == CLOSES_AT_ONCE || peer.welcome == RESETS_AT_ONCE)
            peer_end(peer.welcome == RESETS_AT_ONCE);
    }
}

void peer_answer(size_t index)
{
    const struct peer_request request = peer.requests[index];
    bool is_5 = peer.version == 5;
    uint8_t body[32] = {(uint8_t)(request.mid >> 8), (uint8_t)request.mid};
    memmove(peer.requests + index, peer.requests + index + 1,
            (--peer.request_count - index) * sizeof peer.requests[0]);
    switch (request.type) {
    case CONNECT:
        body[0] = peer.keeps_session && peer.has_session;
        if (!body[0])
            peer.filter_count = 0;
        body[1] = body[2] = 0;
        peer.has_session = true;
        peer_send_packet(CONNACK << 4, body, is_5 ? 3 : 2);
        break;
    case SUBSCRIBE:
        memcpy(body + 2 + is_5, request.qos, request.count);
        peer_send_packet(SUBACK << 4, body, 2U + is_5 + request.count);
        break;
    case UNSUBSCRIBE:
        peer_send_packet(UNSUBACK << 4, body, is_5 ? 3U + request.count : 2);
        break;
    case PUBLISH:
        peer_send_packet(PUBACK << 4, body, 2);
        break;
    case PUBREC:
        peer_send_packet(PUBREC << 4, body, 2);
        break;
    case PUBREL:
        peer_send_packet(PUBCOMP << 4, body, 2);
        break;
    case PINGREQ:
        peer_send_packet(PINGRESP << 4, body, 0);
        break;
    }
}

void peer_run(void)
{
    static const uint8_t answered_by[16] = {
        [CONNECT] = ANSWERS_CONNECT,       [SUBSCRIBE] = ANSWERS_SUBSCRIBE,
        [UNSUBSCRIBE] = ANSWERS_SUBSCRIBE, [PUBLISH] = ANSWERS_PUBLISH,
        [PUBREC] = ANSWERS_PUBLISH,        [PUBREL] = ANSWERS_PUBLISH,
        [PINGREQ] = ANSWERS_PING};
    struct pollfd ready[] = {{.fd = peer.listener, .events = POLLIN},
                             {.fd = peer.fd, .events = POLLIN}};
    poll(ready, 2, 0); /* costs less than an accept4 that finds nothing */
    if (ready[0].revents && peer.welcome != NEVER_READS)
        accept_client();
    if (ready[0].revents || ready[1].revents)
        read_client();
    for (size_t i = 0; i < peer.request_count;) {
        if (peer.answers & answered_by[peer.requests[i].type])
            peer_answer(i);
        else
            i++;
    }
    if (!(peer.answers & ANSWERS_MIRROR) || !peer_is_served())
        return;
    if (peer.setpoint_count - peer.sent_back > PEER_SETPOINTS_MAX)
        peer.sent_back = peer.setpoint_count - PEER_SETPOINTS_MAX;
    while (peer.sent_back < peer.setpoint_count)
        peer_send_setpoint(&peer.setpoints[peer.sent_back++ % PEER_SETPOINTS_MAX], 1);
}

bool peer_is_served(void)
{
    return peer.fd >= 0 && peer.is_accepted;
}

void peer_check_taken(void)
{
    if (!peer_is_served() || peer.lost_track || peer.out_len > 0 || peer.is_over)
        return;
    for (size_t i = 0; i < peer.message_count; i++) {
        const struct peer_message *at = &peer.messages[i];
        if (at->connection == peer.connection && at->qos < 2)
            REQUIRE(at->is_taken && (at->qos == 0 || at->is_acknowledged));
    }
}

void peer_open(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    peer = (struct broker_peer){.fd = -1, .answers = ANSWERS_ALL, .version = 4};
    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    peer.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    REQUIRE(peer.listener >= 0);
    int failed = bind(peer.listener, (const struct sockaddr *)&at, sizeof at);
    REQUIRE(failed == 0);
    failed = listen(peer.listener, 16);
    REQUIRE(failed == 0);
}

void peer_close(void)
{
    if (peer.fd >= 0) {
        read_client();
        if (peer.fd >= 0)
            forget_connection();
    }
    close(peer.listener);
}
