"""Each daemon restarted alone, in any order, at any time: the flow recovers by itself."""

import itertools

import pytest

from harness import eventually
from mqttd_helpers import served

TOPIC = "plant/restart"


@pytest.fixture
def flowing(plant):
    plant.api.device("r", TOPIC, [
        {"name": "level", "modbus": {"table": "input_register", "address": 7, "type": "int32"}},
        {"name": "target", "direction": "both", "mqtt": {"command_topic": "plant/restart/set"},
         "modbus": {"table": "holding_register", "address": 7, "type": "int16"}}])
    served(plant)
    plant.counter = itertools.count(100001)
    flows(plant)
    return plant


def register(plant):
    with plant.modbusd.client() as modbus:
        high, low = modbus.inputs(7, 2)
    return high << 16 | low


def flows(plant):
    """A new value arrives in its register. It is published once: messages sent while a part was
    down must not need repetition."""
    number = next(plant.counter)
    plant.broker.publish(TOPIC, {"level": number})
    eventually(lambda: register(plant) == number, f"level {number}")


def comes_back(plant):
    """The other direction: a SCADA write is published."""
    number = next(plant.counter) % 30000
    watch = plant.broker.subscribe("plant/restart/set")
    with plant.modbusd.client() as modbus:
        modbus.write_one(7, number)
    eventually(lambda: ("plant/restart/set", '{"target": %d}' % number) in
               [(t, p.replace('":', '": ').replace(":  ", ": ")) for t, p in watch.messages],
               f"command {number}; had {watch.messages}")
    watch.close()


@pytest.mark.parametrize("name", ["modbusd", "api", "mqttd"])
@pytest.mark.parametrize("how", ["stop", "kill"])
def test_restart_one(flowing, name, how):
    part = getattr(flowing, name)
    last = register(flowing)
    assert getattr(part, how)() in (0, None)
    if name != "modbusd":
        assert register(flowing) == last
    part.start()
    if name == "modbusd":
        assert register(flowing) == last, "the registers survive"
    flows(flowing)
    comes_back(flowing)


def test_broker_restarts(flowing):
    flowing.broker.kill()
    flowing.broker.start()
    # The broker has lost the session: what comes before the new subscription is for nobody.
    flowing.mqttd.wait_log("(?s)connected to broker.*connected to broker.*subscribed to")
    flows(flowing)
    comes_back(flowing)


@pytest.mark.parametrize("order", list(itertools.permutations(["modbusd", "api", "mqttd"])))
def test_all_down_then_up_in_any_order(flowing, order):
    last = register(flowing)
    for name in order:
        getattr(flowing, name).kill()
    for name in reversed(order):
        getattr(flowing, name).start(wait=False)
    for name in order:
        getattr(flowing, name).wait_ready()
    eventually(lambda: register(flowing) == last, "the registers")
    flows(flowing)
    comes_back(flowing)


def test_values_flow_without_the_api(flowing):
    flowing.api.kill()
    flows(flowing)
    comes_back(flowing)


def test_messages_while_mqttd_is_away_are_kept(flowing):
    """The broker keeps the session and queues; the newest value arrives after the restart."""
    flowing.mqttd.kill()
    flowing.broker.publish(TOPIC, {"level": 777001})
    flowing.broker.publish(TOPIC, {"level": 777002})
    flowing.mqttd.start()
    eventually(lambda: register(flowing) == 777002, "the queued value")


def test_values_while_modbusd_is_away_are_kept(flowing):
    flowing.modbusd.kill()
    flowing.broker.publish(TOPIC, {"level": 888001})
    flowing.broker.publish(TOPIC, {"level": 888002})
    flowing.modbusd.start()
    eventually(lambda: register(flowing) == 888002, "the value kept for the target")


def test_commands_while_mqttd_is_away_are_kept(flowing):
    """The journal keeps SCADA's writes, each once, in order."""
    comes_back(flowing)
    watch = flowing.broker.subscribe("plant/restart/set")
    flowing.mqttd.stop()
    with flowing.modbusd.client() as modbus:
        for number in (11, 12, 12):
            modbus.write_one(7, number)
    flowing.mqttd.start()
    messages = watch.wait(3)
    assert [int(p.split(":")[1].strip(" }")) for _, p in messages][:3] == [11, 12, 12], messages
    watch.close()


def test_an_older_report_does_not_undo_what_scada_wrote(flowing):
    """The message waits at the broker while mqttd is stopped, and reaches the register after
    SCADA's write. The device receives the command; hold-off would ignore its echo, so the register
    must not need it."""
    watch = flowing.broker.subscribe("plant/restart/set")
    for number in range(10):
        flowing.mqttd.kill()
        flowing.broker.publish(TOPIC, {"target": 100 + number})
        with flowing.modbusd.client() as modbus:
            modbus.write_one(7, 200 + number)
            flowing.mqttd.start()
            watch.wait(number + 1)
            eventually(lambda: flowing.mqttd.counter("MQTTD_MESSAGES") > 0, "the report")
            eventually(lambda: modbus.holding(7) == [200 + number], f"SCADA's {200 + number}")
    watch.close()
