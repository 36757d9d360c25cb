"""Counts the functions of mqttd that run for one value, for measure-code.

The count covers the time from the arrival of an MQTT message to the record that its register is
written. mqttd runs under callgrind (Debian package valgrind), with a broker, modbusd and the API as
in the integration tests. callgrind records several messages, and a while without messages. The main
thread also does other work: only the calls that a message adds, and the functions that lead to
them, count. In a thread that a message wakes, all functions count. Two runs may differ by a few
functions, because timers fire at different moments.

The build must not inline functions:

    cmake -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG='-g -O0 -fno-inline' \\
          -DTAGFERRY_TESTS=OFF -B build/value
    cmake --build build/value
    scripts/measure-code --run-value build/value
"""

import collections
import os
import re
import subprocess
import sys
import tempfile
import time

MESSAGES = 12  # the work of a timer runs during some of them, but not during all
FIRST_VALUE = 1000
IDLE_SECONDS = 4  # longer than the period of any timer of mqttd
SOURCES = "src/mqttd/"


def read_profile(profile):
    """({functions that ran}, {(caller, callee)}) of callgrind's output; each is (file, name)."""
    names = collections.defaultdict(dict)
    here = file = callee_file = caller = None
    ran, calls = set(), set()

    def resolve(kind, text):
        """`(7) text` gives the text a number, `(7)` alone means it."""
        number, _, words = text.partition(" ")
        return names[kind].setdefault(number, words) if number.startswith("(") else text

    for line in profile.read_text(errors="replace").splitlines():
        key, _, text = line.partition("=")
        if key in ("fl", "fi", "fe"):
            here = callee_file = resolve("file", text)
            file = here if key == "fl" else file
        elif key in ("cfi", "cfl"):
            callee_file = resolve("file", text)
        elif key in ("fn", "cfn"):
            name = re.sub(r"'\d+$", "", resolve("function", text))  # 'N is a level of recursion
            if key == "fn":
                caller = (file, name)
                ran.add(caller)
            else:
                calls.add((caller, (callee_file, name)))
                callee_file = here
    return ran, calls


def of_mqttd(functions):
    return {(file[file.rfind(SOURCES):], name) for file, name in functions if SOURCES in file}


def added_path(calls, idle_calls):
    """The functions of calls that are absent when idle, and their callers."""
    added = calls - idle_calls
    path = {function for call in added for function in call}
    callers = collections.defaultdict(set)
    for caller, callee in calls:
        callers[callee].add(caller)
    todo = [caller for caller, _ in added]
    while todo:
        above = callers[todo.pop()] - path
        path |= above
        todo += above
    return path


def path_of_value(out):
    """The functions in each part of callgrind's output except the last, which is idle."""
    path = set()
    for idle in out.parent.glob(f"{out.name}.{MESSAGES + 1}-*"):
        thread = idle.name.rpartition("-")[2]
        parts = [read_profile(out.parent / f"{out.name}.{part}-{thread}")
                 for part in range(1, MESSAGES + 1)]
        ran = of_mqttd(set.intersection(*(part[0] for part in parts)))
        idle_ran, idle_calls = read_profile(idle)
        if int(thread) == 1:
            calls = set.intersection(*(part[1] for part in parts))
            path |= of_mqttd(added_path(calls, idle_calls))
        elif ran - of_mqttd(idle_ran):
            path |= ran
    return path


def all_that_ran(profiles):
    """{(file, function)} of mqttd in any of these outputs of callgrind."""
    return set().union(*(of_mqttd(read_profile(profile)[0]) for profile in profiles))


def run(root, build):
    """{(file, function)} of mqttd on the path of one value, with the daemons in `build`/bin."""
    os.environ["TAGFERRY_BIN"] = str((build / "bin").resolve())
    sys.path.insert(0, str(root / "tests/integration"))
    from harness import Daemon, Stack, eventually
    from mqttd_helpers import served, shows, tag

    with tempfile.TemporaryDirectory(prefix="tagferry-value-") as folder:
        stack = Stack(folder)
        out = stack.folder / "callgrind"
        try:
            stack.start_broker()
            stack.start_modbusd()
            api = stack.start_api()
            api.device("device", "device", [tag("number", 0, "uint16")])
            Daemon.prefix = ("valgrind", "--tool=callgrind", "--instr-atstart=no",
                             "--dump-instr=no", "--separate-threads=yes",
                             f"--callgrind-out-file={out}")
            stack.start_mqttd()
            served(stack)

            def send(number):
                before = api.value("device", "number")["written_at"]
                stack.broker.publish("device", {"number": number})
                shows(stack.modbusd, "holding_register", 0, [number])
                eventually(lambda: api.value("device", "number")["written_at"] != before,
                           "the record that the register is written")

            def control(*steps):
                for step in steps:
                    subprocess.run(["callgrind_control", step, str(stack.mqttd.process.pid)],
                                   check=True, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)

            def record(action, argument):
                control("--instr=on")
                action(argument)
                control("--instr=off", "--dump")

            send(FIRST_VALUE)  # not counted: the first message causes one-time work
            for number in range(FIRST_VALUE + 1, FIRST_VALUE + 1 + MESSAGES):
                record(send, number)
            record(time.sleep, IDLE_SECONDS)
        finally:
            stack.finish()
        return path_of_value(out)
