"""The clients of tagferry-modbusd: who is connected, what they ask for, who was refused and why."""

import datetime
import os
import socket

import pytest
from pymodbus.client import ModbusTcpClient

from harness import DEADLINE, eventually, free_port
from test_modbusd_protocols import STRANGERS
from wire import Wire, frame, read_request

EMPTY = {"items": [], "total": 0, "refused": []}


def listing(api, query=""):
    return api.must("GET", "/modbus/clients" + query)


def listening(gateway):
    host, port = gateway.modbusd.address().rsplit(":", 1)
    return [{"address": host, "port": int(port), "protocol": "tcp"}]


def find(api, port, side="scada"):
    return next((item for item in listing(api)["items"]
                 if (item["port"], item["side"]) == (port, side)), None)


def asked(api, port, requests, side="scada"):
    """The client, once so many requests are shown, within 0.1 s."""
    return eventually(lambda: (lambda item: item and item["requests"] == requests and item)(
        find(api, port, side)), f"{requests} requests of {port}")


def port_of(client):
    return client.client.socket.getsockname()[1]


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def refusal(api, reason):
    return eventually(lambda: next((item for item in listing(api)["refused"]
                                    if item["reason"] == reason), None), reason)


@pytest.fixture
def gateway(stack):
    stack.start_modbusd(common__units="1-3,64,247")
    stack.start_api()
    eventually(lambda: listing(stack.api)["state"] == "up", "tagferry-modbusd is up")
    return stack


def test_what_a_client_asks_for(gateway):
    api = gateway.api
    with gateway.modbusd.client() as client:
        client.holding(10, 5)
        client.holding(10, 5)
        client.write_coil(7, True)
        shown = asked(api, port_of(client), 3)
        assert shown["address"] == "127.0.0.1" and shown["units"] == [1]
        assert shown["functions"] == {"3": 2, "5": 1}
        assert (shown["requests"], shown["exceptions"]) == (3, 0)
        last = shown["last_request"]
        assert moment(shown["since"]) <= moment(last.pop("at"))
        assert last == {"function": 5, "unit": 1, "start": 7, "count": 1, "exception": None}
        for unit in (64, 247):
            client.unit = unit
            client.write(65530, 1, 2, 3)
        client.unit = 9
        with pytest.raises(AssertionError):
            client.inputs(2, 4)
        with pytest.raises(AssertionError):
            client.client.slave = client.unit = 1
            client.holding(65535, 2)
        shown = asked(api, port_of(client), 7)
        assert shown["units"] == [1, 9, 64, 247]
        assert shown["functions"] == {"3": 3, "4": 1, "5": 1, "16": 2}
        assert (shown["requests"], shown["exceptions"]) == (7, 2)
        shown["last_request"].pop("at")
        assert shown["last_request"] == {"function": 3, "unit": 1, "start": 65535, "count": 2,
                                         "exception": 2}
        assert eventually(lambda: find(api, port_of(client))["rate"] > 0, "the rate")
        port = port_of(client)
    eventually(lambda: find(api, port) is None, "the client is gone")


def test_requests_without_a_range(gateway):
    with Wire(gateway.modbusd.address()) as wire:
        port = wire.socket.getsockname()[1]
        assert eventually(lambda: find(gateway.api, port), "it")["last_request"] is None
        requests = ((b"\x11", "17", 17), (b"\x2b\x0e\x01\x00", "43", 43), (b"\x07", "other", 7),
                    (b"\x03\x00", "3", 3), (b"\xc1\x00\x00\x00\x01", "other", 0xC1))
        for number, (pdu, counted, function) in enumerate(requests):
            wire.ask(pdu)
            shown = asked(gateway.api, port, number + 1)
            assert shown["functions"][counted] >= 1
            last = shown["last_request"]
            assert (last["function"], last["start"], last["count"]) == (function, None, None)
        assert shown["exceptions"] == 3 and shown["requests"] == 5
        wire.ask(bytes.fromhex("1700200003002100020400000000"))
        assert asked(gateway.api, port, 6)["last_request"]["start"] == 0x20
        wire.ask(bytes.fromhex("160004FFFF0000"))
        assert asked(gateway.api, port, 7)["last_request"]["count"] == 1


def test_a_hundred_clients(gateway):
    """More than the file of the table has room for at first, and in the same order each time."""
    clients = [gateway.modbusd.client() for _ in range(150)]
    for number, client in enumerate(clients):
        client.holding(number)
    eventually(lambda: all(item["requests"] for item in listing(gateway.api)["items"]), "all requests")
    found = listing(gateway.api)
    assert found["total"] == len(found["items"]) == 150
    ports = [item["port"] for item in found["items"]]
    assert ports == sorted(port_of(client) for client in clients)
    starts = {item["port"]: item["last_request"]["start"] for item in found["items"]}
    assert starts == {port_of(client): number for number, client in enumerate(clients)}
    short = listing(gateway.api, "?limit=10")
    assert short["total"] == 150 and [item["port"] for item in short["items"]] == ports[:10]
    for client in clients[::2]:
        client.close()
    eventually(lambda: listing(gateway.api)["total"] == 75, "half of them")
    for client in clients[1::2]:
        client.close()
    eventually(lambda: listing(gateway.api)["total"] == 0, "none of them")


def test_modbusd_is_killed_and_starts_again(gateway):
    api, modbusd = gateway.api, gateway.modbusd
    with modbusd.client() as client:
        client.holding(0)
        assert listing(api)["total"] == 1
        modbusd.kill()
        assert listing(api) == {"state": "down", "listen": [], **EMPTY}
        modbusd.start()
        eventually(lambda: listing(api)["state"] == "up", "tagferry-modbusd is up again")
        assert listing(api) == {"state": "up", "listen": listening(gateway), **EMPTY}
    with modbusd.client() as client:
        client.holding(0)
        assert listing(api)["total"] == 1
        asked(api, port_of(client), 1)


def test_without_modbusd(stack):
    api = stack.start_api()
    assert listing(api) == {"state": "down", "listen": [], **EMPTY}


def test_the_query(gateway):
    for query in ("?limit=0", "?limit=10001", "?side=both", "?q=a"):
        assert gateway.api.get("/modbus/clients" + query).status == 400


def test_tagferry_itself_is_marked_by_its_side(plant):
    plant.api.device("a", "m/a", tags=[
        {"name": "x", "modbus": {"type": "int16"}},
        {"name": "y", "modbus": {"type": "int16", "table": "input_register"}}])

    def written():
        plant.broker.publish("m/a", {"x": 5, "y": 6})
        return [side for side in ("inputs", "outputs")
                if any(item["functions"].keys() & {"6", "16", "22"}
                       for item in listing(plant.api, f"?side={side}")["items"])]
    eventually(lambda: written() == ["inputs", "outputs"], "tagferry-mqttd writes")
    assert plant.api.must("GET", "/devices/a/tags/x/value")["value"] == 5
    scada = listing(plant.api, "?side=scada")["items"]
    assert scada and {item["side"] for item in scada} == {"scada"}
    sides = [item["side"] for item in listing(plant.api)["items"]]
    assert sides == sorted(sides, key=["scada", "inputs", "outputs"].index)


def test_ipv6(stack):
    port = free_port()
    stack.start_modbusd(modbusd__listen=f"[::]:{port}")
    api = stack.start_api()
    eventually(lambda: listing(api)["state"] == "up", "tagferry-modbusd is up")
    for host in ("::1", "127.0.0.1"):
        client = ModbusTcpClient(host, port=port, timeout=DEADLINE)
        assert client.connect() and not client.read_coils(0, 1, slave=1).isError()
        found = eventually(lambda: [item for item in listing(api)["items"]
                                    if item["address"] == host and item["requests"]], host)
        assert len(found) == 1 and found[0]["functions"] == {"1": 1}
        client.close()
    with socket.create_connection(("::1", port)) as stranger:
        stranger.sendall(STRANGERS["tls"][0])
        assert refusal(api, "not_modbus")["address"] == "::1"


@pytest.mark.parametrize("name", ["rtu that is no header", "rtu that is a whole frame", "tls", "http",
                                  "rubbish"])
def test_what_a_refused_client_speaks(gateway, name):
    data, protocol = STRANGERS[name]
    for _ in range(3):
        with Wire(gateway.modbusd.address()) as wire:
            wire.send(data)
            eventually(lambda: "not_modbus" in str(listing(gateway.api)), "the refusal")
    shown = eventually(lambda: (lambda item: item["count"] == 3 and item)(
        refusal(gateway.api, "not_modbus")), "all three")
    assert shown["address"] == "127.0.0.1" and shown["side"] == "scada"
    assert shown["detail"].startswith(f"sends {protocol} instead of Modbus TCP (")
    assert moment(shown["since"]) <= moment(shown["at"])
    assert len(listing(gateway.api)["refused"]) == 1


def refused(modbusd):
    with Wire(modbusd.address()) as wire:
        return wire.closed()


def test_why_clients_are_refused(stack):
    modbusd = stack.start_modbusd(modbusd__max_connections=2, modbusd__idle_timeout_s=5)
    api = stack.start_api()
    eventually(lambda: listing(api)["state"] == "up", "tagferry-modbusd is up")
    with modbusd.client(), modbusd.client():
        assert refused(modbusd)
        shown = refusal(api, "max_connections")
        assert shown["detail"] == "max_connections is reached" and shown["count"] == 1
        assert refusal(api, "idle_timeout")["count"] >= 1
    modbusd.stop()
    modbusd.options["modbusd.allow"] = "10.0.0.0/8 rw"
    modbusd.start()
    eventually(lambda: listing(api)["state"] == "up", "tagferry-modbusd is up again")
    assert listing(api)["refused"] == []
    assert refused(modbusd) and refused(modbusd)
    shown = eventually(lambda: [item for item in listing(api)["refused"] if item["count"] == 2],
                       "both")[0]
    assert shown["reason"] == "no_allow_rule"
    assert shown["detail"] == "no allow rule matches its address"
    assert listing(api)["total"] == 0


def test_a_request_that_never_ends(stack):
    modbusd = stack.start_modbusd(modbusd__frame_timeout_ms=50)
    api = stack.start_api()
    with Wire(modbusd.address()) as wire:
        wire.send(frame(read_request(3, 0, 1))[:9])
        assert wire.closed()
    assert "frame_timeout_ms" in refusal(api, "frame_timeout")["detail"]


@pytest.mark.parametrize("harm", ["cut", "removed", "overwritten", "replaced"])
def test_a_damaged_file(gateway, harm):
    path = gateway.folder / "runtime/clients"
    with gateway.modbusd.client() as client:
        client.holding(0)
        port = port_of(client)
        if harm == "cut":
            os.truncate(path, 100)
        elif harm == "removed":
            path.unlink()
        elif harm == "overwritten":
            with open(path, "r+b") as file:
                file.write(b"\xff" * path.stat().st_size)
        else:
            path.unlink()
            path.write_bytes(b"not a table")
        assert gateway.api.get("/modbus/clients").status == 200

        def again():
            client.holding(0)
            shown = find(gateway.api, port)
            return shown and shown["requests"] >= 2
        eventually(again, "the repaired table shows the client")


