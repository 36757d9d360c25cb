"""Runs a file of browser tests against real daemons: control.py FILE.test.mjs

The tests run in Node.js and steer the daemons through an HTTP server on loopback, whose address they
find in TAGFERRY_CONTROL: POST /NAME with the arguments of a method of Plant as a JSON object. The
parts are those of the integration tests, with their waits and checks."""

import base64
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))

import gateways  # noqa: E402
import harness  # noqa: E402
import mqttd_helpers  # noqa: E402
from store_file import open_store  # noqa: E402
import terminal  # noqa: E402
import test_mqttd_subscriptions as subscriptions  # noqa: E402
import test_troubleshooting  # noqa: E402


class Plant:
    """What tests can do to the daemons. One call at a time."""

    def __init__(self, folder):
        self.folder, self.count = pathlib.Path(folder), 0
        self.stack, self.other = harness.Stack(folder), None

    def start(self, modbusd=None, api=None, mqttd=None, broker=(), gateway=None):
        """Starts all parts; the options are by section and key, such as {"api.history_mb": 0}.
        `gateway`: the name of the gateway."""
        stack = self.stack
        if gateway:
            stack.common["common.gateway"] = gateway
        stack.start_broker(*broker)
        stack.start_modbusd(**(modbusd or {}))
        stack.start_api(**(api or {}))
        stack.start_mqttd(**(mqttd or {}))
        return {"url": self.url(), "broker": stack.broker.address(),
                "modbus": stack.modbusd.address()}

    def renew(self, **options):
        """Ends all parts, and starts others with nothing in them."""
        self.stack.finish()
        self.count += 1
        folder = self.folder / str(self.count)
        folder.mkdir()
        self.stack = harness.Stack(folder)
        return self.start(**options)

    def add_gateway(self, name):
        """A second gateway at the same broker, which follows the first one; `change_sides` leads to it."""
        self.other = gateways.Gateway(self.folder / name, name, self.stack.broker)
        self.other.start_daemons(api={"api.follow": self.url().rstrip("/")})

    def change_sides(self):
        """All calls are of the other gateway from now on."""
        self.stack, self.other = self.other, self.stack
        return {"url": self.url(), "modbus": self.stack.modbusd.address()}

    def finish(self):
        for stack in filter(None, (self.stack, self.other)):
            stack.finish()

    def cause_fault(self, name):
        """Causes a fault of docs/troubleshooting.md, in a plant with nothing in it, for the device of its examples."""
        terminal.example_device(self.stack.api)
        self.served()
        test_troubleshooting.FAULTS[name](self.stack)

    def renew_with_odd_broker(self, topics):
        """Daemons whose broker has neither wildcards nor shared subscriptions nor long packets, closes on the topic
        "forbidden/x", and does not answer for "silent/x"; device d0, d1, … for each topic, with a tag "v"."""
        self.stack.finish()
        self.count += 1
        folder = self.folder / str(self.count)
        folder.mkdir()
        self.stack = harness.Stack(folder)

        def answer(filters):
            if "forbidden/x" in filters:
                return subscriptions.CLOSE
            return subscriptions.SILENCE if "silent/x" in filters else [1] * len(filters)
        broker = subscriptions.Answers(answer, subscriptions.NO_WILDCARDS + subscriptions.NO_SHARED +
                                       subscriptions.max_packet(100))
        broker.__enter__()
        subscriptions.start(self.stack, broker, topics)
        return {"url": self.url()}

    def break_tag(self, device, tag):
        """Gives a tag a type that does not exist, as somebody who edits the store by hand."""
        with open_store(self.stack.common["common.database"]) as store:
            store.execute("PRAGMA ignore_check_constraints = on")
            store.execute("UPDATE store SET revision = revision + 1")
            store.execute("UPDATE tag SET modbus_type = 'int24' WHERE name = ? AND device_id = "
                          "(SELECT id FROM device WHERE name = ?)", (tag, device))
            store.execute("UPDATE device SET revision = (SELECT revision FROM store)")

    def url(self):
        return f"http://{self.stack.api.options['api.listen']}/"

    def stop_part(self, part):
        self._part(part).stop()

    def kill_part(self, part):
        self._part(part).kill()

    def start_part(self, part):
        self._part(part).start()

    def freeze_part(self, part):
        """Stops it from running, as a network does that carries nothing any more."""
        self._part(part).signal(harness.signal.SIGSTOP)

    def thaw_part(self, part):
        self._part(part).signal(harness.signal.SIGCONT)

    def _part(self, name):
        return {"api": self.stack.api, "mqttd": self.stack.mqttd, "modbusd": self.stack.modbusd,
                "broker": self.stack.broker}[name]

    def publish(self, topic, payload, retain=False):
        """A payload that is not text comes as {"base64": …}; one that is not a string is sent as JSON."""
        if isinstance(payload, dict) and list(payload) == ["base64"]:
            payload = base64.b64decode(payload["base64"])
        elif not isinstance(payload, str):
            payload = json.dumps(payload)
        self.stack.broker.publish(topic, payload, *(["-r"] if retain else []))

    def served(self):
        """Waits until tagferry-mqttd uses the store as it is now, with its subscriptions."""
        mqttd_helpers.served(self.stack)

    def api(self, method, path, body=None, headers=None, text=None):
        """One request; `text` is a body that is not JSON."""
        data = text.encode() if text is not None else body
        answer = self.stack.api.send(method, path, data, headers)
        return {"status": answer.status, "body": answer.content().decode(errors="replace"),
                "etag": answer.headers.get("ETag")}

    def read(self, table, address, count=1, unit=1):
        with self.stack.modbusd.client(unit=unit) as client:
            return client.read(table, address, count)

    def write(self, address, registers, unit=1):
        with self.stack.modbusd.client(unit=unit) as client:
            client.write(address, *registers)

    def add_token(self, name, scope):
        """Adds an access token and answers with its text."""
        made = subprocess.run([*self.stack.api.command, "token", "add", name, "--scope", scope],
                              capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stderr
        return made.stdout.split()[0]

    def revoke_token(self, name):
        made = subprocess.run([*self.stack.api.command, "token", "revoke", name],
                              capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stderr

    def log(self, part):
        return self._part(part).log()

    def cpu_seconds(self, part):
        """Processor time that a daemon has used."""
        fields = pathlib.Path(f"/proc/{self._part(part).process.pid}/stat").read_text()
        user, system = fields.rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def serve(plant):
    lock = threading.Lock()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = 200
            try:
                name = self.path.strip("/")
                assert not name.startswith("_"), f"{name} is not for tests"
                with lock:
                    answer = getattr(plant, name)(**given)
            except Exception as fault:  # the test shows it
                status, answer = 500, f"{type(fault).__name__}: {fault}"
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


def main():
    with tempfile.TemporaryDirectory(prefix="tagferry-web-") as folder:
        plant = Plant(folder)
        address = serve(plant)
        try:
            tests = subprocess.run(
                ["node", "--test", *sys.argv[2:], str(pathlib.Path(sys.argv[1]).resolve())],
                env=dict(os.environ, TAGFERRY_CONTROL=address, TAGFERRY_FOLDER=folder), check=False)
        finally:
            plant.finish()
    sys.exit(tests.returncode)


if __name__ == "__main__":
    main()
