"""Two gateways: how long a change of the configuration takes to the follower, and a setpoint of SCADA to the registers
of the other gateway."""

import random
import time

from candidates import Rest, csv_rows
from gateways import finish_all
from measure import say
from mirror_pair import Pair, Side
from mqttd_helpers import back
from replica_gateways import ApiGateway

DEVICES, KEYS = 100, 10
CHANGES = 5  # of a round
SETPOINTS = 50  # of a round
PATIENCE_S = 20


def wait_ms(probe, what, pause_s):
    began = time.monotonic()
    while not probe():
        assert time.monotonic() - began < PATIENCE_S, f"{what} is not there after {PATIENCE_S} s"
        time.sleep(pause_s)
    return (time.monotonic() - began) * 1000


def add(results, figure, took_ms):
    """Of a round: each, and the slowest."""
    for each in took_ms:
        results.add(f"{figure} ms", "tagferry", each)
    results.add(f"{figure}, slowest ms", "tagferry", max(took_ms))


def rest_of(gateway):
    return Rest(int(gateway.api.options["api.listen"].rsplit(":")[-1]))


def measure_follower(results, options, folder):
    """A change of a device at the leader, until the follower shows it."""
    gateways = []
    try:
        for name in ("leader", "follower"):
            gateways.append(ApiGateway(folder / name))
            gateways[-1].common["common.log_level"] = "info"
            gateways[-1].start(**({"api__follow": gateways[0].url} if name == "follower" else {}))
        leader, follower = (rest_of(gateway) for gateway in gateways)
        leader.call("POST", "/import", "".join(csv_rows(DEVICES, KEYS)), "text/csv")
        wait_ms(lambda: len(follower.call("GET", "/devices?limit=1000")["items"]) == DEVICES, "the import", 0.1)
        for number in range(options.rounds):
            say(f"pair: follower, round {number + 1}")
            took_ms = []
            for change in range(CHANGES):
                time.sleep(random.random())  # at any time between two questions of the follower
                label = f"{number}.{change}"
                leader.call("PATCH", "/devices/d7", {"label": label})
                took_ms.append(wait_ms(
                    lambda wanted=label: follower.call("GET", "/devices/d7")["label"] == wanted, "the change", 0.005))
            add(results, "a change is at the follower", took_ms)
    finally:
        finish_all(gateways)


def measure_mirror(results, options, folder):
    """A write at one gateway, until the register of the other one has it; from either side in turn."""
    pair = Pair(folder)
    try:
        for name in "ab":
            pair.sides.append(Side(folder / name, pair.broker, name))
            pair.sides[-1].common["common.log_level"] = "info"
            pair.sides[-1].begin()
        pair.configure(lambda api: api.device("d", "d", [
            back(f"k{key}", key, "uint16", f"cmd/{key}", mqtt={"settle_ms": 0}) for key in range(KEYS)]))
        pair.mirrors()
        with pair.sides[0].modbusd.client() as one, pair.sides[1].modbusd.client() as other:
            for number in range(options.rounds):
                say(f"pair: mirror, round {number + 1}")
                took_ms = []
                for place in range(SETPOINTS):
                    here, there = (one, other) if place % 2 else (other, one)
                    key, value = place % KEYS, 1 + number * SETPOINTS + place
                    here.write_one(key, value)
                    took_ms.append(wait_ms(lambda: there.holding(key) == [value], "the setpoint", 0.0005))
                add(results, "a setpoint is at the other gateway", took_ms)
    finally:
        pair.finish()


STEPS = {"follower": measure_follower, "mirror": measure_mirror}
