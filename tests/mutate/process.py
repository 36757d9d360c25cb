"""Runs a program in a process group of its own, with a time limit, and ends only that group."""

import os
import signal
import subprocess
import time

# The program is interrupted, too, when this one is killed.
TIED = ["setpriv", "--pdeathsig", "INT"]
GRACE_S = 15  # for a test that is interrupted to end its daemons


def end_group(process):
    """First SIGINT, so that pytest ends its daemons, then SIGKILL."""
    for number, wait in ((signal.SIGINT, GRACE_S), (signal.SIGKILL, None)):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(wait)
        except subprocess.TimeoutExpired:
            continue
    process.wait()
    try:
        os.killpg(process.pid, signal.SIGKILL)  # what its children left
    except ProcessLookupError:
        pass


def run(command, *, log, limit_s=None, stopped=lambda: False, **options):
    """Returns the status (None: over its time, or stopped) and the seconds. The output goes to the file `log`."""
    begin = time.monotonic()
    with open(log, "wb") as output:
        process = subprocess.Popen([*TIED, *command], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                   start_new_session=True, **options)
        try:
            while True:
                try:
                    status = process.wait(0.2)
                    break
                except subprocess.TimeoutExpired:
                    if stopped() or limit_s is not None and time.monotonic() - begin > limit_s:
                        status = None
                        break
        finally:
            end_group(process)
    return status, time.monotonic() - begin
