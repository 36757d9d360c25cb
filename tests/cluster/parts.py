"""The programs of the machines: a broker, and gateways with three daemons and keepalived each."""

import os
import re
import shlex
import shutil
import subprocess

import gateways
from harness import BIN, ROOT, Api, Broker, Daemon, Modbusd, Process

FLOATING = "10.77.0.100"
EXAMPLE = ROOT / "config/keepalived/keepalived.conf"
PRIORITY = 200  # in the example
MQTT, MODBUS, API = 1883, 502, 5000
SHIM = ROOT / "tests/integration/clock_shim.c"


class Housed:
    """A program that runs in a machine."""

    machine = None

    def start(self, wait=True):
        with self.machine.inside():
            return super().start(wait)


class HousedBroker(Housed, Broker):
    """Listens on the address of its machine, too."""

    def __init__(self, machine, folder, lines=(), persistence=True):
        self.machine = machine
        super().__init__(folder, [f"listener {MQTT} {machine.address}", *lines], persistence)


class HousedModbusd(Housed, Modbusd):
    def read_ports(self):
        """The ports are fixed: each machine has its own."""


class HousedApi(Housed, Api):
    """Listens on the address of its machine, too; therefore it asks for a token."""

    token = None

    def start(self, wait=True):
        listen = self.options["api.listen"]
        super().start(wait)
        self.options["api.listen"] = listen  # the ports are fixed
        return self

    def url(self, path):
        return super().url(path).replace(self.options["api.listen"], f"127.0.0.1:{API}")

    def send(self, method, path, body, headers):
        headers = dict(headers or {}, Authorization=f"Bearer {self.token}")
        with self.machine.inside():
            return super().send(method, path, body, headers)


class HousedDaemon(Housed, Daemon):
    pass


class Keepalived(Housed, Process):
    """keepalived in the foreground, with the example of config/keepalived."""

    def __init__(self, gateway, peer):
        self.machine, folder = gateway.machine, gateway.folder
        (folder / "keepalived.conf").write_text(self._adapt(folder, peer))
        self.pid_files = [folder / which for which in ("pid", "vrrp_pid", "checkers_pid")]
        super().__init__(
            "keepalived", ["keepalived", "--dont-fork", "--log-console", "--log-detail", "--no-syslog",
                           "--use-file", folder / "keepalived.conf", "--vrrp",
                           *(f"--{each.name}={each}" for each in self.pid_files)],
            folder, {"PATH": f"{self._make_programs(gateway)}:{os.environ['PATH']}"})

    def _adapt(self, folder, peer):
        """As its comments say; the scripts as root, who owns this folder."""
        text = EXAMPLE.read_text()
        for old, new in (("10.0.0.10/", f"{FLOATING}/"), ("10.0.0.11", self.machine.address),
                         ("10.0.0.12", peer.address), ("script_user nobody", "script_user root"),
                         ("user tagferry", "user root"), ("https://", "http://"),
                         (" /etc/tagferry/pair.pem", ""), ("roles 15", "roles 8"),
                         ("/usr/share/tagferry/keepalived", str(EXAMPLE.parent)),
                         ("/etc/tagferry/follow.token", str(folder / "follow.token"))):
            assert old in text, old
            text = text.replace(old, new)
        return text

    @staticmethod
    def _make_programs(gateway):
        """The folder with what the scripts call: tagferry-api with the options of this gateway, and a
        logger that writes to notify.log."""
        folder = gateway.folder / "bin"
        folder.mkdir()
        options = shlex.join(word for key, value in gateway.api.options.items()
                             for word in ("-o", f"{key}={value}"))
        for name, line in (
                ("tagferry-api", f'exec {BIN / "tagferry-api"} -c /dev/null {options} "$@"'),
                ("logger", f"exec cat >>{gateway.folder / 'notify.log'}")):
            (folder / name).write_text(f"#!/bin/sh\n{line}\n")
            (folder / name).chmod(0o755)
        return folder

    def state(self):
        """MASTER, BACKUP or FAULT, and how much the checks have taken off the priority."""
        states = re.findall(r"Entering (\w+) STATE", self.log())
        lowered = re.findall(r"effective priority from \d+ to (\d+)", self.log())
        if not states or not self.alive():
            return None
        return states[-1], PRIORITY - int(lowered[-1]) if lowered else 0


class Gateway(gateways.Gateway):
    """One machine of a pair, with a folder of its own."""

    def __init__(self, machine, folder, broker, clock=False):
        super().__init__(folder, "line-1")
        self.machine, self.name = machine, machine.name
        self.common["common.log_level"] = "info"
        for key in self.SIDES:  # a machine of its own has the default ports
            del self.common[key]
        self.clock = folder / "clock"
        env = self._clock_env() if clock else {}
        self.modbusd = self._part(HousedModbusd, "tagferry-modbusd", env, {
            "modbusd.listen": f"0.0.0.0:{MODBUS}", "modbusd.image": folder / "registers.image"})
        self.api = self._part(HousedApi, "tagferry-api", env, {
            "api.listen": f"127.0.0.1:{API}, {machine.address}:{API}",
            "api.token_file": folder / "tokens", "api.follow_token_file": folder / "follow.token",
            "api.history_mb": 1, "api.profile_dir": ROOT / "config/profiles"})
        self.mqttd = self._part(HousedDaemon, "tagferry-mqttd", env, {
            "mqttd.broker": f"{broker.address}:{MQTT}", "mqttd.keepalive_s": 5,
            "mqttd.client_id": f"tagferry-{machine.name}", "common.log_level": "debug"})
        self.keepalived = None

    def _part(self, kind, name, env, options):
        part = kind(name, self.folder, dict(self.common, **options))
        part.machine = self.machine
        part.env.update(env)
        return self.add(part)

    def _clock_env(self):
        """`set_clock` sets the clock of all its daemons."""
        shim = self.folder / "clock_shim.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", shim, SHIM, "-ldl"], check=True)
        return {"LD_PRELOAD": str(shim), "TAGFERRY_TEST_CLOCK": str(self.clock),
                "ASAN_OPTIONS": "verify_asan_link_order=0"}

    def set_clock(self, seconds):
        """How far the clock is ahead, for daemons that were started with one of their own."""
        draft = self.clock.with_suffix(".new")
        draft.write_text(str(seconds))
        draft.replace(self.clock)

    def command(self, *words):
        """Runs tagferry-api; its output."""
        with self.machine.inside():
            done = self.run_api(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def url(self):
        return f"http://{self.machine.address}:{API}"

    def share_token(self, gateway):
        """One token opens both APIs."""
        token = gateway.command("token", "add", "pair", "--scope", "write").strip()
        shutil.copy(gateway.folder / "tokens", self.folder / "tokens")
        for each in (self, gateway):
            each.api.token = token
            (each.folder / "follow.token").write_text(f"{token}\n")

    def start_daemons(self):
        for part in (self.modbusd, self.api, self.mqttd):
            if not part.alive():
                part.start()
        return self

    def start_keepalived(self, peer=None):
        if not self.keepalived:
            self.keepalived = self.add(Keepalived(self, peer))
        self.keepalived.start(wait=False)

    def stop_daemons(self):
        for part in (self.mqttd, self.api, self.modbusd):
            assert part.stop() == 0, part.log()

    def lose_power(self):
        """The machine is off from one moment to the next: no program says that it ends."""
        self.machine.unplug()
        self.machine.end_processes()
        for part in self.parts:
            if part.process:
                part.process.wait()
        # keepalived may have ended before it could see that the cable has no link.
        self.machine.drop_address(FLOATING)

    def boot(self):
        """The machine is on again: disks have what they had, `runtime_dir` is empty."""
        shutil.rmtree(self.folder / "runtime")
        for path in self.keepalived.pid_files:
            path.unlink(missing_ok=True)
        self.machine.plug()
        self.start_daemons()
        self.start_keepalived()

    def count_superseded(self):
        """Commands that it did not publish, since the other gateway had a newer one."""
        text = self.api.get("/metrics").body.decode()
        return int(re.search(r"^tagferry_mqttd_commands_superseded_total (\d+)$", text, re.M)[1])

    def is_master(self):
        return FLOATING in self.machine.addresses()

    def is_ready(self):
        return self.api.get("/readyz?need=mqttd,modbusd,broker").status == 200
