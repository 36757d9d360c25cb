#include "modbusd/modbusd.h"

int main(int argc, char **argv)
{
    return modbusd_main(argc, argv);
}
