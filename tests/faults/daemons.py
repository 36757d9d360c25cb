"""One daemon killed, stopped or restarted, while the others are up, dead or stopped."""

import signal
import time

from rows import others


def part(plant, name):
    return getattr(plant, name)


def bring(plant, states):
    for name, state in states.items():
        if state == "dead":
            part(plant, name).kill()
        elif state == "stopped":
            part(plant, name).signal(signal.SIGSTOP)


def restore(plant, states):
    for name, state in states.items():
        if state == "dead":
            part(plant, name).start()
        elif state == "stopped":
            part(plant, name).signal(signal.SIGCONT)


def use(flow, states):
    """What can flow in these states, flows."""
    flow.say(5)
    if states["modbusd"] == "up":
        flow.command()
    if states["api"] == "up":
        assert flow.change() == 200
    flow.settle()


def run(plant, flow, record, name, row):
    action, states = row.how
    bring(plant, states)
    flow.say(20)  # under way when it happens
    victim = part(plant, name)
    if action == "stopped":
        victim.signal(signal.SIGSTOP)
    else:
        victim.kill() if action == "killed" else victim.stop()
    use(flow, dict(states, **{name: "away"}))
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
