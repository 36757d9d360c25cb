"""Units behind one foreign server that fall silent separately; lost registers of a server;
order."""

import json
import random
import re
import subprocess

import pytest

from gateway import Gateway
from harness import eventually
from mqttd_helpers import back, metrics, reloaded, tag


@pytest.fixture
def gateway():
    made = Gateway(units=range(1, 10))
    yield made
    made.close()


@pytest.fixture
def impatient(stack):
    """All parts, with time-outs that a test can wait for."""
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    stack.start_mqttd(mqttd__modbus_timeout_ms=1000)
    return stack


@pytest.fixture
def patient(stack):
    """All parts. A foreign server of a busy machine is never taken for one that does not answer."""
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    stack.start_mqttd(mqttd__modbus_timeout_ms=30000)
    return stack


def network(gateway, unit=1, **more):
    return dict({"modbus_host": "127.0.0.1", "modbus_port": gateway.port, "unit_id": unit}, **more)


def holds(gateway, unit, address, words):
    eventually(lambda: gateway.units[unit][address:address + len(words)] == words,
               f"unit {unit} to hold {words}")


def serve_units(stack, gateway, units, tags=None, **more):
    def configure():
        for unit in units:
            stack.api.device(f"u{unit}", "all", tags or [tag("v", 0, "uint16")],
                             network=network(gateway, unit, **more))
    reloaded(stack, configure)


def last_error(stack, device, tag="v"):
    return stack.api.value(device, tag)["last_error"] or {}


def unit_metrics(stack, gateway):
    """For each unit: whether it is up, and the number of its failing tags."""
    text = stack.api.get("/metrics").body.decode()

    def series(name):
        found = re.findall(rf'^tagferry_foreign_unit_{name}{{server="127.0.0.1:{gateway.port}",'
                           r'unit="(\d+)"} (\d+)$', text, re.M)
        return {int(unit): int(number) for unit, number in found}
    up, failing = series("up"), series("failing_tags")
    return {unit: (up[unit], failing[unit]) for unit in up}


def polls_go_on(gateway, unit, times=3):
    before = gateway.count(unit, 3)
    eventually(lambda: gateway.count(unit, 3) >= before + times, f"polls of unit {unit}")


def test_a_silent_unit_starves_no_other(impatient, gateway):
    """The units before and after it get each value immediately, and are polled."""
    gateway.silent = {2}
    serve_units(impatient, gateway, (1, 2, 3))
    reloaded(impatient, lambda: impatient.api.device(
        "back", "b", [back("w", 5, "uint16", "cmd/w")],
        network=network(gateway, 3, poll_interval_ms=50)))
    for n in range(1, 8):
        impatient.broker.publish("all", {"v": n})
        holds(gateway, 1, 0, [n])
        holds(gateway, 3, 0, [n])
    polls_go_on(gateway, 3)
    listener = impatient.broker.subscribe("cmd/#")
    gateway.units[3][5] = 77
    assert listener.wait(1) == [("cmd/w", '{"w": 77}')]
    listener.close()
    assert gateway.units[2][0] == 0
    gateway.silent = set()
    holds(gateway, 2, 0, [7])


def test_the_silent_unit_is_named(impatient, gateway):
    gateway.silent = {2}
    serve_units(impatient, gateway, (1, 2))
    impatient.broker.publish("all", {"v": 1})
    impatient.mqttd.wait_log(f"127.0.0.1:{gateway.port}, unit 2: no answer within 1000 ms")
    eventually(lambda: last_error(impatient, "u2").get("code") == "modbus_unreachable", "an error")
    name = f"127.0.0.1:{gateway.port}, unit 2: no answer"
    assert last_error(impatient, "u2")["detail"] == name
    status = impatient.api.must("GET", "/devices/u2/status")
    assert status["last_error"]["detail"] == name
    assert last_error(impatient, "u1") == {}
    assert unit_metrics(impatient, gateway) == {1: (1, 0), 2: (0, 1)}
    gateway.silent = set()
    holds(gateway, 2, 0, [1])
    eventually(lambda: unit_metrics(impatient, gateway) == {1: (1, 0), 2: (1, 0)}, "both to be up")
    impatient.mqttd.wait_log("unit 2 of Modbus server .* answers again")
    eventually(lambda: last_error(impatient, "u2") == {}, "no error")


def test_many_silent_units_cost_little(impatient, gateway):
    """One time-out per round, not one each; each unit is found when it returns. A value that mqttd has waits for the
    request under way and at most one more, however busy the machine is."""
    gateway.silent = set(range(1, 9))
    serve_units(impatient, gateway, range(1, 10))
    impatient.broker.publish("all", {"v": 1})
    holds(gateway, 9, 0, [1])
    eventually(lambda: all(gateway.count(unit) for unit in gateway.silent), "all to be tried")
    for n in range(2, 12):
        writes = gateway.count(9)
        impatient.broker.publish("all", {"v": n})
        eventually(lambda: impatient.api.value("u9", "v")["value"] == n, "mqttd to have it")
        known = len(gateway.seen)
        holds(gateway, 9, 0, [n])
        written = [at for at, seen in enumerate(gateway.seen) if seen[0] == 9][writes]
        assert sum(seen[0] != 9 for seen in gateway.seen[known:written]) <= 2
    gateway.silent = set()
    for unit in range(1, 9):
        holds(gateway, unit, 0, [11])


def test_a_unit_that_its_gateway_misses(patient, gateway):
    """The gateway reports it itself, slowly: values are then not sent one by one."""
    gateway.away = {2}
    tags = [tag(f"v{n}", 2 * n, "uint16") for n in range(10)]
    serve_units(patient, gateway, (1, 2), tags)
    patient.broker.publish("all", {f"v{n}": n + 1 for n in range(10)})
    holds(gateway, 1, 18, [10])
    patient.mqttd.wait_log("unit out of reach.*unit 2: exception 11, gateway target device failed")
    eventually(lambda: last_error(patient, "u2", "v9").get("code") == "modbus_exception", "an error")
    assert ", unit 2: exception 11, " in last_error(patient, "u2", "v9")["detail"]
    assert gateway.count(2) <= 8
    assert gateway.connects == 1
    gateway.away = set()
    holds(gateway, 2, 18, [10])


def test_a_function_that_is_ignored(impatient, gateway):
    """FC22 is never answered: only this request is replaced by read and write, and nothing is
    lost."""
    gateway.ignored = {22}
    gateway.units[1][5] = 0xFF00
    tags = [tag("b", 5, "bool", bit=1), tag("v", 0, "uint16")]
    serve_units(impatient, gateway, (1, 2), tags)
    for n, on in ((1, True), (2, False), (3, True)):
        impatient.broker.publish("all", {"b": on, "v": n})
        for unit, rest in ((1, 0xFF00), (2, 0)):
            holds(gateway, unit, 5, [rest | 2 * on])
            holds(gateway, unit, 0, [n])
    assert gateway.count(1, 22) == 1
    assert last_error(impatient, "u1", "b") == {}
    assert "out of reach" not in impatient.mqttd.log()


def test_an_ignored_function_of_a_silent_unit(impatient, gateway):
    """If nothing answers, the function may still be supported: FC22 is used once the unit is
    back."""
    gateway.silent = {1}
    serve_units(impatient, gateway, (1,), [tag("b", 5, "bool", bit=1)])
    impatient.broker.publish("all", {"b": True})
    impatient.mqttd.wait_log("out of reach.*unit 1: no answer")
    gateway.silent = set()
    holds(gateway, 1, 5, [2])
    impatient.broker.publish("all", {"b": False})
    holds(gateway, 1, 5, [0])
    assert gateway.count(1, 22) == 2


def test_a_server_that_begins_again_with_zeros(patient, gateway):
    """Its zeros are not commands, and the newest values are written again."""
    tags = [tag("t", 0, "uint16"), back("v", 1, "uint16", "cmd/v", "both", {"hold_off_ms": 0}),
            back("w", 2, "uint16", "cmd/w"), tag("b", 3, "bool", bit=4),
            tag("s", 10, "string", length=2)]
    gateway.units[1][2] = 5
    serve_units(patient, gateway, (1, 2), tags, poll_interval_ms=50)
    listener = patient.broker.subscribe("cmd/#")
    patient.broker.publish("all", {"t": 7, "v": 8, "b": True, "s": "OK"})
    holds(gateway, 1, 0, [7, 8, 5, 16])
    holds(gateway, 2, 0, [7, 8, 0, 16])
    for unit in (1, 2):
        polls_go_on(gateway, unit)
    gateway.restart()
    for unit in (1, 2):
        holds(gateway, unit, 0, [7, 8, 0, 16])
        holds(gateway, unit, 10, [0x4f4b, 0])
        polls_go_on(gateway, unit)
    assert listener.messages == []
    assert patient.api.value("u1", "v")["value"] == 8
    eventually(lambda: patient.api.value("u1", "w")["value"] == 0, "the reading to be shown")
    gateway.units[1][1] = 9
    assert listener.wait(1) == [("cmd/v", '{"v": 9}')]
    gateway.restart()
    holds(gateway, 1, 0, [7, 9, 0, 16])  # SCADA's last write is the newest
    polls_go_on(gateway, 1)
    assert len(listener.messages) == 1
    listener.close()


def test_a_server_that_is_not_written_again(patient, gateway):
    tags = [back("v", 1, "uint16", "cmd/v", "both", {"hold_off_ms": 0}), tag("t", 0, "uint16")]
    serve_units(patient, gateway, (1,), tags, poll_interval_ms=50, rewrite_on_reconnect=False)
    listener = patient.broker.subscribe("cmd/#")
    patient.broker.publish("all", {"v": 8, "t": 7})
    holds(gateway, 1, 0, [7, 8])
    polls_go_on(gateway, 1)
    gateway.restart()
    eventually(lambda: patient.api.value("u1", "v")["value"] == 0, "the reading to be shown")
    polls_go_on(gateway, 1)
    assert gateway.units[1][0:2] == [0, 0]
    assert listener.messages == []
    gateway.units[1][1] = 9
    assert listener.wait(1) == [("cmd/v", '{"v": 9}')]
    listener.close()


@pytest.mark.parametrize("rewritten", [True, False])
def test_a_server_that_begins_again_while_mqttd_is_away(patient, gateway, rewritten):
    """Nobody has seen the loss. A register that others write, too, is left alone: its zero is no command."""
    tags = [tag("t", 0, "uint16"), back("v", 1, "uint16", "cmd/v", "both", {"hold_off_ms": 0}), tag("last", 2, "uint16")]
    serve_units(patient, gateway, (1,), tags, poll_interval_ms=50, rewrite_on_reconnect=rewritten)
    listener = patient.broker.subscribe("cmd/#")
    patient.broker.publish("all", {"t": 7, "v": 8})
    holds(gateway, 1, 0, [7, 8, 0])
    polls_go_on(gateway, 1)
    patient.mqttd.kill()
    gateway.restart()
    patient.mqttd.start()
    patient.broker.publish("all", {"last": 9})
    holds(gateway, 1, 0, [7 if rewritten else 0, 0, 9])
    polls_go_on(gateway, 1)
    assert listener.messages == []
    assert gateway.units[1][0:3] == [7 if rewritten else 0, 0, 9]
    listener.close()


@pytest.mark.parametrize("how", ["silent", "away"])
def test_a_unit_that_was_away(impatient, gateway, how):
    """Its connection and the other unit stayed up; it returns with zeros."""
    tags = [back("v", 0, "uint16", "cmd/v", "both", {"hold_off_ms": 0}), tag("t", 1, "uint16")]
    serve_units(impatient, gateway, (1, 2), tags, poll_interval_ms=50)
    listener = impatient.broker.subscribe("cmd/#")
    impatient.broker.publish("all", {"v": 8, "t": 7})
    for unit in (1, 2):
        holds(gateway, unit, 0, [8, 7])
        polls_go_on(gateway, unit)
    setattr(gateway, how, {2})
    impatient.mqttd.wait_log("unit out of reach.*unit 2")
    before = gateway.count(1, 16)
    with gateway.lock:
        gateway.units[2][0:2] = [0, 0]
    setattr(gateway, how, set())
    holds(gateway, 2, 0, [8, 7])
    for unit in (1, 2):
        polls_go_on(gateway, unit)
    assert listener.messages == []
    assert gateway.count(1, 16) == before, "the unit that stayed needs nothing"
    gateway.units[1][0] = 30
    assert listener.wait(1) == [("cmd/v", '{"v": 30}')]
    listener.close()


def test_what_stands_for_no_value_is_written_again(patient, gateway):
    """A tag without a value shows on_stale, also after the server's restart."""
    reloaded(patient, lambda: patient.api.device(
        "u", "t", [tag("x", 0, "int16", on_stale=-999)], mqtt={"stale_after_s": 1},
        network=network(gateway, 1)))
    holds(gateway, 1, 0, [0xFFFF & -999])
    gateway.restart()
    holds(gateway, 1, 0, [0xFFFF & -999])


def test_values_are_written_again_without_an_occasion(patient, gateway):
    """Nothing is polled there, and no message arrives."""
    serve_units(patient, gateway, (1, 2))
    patient.broker.publish("all", {"v": 7})
    for unit in (1, 2):
        holds(gateway, unit, 0, [7])
    for _ in range(3):
        gateway.restart()
        for unit in (1, 2):
            holds(gateway, unit, 0, [7])


def test_values_are_written_again_without_a_broker(patient, gateway):
    serve_units(patient, gateway, (1,), [tag("t", 0, "uint16"), back("w", 1, "uint16", "cmd/w")],
                poll_interval_ms=50)
    patient.broker.publish("all", {"t": 7})
    holds(gateway, 1, 0, [7])
    patient.broker.kill()
    gateway.restart()
    holds(gateway, 1, 0, [7])


def test_a_connection_that_was_closed_while_idle(patient, gateway):
    """The connection is opened again immediately; this is not an outage."""
    serve_units(patient, gateway, (1,))
    for n in range(1, 4):
        patient.broker.publish("all", {"v": n})
        holds(gateway, 1, 0, [n])
        gateway.drop()
    assert last_error(patient, "u1") == {}
    assert "out of reach" not in patient.mqttd.log()


def test_a_poll_that_is_refused(patient, gateway):
    """It is logged, counted and shown, and affects no other poll."""
    gateway.exceptions = {(1, 1): 2}
    tags = [back(name, address, "uint16", f"cmd/{name}")
            for name, address in (("v", 0), ("w", 1), ("x", 2))]
    serve_units(patient, gateway, (1,), tags, poll_interval_ms=50)
    patient.mqttd.wait_log("unit 1, holding_register 1 cannot be polled.*: exception 2, illegal data")
    eventually(lambda: last_error(patient, "u1", "w").get("code") == "modbus_exception", "an error")
    assert last_error(patient, "u1", "w")["detail"] == (
        f"127.0.0.1:{gateway.port}, unit 1: exception 2, illegal data address to a poll")
    assert patient.api.must("GET", "/devices/u1/status")["last_error"]["code"] == "modbus_exception"
    assert last_error(patient, "u1", "v") == last_error(patient, "u1", "x") == {}
    assert metrics(patient)["polls_failed_total"] > 0
    listener = patient.broker.subscribe("cmd/#")
    polls_go_on(gateway, 1)
    gateway.units[1][2] = 9
    assert listener.wait(1) == [("cmd/x", '{"x": 9}')]
    gateway.exceptions = {}
    eventually(lambda: last_error(patient, "u1", "w") == {}, "no error")
    polls_go_on(gateway, 1, 6)  # its first value is no command
    gateway.units[1][1] = 9
    assert listener.wait(2)[1] == ("cmd/w", '{"w": 9}')
    listener.close()


@pytest.mark.parametrize("how, code", [("silent", "modbus_unreachable"), ("away", "modbus_exception"),
                                       ("stopped", "modbus_unreachable")])
def test_a_poll_that_has_no_answer(impatient, gateway, how, code):
    serve_units(impatient, gateway, (1, 2), [back("v", 0, "uint16", "cmd/v")], poll_interval_ms=50)
    polls_go_on(gateway, 1)
    if how == "stopped":
        gateway.stop()
    else:
        setattr(gateway, how, {1})
    eventually(lambda: last_error(impatient, "u1").get("code") == code, "an error")
    if how == "stopped":
        eventually(lambda: last_error(impatient, "u2"), "an error of the other unit, too")
    else:
        assert last_error(impatient, "u2") == {}
    assert metrics(impatient)["polls_failed_total"] > 0
    if how == "stopped":
        gateway.start()
    else:
        setattr(gateway, how, set())
    eventually(lambda: last_error(impatient, "u1") == {}, "no error")


def test_one_connection_over_a_change(patient, gateway):
    """A device is disabled and enabled while a request is under way: there is one connection, and
    the newest value stays."""
    serve_units(patient, gateway, (1,))
    patient.broker.publish("all", {"v": 1})
    holds(gateway, 1, 0, [1])
    for n in range(2, 6):
        gateway.hold.clear()
        before = gateway.count(1)
        patient.broker.publish("all", {"v": 100 + n})
        eventually(lambda: gateway.count(1) > before, "a request under way")
        for enabled in (False, True):
            reloaded(patient, lambda: patient.api.must(
                "PATCH", "/devices/u1", {"enabled": enabled}))
        patient.broker.publish("all", {"v": n})
        gateway.hold.set()
        holds(gateway, 1, 0, [n])
    polls = len(gateway.seen)
    assert gateway.units[1][0] == 5 and polls > 0
    assert gateway.most_open == 1


@pytest.mark.parametrize("how", ["silent", "closed", 6, 4])
def test_a_zero_comes_before_the_new_owner(stack, how):
    """The outputs of the local server refuse the zero of an orphaned register. The value of the
    next owner waits for it, or cancels it, while the inputs continue."""
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    outputs, inputs = Gateway(units=(1,)), Gateway(units=(1,))
    stack.start_mqttd(common__modbus_outputs=f"127.0.0.1:{outputs.port}",
                      common__modbus_inputs=f"127.0.0.1:{inputs.port}",
                      mqttd__modbus_timeout_ms=3000)
    reloaded(stack, lambda: stack.api.device("d", "t", [
        tag("old", 5, "uint16"), tag("near", 6, "uint16"),
        tag("in", 9, "uint16", "input_register")]))
    stack.broker.publish("t", {"old": 1, "near": 2, "in": 3})
    holds(outputs, 1, 5, [1, 2])
    holds(inputs, 1, 9, [3])
    inputs.delay = 0.15  # the back-off of the other side passes meanwhile
    outputs.once = {(1, 5): how}
    before = outputs.count(1)

    def free():
        for name in ("near", "old"):
            stack.api.must("DELETE", f"/devices/d/tags/{name}")
    reloaded(stack, free)
    eventually(lambda: outputs.count(1) > before and not outputs.once, "a zero to be on its way")
    reloaded(stack, lambda: stack.api.must("POST", "/devices/d/tags", tag("new", 5, "uint16")))
    stack.broker.publish("t", {"new": 9, "in": 4})
    holds(inputs, 1, 9, [4])
    holds(outputs, 1, 5, [9, 0])
    for n in range(10, 20):
        stack.broker.publish("t", {"new": n, "in": n})
        holds(inputs, 1, 9, [n])
        holds(outputs, 1, 5, [n, 0])
    outputs.close()
    inputs.close()


def test_one_side_holds_up_the_other_no_longer(stack):
    """The outputs of the local server are down for long: the inputs continue, and receive nothing
    else."""
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    outputs, inputs = Gateway(units=(1,)), Gateway(units=(1,))
    stack.start_mqttd(common__modbus_outputs=f"127.0.0.1:{outputs.port}",
                      common__modbus_inputs=f"127.0.0.1:{inputs.port}")
    reloaded(stack, lambda: stack.api.device("d", "t", [
        tag("c", 1, "bool", "coil"), tag("d", 1, "bool", "discrete_input"), tag("out", 5, "uint16"),
        tag("in", 9, "uint16", "input_register")]))
    outputs.stop()
    for n in range(1, 10):
        stack.broker.publish("t", {"out": n, "in": n})
        holds(inputs, 1, 9, [n])
    log = stack.mqttd.log()
    assert log.count(f"out of reach, its values wait: 127.0.0.1:{outputs.port}") == 1
    assert "is back" not in log
    outputs.start()
    holds(outputs, 1, 5, [9])
    outputs.close()
    inputs.close()


def test_what_was_polled_is_shown_after_a_reload(patient, gateway):
    """A change of the device restarts the rows of tags that were only polled."""
    gateway.units[1][0] = 7
    serve_units(patient, gateway, (1,), [back("v", 0, "uint16", "cmd/v")], poll_interval_ms=50)
    for text in ("a", "b"):
        eventually(lambda: patient.api.value("u1", "v")["value"] == 7, "the reading to be shown")
        reloaded(patient, lambda: patient.api.must(
            "PATCH", "/devices/u1/tags/v", {"mqtt": {"settle_ms": len(text)}, "unit": text}))
    eventually(lambda: patient.api.value("u1", "v")["value"] == 7, "the reading to be shown")


def test_a_poll_beside_a_flood(patient, gateway):
    """However long a reading waits for the MQTT thread, a later report of the device is newer, in
    the register and as the value."""
    flood = {f"f{n}": n for n in range(100)}

    def configure():
        patient.api.device("d", "f", [back("v", 0, "uint16", "cmd/v", "both", {"hold_off_ms": 0})],
                             network=network(gateway, 1, poll_interval_ms=10))
        patient.api.device("f", "f", [tag(name, 100 + n, "uint16")
                                        for n, name in enumerate(flood)])
    reloaded(patient, configure)
    publisher = subprocess.Popen(
        ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(patient.broker.number), "-t", "f", "-l"],
        stdin=subprocess.PIPE, text=True)
    chance = random.Random(1)
    line = json.dumps(flood)
    for n in range(1, 60):
        wrote, seen = gateway.count(1, 16), gateway.count(1, 3)
        lines = [line] * 200
        lines.insert(chance.randrange(50, 200), json.dumps({"v": n}))
        publisher.stdin.write("\n".join(lines) + "\n")
        publisher.stdin.flush()
        eventually(lambda: gateway.count(1, 3) > seen + 2 or gateway.count(1, 16) > wrote, "a poll")
        with gateway.lock:
            gateway.units[1][0] = 1000 + n
        eventually(lambda: gateway.count(1, 16) > wrote, "the device's value to be written")
        polls_go_on(gateway, 1)
        eventually(lambda: patient.api.value("d", "v")["value"] == gateway.units[1][0],
                   f"round {n}: the value to be the register's")
    publisher.stdin.close()
    publisher.wait()


def test_a_zero_that_was_refused_is_written_later(stack):
    """Temporarily, by a busy server: no old value stays. A refused one affects no other."""
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    outputs, inputs = Gateway(units=(1,)), Gateway(units=(1,))
    stack.start_mqttd(common__modbus_outputs=f"127.0.0.1:{outputs.port}",
                      common__modbus_inputs=f"127.0.0.1:{inputs.port}")
    reloaded(stack, lambda: stack.api.device("d", "t", [tag("a", 5, "uint32"), tag("b", 7, "uint32")]))
    stack.broker.publish("t", {"a": 0x00010002, "b": 0x00030004})
    holds(outputs, 1, 5, [1, 2, 3, 4])
    outputs.once = {(1, 5): 6}
    outputs.exceptions = {(1, 7): 6}
    reloaded(stack, lambda: stack.api.must("DELETE", "/devices/d"))
    holds(outputs, 1, 5, [0, 0, 3, 0])
    outputs.exceptions = {}
    holds(outputs, 1, 5, [0, 0, 0, 0])
    outputs.close()
    inputs.close()
