"""The broker gone, killed, forgetful, hanging, slow, refusing, mute."""

import signal
import time

import pytest

import rows
from flow import Flow
from harness import eventually
from mqttd_helpers import served
from proxy import Proxy


@pytest.fixture(scope="module")
def flow(plant):
    """mqttd connects to the broker through a proxy, the devices directly."""
    broker = plant.start_broker("autosave_interval 0", persistence=True)
    plant.start_modbusd(modbusd__image=plant.image)
    plant.start_api()
    plant.proxy = Proxy(broker.number)
    plant.start_mqttd(mqttd__broker=plant.proxy.address(), mqttd__keepalive_s=5)
    made = Flow(plant, broker.number)
    served(plant)
    made.say()
    made.back()
    save(plant)
    yield made
    made.close()
    plant.proxy.close()


def save(plant):
    """The broker saves its sessions, as it does periodically."""
    saved = plant.broker.folder / "mosquitto.db"
    before = saved.stat().st_mtime_ns if saved.exists() else 0
    plant.broker.signal(signal.SIGUSR1)
    eventually(lambda: saved.exists() and saved.stat().st_mtime_ns > before, "the broker to save")


def end(plant, flow, how):
    """The broker ends with messages for mqttd, which is stopped."""
    flow.command()
    eventually(lambda: not flow.missing(), "the command")
    plant.mqttd.kill()
    flow.say(20)
    flow.settle()
    flow.command()
    plant.broker.kill() if how == "kill" else plant.broker.stop()
    began = time.monotonic()
    plant.broker.start()
    plant.mqttd.start()
    return began


def term(plant, flow):
    return end(plant, flow, "term")


def kill(plant, flow):
    return end(plant, flow, "kill")


def restart(plant, flow, persistence):
    plant.broker.persistence = persistence
    plant.broker.stop()
    plant.broker.start()
    flow.mark()


def forget(plant, flow, how="term"):
    restart(plant, flow, persistence=False)
    return end(plant, flow, how)


def forget_killed(plant, flow):
    return forget(plant, flow, "kill")


def stop(plant, flow):
    plant.broker.signal(signal.SIGSTOP)
    flow.say(20)
    flow.command()
    plant.broker.signal(signal.SIGCONT)
    return time.monotonic()


def slow(plant, flow):
    plant.proxy.set("slow")
    began = time.monotonic()
    flow.say(20)
    flow.command()
    flow.back()
    plant.proxy.set("pass")
    return began


def refuse(plant, flow):
    plant.proxy.set("refuse")
    before = plant.proxy.refusals
    flow.say(20)
    flow.command()
    eventually(lambda: plant.proxy.refusals > before + 1, "mqttd to try again")
    plant.proxy.set("pass")
    return time.monotonic()


def mute(plant, flow):
    plant.proxy.set("mute")
    flow.say(20)
    flow.command()
    eventually(lambda: plant.proxy.open, "mqttd to connect")
    plant.proxy.mode = "pass"  # for new connections; the mute one stays mute
    return time.monotonic()


@pytest.mark.parametrize("row", rows.BROKER, ids=lambda row: row.name)
def test_broker(plant, flow, record, row):
    began = globals()[row.how.replace(" ", "_")](plant, flow)
    flow.mark()
    back = (time.monotonic() - began) * 1000
    lost = flow.lost_now()
    record(row, lost, back)
    if row.may == rows.NOTHING:
        assert lost == 0
    # The next message has the lost values.
    flow.say()
    flow.back()
    assert flow.lost() == 0
    if not plant.broker.persistence:
        restart(plant, flow, persistence=True)
    save(plant)
