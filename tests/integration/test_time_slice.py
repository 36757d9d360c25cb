"""The slice of the processor that the threads on the way of a value have (src/common/base/time_slice.h)."""

import ctypes
import os
import struct

import pytest

from harness import eventually

SHORTEST_NS = 100_000
SCHED_GETATTR = {"x86_64": 315, "aarch64": 275, "armv7l": 381, "i686": 352, "riscv64": 275, "s390x": 346, "ppc64le": 356}
libc = ctypes.CDLL(None, use_errno=True)


def slice_ns(task):
    """What the kernel says; 0 before Linux 6.12, which has no slices of threads."""
    words = ctypes.create_string_buffer(48)
    assert libc.syscall(SCHED_GETATTR[os.uname().machine], int(task), words, 48, 0) == 0, os.strerror(ctypes.get_errno())
    return struct.unpack("IIQiIQQQ", words.raw)[5]


def slices(daemon):
    return {slice_ns(task) for task in os.listdir(f"/proc/{daemon.process.pid}/task")}


def expected():
    release = tuple(int(part) for part in os.uname().release.split("-")[0].split(".")[:2])
    return SHORTEST_NS if release >= (6, 12) else 0


@pytest.mark.parametrize("name", ["modbusd", "mqttd"])
def test_all_threads_have_a_short_slice(stack, name):
    stack.start_all()
    daemon = getattr(stack, name)
    eventually(lambda: len(os.listdir(f"/proc/{daemon.process.pid}/task")) > 1)
    assert slices(daemon) == {expected()}


def test_a_daemon_that_carries_no_values_has_the_slice_of_all(stack):
    stack.start_all()
    assert slices(stack.api) == {slice_ns(os.getpid())}
