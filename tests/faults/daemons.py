"""One daemon killed, stopped or restarted, while the others are up, down or stopped."""

import signal
import time

from harness import eventually
from rows import others


def part(plant, name):
    return getattr(plant, name)


def bring(plant, states):
    for name, state in states.items():
        if state == "down":
            part(plant, name).kill()
        elif state == "stopped":
            part(plant, name).signal(signal.SIGSTOP)


def restore(plant, states):
    for name, state in states.items():
        if state == "down":
            part(plant, name).start()
        elif state == "stopped":
            part(plant, name).signal(signal.SIGCONT)


def use(flow, states):
    """Sends everything that can flow in these states, except values."""
    if states["modbusd"] == "up":
        flow.command()
    if states["api"] == "up":
        assert flow.change() == 200


def strike(flow, victim, action):
    if action == "stopped":
        victim.signal(signal.SIGSTOP)
    else:
        victim.kill() if action == "killed" else victim.stop()


def say_and_strike(flow, victim, action, states):
    """Sends values before the fault, and no later ones that would hide their loss: to mqttd while
    it is down, or so that it has accepted them and cannot write them; to others during the
    fault."""
    if victim is not flow.stack.mqttd or states["modbusd"] == "up":
        flow.say(20)
        strike(flow, victim, action)
        flow.say(5)
        return
    before = victim.counter("MQTTD_MESSAGES")
    flow.say(5)
    eventually(lambda: victim.counter("MQTTD_MESSAGES") >= before + 5, "mqttd to take them")
    strike(flow, victim, action)


def run(plant, flow, record, name, row):
    action, states = row.how
    bring(plant, states)
    victim = part(plant, name)
    say_and_strike(flow, victim, action, states)
    use(flow, dict(states, **{name: "away"}))
    flow.settle()
    began = time.monotonic()
    if action == "stopped":
        victim.signal(signal.SIGCONT)
    else:
        victim.start()
    if any(state != "up" for state in states.values()):
        use(flow, dict(states, **{name: "up"}))
        began = time.monotonic()
        restore(plant, states)
    flow.back()
    back = (time.monotonic() - began) * 1000
    lost = flow.lost()
    record(row, lost, back)
    assert lost == 0
    assert all(part(plant, each).alive() for each in [name, *others(name)])
