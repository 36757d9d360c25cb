"""Starts real daemons, brokers and Modbus clients for the integration tests.

Everything lives in a temporary folder and on free ports. Nothing sleeps to wait: daemons tell when
they are ready through NOTIFY_SOCKET, everything else is polled until it holds or a generous
deadline passes.
"""

import fcntl
import functools
import gzip
import json
import os
import pathlib
import random
import re
import select
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from pymodbus.client import ModbusTcpClient

import contract
import end_checks
import traffic

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("TAGFERRY_BIN", ROOT / "build/check/bin")).resolve()
os.environ.setdefault("TSAN_OPTIONS",
                      f"suppressions={ROOT / 'tests/integration/tsan_suppressions.txt'}")
# Under nohup it is ignored, and a shell script cannot handle what was ignored at its start.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
DEADLINE = 90.0  # also for ThreadSanitizer on a machine with ten times the load that it can bear

SANITIZER_WORDS = ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:")

_pause = threading.Event()


def eventually(probe, what="condition", deadline=DEADLINE):
    """Polls `probe` until it answers something true, which is returned. The pauses grow with the wait: what takes
    seconds leaves the processors to other tests."""
    began = time.monotonic()
    while True:
        answer = probe()
        if answer:
            return answer
        waited = time.monotonic() - began
        if waited > deadline:
            raise AssertionError(f"{what} did not come true within {deadline} s; last: {answer!r}")
        _pause.wait(min(0.02 + waited / 20, 0.1))


def serve_each(listener, serve):
    """Calls serve(connection) in a thread for each connection, until the listener is closed. Returns at once."""
    def accept():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()
    threading.Thread(target=accept, daemon=True).start()


OWN_PORTS = set()  # the ports that this process has claimed
PORT_LOCKS = open(pathlib.Path(tempfile.gettempdir()) / "tagferry-test-ports", "w")


def claim_port(port):
    """Claims the port. True if it is free and now belongs to this process: no other call and no
    parallel test gets the same port. A lock on one byte of a file holds the claim until the process
    ends."""
    if port in OWN_PORTS:
        return False
    with socket.socket() as probe:
        try:
            fcntl.lockf(PORT_LOCKS, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    OWN_PORTS.add(port)
    return True


def free_port():
    """Returns a free port that stays claimed by this process. It is outside the range that the
    kernel uses for connections: otherwise a connection of another test could take it while its
    server is down."""
    ports = pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    while True:
        port = random.randrange(10000, max(int(ports[0]), 11000))
        if claim_port(port):
            return port


class Process:
    """A program with a log file; `ready` waits for its READY=1 when it notifies."""

    def __init__(self, name, command, folder, env=None):
        self.name, self.command, self.folder = name, [str(c) for c in command], folder
        self.env = dict(os.environ, **(env or {}))
        self.log_path = folder / f"{name}.log"
        self.process = None
        self.notify = None
        self.notices = ""
        self.listening = threading.Lock()

    def start(self, wait=True):
        notify_path = self.folder / f"{self.name}.notify"
        notify_path.unlink(missing_ok=True)
        self.close_notify()
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(str(notify_path))
        self.notices = ""
        threading.Thread(target=self._listen, args=(self.notify,), daemon=True).start()
        self.log_from = self.log_path.stat().st_size if self.log_path.exists() else 0
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                env=dict(self.env, NOTIFY_SOCKET=str(notify_path)))
        if wait:
            self.wait_ready()
        return self

    def _listen(self, notify):
        """Reads notifications continuously, like a service manager: a full socket blocks the
        sender."""
        waiting = select.poll()
        waiting.register(notify, select.POLLIN)
        while waiting.poll() and self._take_notices(notify):
            pass
        notify.close()

    def _take_notices(self, notify):
        """Reads all that waits in the socket. False when the socket is no longer in use."""
        with self.listening:
            while notify and notify is self.notify:
                try:
                    self.notices += notify.recv(4096, socket.MSG_DONTWAIT).decode() + "\n"
                except BlockingIOError:
                    return True
            return False

    def close_notify(self):
        with self.listening:  # the listener closes the socket when it is no longer in use
            notify, self.notify = self.notify, None
            if notify:
                notify.shutdown(socket.SHUT_RDWR)

    def read_notices(self, seconds=0.0):
        """All notifications of the process so far, after a wait."""
        _pause.wait(seconds)
        self._take_notices(self.notify)
        return self.notices

    def wait_ready(self, deadline=DEADLINE):
        end = time.monotonic() + deadline
        while "READY=1" not in self.read_notices(0.02):
            assert self.process.poll() is None, f"{self.name} ended early:\n{self.log()}"
            assert time.monotonic() < end, f"{self.name} is not ready:\n{self.log()}"

    def log(self):
        """The log since the last start."""
        with open(self.log_path, "rb") as log:
            log.seek(self.log_from)
            return log.read().decode(errors="replace")

    def wait_log(self, pattern, deadline=DEADLINE):
        return eventually(lambda: re.search(pattern, self.log()),
                          f"{pattern!r} in the log of {self.name}", deadline)

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """kill -9."""
        self.process.kill()
        self.process.wait(DEADLINE)

    def signal(self, number):
        self.process.send_signal(number)
        if number == signal.SIGSTOP:
            os.waitid(os.P_PID, self.process.pid, os.WSTOPPED)  # its threads stop a moment later

    def stop(self):
        """SIGTERM, then the exit status."""
        if self.process is None:
            return 0
        if self.alive():
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
        try:
            return self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{self.name} did not end after SIGTERM:\n{self.log()}")

    def check_sanitizers(self):
        text = self.log_path.read_text(errors="replace") if self.log_path.exists() else ""
        for word in SANITIZER_WORDS:
            assert word not in text, f"{self.name}:\n{text[-6000:]}"


class Daemon(Process):
    """One of the three daemons, with options given as section.key=value."""

    config = "/dev/null"  # the configuration file
    prefix = ()  # a command in front of the daemon
    is_checked = False  # with end_checks, when it stops
    repeats = end_checks.REPEATS

    def __init__(self, name, folder, options):
        self.options = dict(options)
        super().__init__(name, [], folder)

    def start(self, wait=True):
        self.command = [*self.prefix, str(BIN / self.name), "-c", str(self.config)]
        for key, value in self.options.items():
            self.command += ["-o", f"{key}={value}"]
        self.start_ns = None
        return super().start(wait)

    def wait_ready(self, deadline=DEADLINE):
        super().wait_ready(deadline)
        end_checks.note_start(self)

    def stop(self):
        wrong = end_checks.look(self, eventually) if self.is_checked and self.alive() else ""
        status = super().stop()
        assert not wrong, wrong
        return status

    def port(self, what):
        """The port of a `listening on HOST:PORT (what)` line."""
        found = self.wait_log(rf"listening on \S*:(\d+) \({what}\)")
        return int(found.group(1))

    @staticmethod
    @functools.cache
    def counter_place(name):
        """Where a counter begins in the file of the daemon's counters: 64-bit words after a header of 32 bytes."""
        header = (ROOT / "src/common/shared/counters.h").read_text()
        codes = re.findall(r"^    ROW\((\d+),", (ROOT / "src/common/modbus/pdu.h").read_text(), re.M)
        header = header.replace("    PDU_FUNCTIONS(MODBUSD_REQUESTS_OF)",
                                "\n".join(f"    MODBUSD_REQUESTS_{code}" for code in codes))
        words = dict(re.findall(r"\b(\w+_ROWS) = (\d+)", header))
        at = 0
        for counter, rows in re.findall(rf"^    ({name.split('_')[0]}_\w+)(?: = \w+ \+ (\w+))?",
                                        header, re.MULTILINE):
            at += int(words[rows]) - 1 if rows else 0  # the one before it has so many words
            if counter == name:
                return 32 + 8 * at
            at += 1
        raise ValueError(name)

    def counter(self, name):
        """A number from the daemon's counters."""
        daemon = self.name.removeprefix("tagferry-")
        path = pathlib.Path(self.options["common.runtime_dir"]) / f"{daemon}.counters"
        return struct.unpack_from("<Q", path.read_bytes(), self.counter_place(name))[0]


class Modbusd(Daemon):
    PORTS = {"scada": "modbusd.listen", "inputs": "modbusd.inputs_listen",
             "outputs": "modbusd.outputs_listen"}

    def start(self, wait=True):
        """Port 0 means any free port at the first start; later starts use the same port."""
        super().start(wait)
        if wait:
            self.read_ports()
        return self

    def read_ports(self):
        for what, option in self.PORTS.items():
            self.options[option] = f"127.0.0.1:{self.port(what)}"

    def address(self, what="scada"):
        return self.options[self.PORTS[what]]

    def client(self, what="scada", unit=1):
        return Modbus(self.address(what), unit)


class Modbus:
    """A pymodbus client that raises an exception for each answer except success."""

    def __init__(self, address, unit=1):
        host, port = address.rsplit(":", 1)
        self.unit = unit
        self.client = ModbusTcpClient(host, port=int(port), timeout=DEADLINE)
        assert self.client.connect()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.close()

    def close(self):
        self.client.close()

    def _read(self, function, address, count):
        answer = function(address, count, slave=self.unit)
        assert not answer.isError(), answer
        return answer.registers if hasattr(answer, "registers") else answer.bits[:count]

    def holding(self, address, count=1):
        return self._read(self.client.read_holding_registers, address, count)

    def inputs(self, address, count=1):
        return self._read(self.client.read_input_registers, address, count)

    def coils(self, address, count=1):
        return self._read(self.client.read_coils, address, count)

    def discretes(self, address, count=1):
        return self._read(self.client.read_discrete_inputs, address, count)

    def write(self, address, *registers):
        answer = self.client.write_registers(address, list(registers), slave=self.unit)
        assert not answer.isError(), answer

    def write_one(self, address, register):
        answer = self.client.write_register(address, register, slave=self.unit)
        assert not answer.isError(), answer

    def write_coil(self, address, on):
        answer = self.client.write_coil(address, on, slave=self.unit)
        assert not answer.isError(), answer

    def read(self, table, address, count=1):
        return {"holding_register": self.holding, "input_register": self.inputs,
                "coil": self.coils, "discrete_input": self.discretes}[table](address, count)


class Answer:
    """An HTTP answer."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def content(self):
        """The body, decompressed."""
        packed = self.headers.get("Content-Encoding") == "gzip"
        return gzip.decompress(self.body) if packed and self.body else self.body


class Api(Daemon):
    base = "/api/v1"

    def start(self, wait=True):
        super().start(wait)
        if wait:
            self.options["api.listen"] = f"127.0.0.1:{self.port('http')}"
        return self

    def url(self, path):
        bare = path.split("?")[0] in ("/", "/healthz", "/readyz", "/metrics", "/metrics/values")
        prefix = "" if bare or path.startswith("/assets/") else self.base
        return f"http://{self.options['api.listen']}{prefix}{path}"

    def request(self, method, path, body=None, headers=None):
        """Sends a request; the OpenAPI document must describe the answer."""
        answer = self.send(method, path, body, headers)
        target = urllib.parse.urlsplit(self.url(path)).path
        contract.check(method, target, answer.status, answer.headers, answer.body)
        return answer

    def send(self, method, path, body, headers):
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        request = urllib.request.Request(self.url(path), data=data, method=method)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        answer = self._exchange(request)
        sent = None if data is None else (request.get_header("Content-type"), data)
        traffic.note(method, request.selector, sent, answer.status, answer.headers, answer.content())
        return answer

    @staticmethod
    def _exchange(request):
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def get(self, path, **kw):
        return self.request("GET", path, **kw)

    def must(self, method, path, body=None, status=(200, 201, 204)):
        """Sends a request that must succeed; returns the JSON."""
        answer = self.request(method, path, body)
        assert answer.status in status, (answer.status, answer.body)
        return answer.json() if answer.body else None

    def confirm(self, method, path, body=None, headers=None):
        """Sends a request, and again with the number of objects that it deletes if it has to name
        it."""
        answer = self.request(method, path, body, headers)
        number = re.search(rb"confirm=(\d+)", answer.body) if answer.status == 409 else None
        if not number:
            return answer
        mark = "&" if "?" in path else "?"
        return self.request(method, f"{path}{mark}confirm={number[1].decode()}", body, headers)

    def device(self, name, topic, tags=(), **members):
        """Creates a device and its tags, which are dictionaries."""
        body = dict(members, name=name)
        body["mqtt"] = dict(members.get("mqtt", {}), topic=topic)
        self.must("POST", "/devices", body)
        return [self.must("POST", f"/devices/{name}/tags", tag) for tag in tags]

    def value(self, device, tag):
        return self.must("GET", f"/devices/{device}/tags/{tag}/value")


class Broker(Process):
    """A private mosquitto."""

    def __init__(self, folder, lines=(), persistence=False):
        self.lines, self.persistence = list(lines), persistence
        self.number = None
        self.subscriptions = []
        super().__init__("mosquitto", [], folder)

    def start(self, wait=True):
        for _ in range(10):
            port = self.number or free_port()
            self._write_config(port)
            self.command = ["mosquitto", "-c", str(self.folder / "mosquitto.conf")]
            super().start(wait=False)
            if self._listens():
                self.number = port
                return self
            self.kill()
        raise AssertionError(f"no broker:\n{self.log()}")

    def _write_config(self, port):
        persist = [f"persistence {'true' if self.persistence else 'false'}",
                   f"persistence_location {self.folder}/"]
        lines = [f"listener {port} 127.0.0.1", "allow_anonymous true", "user root",
                 "set_tcp_nodelay true", "max_queued_messages 100000",
                 "max_inflight_messages 1000", "log_type error", "log_type warning",
                 "log_type notice"] + persist + self.lines
        (self.folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")

    def _listens(self):
        """False when it has ended: another process was faster to take the port."""
        return eventually(lambda: "ended" if not self.alive() else "READY=1" in self.read_notices() and "listens",
                          "the broker listens") == "listens"

    def address(self):
        return f"127.0.0.1:{self.number}"

    def publish(self, topic, payload, *options):
        """Publishes a message with mosquitto_pub; dictionaries become JSON."""
        text = payload if isinstance(payload, (str, bytes)) else json.dumps(payload)
        data = text if isinstance(text, bytes) else text.encode()
        arguments = ["-s"] if data else ["-n"]
        subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.number), "-t", topic,
                        "-q", "1", *arguments, *options], input=data, check=True,
                       timeout=DEADLINE)

    def subscribe(self, *topics):
        self.subscriptions.append(Subscription(self.number, topics))
        return self.subscriptions[-1]

    def stop(self):
        for subscription in self.subscriptions:
            subscription.close()
        return super().stop()


class Subscription:
    """mosquitto_sub, ready when constructed; messages are collected as (topic, payload)."""

    def __init__(self, port, topics):
        marker = f"harness/{os.getpid()}/{id(self)}"
        command = ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(port), "-q", "1", "-F", "%t %p"]
        for topic in [*topics, marker]:
            command += ["-t", topic]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.messages = []
        self.ready = threading.Event()
        self.marker = marker
        threading.Thread(target=self._read, daemon=True).start()

        def subscribed():
            subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(port), "-t", marker,
                            "-m", "x"], check=True, timeout=DEADLINE)
            return self.ready.wait(0.05)
        eventually(subscribed, "the subscription")

    def _read(self):
        for line in self.process.stdout:
            topic, _, payload = line.rstrip("\n").partition(" ")
            if topic == self.marker:
                self.ready.set()
            else:
                self.messages.append((topic, payload))

    def wait(self, count=1, deadline=DEADLINE):
        return eventually(lambda: len(self.messages) >= count and list(self.messages),
                          f"{count} messages", deadline)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Stack:
    """The parts of one test, in one folder; started on demand, stopped together."""

    SIDES = {"common.modbus": "scada", "common.modbus_inputs": "inputs", "common.modbus_outputs": "outputs"}
    # A Modbus server of a busy machine is not taken for one that does not answer.
    PATIENCE_MS = 5000

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.parts = []
        self.broker = self.modbusd = self.api = self.mqttd = None
        self.common = {
            "common.database": self.folder / "tagferry.db",
            "common.runtime_dir": self.folder / "runtime",
            "common.log_level": "debug",
        }
        # Also without a modbusd: the default ports may be those of a gateway that this machine has.
        self.common.update({key: f"127.0.0.1:{free_port()}" for key in self.SIDES})

    def add(self, part):
        self.parts.append(part)
        return part

    def start_broker(self, *lines, persistence=False):
        self.broker = self.add(Broker(self.folder, lines, persistence)).start()
        return self.broker

    def start_modbusd(self, **options):
        merged = dict(self.common)
        merged.update({Modbusd.PORTS[what]: self.common[key] for key, what in self.SIDES.items()})
        merged["modbusd.image"] = self.folder / "registers.image"
        merged.update(_dotted(options))
        self.modbusd = self.add(Modbusd("tagferry-modbusd", self.folder, merged)).start()
        self.common.update({key: self.modbusd.address(what) for key, what in self.SIDES.items()})
        for key in ("common.units",):
            if key in merged:
                self.common[key] = merged[key]
        return self.modbusd

    def start_api(self, env=None, wait=True, **options):
        merged = dict(self.common, **{"api.listen": f"127.0.0.1:{free_port()}",
                                      "api.token_file": self.folder / "tokens",
                                      "api.history_mb": 1,
                                      "api.modbus_timeout_ms": self.PATIENCE_MS,
                                      "api.profile_dir": ROOT / "config/profiles"})
        merged.update(_dotted(options))
        self.api = self.add(Api("tagferry-api", self.folder, merged))
        self.api.env.update(env or {})
        return self.api.start(wait)

    def start_mqttd(self, wait_connected=True, **options):
        merged = dict(self.common, **{"mqttd.broker": self.broker.address(),
                                      "mqttd.modbus_timeout_ms": self.PATIENCE_MS})
        merged.update(_dotted(options))
        self.mqttd = self.add(Daemon("tagferry-mqttd", self.folder, merged)).start()
        if wait_connected:
            self.mqttd.wait_log("connected to broker")
        return self.mqttd

    def start_all(self):
        self.start_broker()
        self.start_modbusd()
        self.start_api()
        self.start_mqttd()
        return self

    def finish(self):
        """Stops all parts and checks their exit."""
        faults = []
        for part in reversed(self.parts):
            try:
                was_alive = part.alive()
                status = part.stop()
                part.close_notify()
                part.check_sanitizers()
                if was_alive and isinstance(part, Daemon):
                    assert status == 0, f"{part.name} ended with {status}:\n{part.log()[-4000:]}"
            except AssertionError as fault:
                faults.append(str(fault))
        assert not faults, "\n".join(faults)


def _dotted(options):
    """modbusd__listen=... becomes {"modbusd.listen": ...}."""
    return {key.replace("__", "."): value for key, value in options.items()}
