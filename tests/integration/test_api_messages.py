"""The newest messages and their outcome."""

from harness import eventually


def test_messages(plant):
    api, broker = plant.api, plant.broker
    api.device("a", "m/a", tags=[{"name": "x", "modbus": {"type": "int16"}}, {"name": "y"}])
    api.device("b", "m/b", tags=[{"name": "x"}])

    def follows(device):
        broker.publish(f"m/{device}", {"x": 5, "y": 1.5})
        return api.must("GET", f"/messages?device={device}")["total"] > 0
    for device in ("a", "b"):
        eventually(lambda: follows(device), "mqttd follows the new device")
    broker.publish("m/a", {"x": "warm", "z": 1})
    broker.publish("m/b", "{nonsense")

    def newest(device):
        items = api.must("GET", f"/messages?device={device}&limit=1")["items"]
        return items[0] if items else {}
    eventually(lambda: newest("b").get("outcome") == "not_json", "the broken message")
    message = eventually(lambda: newest("a").get("rejected") and newest("a"), "the refused value")
    assert message["topic"] == "m/a" and message["payload"] == '{"x": "warm", "z": 1}'
    assert message["bytes"] == 21 and message["device"] == "a" and message["retained"] is False
    assert (message["outcome"], message["rejected"]) == ("taken", 1)
    assert message["error"]["code"] == "not_a_number" and message["error"]["tag"] == "x"
    broken = newest("b")
    assert broken["error"]["code"] == "invalid_json" and broken["error"]["byte"] == 1
    everything = api.must("GET", "/messages")["items"]
    sequences = [item["sequence"] for item in everything]
    assert sequences == sorted(sequences, reverse=True)
    known = sequences[2]
    newer = api.must("GET", f"/messages?newer_than={known}")
    assert [item["sequence"] for item in newer["items"]] == [n for n in sequences if n > known]
    assert newer["total"] == 2
    assert api.must("GET", f"/messages?newer_than={sequences[0]}")["items"] == []
    assert len(api.must("GET", f"/messages?newer_than={sequences[0] + 1}")["items"]) == len(everything)
    assert api.get("/messages?newer_than=-1").status == 400
    assert api.get("/messages?device=none").status == 404
    assert api.get("/messages?limit=0").status == 400


def test_a_long_topic_is_cut_at_a_character(plant):
    topic = "m/" + "\u20ac" * 100
    plant.api.device("a", topic)

    def follows():
        plant.broker.publish(topic, {"x": 5})
        return plant.api.must("GET", "/messages")["items"]
    shown = eventually(follows, "the message")[0]["topic"]
    assert len(shown) > 40 and topic.startswith(shown)


def test_long_payloads_are_cut(plant):
    """Up to 1,023 bytes are kept, so that the place of a fault is among them."""
    plant.api.device("a", "m/a", tags=[{"name": "x", "modbus": {"type": "int16"}}])

    def shown(payload):
        plant.broker.publish("m/a", payload)
        items = plant.api.must("GET", "/messages?device=a&limit=1")["items"]
        return items[0] if items and items[0]["bytes"] == len(payload) else None
    eventually(lambda: (shown(b'{"x": 4}') or {}).get("written"), "mqttd follows the tag")
    long = b'{"filler": "' + b"y" * 600 + b'", "x": nan}'
    message = eventually(lambda: shown(long), "the message with a late fault")
    assert message["payload"] == long.decode() and message["encoding"] == "text"
    assert long[message["error"]["byte"]:] == b"nan}"
    whole = b'{"x": 5, "filler": "' + b"y" * 1001 + b'"}'
    assert eventually(lambda: shown(whole), "the longest that is whole")["payload"] == whole.decode()
    assert len(whole) == 1023
    cut = b'{"x": 5, "filler": "' + "\u20ac".encode() * 400 + b'"}'
    message = eventually(lambda: shown(cut), "a message that is cut")
    assert message["payload"] == cut[:1022].decode(), "at a character"
    assert message["encoding"] == "text" and message["written"] == 1
    binary = b"\x1f\x8b\x08" + bytes(range(256)) * 8
    message = eventually(lambda: shown(binary), "bytes")
    assert (message["payload"], message["encoding"], message["looks_like"]) == (binary[:1023].hex(), "hex", "gzip")
    message = eventually(lambda: shown(b"{}"), "a short message in the ring")
    assert message["payload"] == "{}"


def test_no_messages_without_mqttd(stack):
    api = stack.start_api()
    assert api.must("GET", "/messages") == {"items": [], "total": 0, "next": None}
