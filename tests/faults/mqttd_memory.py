"""Refuses allocations of mqttd while messages, commands and changes need them. No acknowledged
value is lost, and all values arrive without repetition."""

import json
import time

from flow import STEP, numbers
from harness import eventually
from mqttd_helpers import reloaded, served, tag

# A message that needs memory of mqttd itself: more text and more members than its block for trees
# holds. The text has an escaped NUL.
LARGE = {"nul": "\0" + "x" * 33000, "filler": [float(n) for n in range(900)]}
GROWTH = 1000  # the first input register of devices for these tests


def end(plant):
    """Cancels the order; returns the number of refused allocations."""
    _, refused = plant.refused("mqttd")
    plant.refuse("mqttd", 0)
    return refused


def refuse_some(plant, act, which, own):
    """Runs `act` with one allocation refused, for each of these numbers until it makes no more
    allocations. Returns the number of refusals."""
    times = 0
    for number in which:
        plant.refuse("mqttd", number, own=own)
        act()
        refused = end(plant)
        assert plant.mqttd.alive(), f"allocation {number}:\n{plant.mqttd.log()}"
        if refused == 0:
            break
        times += 1
    return times


def message(flow):
    flow.say(1, **LARGE)
    flow.back()


def command(flow):
    """Each command is published, however long it takes."""
    flow.command()
    eventually(lambda: not flow.missing(), f"command {flow.written[-1]}")


def change(flow):
    assert flow.change() == 200
    served(flow.stack)
    flow.say()
    expected = [flow.number - flow.offset]
    eventually(lambda: numbers(flow.link, 3, STEP, 1) == expected, "the change in force")


def growth(plant, flow):
    """Devices with more tags than any before: the arrays for messages and values grow, in both
    threads, and one allocation is refused. The message is sent once."""
    for number, count in enumerate((70, 140, 280, 560), start=1):
        name, topic = f"many{number}", f"faults/many/{number}"
        tags = [tag(f"k{n}", GROWTH + 2 * n, "uint32", "input_register") for n in range(count)]
        reloaded(plant, lambda: plant.api.device(name, topic, tags))
        said = {f"k{n}": number * 1000 + n for n in range(count)}
        plant.refuse("mqttd", number, own=True)
        flow.client.publish(topic, json.dumps(said), qos=1)
        for n in (count - 1, 0):
            eventually(lambda: numbers(flow.link, 4, GROWTH + 2 * n, 1) == [said[f"k{n}"]],
                       f"value {n} of {count}")
        assert end(plant) == 1
        reloaded(plant, lambda: plant.api.confirm("DELETE", f"/devices/{name}"))


def nested(plant, flow):
    """Keys into a string and to a value in an object: the string's tree and the object's members need
    memory, and one of these allocations is refused. Each message is said once."""
    keys = {"a": "/json/list/id=2/v", "b": "/json/id=one/v"}
    tags = [tag(name, GROWTH + 2 * n, "uint32", "input_register", mqtt={"key": key})
            for n, (name, key) in enumerate(keys.items())]
    reloaded(plant, lambda: plant.api.device("nested", "faults/nested", tags))
    for number in (1, 2, 3, 5, 9):
        inside = {"list": [{"id": 1, "v": 0}, {"id": 2, "v": number}],
                  "o": {"id": "one", "v": number}, **LARGE}
        plant.refuse("mqttd", number, own=True)
        flow.client.publish("faults/nested", json.dumps({"json": json.dumps(inside)}), qos=1)
        for n in (0, 2):
            eventually(lambda: numbers(flow.link, 4, GROWTH + n, 1) == [number], f"message {number}")
        assert end(plant) == 1
    reloaded(plant, lambda: plant.api.must("DELETE", "/devices/nested"))


def new_device(plant, flow, number):
    """A device with a topic of several levels is added completely, or later. Its message is sent
    once, after that."""
    name, register = f"new{number}", GROWTH + 2 * number
    plant.api.device(name, f"faults/new/{number}/+", [tag("v", register, "uint32", "input_register")])
    served(plant)
    flow.client.publish(f"faults/new/{number}/x", json.dumps({"v": number}), qos=1)
    eventually(lambda: numbers(flow.link, 4, register, 1) == [number], name)
    refused = plant.refused("mqttd")[1]
    plant.refuse("mqttd", 0)
    reloaded(plant, lambda: plant.api.confirm("DELETE", f"/devices/{name}"))
    return refused


def new_devices(plant, flow):
    """Returns in how many of them an allocation was refused."""
    times = 0
    for number in range(1, 11):
        plant.refuse("mqttd", number, own=True)
        times += new_device(plant, flow, number)
        assert plant.mqttd.alive(), plant.mqttd.log()
    return times


def check(plant, flow):
    began = time.monotonic()
    growth(plant, flow)
    nested(plant, flow)
    found = new_devices(plant, flow)
    assert found >= 5, found
    assert refuse_some(plant, lambda: message(flow), (1, 2, 3, 5, 9, 20), own=True) == 6
    assert refuse_some(plant, lambda: message(flow), (1, 3, 9), own=False) == 3
    assert refuse_some(plant, lambda: command(flow), range(1, 5), own=False) == 4
    assert refuse_some(plant, lambda: change(flow), range(1, 9), own=True) >= 4
    assert refuse_some(plant, lambda: change(flow), (1, 3, 9, 27, 81), own=False) == 5
    lines = plant.mqttd.log().count("failed allocations since the last line")
    assert 0 < lines <= 1 + (time.monotonic() - began) / 10, "one line in ten seconds"
    assert plant.mqttd.counter("MQTTD_SHORTAGES") > 0
    assert plant.mqttd.counter("MQTTD_MESSAGES_LOST") == 0
    flow.say(5)
    flow.settle()
