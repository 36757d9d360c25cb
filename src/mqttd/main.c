#include "mqttd/mqttd.h"

int main(int argc, char **argv)
{
    return mqttd_main(argc, argv);
}
