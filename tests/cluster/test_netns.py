"""The machines of the other tests: their links, and that nothing is left of them."""

import pathlib
import select
import signal
import socket
import subprocess
import sys

import netns
from harness import eventually


def test_links(namespaces):
    with netns.Network("one", "two") as network:
        sockets = {}
        for name in network.machines:
            with network[name].inside():
                assert socket.gethostname() == name
                sockets[name] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sockets[name].bind((network[name].address, 5000))
            sockets[name].setblocking(False)

        def arrives(sender, receiver):
            sockets[sender].sendto(b"x", (network[receiver].address, 5000))
            try:
                return sockets[receiver].recv(1)
            except BlockingIOError:
                return b""

        for pair in (("one", "two"), ("two", "one")):
            eventually(lambda pair=pair: arrives(*pair), f"{pair[0]} to reach {pair[1]}")
        network.cut("one", "two")
        for each in sockets.values():
            while select.select([each], [], [], 0)[0]:
                each.recv(1)
        for _ in range(5):
            eventually(lambda: arrives("two", "one"), "two to reach one")
            assert not arrives("one", "two")
        network.heal()
        eventually(lambda: arrives("one", "two"), "the link to be whole")
        for each in sockets.values():
            each.close()


def is_over(pid):
    """Ended, even if nobody has asked for its exit status."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


VICTIM = """
import subprocess, time
import netns
with netns.Network("one") as network:
    with network["one"].inside():
        print(subprocess.Popen(["sleep", "1000"], stdout=subprocess.DEVNULL).pid, flush=True)
    time.sleep(1000)
"""


def test_nothing_is_left_of_a_killed_test(namespaces):
    victim = subprocess.Popen([sys.executable, "-B", "-c", VICTIM], stdout=subprocess.PIPE, text=True)
    inside = int(victim.stdout.readline())
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    victim.stdout.close()
    eventually(lambda: not list(netns.NAMES.glob(f"{netns.PREFIX}{victim.pid}-*")),
               "its namespaces to be removed")
    assert is_over(inside)
