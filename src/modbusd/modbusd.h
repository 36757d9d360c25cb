/* The daemon as a whole. */
#ifndef TAGFERRY_MODBUSD_MODBUSD_H
#define TAGFERRY_MODBUSD_MODBUSD_H

/* Runs tagferry-modbusd. Returns its exit status. */
int modbusd_main(int argc, char **argv);

#endif
