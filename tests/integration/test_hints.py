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


# A payload of Sparkplug B, of gzip, of CBOR, of MessagePack, JSON with NULs before it, and bare bytes.
BINARY = [
    ("spBv1.0/g/DDATA/n/d", "08b8cbd5f4c13012100a0474656d701a0018092501000000", "sparkplug"),
    ("plain", "1f8b0800000000000203ab562a49cd2d50b25232d433d5510a4b2c4acc2d50aa0500", "gzip"),
    ("plain", "a16474656d70fb4035800000000000", "cbor"),
    ("plain", "81a474656d70ca41ac0000", "msgpack"),
    ("plain", "32312e3500", "nul_terminated"),
    ("plain", "0017", None),
]


def test_payloads_that_are_no_text(plant):
    """Shown in hex with the likely format, in /messages, in the errors and in the log."""
    topics = (("sp", "spBv1.0/+/DDATA/#", "spBv1.0/g/DDATA/n/d"), ("d", "plain", "plain"))
    for number, (name, filter, _) in enumerate(topics):
        plant.api.device(name, filter, [{"name": "temp", "modbus": {"address": 10 * number}}])
    served(plant)
    for name, _, topic in topics:
        plant.broker.publish(topic, {"temp": 21.5})
        eventually(lambda: plant.api.value(name, "temp")["value"] == 21.5, "the value")
    for number, (topic, digits, format) in enumerate(BINARY):
        plant.broker.publish(topic, bytes.fromhex(digits))
        eventually(lambda: plant.api.must("GET", "/messages")["total"] == number + 3, "it")
        newest = plant.api.must("GET", "/messages?limit=1")["items"][0]
        assert newest["outcome"] == "not_json" and newest["error"]["code"] == "invalid_json"
        assert (newest["encoding"], newest["payload"], newest["looks_like"]) == ("hex", digits, format)
        shown = error(plant, f"/devices/{newest['device']}/status")
        start, _, rest = shown["detail"].partition(" ")
        assert shown["code"] == "invalid_json" and digits.startswith(start)
        assert rest == f"({format or 'binary'})"
    assert error(plant, "/devices/d/tags/temp/value")["detail"] == "0017 (binary)"
    assert plant.api.value("d", "temp")["value"] == 21.5, "the register keeps what it has"
    plant.mqttd.wait_log(r"on spBv1.0/g/DDATA/n/d was refused, .* with: 08b8cbd5f4.* \(sparkplug\)")


def test_texts_are_shown_as_texts(plant):
    plant.api.device("d", "t", [{"name": "temp"}])
    served(plant)
    payloads = ['{"temp": "20.5 \u2103"}', "a\r\n\tb", "", "1" + "\u2103" * 400]
    for number, payload in enumerate(payloads):
        plant.broker.publish("t", payload)
        eventually(lambda: plant.api.must("GET", "/messages")["total"] == number + 1, "it")
        newest = plant.api.must("GET", "/messages?limit=1")["items"][0]
        assert (newest["encoding"], newest["looks_like"]) == ("text", None)
        assert newest["payload"] == payload[:341], "it ends at a character"
        assert newest["bytes"] == len(payload.encode())
