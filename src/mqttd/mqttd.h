/* tagferry-mqttd as a library, which main.c and tests call. */
#ifndef TAGFERRY_MQTTD_MQTTD_H
#define TAGFERRY_MQTTD_MQTTD_H

/* Runs the daemon until SIGTERM. Returns the exit status. */
int mqttd_main(int argc, char **argv);

#endif
