"""Starts clusters of MQTT brokers, RabbitMQ or NATS, on loopback in a temporary folder.

The nodes belong to the process that starts them: they end with it, whatever happens. Debian's
packages are used with the settings of config/rabbitmq and config/nats.
"""

import argparse
import ctypes
import functools
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
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_S = 120  # the longest time for a cluster to start
PR_SET_PDEATHSIG = 1

libc = ctypes.CDLL(None)


def die_with_parent():
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def pick_port():
    """A free port outside the range that the kernel uses for connections."""
    first = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = random.randrange(10000, max(first, 11000))
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class MqttProbe:
    """A client of MQTT 3.1.1 with a clean session, for checking that a node serves."""

    def __init__(self, port, deadline):
        self.deadline = deadline
        self.socket = socket.create_connection(("127.0.0.1", port), self._left())
        self.data = b""
        name = f"probe-{random.randrange(1 << 32):08x}".encode()
        self._send(0x10, b"\0\4MQTT\4\2\0\x3c" + struct.pack(">H", len(name)) + name)
        if self._receive(2)[1:2] != b"\0":
            raise ConnectionError("refused")

    def _left(self):
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def _send(self, head, body):
        assert len(body) < 128
        self.socket.sendall(bytes([head, len(body)]) + body)

    def _receive(self, kind):
        """The body of the next packet of this kind; those of other kinds are dropped."""
        while True:
            if len(self.data) >= 2 and len(self.data) >= 2 + self.data[1]:
                head, body = self.data[0], self.data[2:2 + self.data[1]]
                self.data = self.data[2 + len(body):]
                if head >> 4 == kind:
                    return body
                continue
            if not select.select([self.socket], [], [], self._left())[0]:
                raise TimeoutError
            more = self.socket.recv(4096)
            if not more:
                raise ConnectionError("closed")
            self.data += more

    def subscribe(self, topic):
        self._send(0x82, b"\0\1" + struct.pack(">H", len(topic)) + topic.encode() + b"\0")
        if self._receive(9)[2] >= 0x80:
            raise ConnectionError("refused")

    def publish(self, topic):
        """Publishes with QoS 1 and waits for the acknowledgement."""
        self._send(0x32, struct.pack(">H", len(topic)) + topic.encode() + b"\0\1x")
        self._receive(4)

    def receive(self):
        self._receive(3)

    def close(self):
        self.socket.close()


class Node:
    def __init__(self, cluster, number, port):
        self.cluster, self.number, self.port = cluster, number, port
        self.name = f"node-{number}"
        self.folder = cluster.folder / self.name
        self.folder.mkdir()
        self.log_path = self.folder / "output.log"
        self.process = None

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def start(self):
        command, env = self.cluster.command(self)
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, env=dict(os.environ, **env), stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True, preexec_fn=die_with_parent)

    def kill(self):
        """kill -9."""
        if self.process:
            self.process.kill()
            self.process.wait()

    def log(self):
        return self.log_path.read_text(errors="replace")


class Cluster:
    """`ports`: of MQTT, one for each node. `free_port` returns a free port; `note` gets a line for each node that
    serves, where they start one after the other."""

    kind = ""

    def __init__(self, folder, ports, free_port=pick_port, note=lambda text: None):
        self.folder, self.free_port, self.note = pathlib.Path(folder), free_port, note
        self.nodes = [Node(self, number, port) for number, port in enumerate(ports, 1)]
        self.prepare()

    def prepare(self):
        raise NotImplementedError

    def command(self, node):
        """The command that starts the node, and its environment."""
        raise NotImplementedError

    def addresses(self):
        return [node.address for node in self.nodes]

    def start(self):
        for node in self.nodes:
            node.start()
        self.wait_ready()
        return self

    def wait_ready(self, limit_s=START_S):
        """Waits until each running node passes on a message of QoS 1 to all others."""
        deadline = time.monotonic() + limit_s
        for node in [each for each in self.nodes if each.process]:
            while node.alive() and not self._serves(node, deadline):
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{node.name} of {self.kind} does not serve:\n{node.log()}")
                time.sleep(0.1)
            if not node.alive():
                raise ChildProcessError(f"{node.name} of {self.kind} has ended:\n{node.log()}")

    def _serves(self, node, deadline):
        probes = []
        topic = f"probe/{node.number}"
        try:
            limit = min(deadline, time.monotonic() + 2)
            for other in self.nodes:
                if other.alive():
                    probes.append(MqttProbe(other.port, limit))
                    probes[-1].subscribe(topic)
            probes.append(MqttProbe(node.port, limit))
            probes[-1].publish(topic)
            for probe in probes[:-1]:
                probe.receive()
            return True
        except OSError:
            return False
        finally:
            for probe in probes:
                probe.close()

    def stop(self):
        for node in self.nodes:
            node.kill()


class RabbitMQ(Cluster):
    kind = "rabbitmq"
    # The user of clients without a name; topics below forbidden/ are forbidden, to show what happens.
    definitions = {
        "users": [{"name": "guest", "password": "guest", "tags": "administrator"}],
        "vhosts": [{"name": "/"}],
        "permissions": [{"user": "guest", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}],
        "topic_permissions": [{"user": "guest", "vhost": "/", "exchange": "amq.topic", "write": ".*",
                               "read": "^(?!forbidden\\.).*"}]}
    programs = ("/usr/lib/rabbitmq/bin/rabbitmq-server", "/usr/bin/epmd")

    def prepare(self):
        self.epmd, self.epmd_port = None, self.free_port()
        self.dist_ports = [self.free_port() for _ in self.nodes]
        (self.folder / ".erlang.cookie").write_text("TAGFERRY")
        (self.folder / ".erlang.cookie").chmod(0o400)
        (self.folder / "enabled_plugins").write_text("[rabbitmq_mqtt].\n")
        (self.folder / "definitions.json").write_text(json.dumps(self.definitions))
        shared = (ROOT / "config/rabbitmq/rabbitmq.conf").read_text()
        members = "".join(
            f"cluster_formation.classic_config.nodes.{node.number} = {self.node_name(node)}\n"
            for node in self.nodes)
        for node in self.nodes:
            # Of a key that is there twice, the last one is in force.
            (node.folder / "rabbitmq.conf").write_text(
                f"{shared}\nmqtt.allow_anonymous = true\ndisk_free_limit.absolute = 50MB\n"
                f"load_definitions = {self.folder / 'definitions.json'}\n"
                f"listeners.tcp = none\nmqtt.listeners.tcp.default = 127.0.0.1:{node.port}\n"
                "cluster_formation.peer_discovery_backend = classic_config\n" + members)

    @staticmethod
    def node_name(node):
        return f"rabbit{node.number}@localhost"

    def command(self, node):
        base = node.folder
        return [self.programs[0]], {
            "HOME": str(self.folder),
            "ERL_EPMD_PORT": str(self.epmd_port), "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": self.node_name(node),
            "RABBITMQ_DIST_PORT": str(self.dist_ports[node.number - 1]),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null", "RABBITMQ_CONFIG_FILE": str(base / "rabbitmq.conf"),
            "RABBITMQ_CONFIG_FILES": str(base / "conf.d"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(base / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(base / "mnesia"), "RABBITMQ_LOG_BASE": str(base / "log"),
            "RABBITMQ_PID_FILE": str(base / "pid"), "RABBITMQ_LOGS": "-",
            # Without it, the script stays in front of the node, and kill -9 would only end the script.
            "NOTIFY_SOCKET": str(base / "notify"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                "+S 1:1 +sbwt none +A 4 -kernel inet_dist_use_interface {127,0,0,1}"}

    def start(self):
        self.epmd = subprocess.Popen(
            [self.programs[1], "-address", "127.0.0.1", "-port", str(self.epmd_port)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, preexec_fn=die_with_parent)
        # One after the other: of nodes that start for the first time together, one may be left out
        # of the table of client ids ("client ID registration timed out" in its log), for good.
        for node in self.nodes:
            node.start()
            self.wait_ready()
            self.note(f"{node.name} serves.")
        return self

    def stop(self):
        super().stop()
        if self.epmd:
            self.epmd.kill()
            self.epmd.wait()


class Nats(Cluster):
    kind = "nats"
    programs = ("/usr/sbin/nats-server",)

    def prepare(self):
        routes = [self.free_port() for _ in self.nodes]
        text = (ROOT / "config/nats/nats-server.conf").read_text()
        listed = ", ".join(f'"nats-route://127.0.0.1:{port}"' for port in routes)
        replicas = 3 if len(self.nodes) >= 3 else 1
        for node, route in zip(self.nodes, routes):
            mqtt = (ROOT / "config/nats/mqtt.conf").read_text()
            (node.folder / "mqtt.conf").write_text(
                re.sub(r"(_replicas:) 3", rf"\1 {replicas}", mqtt))
            values = {
                "server_name: broker-1": f"server_name: {node.name}",
                '"127.0.0.1:4222"': f'"127.0.0.1:{self.free_port()}"',
                '"/var/lib/nats"': f'"{node.folder / "jetstream"}"',
                '"10.0.0.1:6222"': f'"127.0.0.1:{route}"',
                '"0.0.0.0:1883"': f'"127.0.0.1:{node.port}"'}
            made = re.sub(r"routes: \[.*\]", f"routes: [{listed}]", text)
            for old, new in values.items():
                assert made.count(old) == 1, old
                made = made.replace(old, new)
            if len(self.nodes) == 1:
                made = re.sub(r"(?s)cluster \{.*?\n\}\n", "", made)
            (node.folder / "nats-server.conf").write_text(made)

    def command(self, node):
        return [self.programs[0], "-c", str(node.folder / "nats-server.conf")], {}


KINDS = {each.kind: each for each in (RabbitMQ, Nats)}


def free_ports(first, count):
    """MQTT ports from `first` on; ends the program when one is in use."""
    for port in range(first, first + count):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                sys.exit(f"scripts/cluster: port {port}: {error.strerror}; choose others with --port")
    return list(range(first, first + count))


def say(cluster, folder):
    print(f"""
{cluster.kind}: {len(cluster.nodes)} nodes, logs and data in {folder}. In tagferry.conf:

  [mqttd]
  broker = {", ".join(cluster.addresses())}
""")
    for node in cluster.nodes:
        print(f"{node.name}  {node.address}  process {node.pid}: kill -9 {node.pid}")
    print("\nThe number of a node that was killed, and Enter, start it again. Ctrl-C ends all.\n", flush=True)


def restart(cluster, number):
    node = next((each for each in cluster.nodes if str(each.number) == number), None)
    if not node:
        print("The number of a node, please.")
    elif node.alive():
        print(f"{node.name} is running.")
    else:
        print(f"Starting {node.name} …", flush=True)
        node.start()
        cluster.wait_ready()
        print(f"{node.name}  {node.address}  process {node.pid}", flush=True)


def serve(cluster):
    """Until Ctrl-C or SIGTERM: reports nodes that have ended, and starts those that are asked for."""
    known = {node: True for node in cluster.nodes}
    listens = True
    while True:
        ready = select.select([sys.stdin] if listens else [], [], [], 0.5)[0]
        for node in cluster.nodes:
            if known[node] and not node.alive():
                print(f"{node.name} ({node.address}) has ended.", flush=True)
            known[node] = node.alive()
        if not ready:
            continue
        line = sys.stdin.readline()
        listens = line != ""
        if line.strip():
            restart(cluster, line.strip())


def main():
    parser = argparse.ArgumentParser(prog="scripts/cluster", description=(
        "Starts nodes of RabbitMQ or NATS, Debian's packages, as one cluster of MQTT brokers on "
        "loopback, with the settings of config/rabbitmq or config/nats and data in a temporary folder. "
        "For trying out: there are no passwords. Ctrl-C ends all nodes and removes the data."))
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--nodes", type=int, choices=(1, 3, 5), default=3, help="default: 3")
    parser.add_argument("--port", type=int, default=1884,
                        help="the first node's port of MQTT, the others follow (default: 1884)")
    options = parser.parse_args()
    kind = KINDS[options.kind]
    for program in kind.programs:
        if not os.access(program, os.X_OK):
            sys.exit(f"scripts/cluster: {program} is missing: scripts/install-deps cluster")
    ports = free_ports(options.port, options.nodes)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix=f"tagferry-{options.kind}-") as folder:
        cluster = kind(folder, ports, note=functools.partial(print, flush=True))
        try:
            print(f"Starting {options.nodes} nodes of {options.kind}; this takes some seconds each …",
                  flush=True)
            cluster.start()
            say(cluster, folder)
            serve(cluster)
        except KeyboardInterrupt:
            print("Ending.")
        except (TimeoutError, ChildProcessError) as error:
            sys.exit(f"scripts/cluster: {error}")
        finally:
            cluster.stop()


if __name__ == "__main__":
    main()
