"""The load of kills.py: messages, commands, writes of many registers, and changes by REST, all at the same time, and
what must be there afterwards."""

import collections
import contextlib
import http.client
import random
import struct
import threading
import urllib.error

import end_checks
import rows
from flow import MODE, TOPIC, WIDE, Flow, numbers
from gateway import Gateway
from harness import eventually
from mqttd_helpers import tag
from plant import Plant
from proxy import Proxy
from wire import Line, read_request, write_request

FOREIGN, FAR = "faults/far", 5     # topic and tags of a device behind a foreign server
PUT, BLOCK, BLOCK_WIDTH = 260, 40000, 100  # imported tags have lower registers
IMPORTED = 120                     # tags of a device that is imported
IN_FLIGHT = 100                    # most messages that the broker has not acknowledged
WORKERS = ("messages", "commands", "changes")

# What REST has changed: the offset of a tag, a value, the devices.
Kept = collections.namedtuple("Kept", "offset value devices")


def is_refused(fault):
    """The server was not there: the request has changed nothing."""
    return isinstance(getattr(fault, "reason", fault), ConnectionRefusedError)


class Load(Flow):
    """Each message has a value for one tag: no later one hides its loss for some time."""

    def __init__(self, stack, broker_port):
        super().__init__(stack, broker_port)
        self.block = self.tried_block = 0
        self.block_line = Line(stack.modbusd, self.link.patience)
        self.overrun = False
        self.gateway, self.far = Gateway(), [0] * FAR
        stack.api.device("far", FOREIGN, [tag(f"v{n}", 2 * n, "uint32") for n in range(FAR)], network={
            "modbus_host": "127.0.0.1", "modbus_port": self.gateway.port, "unit_id": 1})
        stack.api.must("POST", "/devices/f/tags", tag("put", PUT, "uint32", mqtt={"topic": "faults/nobody"}))
        self.possible = [Kept(0, 0, frozenset(("f", "far")))]
        self.names = self.value = 0
        self.changing = threading.Lock()
        self.ended, self.hushed, self.faults = threading.Event(), threading.Event(), []

    def close(self):
        super().close()
        self.block_line.drop()
        self.gateway.close()

    # The load.

    @contextlib.contextmanager
    def running(self, seed):
        """Runs the load during the block. `hushed` ends the messages before."""
        self.ended.clear()
        self.hushed.clear()
        workers = [threading.Thread(target=self._work, args=(getattr(self, f"step_{name}"), random.Random(f"{seed}{name}")))
                   for name in WORKERS]
        for worker in workers:
            worker.start()
        try:
            yield
        finally:
            self.ended.set()
            for worker in workers:
                worker.join()
        assert not self.faults, self.faults

    def _work(self, step, chance):
        try:
            while not self.ended.wait(0.004 * chance.random()):
                step(chance)
        except Exception as fault:  # for the thread that waits for the end
            self.faults.append(repr(fault))

    def step_messages(self, chance):
        if self.hushed.is_set() or len(self.waiting) > IN_FLIGHT:
            return
        for _ in range(chance.randint(1, 5)):
            self.number += 1
            if chance.random() < 0.2:
                n = self.number % FAR
                self.far[n] = self.number
                self.publish(FOREIGN, {f"v{n}": self.number})
            else:
                n = self.number % WIDE
                self.newest[n] = self.number
                self.publish(TOPIC, {f"v{n}": self.number})

    def step_commands(self, _chance):
        self.command()
        self.tried_block = self.block % 65535 + 1
        if self.block_line.ask(write_request(BLOCK, *[self.tried_block] * BLOCK_WIDTH)):
            self.block = self.tried_block

    def step_changes(self, chance):
        """One change. Without an answer, it was made completely or not at all."""
        if chance.random() < 0.4:
            offset = self.possible[-1].offset + 1
            self.request("PATCH", "/devices/f/tags/step", {"modbus": {"offset": offset}},
                         lambda kept: kept._replace(offset=offset))
        elif chance.random() < 0.3:
            self.value += 1
            value = self.value
            self.request("PUT", "/devices/f/tags/put/value", {"value": value}, lambda kept: kept._replace(value=value))
        else:
            known = frozenset.intersection(*(kept.devices for kept in self.possible)) - {"f", "far"}
            if known and chance.random() < 0.5:
                self.delete(chance.choice(sorted(known)))
            else:
                name = self.new_name("k")
                self.request("POST", "/devices", {"name": name, "mqtt": {"topic": name}},
                             lambda kept: kept._replace(devices=kept.devices | {name}))

    def new_name(self, letter):
        with self.changing:
            self.names += 1
            return f"{letter}{self.names}"

    def delete(self, name):
        self.request("DELETE", f"/devices/{name}?confirm={IMPORTED + 1 if name[0] == 'm' else 1}", None,
                     lambda kept: kept._replace(devices=kept.devices - {name}))

    def import_device(self):
        name = self.new_name("m")
        tags = [{"name": f"t{n}", "modbus": {"type": "uint16"}} for n in range(IMPORTED)]
        self.request("POST", "/import", {"devices": [{"name": name, "mqtt": {"topic": name}, "tags": tags}]},
                     lambda kept: kept._replace(devices=kept.devices | {name}))

    def request(self, method, path, body, effect):
        """Sends a change; records the states of the store that are possible now."""
        try:
            status = self.stack.api.send(method, path, body, None).status
        except (OSError, http.client.HTTPException, urllib.error.URLError) as fault:
            status = 503 if is_refused(fault) else None
        with self.changing:  # the changes of several threads commute
            made = [effect(kept) for kept in self.possible]
            if status in (200, 201, 204):
                self.possible = made
            elif status is None or status == 503 and path.endswith("/value"):  # the value may have reached the register
                self.possible = list(dict.fromkeys(self.possible + made))
            else:
                assert status == 503, f"{method} {path}: {status}"

    # What must be there.

    def find_kept(self):
        """What the store and the registers have of what REST has changed."""
        api = self.stack.api
        found = api.must("GET", "/devices?limit=1000")["items"]
        for name in (each["name"] for each in found if each["name"][0] == "m"):
            count = len(api.must("GET", f"/devices/{name}/tags?limit=1000")["items"])
            assert count == IMPORTED, f"{name} has {count} tags of {IMPORTED}"
        offset = api.must("GET", "/devices/f/tags/step")["modbus"]["offset"]
        return Kept(offset, eventually(lambda: numbers(self.link, 3, PUT, 1))[0], frozenset(each["name"] for each in found))

    def check(self):
        """All that was acknowledged is there, and nothing else. Call it when all daemons are ready."""
        eventually(lambda: self.stack.api.get("/readyz").status == 200, "readiness")
        self.settle()
        kept = self.find_kept()
        assert kept in self.possible, f"{kept} of {self.possible}"
        self.offset, self.possible = kept.offset, [kept]
        if self.overrun:  # only the newest value is promised
            self.written, self.overrun = self.written[-1:], False
        tried = self.written[-1] + 1 if self.written else 1
        strange = [number for number in self.heard if not 0 <= number <= tried]
        assert not strange, f"commands that nobody gave: {strange}"
        self.check_registers(tried)
        lost = self.lost()
        assert lost == 0, f"{lost} lost"
        eventually(lambda: self.gateway.units[1][:2 * FAR] == [word for number in self.far for word in divmod(number, 1 << 16)],
                   f"{self.far} in {self.gateway.units[1][:2 * FAR]}")
        for name in sorted(kept.devices - {"f", "far"})[5:]:
            self.delete(name)

    def check_registers(self, tried):
        mode, block = (self.words(3, address, count) for address, count in ((MODE, 1), (BLOCK, BLOCK_WIDTH)))
        assert mode[0] in (tried - 1, tried), f"a command's register has {mode[0]}, not {tried - 1}"
        assert set(block) in ({self.block}, {self.tried_block}), f"{set(block)}, not {self.block} or {self.tried_block}"
        self.block = block[0]
        for function, address in ((4, 2 * WIDE), (4, BLOCK), (3, 0), (3, BLOCK + BLOCK_WIDTH)):
            assert not any(self.words(function, address, 100)), f"invented registers behind {address} of function {function}"

    def words(self, function, address, count):
        answer = eventually(lambda: self.link.ask(read_request(function, address, count)), "an answer")
        return struct.unpack(f">{count}H", answer[2:])


class KillPlant(Plant):
    """All parts, and the load."""

    def __init__(self, folder):
        super().__init__(folder)
        self.start_broker("autosave_interval 0", persistence=True)
        self.config = folder / "tagferry.conf"
        self.configure(0)
        self.start_modbusd(modbusd__image=self.image)
        self.start_api()
        self.proxy = Proxy(self.broker.number)
        self.start_mqttd(mqttd__broker=self.proxy.address())
        for name in rows.DAEMONS:
            getattr(self, name).config = self.config
        self.flow = Load(self, self.broker.number)
        self.flow.check()

    def configure(self, number):
        """Each number is another configuration for SIGHUP."""
        self.config.write_text(f"[modbusd]\nidle_timeout_s = {3600 + number}\n[mqttd]\nkeepalive_s = {30 + number % 30}\n"
                               f"[api]\nidle_timeout_s = {30 + number % 30}\n")

    def left_over(self):
        return ", ".join(filter(None, (end_checks.left_over(getattr(self, name)) for name in rows.DAEMONS)))

    def finish(self):
        self.flow.close()
        super().finish()
        self.proxy.close()
