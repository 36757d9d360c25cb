"""JSON documents of each kind through the broker: each is accepted or refused, and counted once."""

import re
import struct

import paho.mqtt.client as paho
import pytest

from harness import ROOT, eventually
from mqttd_helpers import metrics, reloaded, shows, tag

DEEPEST, LARGEST = 1000, 65536


def documents(name):
    """The table of that name in the unit tests' header, as bytes."""
    header = (ROOT / "tests/unit/json_documents.h").read_text()
    table = re.search(rf"document {name}\[\] = {{(.*?)^}};", header, re.M | re.S).group(1)
    found = []
    for texts in re.findall(r'DOC\(((?:\s*"(?:\\.|[^"\\])*")+)\)', table):
        inside = "".join(re.findall(r'"((?:\\.|[^"\\])*)"', texts))
        inside = re.sub(r"\\0", r"\\x00", inside)
        found.append(inside.encode("latin1").decode("unicode_escape").encode("latin1"))
    assert len(found) == table.count("DOC(")
    return found


def nested(depth):
    return b"[" * depth + b"]" * depth


def padded(size):
    return b'{"a": "' + b"x" * (size - 9) + b'"}'


TAKEN = documents("valid") + [nested(DEEPEST), padded(LARGEST), b'{"a": [' + b"0," * 30000 + b"0]}"]
REFUSED = documents("invalid") + [nested(DEEPEST + 1), b"[" * LARGEST, b'{"a":' * 10000]
TOO_LARGE = [padded(LARGEST + 1), b"[" * 200000]


@pytest.fixture
def publish(plant):
    client = paho.Client()
    client.max_queued_messages_set(0)
    client.connect("127.0.0.1", plant.broker.number)
    client.loop_start()
    yield lambda text: client.publish("d", text, qos=1)
    client.disconnect()
    client.loop_stop()


def test_documents(plant, publish):
    reloaded(plant, lambda: plant.api.device("d", "d", [tag("a", 0, "uint16"),
                                                        tag("z", 1, "uint16")]))
    sent = [("taken", text) for text in TAKEN] + [("not_json", text) for text in REFUSED]
    sent += [("too_large", text) for text in TOO_LARGE]
    sent += [("taken", b'{"a": 7, "z": 8}')]
    for _, text in sent:
        publish(text)
    shows(plant.modbusd, "holding_register", 0, [7, 8])

    def traced():
        items = plant.api.must("GET", "/messages?device=d&limit=1000")["items"]
        return items if len(items) >= len(sent) else None
    messages = eventually(traced, "the trace, behind the values")
    outcomes = [message["outcome"] for message in reversed(messages)]
    for (expected, text), outcome in zip(sent, outcomes, strict=True):
        assert outcome == expected, text[:100]
    counted = metrics(plant)
    assert counted["messages_refused_total"] == len(REFUSED) + len(TOO_LARGE)
    assert counted["received_bytes_total"] == sum(len(text) for _, text in sent)
    assert plant.api.must("GET", "/devices/d/status")["messages"] == len(sent)


def test_names(plant, publish):
    """Among equal names the last counts; a name with NUL matches nothing, nor does its prefix."""
    names = {"a": 1, "b": 2, "A": 4, "é": 5}
    tags = [tag(f"t{n}", n, "uint16", mqtt={"key": key}) for key, n in names.items()]
    reloaded(plant, lambda: plant.api.device("d", "d", tags))
    publish(b'{"a": 11, "a": 12, "b\\u0000c": 13, "b": 14, "A": 15, "\\u00e9": 16, "B": 17}')
    shows(plant.modbusd, "holding_register", 1, [12, 14, 0, 15, 16])
    publish(b'{"a": 18, "a": null, "b": 19}')
    shows(plant.modbusd, "holding_register", 1, [12, 19])
    assert plant.api.value("d", "t1")["last_error"]["code"] == "null_value"


NUMBERS = [
    ("uint16", "65535", [65535]), ("uint16", "65535.4", [65535]), ("uint16", "65535.5", None),
    ("uint16", "-0.4", [0]), ("uint16", "-0.5", None), ("uint16", "1e400", None),
    ("int16", "-32768", [0x8000]), ("int16", "-32768.5", None), ("int16", "2.5", [3]),
    ("int16", "-2.5", [0xFFFD]),
    ("int64", "9007199254740991", [0x001F, 0xFFFF, 0xFFFF, 0xFFFF]),
    ("int64", "9007199254740992", None),  # which 9007199254740993 looks like, once read
    ("int64", '"9223372036854775807"', [0x7FFF, 0xFFFF, 0xFFFF, 0xFFFF]),
    ("int64", '"9223372036854775808"', None),
    ("uint64", '"18446744073709551615"', [0xFFFF] * 4),
    ("float32", "3.4028235e38", [0x7F7F, 0xFFFF]), ("float32", "3.5e38", None),
    ("float32", "1e-50", [0, 0]),
    ("float64", "1.7976931348623157e308", [0x7FEF, 0xFFFF, 0xFFFF, 0xFFFF]),
    ("float64", "-1e309", None), ("float64", "5e-324", [0, 0, 0, 1]),
]


def test_numbers_at_the_edges(plant, publish):
    """Each after a value that a refusal keeps."""
    sizes = {"uint16": 1, "int16": 1, "int64": 4, "uint64": 4, "float32": 2, "float64": 4}
    tags, before, after = [], [], []
    for n, (type, text, _) in enumerate(NUMBERS):
        tags.append(tag(f"n{n}", 4 * n, type))
        before.append(f'"n{n}": 3')
        after.append(f'"n{n}": {text}')
    reloaded(plant, lambda: plant.api.device("d", "d", tags + [tag("last", 400, "uint16")]))
    publish("{" + ", ".join(before) + "}")
    publish("{" + ", ".join(after) + ', "last": 1}')
    shows(plant.modbusd, "holding_register", 400, [1])
    three = {"float32": struct.unpack(">2H", struct.pack(">f", 3)),
             "float64": struct.unpack(">4H", struct.pack(">d", 3))}
    for n, (type, text, words) in enumerate(NUMBERS):
        size = sizes[type]
        left = list(three.get(type, [0] * (size - 1) + [3]))
        shows(plant.modbusd, "holding_register", 4 * n, words or left)
        error = plant.api.value("d", f"n{n}")["last_error"]
        assert (error is None) == (words is not None), (type, text, error)
    eventually(lambda: metrics(plant)["values_refused_total"] ==
               sum(words is None for _, _, words in NUMBERS))
