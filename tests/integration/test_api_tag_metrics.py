"""The values of tags for Prometheus: GET /metrics/values."""

import re

import pytest

from harness import eventually
from mqttd_helpers import tag

LINE = re.compile(r'^(tagferry_\w+)(?:\{((?:[a-z]+="(?:[^"\\]|\\.)*",?)+)\})? (\S+)$')
PLAIN = {"n": "\n", "\\": "\\", '"': '"'}


def scrape(api, query=""):
    """The samples: (series, labels without the device, in order) → text of the number."""
    answer = api.get("/metrics/values" + query)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    found, names = {}, []
    for line in answer.content().decode().splitlines():
        kind = re.match(r"# (HELP|TYPE) (\S+) (.+)$", line)
        if kind:
            names += [kind.group(2)] if kind.group(1) == "TYPE" else []
            assert kind.group(1) == "HELP" or kind.group(3) == "gauge"
            continue
        name, labels, number = LINE.match(line).groups()
        assert name == names[-1], "the lines of a series are together"
        assert float(number) == float(number), "no NaN"
        labels = {key: re.sub(r"\\(.)", lambda text: PLAIN[text.group(1)], value) for key, value in
                  re.findall(r'([a-z]+)="((?:[^"\\]|\\.)*)"', labels or "")}
        key = (name.removeprefix("tagferry_tag_"), *labels.values())
        assert key not in found
        found[key] = number
    assert names == [f"tagferry_tag_{name}" for name in ("value", "good", "age_seconds", "values_cut")]
    return found


def heard(plant, topic, payload, key, count=1):
    """Publishes until tagferry-mqttd follows the device with all its tags, and `count` values are shown."""
    def shown():
        plant.broker.publish(topic, payload)
        found = scrape(plant.api)
        return key in found and sum(each[0] == "value" for each in found) == count and found
    return eventually(shown, f"{key}")


def test_values_of_each_type(plant):
    plant.api.device("d", "t", tags=[
        {**tag("float", 0, "float32"), "unit": "°C"}, tag("negative", 2, "int16"),
        tag("large", 4, "uint64"), tag("double", 8, "float64"),
        {"name": "on", "modbus": {"type": "bool"}}, tag("bit", 20, "bool", bit=3),
        {"name": "text", "modbus": {"type": "string", "length": 4}},
        tag("late", 30, "uint16"), {**tag("off", 31, "uint16"), "enabled": False}])
    found = heard(plant, "t", {"float": 21.3, "negative": -5, "large": "18446744073709551615",
                               "double": 1e300, "on": True, "bit": False, "text": "abc"},
                  ("value", "d", "float", "°C"), count=6)
    values = {key[2]: number for key, number in found.items() if key[0] == "value"}
    assert values == {"float": "21.3", "negative": "-5", "large": "18446744073709551615",
                      "double": "1e+300", "on": "1", "bit": "0"}
    good = {key[2]: number for key, number in found.items() if key[0] == "good"}
    assert good == {**dict.fromkeys(values, "1"), "late": "0"}
    ages = {key[2]: float(number) for key, number in found.items() if key[0] == "age_seconds"}
    assert ages.keys() == values.keys() and all(age >= 0 for age in ages.values())


def test_a_value_that_is_no_number_is_left_out(plant):
    plant.api.device("d", "t", mqtt={"stale_after_s": 1},
                     tags=[tag("x", 0, "float32", on_stale="nan")])
    heard(plant, "t", {"x": 1.5}, ("value", "d", "x", ""))
    found = eventually(lambda: (lambda now: ("value", "d", "x", "") not in now and now)(
        scrape(plant.api)), "NaN in the register")
    assert found["good", "d", "x"] == "0" and float(found["age_seconds", "d", "x"]) > 1


def test_labels_are_escaped(plant):
    unit = 'a"b\\c µ<img onerror=x> 100 %'
    plant.api.device("d", "t", tags=[{**tag("x", 0, "int16"), "unit": unit}])
    assert heard(plant, "t", {"x": 7}, ("value", "d", "x", unit))["value", "d", "x", unit] == "7"


def test_a_setpoint_has_a_value_only(plant):
    plant.api.device("d", "t", tags=[
        {"name": "c", "direction": "to_mqtt", "mqtt": {"command_topic": "t/set"},
         "modbus": {"type": "int16", "address": 5}}])
    with plant.modbusd.client() as scada:
        scada.write(5, 71)
    found = scrape(plant.api)
    assert found == {("value", "d", "c", ""): "71", ("values_cut",): "0"}


def test_the_filters(plant):
    for name in ("a", "b"):
        plant.api.device(name, f"t/{name}", tags=[tag(f"x{i}", 10 * "ab".index(name) + i, "int16")
                                                  for i in range(3)])
    names = [(device, f"x{i}") for device in "ab" for i in range(3)]

    def shown(query):
        found = scrape(plant.api, query)
        return [key[1:3] for key in found if key[0] == "good"], found["values_cut",]
    assert shown("") == (names, "0")
    assert shown("?device=b") == (names[3:], "0")
    assert shown("?q=X1") == ([("a", "x1"), ("b", "x1")], "0")
    assert shown("?device=a&q=x1") == ([("a", "x1")], "0")
    assert shown("?limit=4") == (names[:4], "1")
    assert shown("?limit=6") == (names, "0")
    assert plant.api.get("/metrics/values?device=none").status == 404
    for query in ("?limit=0", "?limit=100001", "?limit=x", "?after=a"):
        assert plant.api.get("/metrics/values" + query).status == 400


def test_many_tags(plant):
    """More than are read at once."""
    rows = ["device,topic,tag,table,address,type"]
    rows += [f"d{i // 100},t/{i // 100},x{i % 100:02},holding_register,{i},int16" for i in range(2345)]
    answer = plant.api.request("POST", "/import", "\n".join(rows).encode(),
                               headers={"Content-Type": "text/csv"})
    assert answer.status == 200, answer.body
    good = [key for key in scrape(plant.api) if key[0] == "good"]
    assert len(good) == 2345
    found = scrape(plant.api, "?limit=1000")
    assert sum(key[0] == "good" for key in found) == 1000 and found["values_cut",] == "1"


def test_without_the_other_daemons(stack):
    stack.start_broker()
    modbusd, api = stack.start_modbusd(), stack.start_api()
    mqttd = stack.start_mqttd()
    api.device("d", "t", tags=[tag("x", 0, "int16")])
    key = ("value", "d", "x", "")
    assert heard(stack, "t", {"x": 3}, key)["good", "d", "x"] == "1"
    mqttd.stop()
    found = eventually(lambda: (lambda now: now["good", "d", "x"] == "0" and now)(scrape(api)),
                       "the value is not good")
    assert found[key] == "3", "the register holds it"
    modbusd.stop()
    found = scrape(api)
    assert key not in found and found["good", "d", "x"] == "0"


def test_no_tags(stack):
    assert scrape(stack.start_api()) == {("values_cut",): "0"}


@pytest.mark.parametrize("path", ["/metrics", "/metrics/values"])
def test_a_token_is_needed_where_there_are_tokens(stack, path):
    from test_api_auth import bearer, token
    api = stack.start_api()
    reader = token(api, "prometheus")
    assert api.get(path).status == 401
    assert api.get(path, headers=bearer(reader)).status == 200
