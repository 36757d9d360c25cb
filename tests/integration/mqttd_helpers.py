"""Shared by the tests of mqttd."""

import re
import socket
import struct
import subprocess

from harness import DEADLINE, eventually
from store_file import read_store


def tag(name, address, type="float32", table="holding_register", mqtt=None, direction=None,
        **modbus):
    body = {"name": name, "modbus": dict(modbus, table=table, type=type, address=address)}
    if mqtt:
        body["mqtt"] = mqtt
    if direction:
        body["direction"] = direction
    return body


def back(name, address, type, topic, direction="to_mqtt", mqtt=None, **modbus):
    """A tag with commands."""
    return tag(name, address, type, direction=direction,
               mqtt=dict(mqtt or {}, command_topic=topic), **modbus)


def shows(modbusd, table, address, words):
    """Waits until the registers hold the words."""
    words = list(words)
    with modbusd.client() as client:
        seen = {}

        def probe():
            seen["last"] = client.read(table, address, len(words))
            return seen["last"] == words
        try:
            eventually(probe)
        except AssertionError:
            raise AssertionError(f"{table} {address}: {seen['last']}, not {words}") from None


def allow_library_leaks(stack, monkeypatch):
    """For daemons that start after it: libmosquitto 2.0.11 loses the properties before one that it does not know."""
    leaks = stack.folder / "leaks"
    leaks.write_text("leak:libmosquitto.so\n", encoding="ascii")
    monkeypatch.setenv("LSAN_OPTIONS", f"suppressions={leaks}")


def publish_once(broker, topic, payload):
    """Publishes with QoS 0. A message of QoS 1 comes once more if mqttd is killed right after its values are in the
    registers: they are there before the acknowledgement is sent."""
    broker.publish(topic, payload, "-q", "0")


def flood(modbusd, address, amount):
    """Writes a register many times, many requests in flight."""
    frame = struct.pack(">HHHBBHH", 1, 0, 6, 1, 6, address, 5)
    host, port = modbusd.address().rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=DEADLINE) as connection:
        for _ in range(amount // 100):
            connection.sendall(frame * 100)
            left = len(frame) * 100
            while left:
                left -= len(connection.recv(left))


class KeptCommands:
    """All parts, and a session at the broker that keeps the commands while the broker restarts."""

    def __init__(self, stack):
        stack.start_broker(persistence=True)
        stack.start_modbusd()
        stack.start_api()
        stack.start_mqttd()
        self.command = ["mosquitto_sub", "-p", str(stack.broker.number), "-c", "-i", "keeper", "-q", "1", "-t", "cmd/#"]
        subprocess.run([*self.command, "-E"], check=True)

    def take(self, count):
        """Waits for this many commands. Returns the topic and payload of each."""
        done = subprocess.run([*self.command, "-C", str(count), "-W", str(int(DEADLINE)), "-F", "%t %p"], check=True,
                              stdout=subprocess.PIPE, text=True)
        return done.stdout.splitlines()


def is_subscribed(log):
    """Waits until the broker has answered all of mqttd's subscriptions."""
    return log.rfind("subscribing to") <= log.rfind("subscribed to")


def served(stack):
    """Waits until mqttd uses the current content of the store."""
    with read_store(stack.common["common.database"]) as store:
        wanted = store.execute("SELECT revision FROM store").fetchone()[0]

    def probe():
        found = re.findall(r"loaded .* revision (\d+)", stack.mqttd.log())
        return found and int(found[-1]) >= wanted and is_subscribed(stack.mqttd.log())
    eventually(probe, f"revision {wanted} in service")


def reloaded(stack, action):
    """Changes the configuration and waits until mqttd uses it."""
    answer = action()
    served(stack)
    return answer


def landed(stack):
    """Waits until the broker has acknowledged all of SCADA's writes and mqttd has recorded that."""
    runtime = stack.common["common.runtime_dir"]

    def word(name, at):
        return struct.unpack_from("<Q", (runtime / name).read_bytes(), at)[0]
    eventually(lambda: word("journal-position", 40) == word("journal", 32), "the position")


def metrics(plant):
    """The samples of /metrics by name and labels."""
    lines = plant.api.get("/metrics").body.decode().splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if line.startswith("tagferry_mqttd_"))
    return {name.removeprefix("tagferry_mqttd_"): float(number) for name, number in pairs}
