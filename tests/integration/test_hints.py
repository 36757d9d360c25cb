"""An error message is sufficient to know what to do."""

from harness import eventually
from mqttd_helpers import served

WORDS = ("mqtt.values", "open", "closed", "yes")


def error(plant, path):
    return plant.api.must("GET", path)["last_error"] or {"code": None, "detail": ""}


def test_a_word_that_a_bool_does_not_know(plant):
    plant.api.device("d", "t", [{"name": "pump", "modbus": {"type": "bool"}},
                                {"name": "mode", "modbus": {"type": "uint16"}},
                                {"name": "lamp", "mqtt": {"values": {"ON": 1}},
                                 "modbus": {"type": "bool"}}])
    served(plant)
    plant.broker.publish("t", {"pump": "RUNNING", "mode": 1, "lamp": "ON"})
    pump = "/devices/d/tags/pump/value"
    eventually(lambda: error(plant, pump)["code"] == "not_a_number", "the refusal")
    for path in (pump, "/devices/d/status"):
        detail = error(plant, path)["detail"]
        assert detail.startswith("RUNNING; ") and all(word in detail for word in WORDS), detail
    refused = plant.api.request("PUT", pump, {"value": "RUNNING"})
    assert refused.status == 422 and "mqtt.values" in refused.json()["errors"][0]["detail"]
    plant.broker.publish("t", {"mode": "RUNNING", "lamp": "GLOWING"})
    eventually(lambda: error(plant, "/devices/d/tags/mode/value")["code"] == "not_a_number", "mode")
    assert error(plant, "/devices/d/tags/mode/value")["detail"] == "RUNNING"
    eventually(lambda: error(plant, "/devices/d/tags/lamp/value")["code"] == "unmapped_string", "lamp")
    plant.api.must("PATCH", "/devices/d/tags/pump", {"mqtt": {"values": {"RUNNING": 1, "IDLE": 0}}})

    def taken():
        plant.broker.publish("t", {"pump": "RUNNING"})
        return plant.api.value("d", "pump")["value"] is True
    eventually(taken, "the word")


# A payload of Sparkplug B, of CBOR, of MessagePack, and bare bytes.
BINARY = [bytes.fromhex("08b8cbd5f4c13012100a0474656d701a0018092501000000"), b"\xa1dtemp\xfbA\xb8\x00",
          b"\x81\xa4temp\xca\x41\xb8\x00\x00", b"\x00\x17"]


def test_payloads_that_are_no_text(plant):
    plant.api.device("d", "spBv1.0/+/DDATA/#", [{"name": "temp", "modbus": {"address": 0}}])
    served(plant)
    plant.broker.publish("spBv1.0/g/DDATA/n/d", {"temp": 21.5})
    eventually(lambda: plant.api.value("d", "temp")["value"] == 21.5, "the value")
    for number, payload in enumerate(BINARY):
        plant.broker.publish("spBv1.0/g/DDATA/n/d", payload)
        eventually(lambda: plant.api.must("GET", "/messages?device=d")["total"] == number + 2, "it")
        newest = plant.api.must("GET", "/messages?device=d&limit=1")["items"][0]
        assert newest["outcome"] == "not_json" and newest["error"]["code"] == "invalid_json"
    assert error(plant, "/devices/d/status")["code"] == "invalid_json"
    assert plant.api.value("d", "temp")["value"] == 21.5, "the register keeps what it has"
