"""A foreign Modbus TCP server of pymodbus that records the writes it gets."""

import asyncio
import logging
import threading
import time

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server.async_io import ModbusTcpServer

from harness import eventually, free_port

# pymodbus reports the end of each connection.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)

WRITES = (6, 16, 22)


class RecordingContext(ModbusSlaveContext):
    """`writes` has the time and the registers of each write, as (seconds, address, words)."""

    def __init__(self):
        super().__init__(hr=ModbusSequentialDataBlock(0, [0] * 100), zero_mode=True)
        self.writes = []

    def setValues(self, fc_as_hex, address, values):
        if fc_as_hex in WRITES:
            self.writes.append((time.monotonic(), address, list(values)))
        super().setValues(fc_as_hex, address, values)


class RecordingPlc:
    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.server, self.port, self.context = None, free_port(), None
        self.start()

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(20)

    def start(self):
        """Starts with registers of 0, at the same port as before."""
        self.context = RecordingContext()

        async def serve():
            self.server = ModbusTcpServer(ModbusServerContext(slaves=self.context, single=True),
                                          address=("127.0.0.1", self.port), allow_reuse_address=True)
            task = asyncio.ensure_future(self.server.serve_forever())
            await asyncio.wait_for(self.server.serving, 20)
            return task
        self.run(serve())

    def stop(self):
        async def end():
            for session in list(self.server.active_connections.values()):
                session.transport.abort()
            await self.server.server_close()
            for task in asyncio.all_tasks():
                if task is not asyncio.current_task():
                    task.cancel()
        self.run(end())

    def close(self):
        self.stop()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()

    def set(self, address, *words):
        """What another client writes, which is not recorded."""
        self.context.store["h"].setValues(address, list(words))

    def words(self, address, count=1):
        return self.context.store["h"].getValues(address, count)

    def holds(self, address, *words):
        eventually(lambda: self.words(address, len(words)) == list(words), f"{address} to hold {words}")

    def written(self, address):
        """The values that the register was given, in their order."""
        return [value for _, value in self.timed(address)]

    def take(self, address):
        """The same since the last call."""
        taken = self.written(address)
        self.context.writes.clear()
        return taken

    def timed(self, address):
        return [(at, words[address - first]) for at, first, words in list(self.context.writes)
                if first <= address < first + len(words)]
