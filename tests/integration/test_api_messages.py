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


def test_no_messages_without_mqttd(stack):
    api = stack.start_api()
    assert api.must("GET", "/messages") == {"items": [], "total": 0, "next": None}
