"""tagferryctl: the time of `status`, and the processor time of `watch` on a terminal and in a pipe while it shows
10,000 tags, of which 1,000 change each second."""

import os
import pty
import subprocess
import threading
import time

from candidates import Tagferry
from measure import cpu_ns, memory_kb, say
from part_stream import DEVICES, KEYS, Publisher

STARTS = 40  # runs of `status` in a round


def environment(stack):
    return {"PATH": os.environ["PATH"], "HOME": str(stack.stack.folder), "LC_ALL": "C.UTF-8", "TERM": "xterm-256color",
            "TAGFERRY_CTL_URL": f"http://127.0.0.1:{stack.api_port}"}


def program():
    from harness import BIN
    return BIN / "tagferryctl"


def measure_status(results, stack):
    for _ in range(STARTS):
        began = time.monotonic()
        subprocess.run([program(), "status"], env=environment(stack), stdout=subprocess.DEVNULL, check=True)
        results.add("ctl status ms", stack.name, (time.monotonic() - began) * 1000)


def read_all(fd, seen):
    """Reads what the program prints, as a terminal does, until it has ended."""
    while True:
        try:
            part = os.read(fd, 1 << 16)
        except OSError:
            return
        if not part:
            return
        seen[0] += len(part)


def measure_watch(results, seconds, stack, where):
    reading, writing = pty.openpty() if where == "terminal" else os.pipe()
    seen = [0]
    process = subprocess.Popen([program(), "watch"], env=environment(stack), stdout=writing,
                               stdin=writing if where == "terminal" else subprocess.DEVNULL, start_new_session=True)
    os.close(writing)
    reader = threading.Thread(target=read_all, args=(reading, seen), daemon=True)
    reader.start()
    try:
        time.sleep(2)
        assert process.poll() is None and seen[0] > 0, "watch shows nothing"
        cpu, size, at = cpu_ns(process.pid), seen[0], time.monotonic()
        time.sleep(seconds)
        took = time.monotonic() - at
        results.add(f"ctl watch, {where}, CPU percent", stack.name, (cpu_ns(process.pid) - cpu) / 1e7 / took)
        results.add(f"ctl watch, {where}, kB/s", stack.name, (seen[0] - size) / 1000 / took)
        results.add(f"ctl watch, {where}, memory kB", stack.name, memory_kb(process.pid))
    finally:
        process.terminate()
        process.wait()
        reader.join()
        os.close(reading)


def measure(results, options, folder):
    stack = Tagferry(folder / "tagferry")
    publisher = None
    try:
        stack.start(DEVICES, KEYS)
        for number in range(options.rounds):
            say(f"ctl: round {number + 1}")
            measure_status(results, stack)
        publisher = Publisher(stack.broker_port)
        publisher.start()
        for number in range(options.rounds):
            for where in ("terminal", "pipe"):
                measure_watch(results, max(3, options.latency_seconds), stack, where)
    finally:
        if publisher:
            publisher.stop()
        stack.finish()


STEPS = {"tagferryctl": measure}
