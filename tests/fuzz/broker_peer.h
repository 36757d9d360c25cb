/* A broker in this process that answers mqttd as a test tells it to. It reads every packet of the
 * client strictly, and keeps what it has sent, byte by byte as a client reads it: the checks hold
 * whatever it has sent. */
#ifndef TAGFERRY_TESTS_BROKER_PEER_H
#define TAGFERRY_TESTS_BROKER_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PEER_MESSAGES_MAX = 512,
    PEER_FILTERS_MAX = 64,
    PEER_FILTER_SIZE = 256,
    PEER_REQUESTS_MAX = 128,
    PEER_SETPOINTS_MAX = 16
};

/* MQTT's packets, by the upper half of their first byte. */
enum {
    CONNECT = 1,
    CONNACK,
    PUBLISH,
    PUBACK,
    PUBREC,
    PUBREL,
    PUBCOMP,
    SUBSCRIBE,
    SUBACK,
    UNSUBSCRIBE,
    UNSUBACK,
    PINGREQ,
    PINGRESP,
    DISCONNECT,
    AUTH
};

/* What the broker answers by itself. With ANSWERS_MIRROR it sends mirrored setpoints back, to which
 * the client subscribes. */
enum {
    ANSWERS_CONNECT = 1,
    ANSWERS_SUBSCRIBE = 2,
    ANSWERS_PUBLISH = 4,
    ANSWERS_PING = 8,
    ANSWERS_MIRROR = 16,
    ANSWERS_ALL = 31
};
/* What it does with a new connection. */
enum peer_welcome { WELCOMES, CLOSES_AT_ONCE, RESETS_AT_ONCE, NEVER_READS };

/* A message for the client. */
struct peer_message {
    unsigned connection;
    int qos;
    uint16_t mid;
    const uint8_t *topic, *payload;
    size_t topic_len, len;
    bool is_doubtful; /* its properties are odd: the client may see other bounds */
    bool is_taken, is_acknowledged;
};

/* A packet of the client that wants an answer. */
struct peer_request {
    uint8_t type;
    uint16_t mid;
    uint8_t count; /* filters */
    uint8_t qos[16];
};

/* A mirrored setpoint of the client. */
struct peer_setpoint {
    uint8_t bytes[512]; /* topic and payload */
    size_t topic_len, len;
};

struct broker_peer {
    int listener, fd; /* -1: no connection */
    unsigned connection;
    uint8_t answers; /* ANSWERS_ */
    enum peer_welcome welcome;
    bool keeps_session; /* CONNACK by itself says that the session is kept */
    bool has_session;

    /* From the client. */
    size_t in_len;
    bool has_connect, is_over;
    int version;         /* 4 or 5 */
    uint32_t packet_max; /* as the CONNACK says; 0: no limit */
    struct peer_request requests[PEER_REQUESTS_MAX];
    size_t request_count;
    uint16_t client_mid;                                /* of its newest PUBLISH */
    struct peer_setpoint setpoints[PEER_SETPOINTS_MAX]; /* a ring */
    size_t setpoint_count, sent_back;
    struct {
        char text[PEER_FILTER_SIZE];
        uint8_t qos;
    } filters[PEER_FILTERS_MAX];
    size_t filter_count;
    bool has_full_filters; /* there was no room for one more */

    /* To the client. */
    size_t out_len;             /* bytes of a packet that is not whole */
    bool lost_track;            /* the client may read other packets in what was sent */
    bool has_lost_track;        /* in this connection or an earlier one */
    size_t connacks;            /* that accept */
    bool has_limits;            /* a CONNACK had properties */
    size_t acks;                /* PUBACK, PUBREC and PUBCOMP */
    size_t releases, completed; /* PUBREL, and PUBCOMP by the client */
    bool is_accepted;           /* this connection */
    struct peer_message messages[PEER_MESSAGES_MAX];
    size_t message_count, arena_used;
    uint16_t next_mid;
};

extern struct broker_peer peer;

void peer_open(const char *path);
void peer_close(void);
/* Accepts, reads what the client sends, and answers it as `answers` says. */
void peer_run(void);
/* Ends the connection: with all that was sent, or with a reset. */
void peer_end(bool resets);
/* Sends bytes as they are. */
void peer_send(const uint8_t *bytes, size_t len);
/* Sends a whole packet. */
void peer_send_packet(uint8_t head, const uint8_t *body, size_t len);
/* Sends a message with a new mid, which it returns. */
uint16_t peer_publish(const char *topic, const char *payload, int qos);
/* Sends a setpoint to the client. */
void peer_send_setpoint(const struct peer_setpoint *setpoint, int qos);
/* Answers the request at this index well, and forgets it. */
void peer_answer(size_t index);
/* The connection is open and the client was accepted in it. */
bool peer_is_served(void);
/* All whole packets were taken: the messages of QoS 0 and 1 are handed over, and acknowledged. Call
 * it when the client had turns for that. */
void peer_check_taken(void);
/* True when the client subscribes to this filter. */
bool peer_has_filter(const char *filter);

#endif
