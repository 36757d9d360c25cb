"""A serial line with units of pymodbus on it. The gateway's end is a pseudo-terminal behind a symbolic link; a relay
passes the bytes on and can disturb them."""

import asyncio
import logging
import os
import select
import struct
import threading
import time
import tty

from pymodbus.datastore import (ModbusSequentialDataBlock, ModbusServerContext,
                                ModbusSlaveContext)
from pymodbus.framer.rtu_framer import ModbusRtuFramer
from pymodbus.framer.socket_framer import ModbusSocketFramer
from pymodbus.server.async_io import ModbusSerialServer, ModbusTcpServer, ModbusTlsServer

from harness import DEADLINE, eventually, free_port

QUIET_S = 0.01  # the end of a frame, for the relay

# pymodbus reports each request to a unit that is not there, and the end of each connection.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)


class Units:
    """The units 1 to `count`, served by pymodbus in a thread."""

    def __init__(self, numbers):
        self.contexts = {unit: ModbusSlaveContext(
            co=ModbusSequentialDataBlock(0, [0] * 100), hr=ModbusSequentialDataBlock(0, [0] * 100),
            zero_mode=True) for unit in numbers}
        self.context = ModbusServerContext(slaves=self.contexts, single=False)
        self.loop = asyncio.new_event_loop()
        self.server = None
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(DEADLINE)

    def serve_serial(self, path):
        async def start():
            self.server = ModbusSerialServer(self.context, framer=ModbusRtuFramer, port=path,
                                             ignore_missing_slaves=True, broadcast_enable=True)
            await self.server.start()
        self.run(start())

    def serve_tcp(self, port=None, framer=ModbusRtuFramer, tls=None):
        """RTU frames over TCP, or Modbus TCP, with TLS if `tls` is an SSLContext. Returns the port, which nobody else
        gets while no server uses it."""
        port = port or free_port()

        async def start():
            kind, more = (ModbusTlsServer, {"sslctx": tls}) if tls else (ModbusTcpServer, {})
            self.server = kind(self.context, framer=framer, address=("127.0.0.1", port),
                               allow_reuse_address=True, ignore_missing_slaves=True, broadcast_enable=True, **more)
            task = asyncio.ensure_future(self.server.serve_forever())
            await asyncio.wait_for(self.server.serving, DEADLINE)
            return task
        self.run(start())
        return port

    def serve_tls(self, context, port=None):
        """Modbus/TCP Security, which has the header of Modbus TCP."""
        return self.serve_tcp(port, ModbusSocketFramer, context)

    def holding(self, unit, address, count=1):
        return self.contexts[unit].getValues(3, address, count)

    def set_holding(self, unit, address, *words):
        self.contexts[unit].setValues(3, address, list(words))

    def holds(self, unit, address, *words):
        eventually(lambda: self.holding(unit, address, len(words)) == list(words),
                   f"unit {unit} to hold {words}")

    def stop_server(self):
        """Ends all connections; the registers stay."""
        self.run(self.server.server_close())

    def close(self):
        async def stop():
            if isinstance(self.server, ModbusTcpServer):
                await self.server.server_close()
            elif self.server:
                await self.server.shutdown()
            for task in asyncio.all_tasks():
                if task is not asyncio.current_task():
                    task.cancel()
        self.run(stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()


def make_pty():
    near, far = os.openpty()
    tty.setraw(far)
    return near, far


class Line:
    """`disturb(frame)` returns what becomes of an answer: a list of pairs of seconds to wait and bytes. `requests` has
    the frames that the gateway sent."""

    def __init__(self, folder, numbers):
        self.path = str(folder / "ttyRS485")
        self.disturb = lambda answer: [(0, answer)]
        self.pass_request = lambda request: True
        self.requests = []
        self.units = Units(numbers)
        self.units_end, far = make_pty()
        self.units.serve_serial(os.ttyname(far))
        self.spare = [far]  # keeps the pair open
        self.gateway_end = None
        self.plug()
        self.stopping = False
        self.thread = threading.Thread(target=self._relay)
        self.thread.start()

    def plug(self):
        """Puts the adapter in, as another device than before."""
        near, far = make_pty()
        os.symlink(os.ttyname(far), self.path)
        os.close(far)
        self.gateway_end = near

    def unplug(self):
        os.unlink(self.path)
        end, self.gateway_end = self.gateway_end, None
        os.close(end)

    def host(self, parameters=":115200,8N1"):
        return f"serial:{self.path}{parameters}"

    def frames_to(self, unit):
        return [frame for frame in self.requests if frame[0] == unit]

    @staticmethod
    def _read_frame(end):
        """All bytes until a pause."""
        frame = b""
        while select.select([end], [], [], QUIET_S)[0]:
            try:
                frame += os.read(end, 512)
            except OSError:  # no program has the gateway's end open
                time.sleep(QUIET_S)
                break
        return frame

    def _relay(self):
        while not self.stopping:
            gateway = self.gateway_end
            ends = [end for end in (gateway, self.units_end) if end is not None]
            try:
                ready = select.select(ends, [], [], 0.05)[0]
                if gateway in ready:
                    frame = self._read_frame(gateway)
                    if frame:
                        self.requests.append(frame)
                        if self.pass_request(frame):
                            os.write(self.units_end, frame)
                if self.units_end in ready:
                    for delay, part in self.disturb(self._read_frame(self.units_end)):
                        time.sleep(delay)
                        os.write(self.gateway_end, part)
            except (OSError, TypeError, ValueError):  # unplugged meanwhile
                time.sleep(QUIET_S)

    def close(self):
        self.stopping = True
        self.thread.join()
        self.units.close()
        for end in (self.gateway_end, self.units_end, *self.spare):
            if end is not None:
                os.close(end)


def crc(data):
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return struct.pack("<H", value)
