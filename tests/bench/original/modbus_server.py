"""The Modbus server of the comparison stack: pymodbus with 65536 registers.

    modbus_server.py PORT
"""

import sys

from pymodbus.datastore import (ModbusSequentialDataBlock, ModbusServerContext,
                                ModbusSlaveContext)
from pymodbus.server import StartTcpServer

SIZE = 65536


def block():
    return ModbusSequentialDataBlock(0, [0] * SIZE)


if __name__ == "__main__":
    slave = ModbusSlaveContext(di=block(), co=block(), hr=block(), ir=block(), zero_mode=True)
    StartTcpServer(context=ModbusServerContext(slaves=slave, single=True),
                   address=("127.0.0.1", int(sys.argv[1])))
