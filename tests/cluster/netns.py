"""Machines made of network namespaces, each with a cable to a common switch.

A machine has its own addresses, connections and host name; files, processes and the clock are shared
with the rest of the system. The switch is a namespace with a bridge, so that nothing appears outside.
When the tests end, however they end, a second process ends what runs in the namespaces and removes
them; if that one is ended too, the next tests do it.
"""

import contextlib
import ctypes
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import sys

NAMES = pathlib.Path("/run/netns")
PREFIX = "tagferry-"  # then the number of the process that made it, and the name of the machine
BRIDGE = "bridge0"
SUBNET = "10.77.0"
CLONE_NEWUTS = 0x04000000
CLONE_NEWNET = 0x40000000
CUTS = f"""table bridge cuts {{
    set pairs {{ type ifname . ifname; }}
    chain forward {{
        type filter hook forward priority 0; policy accept;
        iifname . oifname @pairs drop
    }}
}}
"""

_libc = ctypes.CDLL(None, use_errno=True)


def _call(function, *arguments):
    if getattr(_libc, function)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{function}: {os.strerror(number)}")


def run(*command, text=None):
    """The output of a program that must succeed."""
    done = subprocess.run([str(each) for each in command], input=text, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise OSError(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
    return done.stdout


def why_impossible():
    """The reason why there can be no such machines here, or None."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    for program in ("ip", "nft"):
        if not shutil.which(program):
            return f"there is no program {program}"
    try:
        with Network("one", "other") as network:
            network.cut("one", "other")
            with network["one"].inside():
                pass
    except OSError as fault:
        return f"network namespaces cannot be made: {fault}"
    return None


def end_processes(namespace):
    """kill -9 for all processes in a namespace, also for those that begin meanwhile."""
    def found():
        return [int(each) for each in run("ip", "netns", "pids", namespace).split()
                if int(each) != os.getpid()]
    while pids := found():
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in pids:
            _wait_end(pid)


def _wait_end(pid):
    try:
        descriptor = os.pidfd_open(pid)
    except OSError:
        return
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    waiting.poll(10_000)
    os.close(descriptor)


def remove(owner):
    """Removes all namespaces that the process with this number has made."""
    names = [each.name for each in NAMES.glob(f"{PREFIX}{owner}-*")]
    for step in (end_processes, lambda name: run("ip", "netns", "delete", name)):
        for name in names:
            with contextlib.suppress(OSError):
                step(name)


def remove_leftovers():
    """Removes the namespaces of processes that are gone."""
    found = {re.match(rf"{PREFIX}(\d+)-", each.name) for each in NAMES.glob(f"{PREFIX}*")}
    for owner in {each[1] for each in found if each}:
        if not pathlib.Path("/proc", owner).exists():
            remove(owner)


class Machine:
    """A namespace with a cable to the switch; `address` is on the interface eth0."""

    def __init__(self, network, name, number):
        self.network, self.name = network, name
        self.namespace = network.name_of(name)
        self.address = f"{SUBNET}.{number}"
        run("ip", "netns", "add", self.namespace)
        run("ip", "-netns", network.switch, "-batch", "-", text=f"""
            link add {name} type veth peer name eth0 netns {self.namespace}
            link set {name} master {BRIDGE}
            link set {name} up""")
        run("ip", "-netns", self.namespace, "-batch", "-", text=f"""
            link set lo up
            address add {self.address}/24 dev eth0
            link set eth0 up""")
        self.spaces = [(os.open(NAMES / self.namespace, os.O_RDONLY | os.O_CLOEXEC), CLONE_NEWNET),
                       (self._make_host(), CLONE_NEWUTS)]

    def _make_host(self):
        """A namespace for the host's name, which lasts as long as its descriptor is open."""
        before = os.open("/proc/thread-self/ns/uts", os.O_RDONLY)
        try:
            _call("unshare", CLONE_NEWUTS)
            socket.sethostname(self.name)
            return os.open("/proc/thread-self/ns/uts", os.O_RDONLY | os.O_CLOEXEC)
        finally:
            _call("setns", before, CLONE_NEWUTS)
            os.close(before)

    @contextlib.contextmanager
    def inside(self):
        """The calling thread, and the processes and threads that it starts, are in this machine. A
        socket stays where it was opened."""
        before = [(os.open(f"/proc/thread-self/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC), flag)
                  for kind, flag in (("net", CLONE_NEWNET), ("uts", CLONE_NEWUTS))]
        try:
            for descriptor, flag in self.spaces:
                _call("setns", descriptor, flag)
            yield self
        finally:
            for descriptor, flag in before:
                _call("setns", descriptor, flag)
                os.close(descriptor)

    def addresses(self):
        """The addresses that it has now, such as a floating one."""
        return re.findall(r" inet ([\d.]+)/", run("ip", "-netns", self.namespace, "-oneline", "address"))

    def mac(self):
        """The hardware address of eth0."""
        return re.search(r"link/ether (\S+)",
                         run("ip", "-netns", self.namespace, "-oneline", "link", "show", "eth0"))[1]

    def drop_address(self, address):
        """As when the machine is off."""
        for device, found in re.findall(r"^\d+: (\S+) +inet (\S+)",
                                        run("ip", "-netns", self.namespace, "-oneline", "address"), re.M):
            if found.startswith(f"{address}/"):
                run("ip", "-netns", self.namespace, "address", "delete", found, "dev", device)

    def unplug(self):
        """Both ends see that the cable has no link."""
        run("ip", "-netns", self.network.switch, "link", "set", self.name, "down")

    def plug(self):
        run("ip", "-netns", self.network.switch, "link", "set", self.name, "up")

    def end_processes(self):
        end_processes(self.namespace)

    def close(self):
        for descriptor, _ in self.spaces:
            os.close(descriptor)


class Network:
    """The switch and its machines, by name; a process has one network at a time."""

    def __init__(self, *names):
        remove_leftovers()
        self.machines = {}
        self.switch = self.name_of("")
        # It waits for the end of its input, which this process holds open as long as it lives.
        self.remover = subprocess.Popen([sys.executable, "-B", __file__, str(os.getpid())],
                                        stdin=subprocess.PIPE, start_new_session=True)
        try:
            run("ip", "netns", "add", self.switch)
            run("ip", "-netns", self.switch, "-batch", "-", text=f"""
                link add {BRIDGE} type bridge mcast_snooping 0
                link set {BRIDGE} up""")
            run("ip", "netns", "exec", self.switch, "nft", "-f", "-", text=CUTS)
            for name in names:
                self.add(name)
        except BaseException:
            self.close()
            raise

    @staticmethod
    def name_of(machine):
        return f"{PREFIX}{os.getpid()}-{machine}"

    def __getitem__(self, name):
        return self.machines[name]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def add(self, name):
        """A new machine; names have up to 15 characters."""
        self.machines[name] = Machine(self, name, len(self.machines) + 1)
        return self.machines[name]

    def cut(self, sender, receiver):
        """Nothing that `sender` sends arrives at `receiver` any more; neither of them sees it. None is
        every other machine."""
        self._each_pair("add", sender, receiver)

    def mend(self, sender, receiver):
        self._each_pair("delete", sender, receiver)

    def _each_pair(self, verb, sender, receiver):
        every = list(self.machines)
        pairs = [f'"{one}" . "{other}"' for one in ([sender] if sender else every)
                 for other in ([receiver] if receiver else every) if one != other]
        self._nft(f"{verb} element bridge cuts pairs {{ {', '.join(pairs)} }}")

    def heal(self):
        """Mends all that was cut, and plugs in all cables."""
        self._nft("flush set bridge cuts pairs")
        for machine in self.machines.values():
            machine.plug()

    def _nft(self, order):
        run("ip", "netns", "exec", self.switch, "nft", order)

    def close(self):
        """Ends all processes in the machines, and removes them."""
        for machine in self.machines.values():
            machine.close()
        self.machines = {}
        self.remover.stdin.close()
        self.remover.wait()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.stdin.buffer.read()
    remove(int(sys.argv[1]))
