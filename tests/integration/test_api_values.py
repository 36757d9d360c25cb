"""Values over HTTP, with a real Modbus server."""

import resource
import signal
import socket
import threading

import pytest

from gateway import Gateway
from harness import eventually, serve_each
from small_plc import SmallPlc
from store_file import open_store
from test_api_devices import errors
from wire import Wire, frame


@pytest.fixture
def api(stack):
    stack.start_modbusd()
    api = stack.start_api()
    api.device("a", "t")
    return api


def tag(api, name, **members):
    return api.must("POST", "/devices/a/tags", dict(members, name=name))


def put(api, name, value):
    return api.request("PUT", f"/devices/a/tags/{name}/value", {"value": value})


def test_reads_what_modbus_shows(api, stack):
    tag(api, "x", modbus={"address": 10, "type": "int16", "scale": 0.1})
    tag(api, "f", modbus={"address": 20})
    tag(api, "b", modbus={"address": 30, "type": "bool", "bit": 3})
    with stack.modbusd.client() as modbus:
        modbus.write(10, 215)
        modbus.write(20, 0x41AA, 0x6666)
        modbus.write(30, 0x0008)
    value = api.value("a", "x")
    assert value == {"device": "a", "tag": "x", "value": 21.5, "raw": [215], "quality": "never",
                     "reason": "mqttd_down",
                     "received_at": None, "written_at": None, "age_ms": None, "expires_at": None, "messages": 0,
                     "rejects": 0, "last_error": None}
    assert api.value("a", "f")["value"] == 21.3
    assert b'"value":21.3,' in api.get("/devices/a/tags/f/value").body
    assert api.value("a", "b")["value"] is True and api.value("a", "b")["raw"] == [8]


@pytest.mark.parametrize("table", ["coil", "discrete_input"])
def test_writes_bits(api, stack, table):
    tag(api, "x", modbus={"table": table, "address": 7})
    answer = put(api, "x", "on")
    assert answer.status == 200 and answer.json()["value"] is True and answer.json()["raw"] == [1]
    with stack.modbusd.client() as modbus:
        assert modbus.read(table, 7) == [True]


@pytest.mark.parametrize("table", ["holding_register", "input_register"])
def test_writes_registers(api, stack, table):
    tag(api, "i", modbus={"table": table, "address": 1, "type": "int64", "byte_order": "CDAB"})
    tag(api, "s", modbus={"table": table, "address": 8, "type": "string", "length": 3})
    tag(api, "b", modbus={"table": table, "address": 12, "type": "bool", "bit": 15})
    assert put(api, "i", "9007199254740993").json()["value"] == "9007199254740993"
    assert put(api, "i", -5).json()["value"] == -5
    assert put(api, "s", "a\u00b0").json()["value"] == "a\u00b0"
    assert put(api, "b", True).json()["raw"] == [0x8000]
    with stack.modbusd.client() as modbus:
        assert modbus.read(table, 1, 4) == [0xFFFB, 0xFFFF, 0xFFFF, 0xFFFF]
        assert modbus.read(table, 8, 3) == [0x61C2, 0xB000, 0]
        assert modbus.read(table, 12) == [0x8000]


def test_a_command_goes_to_the_scada_side(api, stack):
    tag(api, "x", direction="both", mqtt={"command_topic": "c", "values": {"low": 1, "high": 2}},
        modbus={"address": 3, "type": "uint16"})
    assert put(api, "x", "high").json()["raw"] == [2]
    stack.modbusd.log()
    answer = put(api, "x", "middle")
    assert answer.status == 422 and errors(answer) == {("/value", "unmapped_string")}
    answer = put(api, "x", 3)
    assert answer.status == 422 and errors(answer) == {("/value", "unmapped_number")}
    assert api.value("a", "x")["raw"] == [2]
    assert put(api, "x", 1).json()["raw"] == [1]


def test_what_a_get_shows_can_be_put(api, stack):
    """Only strings are looked up in mqtt.values: an inverted contact does not turn round."""
    tag(api, "x", mqtt={"values": {"true": 0, "false": 1}}, modbus={"table": "coil", "address": 3})
    tag(api, "m", mqtt={"values": {"1": 10, "10": 20}}, modbus={"address": 4, "type": "uint16"})
    assert put(api, "x", "false").json()["value"] is True
    assert put(api, "x", True).json()["value"] is True
    assert put(api, "m", " 1\n").json()["value"] == 10
    assert put(api, "m", 10).json()["value"] == 10


def test_a_string_takes_numbers_and_booleans(api, stack):
    tag(api, "s", modbus={"address": 8, "type": "string", "length": 3})
    assert put(api, "s", 11608).json()["value"] == "11608"
    assert put(api, "s", False).json()["value"] == "false"
    assert put(api, "s", " a ").json()["value"] == " a "
    assert errors(put(api, "s", 2 ** 53)) == {("/value", "inexact_integer")}
    assert errors(put(api, "s", [1])) == {("/value", "not_a_string")}


@pytest.mark.parametrize("body, code", [
    ({}, ("/value", "required")), ({"value": None}, ("/value", "null_value")),
    ({"value": 70000}, ("/value", "out_of_range")), ({"value": []}, ("/value", "not_a_number")),
    ({"value": "x"}, ("/value", "not_a_number")), ([1], ("", "wrong_type")),
    ({"value": 1, "other": 2}, ("/other", "unknown_field"))])
def test_refuses_what_is_no_value(api, body, code):
    tag(api, "x", modbus={"address": 3, "type": "int16"})
    answer = api.request("PUT", "/devices/a/tags/x/value", body)
    assert answer.status == 422 and code in errors(answer)


def test_a_value_is_put_to_the_tag_as_it_is_known(api):
    known = {"If-Match": f'"{tag(api, "x")["revision"]}"'}
    assert api.request("PUT", "/devices/a/tags/x/value", {"value": 1}, known).status == 200
    api.must("PATCH", "/devices/a/tags/x", {"modbus": {"scale": 10}})
    assert api.request("PUT", "/devices/a/tags/x/value", {"value": 2}, known).status == 412
    assert api.value("a", "x")["value"] == 10


def test_a_foreign_server_that_takes_one_register_a_write(api):
    plc = SmallPlc(functions=(3, 6))
    try:
        api.device("f", "t", [{"name": "x", "modbus": {"address": 7}}], network={
            "modbus_host": "127.0.0.1", "modbus_port": plc.port, "write_single": True})
        assert api.request("PUT", "/devices/f/tags/x/value", {"value": 21.3}).status == 200
        assert plc.registers[7:9] == [0x41AA, 0x6666] and plc.seen == [6, 6]
    finally:
        plc.close()


@pytest.mark.parametrize("modbus, value, raw", [
    ({"type": "uint16"}, 7, [7]),
    ({"type": "int16", "scale": 0.1, "offset": 5}, 4.5, [0xFFFB]),
    ({"type": "float32", "byte_order": "CDAB"}, 21.5, [0, 0x41AC]),
    ({"type": "string", "length": 2}, "abc", [0x6162, 0x6300]),
    ({"type": "bool", "bit": 3}, True, [8]),
    ({"type": "bool", "bit": 3}, False, [0])])
def test_a_write_to_a_foreign_server_shows_what_was_written(api, modbus, value, raw):
    """Whatever mqttd knew of it earlier."""
    server = Gateway()
    try:
        api.device("f", "t", [{"name": "x", "modbus": dict(modbus, address=7)}], network={
            "modbus_host": "127.0.0.1", "modbus_port": server.port})
        for _ in range(2):
            answer = api.must("PUT", "/devices/f/tags/x/value", {"value": value})
            assert (answer["value"], answer["raw"]) == (value, raw)
        assert server.units[1][7:7 + len(raw)] == raw
        assert api.value("f", "x")["value"] is None, "nothing came from the device or a poll"
        server.away.add(1)
        assert api.request("PUT", "/devices/f/tags/x/value", {"value": value}).status == 503
    finally:
        server.close()


def test_a_reserved_unit_is_not_taken_for_another(api, stack):
    """libmodbus refuses these ids, and would use the previous unit."""
    plc = SmallPlc()
    try:
        api.device("f", "t", [{"name": "x", "modbus": {"address": 7}}], network={
            "modbus_host": "127.0.0.1", "modbus_port": plc.port})
        with open_store(stack.common["common.database"]) as store:
            store.execute("UPDATE device SET network_unit_id = 250 WHERE name = 'f'")
        answer = api.request("PUT", "/devices/f/tags/x/value", {"value": 1})
        assert answer.status == 503 and "modbus_exception" in answer.json()["detail"]
        assert plc.seen == []
    finally:
        plc.close()


def test_as_many_connections_as_are_configured(stack):
    """Without reserved descriptors, there would be none for the store and the registers."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    stack.start_modbusd()
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, limits[1]))
    try:
        api = stack.start_api(api__max_connections=300, api__max_connections_per_ip=0)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    api.device("a", "t", [{"name": "x"}])
    host, port = api.options["api.listen"].split(":")
    crowd = [socket.create_connection((host, int(port))) for _ in range(250)]
    assert put(api, "x", 1).json()["value"] == 1
    assert api.get("/export").status == 200
    for connection in crowd:
        connection.close()


def test_more_than_a_thousand_connections_do_not_end_the_api(stack):
    """Descriptors from 1024 on, which select cannot wait for, work, too."""
    plc = SmallPlc()
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, limits[1]), limits[1]))
    try:
        stack.start_modbusd()
        api = stack.start_api(api__max_connections=2000, api__max_connections_per_ip=0)
        api.device("a", "t", [{"name": "x"}])
        api.device("f", "t", [{"name": "x", "modbus": {"address": 1}}], network={
            "modbus_host": "127.0.0.1", "modbus_port": plc.port})
        host, port = api.options["api.listen"].split(":")
        crowd = [socket.create_connection((host, int(port))) for _ in range(1100)]
        assert put(api, "x", 1).json()["value"] == 1
        assert api.request("PUT", "/devices/f/tags/x/value", {"value": 1}).status == 200
        assert plc.registers[1:3] == [0x3f80, 0]
        stack.modbusd.stop()
        assert api.get("/devices/a/tags/x/value").status == 503
        stack.modbusd.start()
        eventually(lambda: api.get("/devices/a/tags/x/value").status == 200, "the value")
        for connection in crowd:
            connection.close()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        plc.close()


def test_list_of_values(api, stack):
    for i in range(5):
        tag(api, f"r{i}", modbus={"address": 100 * i, "type": "int16"})
        tag(api, f"c{i}", modbus={"table": "coil", "address": i})
        assert put(api, f"r{i}", i).status == 200
    values = api.must("GET", "/values")
    assert values["total"] == 10 and values["next"] is None
    assert [v["tag"] for v in values["items"]] == sorted(v["tag"] for v in values["items"])
    assert [v["value"] for v in values["items"]] == [False] * 5 + [0, 1, 2, 3, 4]
    page = api.must("GET", "/values?device=a&limit=3&after=a/c3")
    assert [v["tag"] for v in page["items"]] == ["c4", "r0", "r1"] and page["next"] == "a/r1"


def test_unreachable(api, stack):
    tag(api, "x", modbus={"address": 3, "type": "int16"})
    stack.modbusd.kill()
    answer = api.get("/devices/a/tags/x/value")
    assert answer.status == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert put(api, "x", 1).status == 503
    listed = api.must("GET", "/values")["items"][0]
    assert listed["value"] is None and listed["last_error"]["code"] == "modbus_unreachable"
    stack.modbusd.start()
    eventually(lambda: put(api, "x", 7).status == 200, "the Modbus server is found again")


def test_a_stopped_modbusd_delays_no_get(stack):
    stack.start_modbusd()
    api = stack.start_api(api__modbus_timeout_ms=5000)
    api.device("a", "t")
    tag(api, "x", modbus={"address": 3, "type": "int16"})
    stack.modbusd.signal(signal.SIGSTOP)
    waiting = threading.Thread(target=lambda: api.get("/devices/a/tags/x/value"))
    waiting.start()
    served = 0
    while waiting.is_alive():
        assert api.get("/devices/a").status == 200
        served += 1
    waiting.join()
    stack.modbusd.signal(signal.SIGCONT)
    assert served >= 3, "GETs go on while a value is waited for"


def test_unknown_tag(api):
    assert api.get("/devices/a/tags/none/value").status == 404
    assert api.get("/devices/none/tags/none/value").status == 404


COMMAND = {"direction": "to_mqtt", "mqtt": {"command_topic": "t/set"}}


def four_tags(api):
    """One tag for each connection of the API to modbusd, and a bit."""
    tag(api, "measured", modbus={"table": "input_register", "address": 0, "type": "uint16"})
    tag(api, "held", modbus={"address": 1, "type": "uint16"})
    tag(api, "bit", modbus={"address": 3, "type": "bool", "bit": 2})
    tag(api, "told", modbus={"address": 2, "type": "uint16"}, **COMMAND)
    return ["measured", "held", "bit", "told"]


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_restart_of_modbusd_fails_no_request(api, stack, end):
    """The earlier connections are closed; no request fails because of that."""
    names = four_tags(api)
    for number in (1, 0, 1):
        for name in names:
            assert put(api, name, number).status == 200
        getattr(stack.modbusd, end)()
        stack.modbusd.start()
        for name in names:
            assert put(api, name, 1 - number).json()["value"] == 1 - number
        stack.modbusd.stop()
        stack.modbusd.start()
        assert api.value("a", names[0])["last_error"] is None
        stack.modbusd.stop()
        stack.modbusd.start()
        assert api.get("/registers/holding_register?count=1").status == 200
        stack.modbusd.stop()
        stack.modbusd.start()
        assert 'tagferry_up{daemon="modbusd"} 1' in api.get("/metrics").body.decode()


def test_a_command_is_never_sent_twice(stack):
    """The connection ends during a request, which may have been executed. Reads, and writes of the
    process side, are repeated; a command is not."""
    modbusd = stack.start_modbusd()
    fickle = {side: Fickle(modbusd.address(side)) for side in ("scada", "inputs", "outputs")}
    api = stack.start_api(common__modbus=fickle["scada"].address,
                          common__modbus_inputs=fickle["inputs"].address,
                          common__modbus_outputs=fickle["outputs"].address)
    api.device("a", "t")
    names = four_tags(api)
    for name, side in zip(names, ("inputs", "outputs", "outputs", "scada")):
        assert put(api, name, 1).status == 200
        fickle[side].forget()
        fickle[side].close_at_next = True
        answer = put(api, name, 0)
        writes = [function for function in fickle[side].functions if function in (5, 6, 15, 16, 22)]
        if name == "told":
            assert answer.status == 503 and len(writes) == 1
        else:
            assert answer.status == 200 and len(writes) == 2
    eventually(lambda: put(api, "told", 1).status == 200, "the back-off to end")
    fickle["scada"].forget()
    fickle["scada"].close_at_next = True
    assert api.value("a", "told")["value"] == 1
    assert fickle["scada"].functions == [3, 3]
    for each in fickle.values():
        each.close()


class Fickle:
    """A proxy between the API and one port of modbusd: on request, accepts a request and closes."""

    def __init__(self, target):
        self.target, self.close_at_next, self.functions = target, False, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        serve_each(self.listener, self._serve)

    def forget(self):
        self.functions = []

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _serve(self, client):
        """Passes one request at a time, as the API sends them."""
        with client, Wire(self.target) as server:
            while request := client.recv(300):
                self.functions.append(request[7])
                server.send(request)
                transaction, unit, pdu = server.answer()
                if self.close_at_next:
                    self.close_at_next = False
                    return
                client.sendall(frame(pdu, transaction, unit))
