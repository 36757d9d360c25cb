/* tagferry-mqttd as a library: main.c is nothing but a call of this. */
#ifndef TAGFERRY_MQTTD_MQTTD_H
#define TAGFERRY_MQTTD_MQTTD_H

/* Runs the daemon until SIGTERM. Answers the exit status. */
int mqttd_main(int argc, char **argv);

#endif
