/* bench_libmodbus: a Modbus server like libmodbus's own example (select, modbus_receive,
 * modbus_reply), to measure the library alone. Listens on the given port. */
#include <errno.h>
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 512, REGISTERS = 65536 };

static void serve(modbus_t *modbus, modbus_mapping_t *mapping, fd_set *clients, int fd)
{
    uint8_t frame[MODBUS_TCP_MAX_ADU_LENGTH];
    modbus_set_socket(modbus, fd);
    int len = modbus_receive(modbus, frame);
    if (len > 0) {
        modbus_reply(modbus, frame, len, mapping);
    } else if (len < 0) {
        close(fd);
        FD_CLR(fd, clients);
    }
}

int main(int argc, char **argv)
{
    fd_set clients, ready;
    modbus_t *modbus = modbus_new_tcp("127.0.0.1", argc > 1 ? atoi(argv[1]) : 0);
    modbus_mapping_t *mapping = modbus_mapping_new(REGISTERS, REGISTERS, REGISTERS, REGISTERS);
    int listener = modbus && mapping ? modbus_tcp_listen(modbus, BACKLOG) : -1, last = listener;
    if (listener < 0) {
        fprintf(stderr, "bench_libmodbus: %s\n", modbus_strerror(errno));
        return 1;
    }
    FD_ZERO(&clients);
    FD_SET(listener, &clients);
    for (;;) {
        ready = clients;
        if (select(last + 1, &ready, NULL, NULL, NULL) < 0)
            return 1;
        for (int fd = 0; fd <= last; fd++) {
            if (!FD_ISSET(fd, &ready))
                continue;
            if (fd != listener) {
                serve(modbus, mapping, &clients, fd);
                continue;
            }
            int client = accept(listener, NULL, NULL);
            if (client >= FD_SETSIZE) {
                close(client);
            } else if (client >= 0) {
                FD_SET(client, &clients);
                last = client > last ? client : last;
            }
        }
    }
}
