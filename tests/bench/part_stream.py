"""Streams of values: the processor time and the memory of tagferry-api while clients follow 10,000
tags, of which 1,000 change each second."""

import itertools
import json
import multiprocessing
import select
import socket
import threading
import time

import paho.mqtt.client
from candidates import Tagferry
from measure import cpu_ns, memory_kb, say

DEVICES, KEYS = 1000, 10
RATE = 100  # messages/s, each with a new value for all keys of a device
CLIENTS = (0, 1, 10, 100)
MARK = b'{"device"'  # the beginning of each value


class Publisher(multiprocessing.Process):
    """Publishes to one device after the other until stopped. A process of its own, which does not wait
    for the threads of the readers."""

    def __init__(self, port, devices=DEVICES, keys=KEYS):
        super().__init__(daemon=True)
        self.port, self.devices, self.keys = port, devices, keys

    def run(self):
        client = paho.mqtt.client.Client()
        client.connect("127.0.0.1", self.port)
        client.loop_start()
        began = time.monotonic()
        for number in itertools.count():
            time.sleep(max(0, began + number / RATE - time.monotonic()))
            value = number // self.devices + 1
            client.publish(f"bench/d{number % self.devices}",
                           json.dumps({f"k{key}": value for key in range(self.keys)}))

    def stop(self):
        self.terminate()
        self.join()


def open_stream(port):
    """Repeats a refused request: the streams of the round before may not have ended yet."""
    for _ in range(50):
        client = socket.create_connection(("127.0.0.1", port), timeout=10)
        client.sendall(b"GET /api/v1/values/stream HTTP/1.1\r\nHost: bench\r\n\r\n")
        if client.recv(12) == b"HTTP/1.1 200":
            return client
        client.close()
        time.sleep(0.1)
    raise AssertionError("streams are refused")


class Readers(threading.Thread):
    """Opens streams, reads all that comes, and counts the values in it."""

    def __init__(self, port, count):
        super().__init__(daemon=True)
        self.sockets, self.ends, self.values, self.bytes = {}, {}, 0, 0
        self.wakeup, self.waker = socket.socketpair()
        self.poll = select.epoll()
        self.poll.register(self.wakeup, select.EPOLLIN)
        for _ in range(count):
            client = open_stream(port)
            self.sockets[client.fileno()] = client
            self.poll.register(client, select.EPOLLIN)

    def run(self):
        while True:
            for fd, _ in self.poll.poll():
                if fd == self.wakeup.fileno():
                    return
                data = self.sockets[fd].recv(1 << 20)
                assert data, "a stream ended"
                self.values += (self.ends.get(fd, b"") + data).count(MARK)
                self.ends[fd] = data[1 - len(MARK):]  # a mark may be in two pieces
                self.bytes += len(data)

    def wait_for_values(self, least):
        while self.values < least:
            assert self.is_alive(), f"{self.values} of {least} values came"
            time.sleep(0.01)

    def stop(self):
        self.waker.send(b"x")
        self.join()
        self.poll.close()
        for client in (*self.sockets.values(), self.wakeup, self.waker):
            client.close()


def measure_clients(results, seconds, stack, count):
    pid = stack.stack.api.process.pid
    readers = Readers(stack.api_port, count)
    began = cpu_ns(pid)
    readers.start()
    try:
        readers.wait_for_values(count * DEVICES * KEYS)
        if count:
            results.add(f"{count} streams, CPU of all first values ms", stack.name,
                        (cpu_ns(pid) - began) / 1e6)
        time.sleep(1)
        values, size, cpu, at = readers.values, readers.bytes, cpu_ns(pid), time.monotonic()
        time.sleep(seconds)
        took = time.monotonic() - at
        results.add(f"{count} streams, CPU percent", stack.name,
                    (cpu_ns(pid) - cpu) / 1e7 / took)
        results.add(f"{count} streams, values/s", stack.name, (readers.values - values) / took)
        results.add(f"{count} streams, kB/s", stack.name, (readers.bytes - size) / 1000 / took)
        results.add(f"{count} streams, memory kB", stack.name, memory_kb(pid))
    finally:
        readers.stop()


def measure(results, options, folder):
    stack = Tagferry(folder / "tagferry")
    publisher = None
    try:
        stack.start(DEVICES, KEYS)
        publisher = Publisher(stack.broker_port)
        publisher.start()
        for number in range(options.rounds):
            say(f"stream: round {number + 1}")
            for count in CLIENTS:
                measure_clients(results, max(2, options.latency_seconds), stack, count)
    finally:
        if publisher:
            publisher.stop()
        stack.finish()


STEPS = {"streams": measure}
