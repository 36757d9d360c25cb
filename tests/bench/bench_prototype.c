/* The least that carries values from MQTT to Modbus with Tagferry's libraries, to compare with:
 * fixed topics bench/dN, fixed keys k0, k1, ..., no configuration, no quality, no way back, and
 * nothing survives the process. One thread of libmosquitto's takes messages, the main thread serves
 * Modbus. With WRITE_TO it is no server, but a Modbus client that writes to the server at this
 * port.
 *
 * bench_prototype BROKER_PORT MODBUS_PORT KEYS [WRITE_TO] */
#include <cjson/cJSON.h>
#include <errno.h>
#include <modbus.h>
#include <mosquitto.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REGISTERS = 65536, BACKLOG = 128, KEYS_MAX = 100, NAME_SIZE = 12 };

struct prototype {
    pthread_mutex_t lock; /* of the registers */
    modbus_mapping_t *mapping;
    modbus_t *client; /* NULL when this is the server */
    int keys;
    char names[KEYS_MAX][NAME_SIZE];
};

static void on_message(struct mosquitto *mosquitto, void *data,
                       const struct mosquitto_message *message)
{
    struct prototype *prototype = data;
    uint16_t words[KEYS_MAX] = {0};
    int device, first;
    (void)mosquitto;
    if (sscanf(message->topic, "bench/d%d", &device) != 1)
        return;
    cJSON *json = cJSON_ParseWithLength(message->payload, (size_t)message->payloadlen);
    first = device * prototype->keys;
    for (int key = 0; json && key < prototype->keys; key++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, prototype->names[key]);
        words[key] = cJSON_IsNumber(item) ? (uint16_t)item->valuedouble : 0;
    }
    if (!json || first < 0 || first + prototype->keys > REGISTERS) {
        fputs("bench_prototype: a message is not understood\n", stderr);
    } else if (!prototype->client) {
        pthread_mutex_lock(&prototype->lock);
        memcpy(prototype->mapping->tab_registers + first, words,
               (size_t)prototype->keys * sizeof *words);
        pthread_mutex_unlock(&prototype->lock);
    } else if (modbus_write_registers(prototype->client, first, prototype->keys, words) < 0) {
        fprintf(stderr, "bench_prototype: %s\n", modbus_strerror(errno));
        exit(1);
    }
    cJSON_Delete(json);
}

static void on_connect(struct mosquitto *mosquitto, void *data, int code)
{
    (void)data;
    if (code == 0)
        mosquitto_subscribe(mosquitto, NULL, "bench/+", 1);
}

static void on_subscribe(struct mosquitto *mosquitto, void *data, int id, int count,
                         const int *granted)
{
    (void)mosquitto, (void)data, (void)id, (void)count, (void)granted;
    puts("subscribed");
    fflush(stdout);
}

static void answer(struct prototype *prototype, modbus_t *modbus, fd_set *clients, int fd)
{
    uint8_t frame[MODBUS_TCP_MAX_ADU_LENGTH];
    modbus_set_socket(modbus, fd);
    int len = modbus_receive(modbus, frame);
    pthread_mutex_lock(&prototype->lock);
    if (len > 0)
        modbus_reply(modbus, frame, len, prototype->mapping);
    pthread_mutex_unlock(&prototype->lock);
    if (len < 0) {
        close(fd);
        FD_CLR(fd, clients);
    }
}

static int serve(struct prototype *prototype, modbus_t *modbus)
{
    fd_set clients, ready;
    int listener = modbus_tcp_listen(modbus, BACKLOG), last = listener;
    FD_ZERO(&clients);
    if (listener >= 0)
        FD_SET(listener, &clients);
    while (listener >= 0 && (ready = clients, select(last + 1, &ready, NULL, NULL, NULL) > 0)) {
        for (int fd = 0; fd <= last; fd++) {
            if (!FD_ISSET(fd, &ready))
                continue;
            if (fd != listener) {
                answer(prototype, modbus, &clients, fd);
                continue;
            }
            int client = accept(listener, NULL, NULL);
            if (client >= 0 && client < FD_SETSIZE) {
                FD_SET(client, &clients);
                last = client > last ? client : last;
            }
        }
    }
    fprintf(stderr, "bench_prototype: %s\n", modbus_strerror(errno));
    return 1;
}

int main(int argc, char **argv)
{
    static struct prototype prototype = {.lock = PTHREAD_MUTEX_INITIALIZER};
    int broker_port = argc > 3 ? atoi(argv[1]) : 0, port = argc > 3 ? atoi(argv[2]) : 0;
    prototype.keys = argc > 3 ? atoi(argv[3]) : 0;
    if (broker_port < 1 || prototype.keys < 1 || prototype.keys > KEYS_MAX) {
        fprintf(stderr, "Usage: %s BROKER_PORT MODBUS_PORT KEYS [WRITE_TO]\n", argv[0]);
        return 2;
    }
    for (int key = 0; key < prototype.keys; key++)
        snprintf(prototype.names[key], NAME_SIZE, "k%d", key);
    mosquitto_lib_init();
    struct mosquitto *mosquitto = mosquitto_new("prototype", true, &prototype);
    modbus_t *modbus = modbus_new_tcp("127.0.0.1", argc > 4 ? atoi(argv[4]) : port);
    prototype.mapping = modbus_mapping_new(0, 0, REGISTERS, 0);
    if (!mosquitto || !modbus || !prototype.mapping)
        return 1;
    if (argc > 4 && (modbus_set_slave(modbus, 1) != 0 || modbus_connect(modbus) != 0)) {
        fprintf(stderr, "bench_prototype: %s\n", modbus_strerror(errno));
        return 1;
    }
    prototype.client = argc > 4 ? modbus : NULL;
    mosquitto_int_option(mosquitto, MOSQ_OPT_TCP_NODELAY, 1);
    mosquitto_connect_callback_set(mosquitto, on_connect);
    mosquitto_subscribe_callback_set(mosquitto, on_subscribe);
    mosquitto_message_callback_set(mosquitto, on_message);
    if (mosquitto_connect(mosquitto, "127.0.0.1", broker_port, 60) != MOSQ_ERR_SUCCESS)
        return 1;
    if (prototype.client)
        return mosquitto_loop_forever(mosquitto, -1, 1) != MOSQ_ERR_SUCCESS;
    return mosquitto_loop_start(mosquitto) == MOSQ_ERR_SUCCESS ? serve(&prototype, modbus) : 1;
}
