"""Devices whose Modbus server is on a serial line, speaks RTU over TCP, or TLS: what the API accepts."""

import json

import pytest

from mqttd_helpers import tag


@pytest.fixture
def api(stack):
    stack.start_broker()
    stack.start_modbusd()
    return stack.start_api()


def body(name, host="serial:/dev/ttyUSB0:9600,8N1", **network):
    return {"name": name, "mqtt": {"topic": name}, "network": dict({"modbus_host": host}, **network)}


def error_of(answer, status=422):
    assert answer.status == status, answer.body
    errors = answer.json()["errors"]
    assert len(errors) == 1
    return errors[0]


@pytest.mark.parametrize("host", [
    "serial:/dev/ttyUSB0", "serial:/dev/ttyUSB0:300,8O2", "serial:/dev/ttyUSB0:4000000",
    "serial:/dev/ttyS1:19200,8E1,rs485,rts=low,before=0,after=100",
    "serial:/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0:9600,8N1",
    "serial:/" + "d" * 198])
def test_lines_are_accepted(api, host):
    api.must("POST", "/devices", body("d", host))
    assert api.must("GET", "/devices/d")["network"]["modbus_host"] == host


@pytest.mark.parametrize("host, words", [
    ("serial:", "absolute path"), ("serial:ttyUSB0", "absolute path"),
    ("serial:/dev/../etc/passwd", "absolute path"), ('serial:/dev/"x', "absolute path"),
    ("serial:/dev/ttyUSB0:9601", '"9601" is not a speed'),
    ("serial:/dev/ttyUSB0:299", "is not a speed"),
    ("serial:/dev/ttyUSB0:4000001", "is not a speed"),
    ("serial:/dev/ttyUSB0:9600,7E1", "Modbus RTU needs 8 data bits"),
    ("serial:/dev/ttyUSB0:9600,8N3", "is not a format"),
    ("serial:/dev/ttyUSB0:9600,rs485,after=101", "0 to 100 ms"),
    ("serial:/dev/ttyUSB0:9600,after=1", "needs rs485"),
    ("serial:/" + "d" * 199, "absolute path"),
    ("SERIAL:/dev/ttyUSB0", "serial:/dev/ttyUSB0:19200,8E1")])
def test_other_texts_are_refused(api, host, words):
    error = error_of(api.request("POST", "/devices", body("d", host)))
    assert error["pointer"] == "/network/modbus_host"
    assert words in error["detail"]


@pytest.mark.parametrize("network", [
    {"modbus_host": "serial:/dev/ttyUSB0"}, {"modbus_host": "10.0.0.7", "framing": "rtu"}])
def test_units_of_a_line(api, network):
    for unit in (0, 247):
        api.must("PUT", f"/devices/u{unit}", body(f"u{unit}", **dict(network, unit_id=unit)))
    for unit in (248, 255):
        error = error_of(api.request("POST", "/devices", body("d", **dict(network, unit_id=unit))))
        assert error["pointer"] == "/network/unit_id"
    api.must("POST", "/devices", body("d", "10.0.0.8", unit_id=255))


def test_a_line_has_one_set_of_parameters(api):
    api.must("POST", "/devices", body("a"))
    api.must("POST", "/devices", body("b", "serial://dev/./ttyUSB0:9600,8n1", unit_id=2))
    api.must("POST", "/devices", body("other", "serial:/dev/ttyUSB1:19200"))
    for host in ("serial:/dev/ttyUSB0:9600,8E1", "serial:/dev/ttyUSB0"):
        error = error_of(api.request("POST", "/devices", body("c", host, unit_id=3)), 409)
        assert (error["pointer"], error["code"]) == ("/network/modbus_host", "other_parameters")
        assert "the device a" in error["detail"]
        assert "serial:/dev/ttyUSB0:9600,8N1" in error["detail"]
    error = error_of(api.request("PATCH", "/devices/other", {"network": {
        "modbus_host": "serial:/dev/ttyUSB0:19200", "unit_id": 9}}), 409)
    assert error["code"] == "other_parameters"
    # The only device of a line may change them.
    api.must("PATCH", "/devices/other", {"network": {"modbus_host": "serial:/dev/ttyUSB1:9600"}})


def test_an_import_changes_a_line(api):
    for number in (1, 2):
        api.must("POST", "/devices", body(f"u{number}", unit_id=number))
    document = api.must("GET", "/export")
    for device in document["devices"]:
        device["network"]["modbus_host"] = "serial:/dev/ttyUSB0:38400,8E1"
    api.must("POST", "/import?mode=merge", document)
    assert api.must("GET", "/devices/u2")["network"]["modbus_host"].endswith("38400,8E1")
    document["devices"][0]["network"]["modbus_host"] = "serial:/dev/ttyUSB0:9600,8E1"
    error = error_of(api.request("POST", "/import?mode=merge", document))
    assert error["code"] == "other_parameters"
    assert "u1" in error["detail"] and "u2" in error["detail"]


def test_a_server_has_one_framing(api):
    api.must("POST", "/devices", body("a", "PLC.example", modbus_port=4001, framing="rtu"))
    error = error_of(api.request("POST", "/devices", body("b", "plc.example.", modbus_port=4001)), 409)
    assert (error["pointer"], error["code"]) == ("/network/framing", "other_framing")
    assert "must be rtu, as the device a" in error["detail"]
    api.must("POST", "/devices", body("b", "plc.example.", modbus_port=4002))
    error = error_of(api.request("POST", "/devices", body("c", "plc.example", modbus_port=4002,
                                                          framing="rtu")), 409)
    assert "must be tcp, as the device b" in error["detail"]
    api.must("PUT", "/devices/a", body("a", "plc.example", modbus_port=4001))
    assert api.must("GET", "/devices/a")["network"]["framing"] == "tcp"


@pytest.mark.parametrize("network, code, words", [
    ({}, "foreign_only", "for another Modbus server, which modbus_host names"),
    ({"modbus_host": "serial:/dev/ttyUSB0"}, "type_mismatch", "a serial line, which has no TLS"),
    ({"modbus_host": "10.0.0.7", "framing": "rtu"}, "type_mismatch", "framing tcp")])
def test_tls_needs_a_server_by_tcp(api, network, code, words):
    error = error_of(api.request("POST", "/devices", {"name": "d", "mqtt": {"topic": "d"},
                                                      "network": dict(network, tls=True)}))
    assert (error["pointer"], error["code"]) == ("/network/tls", code)
    assert words in error["detail"]
    api.must("POST", "/devices", body("d", "10.0.0.7", tls=True))
    error = error_of(api.request("PATCH", "/devices/d", {"network": dict({"modbus_host": None}, **network)}))
    assert (error["pointer"], error["code"]) == ("/network/tls", code)


def test_a_server_has_tls_or_not(api):
    api.must("POST", "/devices", body("a", "PLC.example", modbus_port=802, tls=True))
    error = error_of(api.request("POST", "/devices", body("b", "plc.example.", modbus_port=802)), 409)
    assert (error["pointer"], error["code"]) == ("/network/tls", "other_tls")
    assert "must be true, as the device a on the same server plc.example:802 has it" in error["detail"]
    error = error_of(api.request("POST", "/devices", body("b", "plc.example", modbus_port=802,
                                                          framing="rtu")), 409)
    assert error["code"] == "other_framing"
    api.must("POST", "/devices", body("b", "plc.example", modbus_port=803))
    error = error_of(api.request("POST", "/devices", body("c", "plc.example", modbus_port=803, tls=True)), 409)
    assert "must be false, as the device b" in error["detail"]
    api.must("POST", "/devices", body("c", "plc.example", modbus_port=802, tls=True, unit_id=2))
    document = api.must("GET", "/export")
    for device in document["devices"]:
        device["network"]["tls"] = False
    api.must("POST", "/import?mode=merge&dry_run=true", document)
    next(device for device in document["devices"] if device["name"] == "c")["network"]["tls"] = True
    error = error_of(api.request("POST", "/import?mode=merge", document))
    assert error["code"] == "other_tls"
    assert "a with tcp" in error["detail"] and "with TLS" in error["detail"]


def test_registers_of_a_line_are_compared(api):
    """By its path: the spelling does not count, and neither does the port."""
    api.device("a", "a", [tag("v", 10, "uint32")], network=body("a")["network"])
    other = dict(body("b", "serial:/dev//ttyUSB0:9600,8n1", modbus_port=503)["network"])
    api.device("b", "b", [], network=other)
    answer = api.request("POST", "/devices/b/tags", tag("v", 11, "uint16"))
    assert error_of(answer, 409)["code"] == "overlap"
    assert "a/v" in answer.json()["errors"][0]["detail"]
    api.must("POST", "/devices/b/tags", tag("v", 12, "uint16"))


@pytest.mark.parametrize("network", [
    {"modbus_host": "serial:/dev/ttyUSB0"}, {"modbus_host": "10.0.0.7", "framing": "rtu"},
    {"modbus_host": "10.0.0.7", "tls": True}])
def test_the_api_opens_no_line(api, network):
    api.device("a", "a", [tag("v", 10, "uint16")], network=network)
    answer = api.request("PUT", "/devices/a/tags/v/value", {"value": 5})
    assert answer.status == 409
    assert "where only tagferry-mqttd may send requests" in answer.json()["detail"]
    assert api.value("a", "v")["value"] is None


def test_tables_have_the_columns(api):
    api.device("a", "a", [tag("v", 10, "uint16")], network=dict(
        body("a", "10.0.0.7", framing="rtu")["network"]))
    api.device("b", "b", [tag("v", 10, "uint16")],
               network=body("b", "serial:/dev/ttyUSB0:9600,8N1,rs485,after=1")["network"])
    api.device("c", "c", [tag("v", 10, "uint16")], network=body("c", "10.0.0.8", tls=True)["network"])
    table = api.request("GET", "/export", headers={"Accept": "text/csv"}).body.decode()
    assert {"framing", "network_tls"} < set(table.splitlines()[0].split(","))
    before = json.loads(api.request("GET", "/export").body)["devices"]
    api.must("DELETE", "/devices/a", status=(204,))
    api.must("DELETE", "/devices/b", status=(204,))
    api.must("DELETE", "/devices/c", status=(204,))
    answer = api.request("POST", "/import?mode=merge", table.encode(), {"Content-Type": "text/csv"})
    assert answer.status == 200, answer.body
    after = json.loads(api.request("GET", "/export").body)["devices"]
    assert [device["network"] for device in after] == [device["network"] for device in before]
