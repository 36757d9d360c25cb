"""REST: requests/s and latency with 16 connections, and features of Tagferry only: the values of
10,000 tags, the import of 100,000 rows."""

import json
import subprocess
import time

from candidates import HERE, Original, Rest, Tagferry, csv_rows, harness, kepware_rows
from measure import say

CONNECTIONS = 16
# Figure, wrk's action.
ACTIONS = (("GET one", "get"), ("list of 100", "list"), ("POST", "post"), ("PATCH", "patch"))


def wrk(port, action, seconds, seed, connections=CONNECTIONS):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "20s",
               "-s", HERE / "rest.lua", f"http://127.0.0.1:{port}", "--", action, seed]
    answer = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                            timeout=300, check=True)
    got = json.loads(answer.stdout.strip().rsplit("\n", 1)[-1])
    if got["bad"] > got["requests"] / 100:
        raise AssertionError(f"wrk {action}: {got['bad']} of {got['requests']} failed")
    return got


def add(results, figure, candidate, got):
    results.add(f"{figure}, requests/s", candidate, got["per_s"])
    results.add(f"{figure}, p50 µs", candidate, got["p50_us"])
    results.add(f"{figure}, p99 µs", candidate, got["p99_us"])


class Bare:
    """libmicrohttpd with one constant answer, as large as Tagferry's of one tag."""

    name = "bare"

    def __init__(self, size):
        self.process = subprocess.Popen([harness.BIN / "bench_httpd", str(size)],
                                        stdout=subprocess.PIPE, text=True)
        self.api_port = int(self.process.stdout.readline())

    def finish(self):
        self.process.kill()
        self.process.communicate()


def size_of_one(stack):
    rest = Rest(stack.api_port)
    tag = rest.call("GET", "/devices/d0/tags/k7")
    rest.close()
    return len(json.dumps(tag, separators=(",", ":"), ensure_ascii=False).encode())


def start_stacks(folder, stacks):
    for kind in (Tagferry, Original):
        stacks.append(kind(folder / kind.name))
        stacks[-1].start_servers().configure(10, 100)
    stacks.append(Bare(size_of_one(stacks[0])))


def measure_actions(results, options, folder):
    stacks = []
    try:
        start_stacks(folder, stacks)
        for number in range(options.rounds):
            say(f"rest: round {number + 1}")
            for figure, action in ACTIONS:
                for stack in stacks[:3 if action == "get" else 2]:
                    got = wrk(stack.api_port, action, options.seconds, number)
                    add(results, figure, stack.name, got)
    finally:
        for stack in reversed(stacks):
            stack.finish()


def all_values(rest):
    """Every tag's value, page by page."""
    count, after = 0, ""
    while after is not None:
        page = rest.call("GET", f"/values?limit=1000{after and '&after=' + after}")
        count += len(page["items"])
        after = page["next"]
    return count


def timed_s(action):
    began = time.monotonic()
    return action(), time.monotonic() - began


def measure_values(results, options, folder):
    stack = Tagferry(folder / "values")
    try:
        stack.start_servers().configure(100, 100)
        rest = Rest(stack.api_port)
        for number in range(options.rounds):
            say(f"rest: values, round {number + 1}")
            count, seconds = timed_s(lambda: all_values(rest))
            assert count == 10000, f"{count} values"
            results.add("values of 10,000 tags ms", stack.name, seconds * 1000)
        rest.close()
    finally:
        stack.finish()


def measure_import(results, options, folder):
    """100,000 tags as CSV, as a workbook, and of another product; then all in one register."""
    text = "".join(csv_rows(1000, 100))
    files = [("import of 100,000 rows s", "", text, "text/csv"),
             ("import of 100,000 rows of a workbook s", "?changes=none", None, "application/octet-stream"),
             ("import of 100,000 tags of kepware s", "?format=kepware&changes=none",
              "".join(kepware_rows(1000, 100)), "text/csv")]
    same = {"devices": [{"name": "d", "mqtt": {"topic": "t"}, "tags": [
        {"name": f"t{number}", "modbus": {"table": "holding_register", "address": 5}}
        for number in range(100000)]}]}
    for number in range(min(options.rounds, 3)):
        say(f"rest: import, round {number + 1}")
        workbook = b""
        for place, (figure, query, body, kind) in enumerate(files):
            stack = Tagferry(folder / f"import-{number}-{place}", units="1-2")
            try:
                rest = Rest(stack.start_servers().api_port)
                if place == 2:
                    _, seconds = timed_s(lambda: rest.call("POST", "/import", same, refused=409))
                    results.add("refusal of 100,000 overlaps s", stack.name, seconds)
                _, seconds = timed_s(lambda: rest.call("POST", "/import" + query, body or workbook, kind))
                results.add(figure, stack.name, seconds)
                workbook = workbook or rest.call("GET", "/export?format=xlsx")
                rest.close()
            finally:
                stack.finish()


def measure_profiles(results, options, folder):
    """300 devices of 40 tags from one profile, and a change of one tag of it."""
    tags = [{"name": f"t{number}", "mqtt": {"key": f"/v/{number}"},
             "modbus": {"table": "input_register", "address": 2 * number}} for number in range(40)]
    body = {"params": {"serial": {}}, "device": {"mqtt": {"topic": "m/{serial}"}}, "tags": tags}
    devices = [{"name": f"d{number}", "params": {"serial": number}} for number in range(300)]
    for number in range(min(options.rounds, 3)):
        say(f"rest: profiles, round {number + 1}")
        stack = Tagferry(folder / f"profiles-{number}", units="1-2")
        try:
            rest = Rest(stack.start_servers().api_port)
            rest.call("PUT", "/profiles/m", body)
            _, seconds = timed_s(lambda: rest.call("POST", "/profiles/m/devices", devices))
            results.add("300 devices of a profile ms", stack.name, 1000 * seconds)
            tags[5]["unit"] = f"unit {number}"
            _, seconds = timed_s(lambda: rest.call("PUT", "/profiles/m", body))
            results.add("change of a profile ms", stack.name, 1000 * seconds)
            rest.close()
        finally:
            stack.finish()


def measure_revert(results, options, folder):
    """An import of 10,000 tags is undone, and that is undone."""
    text = "".join(csv_rows(100, 100))
    for number in range(min(options.rounds, 3)):
        say(f"rest: revert, round {number + 1}")
        stack = Tagferry(folder / f"revert-{number}", units="1-2")
        try:
            rest = Rest(stack.start_servers().api_port)
            rest.call("POST", "/import?changes=none", text, "text/csv")
            for figure, query in (("undo of an import of 10,000 rows s", "&confirm=10100"),
                                  ("undo of its undo s", "")):
                _, seconds = timed_s(lambda: rest.call(
                    "POST", f"/audit/newest/revert?changes=none{query}"))
                results.add(figure, stack.name, seconds)
            rest.close()
        finally:
            stack.finish()


STEPS = {"requests": measure_actions, "values": measure_values, "import": measure_import,
         "profiles": measure_profiles, "revert": measure_revert}
