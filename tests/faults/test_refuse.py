"""A share of what refuse.py does. TAGFERRY_SEED chooses it, TAGFERRY_TRIES is the number of tries for each daemon."""

import errno
import os
import random

import pytest

import refuse

SEED = int(os.environ.get("TAGFERRY_SEED", "23"))
TRIES = int(os.environ.get("TAGFERRY_TRIES", "3"))
# Calls that each daemon makes at its start and in its job.
USED = {"mqttd": {"start": ("open", "socket", "connect", "eventfd", "mmap", "pthread_create", "posix_fallocate",
                            "inotify_add_watch", "epoll_ctl", "pread"),
                  "job": ("socket", "connect", "recv", "send", "read", "write", "epoll_wait", "poll", "stat")},
        "modbusd": {"start": ("open", "socket", "bind", "listen", "eventfd", "mmap", "pthread_create", "memfd_create",
                              "fdatasync", "flock", "rename"),
                    "job": ("accept4", "recv", "send", "epoll_ctl", "epoll_wait", "msync", "open")},
        "api": {"start": ("open", "socket", "bind", "listen", "eventfd", "mmap", "pthread_create", "pwrite", "fcntl",
                          "fdatasync"),
                "job": ("accept4", "recv", "send", "sendmsg", "epoll_wait", "connect", "pwrite", "fdatasync", "pread",
                        "open", "mmap", "poll")}}

# Faults that were found: the service manager did not learn that the daemon is ready, the start ended without a word.
FOUND = [*(refuse.Try(daemon, "start", "sendto", refuse.A_SOCKET, errno.ENOBUFS, 1) for daemon in refuse.DAEMONS),
         refuse.Try("modbusd", "start", "socket", refuse.ANYTHING, errno.EMFILE, 4),
         refuse.Try("api", "start", "eventfd", refuse.ANYTHING, errno.EMFILE, 4)]


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    made = refuse.Plant(tmp_path_factory.mktemp("plant"))
    yield made
    made.finish()


def sample(chance, daemon):
    """One try at the start, the others in the job."""
    for number in range(TRIES):
        phase = "job" if number % 3 else "start"
        call = chance.choice(USED[daemon][phase])
        what, errors = chance.choice(refuse.CALLS[call])
        yield refuse.Try(daemon, phase, call, what, chance.choice(errors), chance.randint(1, 3))


@pytest.mark.parametrize("daemon", refuse.DAEMONS)
def test_refuse(plant, daemon):
    for one in sample(random.Random(f"{SEED} {daemon}"), daemon):
        print(*one, *refuse.attempt(plant, one))


@pytest.mark.parametrize("one", FOUND, ids=lambda one: f"{one.daemon}-{one.call}-{one.number}")
def test_found(plant, one):
    refusals, _ = refuse.attempt(plant, one)
    assert refusals == 1
