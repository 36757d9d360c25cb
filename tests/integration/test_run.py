"""scripts/run: the demo, and the server that Ctrl-C stops."""

import contextlib
import os
import pathlib
import random
import re
import signal
import socket
import subprocess

from harness import BIN, DEADLINE, ROOT, claim_port, eventually

PORTS = (1883, 5000, 8502, 8503, 8504)


def free_offset():
    """An offset at which all ports are free, below the range for outgoing connections."""
    while True:
        offset = random.randint(10000, 24000)
        if all(claim_port(port + offset) for port in PORTS):
            return offset


def command(tmp_path, offset, *more):
    return [ROOT / "scripts/run", "--bin", BIN, "--data", tmp_path / "data", "--port-offset",
            str(offset), *more]


def test_demo(tmp_path):
    done = subprocess.run(command(tmp_path, free_offset(), "--demo"), capture_output=True,
                          text=True, timeout=DEADLINE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^\[100\]:\s+71\.5$", done.stdout, re.M), done.stdout
    assert re.search(r"^\[0\]:\s+1$", done.stdout, re.M), done.stdout
    assert re.search(r'"value":\s*71\.5', done.stdout), done.stdout
    assert re.search(r'^plant/boiler-7/set \{"setpoint": ?70\.5\}$', done.stdout, re.M), done.stdout


def type_all(commands, tmp_path):
    """The printed commands do what the script says."""
    publish, temperature, burner, value, watch, setpoint, tags, ctl_is_here, status, values = commands

    def typed(line, wanted):
        done = subprocess.run(["bash", "-c", line], stdout=subprocess.PIPE, text=True, timeout=DEADLINE)
        return re.search(wanted, done.stdout, re.M)

    def arrived():
        return (typed(publish, "") and typed(temperature, r"^\[100\]:\s+71\.5$") and
                typed(burner, r"^\[0\]:\s+1$"))
    eventually(arrived, "the values in their registers")
    assert typed(value, r'"value":71\.5,.*"quality":"good"')
    assert typed(tags, r'"total":3')
    assert typed(f"{ctl_is_here}; {status}", r"^gateway +ready ")
    assert typed(f"{ctl_is_here}; {values}", r"^boiler-7/supply_temperature +71\.5 ")
    heard = tmp_path / "heard"
    with open(heard, "w") as output, subprocess.Popen(["bash", "-c", f"exec {watch}"],
                                                      stdout=output) as watching:
        try:
            eventually(lambda: typed(setpoint, "Written 1") and 'boiler-7/set {"setpoint": 70.5}' in
                       heard.read_text(), "the command")
        finally:
            watching.kill()


def read_greeting(running):
    lines = []
    for line in running.stdout:
        lines.append(line)
        if line.startswith("Ctrl-C"):
            break
    return lines


def start(tmp_path, offset):
    """Like at a terminal: in a separate process group, without ignoring Ctrl-C."""
    return subprocess.Popen(command(tmp_path, offset), stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, start_new_session=True,
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))


def ctrl_c(running):
    """All processes of the group get the signal."""
    os.killpg(running.pid, signal.SIGINT)


def test_devices_stay_as_they_were_left(tmp_path):
    offset = free_offset()
    device = f"http://127.0.0.1:{5000 + offset}/api/v1/devices/boiler-7"
    for left in False, True:
        with start(tmp_path, offset) as running:
            try:
                assert ("as they were left" in "".join(read_greeting(running))) == left
                shown = subprocess.run(["curl", "-sf", device], check=True, capture_output=True,
                                       text=True).stdout
                assert ('"description":"mine"' in shown) == left
                subprocess.run(["curl", "-sf", "-X", "PATCH", device, "-H",
                                "Content-Type: application/json", "-d",
                                '{"description": "mine"}'], check=True, stdout=subprocess.DEVNULL)
            finally:
                ctrl_c(running)


def members(session):
    """The processes of a session."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rsplit(")", 1)[1].split()[3]) == session:
                found.append(int(stat.parent.name))
    return found


def test_repeated_signals_leave_nothing(tmp_path):
    with start(tmp_path, free_offset()) as running:
        read_greeting(running)
        assert len(members(running.pid)) >= 5

        def ended():
            running.terminate()
            return running.poll() is not None
        eventually(ended, "its end")
        assert running.returncode == 143
    assert members(running.pid) == []


def told_and_taken(running, tmp_path, offset):
    lines = read_greeting(running)
    assert next(filter(str.strip, lines)) == f"Open http://127.0.0.1:{5000 + offset}/ in a browser.\n"
    type_all([line.strip() for line in lines if line.startswith("  ")], tmp_path)
    taken = subprocess.run(command(tmp_path / "other", offset), capture_output=True, text=True,
                           timeout=DEADLINE)
    assert taken.returncode == 1
    assert f"port {8502 + offset}" in taken.stderr and "--port-offset" in taken.stderr


def test_a_second_one_on_the_same_data_changes_nothing(tmp_path):
    first, second = free_offset(), free_offset()
    with start(tmp_path, first) as running:
        try:
            read_greeting(running)
            data = tmp_path / "data"
            before = {path.name: path.read_bytes() for path in data.glob("*.conf")}
            refused = subprocess.run(command(tmp_path, second), capture_output=True, text=True,
                                     timeout=DEADLINE)
            assert refused.returncode == 1 and str(data) in refused.stderr, refused.stderr
            assert "another scripts/run uses" in refused.stderr
            assert {path.name: path.read_bytes() for path in data.glob("*.conf")} == before
            assert before and running.poll() is None
            shown = subprocess.run(["curl", "-sf", f"http://127.0.0.1:{5000 + first}/healthz"])
            assert shown.returncode == 0
        finally:
            ctrl_c(running)


def test_ctrl_c_ends_everything(tmp_path):
    offset = free_offset()
    with start(tmp_path, offset) as running:
        try:
            told_and_taken(running, tmp_path, offset)
        finally:
            ctrl_c(running)
        assert running.stdout.read() == ""
    assert running.returncode == 130

    def all_closed():
        for port in PORTS:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port + offset)) == 0:
                    return False
        return True
    eventually(all_closed, "the end of all processes")


def test_bad_options(tmp_path):
    for more in (["--port-offset", "x"], ["--broker", "nowhere"], ["--nonsense"]):
        done = subprocess.run([ROOT / "scripts/run", *more], capture_output=True, text=True,
                              timeout=DEADLINE, cwd=tmp_path)
        assert done.returncode != 0 and done.stderr


def test_packages_that_nobody_may_install(tmp_path):
    """An ordinary user without sudo gets a message with the packages to install."""
    (tmp_path / "bash").symlink_to("/bin/bash")
    for name, says in {"id": "1000", "dpkg-query": "unknown ok not-installed"}.items():
        (tmp_path / name).write_text(f"#!/bin/bash\necho {says}\n")
        (tmp_path / name).chmod(0o755)
    done = subprocess.run([ROOT / "scripts/install-deps", "run"], capture_output=True, text=True,
                          timeout=DEADLINE, env={"PATH": str(tmp_path)})
    assert done.returncode == 1
    assert "no sudo" in done.stderr and "apt-get install gcc" in done.stderr, done.stderr
