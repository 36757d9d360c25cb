"""The compared stacks, each with its own broker, on free loopback ports and in a temporary folder:
Tagferry, the bare prototypes of bench_prototype.c, and the comparison stack in original/."""

import http.client
import json
import pathlib
import re
import resource
import socket
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

import harness  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"


class Rest:
    """One persistent connection for many requests; reconnects when the server closes."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def call(self, method, path, body=None, content_type="application/json", refused=None):
        """The answer: JSON, or bytes of another type. `refused`: the status that it must have."""
        data = json.dumps(body) if isinstance(body, (dict, list)) else body
        headers = {"Content-Type": content_type} if data is not None else {}
        try:
            self.connection.request(method, "/api/v1" + path, data, headers)
        except (BrokenPipeError, ConnectionResetError):  # closed while idle: nothing was done
            self.connection.close()
            self.connection.request(method, "/api/v1" + path, data, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != refused if refused else answer.status >= 300:
            raise AssertionError(f"{method} {path}: {answer.status} {text[:500]!r}")
        is_json = "json" in answer.headers.get("Content-Type", "")
        return json.loads(text) if is_json else text or None

    def close(self):
        self.connection.close()


def tag_body(device, keys, key, stride=1):
    """Key j of device i is holding register (i * keys + j) * stride, as bench_flow expects it."""
    return {"name": f"k{key}", "mqtt": {"key": f"k{key}"},
            "modbus": {"table": "holding_register", "address": (device * keys + key) * stride,
                       "type": "uint16"}}


def create_all(rest, devices, keys, stride=1):
    """Creates bench devices d0, d1, ... with tags k0, k1, ..., one request each."""
    for device in range(devices):
        name = f"d{device}"
        rest.call("POST", "/devices", {"name": name, "mqtt": {"topic": f"bench/{name}", "qos": 1}})
        for key in range(keys):
            rest.call("POST", f"/devices/{name}/tags", tag_body(device, keys, key, stride))


def csv_rows(devices, keys, per_unit=65536):
    """The same as a CSV import; beyond a unit's registers the next unit begins."""
    yield "device,topic,unit_id,tag,key,table,address,type\r\n"
    devices_per_unit = per_unit // keys
    for device in range(devices):
        unit, place = 1 + device // devices_per_unit, device % devices_per_unit
        for key in range(keys):
            yield (f"d{device},bench/d{device},{unit},k{key},k{key},holding_register,"
                   f"{place * keys + key},uint16\r\n")


def kepware_rows(devices, keys):
    """Devices with half of their tags in holding registers and half in coils, as KEPServerEX exports
    them."""
    yield "Tag Name,Address,Data Type,Respect Data Type,Client Access,Scan Rate,Eng Units,Description\r\n"
    for device in range(devices):
        for key in range(keys):
            place = device * (keys // 2) + key // 2 + 1
            address, kind = (f"4{place:05}", "Word") if key % 2 else (f"0{place:05}", "Boolean")
            yield f'"d{device}.k{key}","{address}",{kind},1,R/W,100,K,"Value {key}"\r\n'


class Tagferry:
    """The three daemons and a broker."""

    name = "tagferry"

    def __init__(self, folder, units="1", **modbusd):
        folder.mkdir()
        self.folder, self.stack, self.modbusd_options = folder, harness.Stack(folder), modbusd
        self.stack.common["common.log_level"] = "info"  # the default
        self.stack.common["common.units"] = units

    def start_servers(self):
        """The parts without MQTT."""
        self.stack.start_modbusd(**self.modbusd_options)
        self.stack.start_api()
        return self

    def start(self, devices, keys, stride=1):
        self.stack.start_broker()
        self.start_servers()
        self.configure(devices, keys, stride)
        self.start_mqttd(devices)
        return self

    def start_mqttd(self, topics):
        self.stack.start_mqttd()
        self.stack.mqttd.wait_log(f"subscribed to {topics} topic")

    def configure(self, devices, keys, stride=1):
        rest = Rest(self.api_port)
        if devices * keys <= 200:
            create_all(rest, devices, keys, stride)
        else:
            rest.call("POST", "/import", "".join(csv_rows(devices, keys)), "text/csv")
        rest.close()

    @property
    def broker_port(self):
        return self.stack.broker.number

    @property
    def modbus_port(self):
        return int(self.stack.modbusd.address().rsplit(":")[-1])

    @property
    def api_port(self):
        return int(self.stack.api.options["api.listen"].rsplit(":")[-1])

    def flow_pids(self):
        """The processes that pass a value from the broker to its register."""
        return [self.stack.mqttd.process.pid, self.stack.modbusd.process.pid]

    def pids(self):
        return [part.process.pid for part in self.stack.parts]

    def finish(self):
        self.stack.finish()


class OneProcess:
    """The bare prototype as one process between the broker and the Modbus client: fewer steps than any gateway that
    can be restarted in parts."""

    name = "one process"

    def __init__(self, folder):
        folder.mkdir()
        self.folder, self.parts = folder, []

    def start(self, _devices, keys):
        self.broker = harness.Broker(self.folder)
        self.parts.append(self.broker)
        self.broker_port = self.broker.start().number
        self.modbus_port = harness.free_port()
        self.start_processes(keys)
        return self

    def start_processes(self, keys):
        process = self.start_process("bench_prototype", self.broker_port, self.modbus_port, keys)
        wait_for_port(process, self.modbus_port)
        process.wait_log("subscribed")

    def start_process(self, program, *words):
        process = harness.Process(program, [harness.BIN / program, *words], self.folder)
        self.parts.append(process)
        return process.start(wait=False)

    def flow_pids(self):
        return [part.process.pid for part in self.parts[1:]]

    def pids(self):
        return [part.process.pid for part in self.parts]

    def finish(self):
        end_all(self.parts)


class Prototype(OneProcess):
    """The bare prototype: a process that takes messages and writes them to another, the server of libmodbus."""

    name = "prototype"

    def start_processes(self, keys):
        wait_for_port(self.start_process("bench_libmodbus", self.modbus_port), self.modbus_port)
        self.start_process("bench_prototype", self.broker_port, 0, keys, self.modbus_port).wait_log("subscribed")


class Original:
    """The comparison stack: gunicorn with two workers, pymodbus server, paho listener, broker."""

    name = "original"

    def __init__(self, folder):
        folder.mkdir()
        self.folder, self.parts = folder, []
        self.env = {"ORIGINAL_DATABASE": str(folder / "original.db"),
                    "PYTHONPATH": str(HERE / "original"), "PYTHONDONTWRITEBYTECODE": "1"}

    def _add(self, name, *command):
        process = harness.Process(name, [PYTHON, *command], self.folder, self.env)
        self.parts.append(process)
        return process.start(wait=False)

    def start_servers(self):
        self.modbus_port = start_pymodbus(self)
        self._add("create-tables", "-c", "import models").process.wait(60)
        self.api_port = harness.free_port()
        api = self._add("gunicorn", "-m", "gunicorn", "-w", "2", "-b",
                        f"127.0.0.1:{self.api_port}", "api:app")
        wait_for_port(api, self.api_port)
        return self

    def start(self, devices, keys):
        self.broker = harness.Broker(self.folder)
        self.parts.append(self.broker)
        self.broker_port = self.broker.start().number
        self.start_servers()
        self.configure(devices, keys)
        self.listener = self._add("listener", str(HERE / "original/listener.py"),
                                  self.broker_port, self.modbus_port)
        self.listener.wait_log("connected")
        return self

    def configure(self, devices, keys):
        rest = Rest(self.api_port)
        create_all(rest, devices, keys)
        rest.close()

    def flow_pids(self):
        return [self.listener.process.pid, self.modbus.process.pid]

    def pids(self):
        return [part.process.pid for part in self.parts if part.alive()]

    def finish(self):
        end_all(self.parts)


def start_pymodbus(stack):
    port = harness.free_port()
    stack.modbus = stack._add("modbus-server", str(HERE / "original/modbus_server.py"), port)
    wait_for_port(stack.modbus, port)
    return port


def wait_for_port(process, port):
    def probe():
        assert process.alive(), f"{process.name} ended:\n{process.log()}"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return True
        except OSError:
            return False
    harness.eventually(probe, f"{process.name} listens")


def end_all(parts):
    """The comparison stack's programs may exit with any status."""
    for part in reversed(parts):
        if part.process and part.alive():
            part.process.terminate()
            try:
                part.process.wait(10)
            except Exception:
                part.process.kill()
                part.process.wait(10)
        part.close_notify()


def version_of(package):
    answer = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package],
                            capture_output=True, text=True, check=False)
    return re.sub(r"^\d+:", "", answer.stdout) or "unknown"


def raise_descriptor_limit():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 65536)), hard))
