"""The configuration of the soak: devices and tags, the values a device may send, and their
registers."""

import json
import struct

DEVICES = 6
SPAN = 200  # registers of a device

FORMATS = {"int16": "h", "uint16": "H", "int32": "i", "uint32": "I", "int64": "q", "uint64": "Q",
           "float32": "f", "float64": "d"}
HOLD_OFF_S = 2.0  # the default of mqtt.hold_off_ms


def words_of(value, kind, order="ABCD", scale=1, length=None):
    """The registers of a value; implemented from the documents, independent of the daemons'
    code."""
    if kind == "bool":
        return [int(value)]
    if kind == "string":
        data = value.encode().ljust(2 * length, b"\0")
    else:
        number = round(value / scale) if scale != 1 else value
        data = struct.pack(">" + FORMATS[kind], number)
    words = [data[n:n + 2] for n in range(0, len(data), 2)]
    if order in ("BADC", "DCBA"):
        words = [word[::-1] for word in words]
    if order in ("CDAB", "DCBA") and kind != "string":
        words.reverse()
    return [int.from_bytes(word, "big") for word in words]


class Tag:
    """A tag that devices send; `draw` makes from a sequence number the payload and its value."""

    def __init__(self, name, table, offset, kind, draw, order="ABCD", scale=1, length=None,
                 bit=None, mqtt=None, direction=None, **modbus):
        self.name, self.table, self.offset, self.kind, self.draw = name, table, offset, kind, draw
        self.order, self.scale, self.length, self.bit = order, scale, length, bit
        self.mqtt, self.direction, self.modbus = mqtt or {}, direction, modbus

    def body(self, device):
        modbus = dict(self.modbus, table=self.table, type=self.kind, byte_order=self.order,
                      address=device * SPAN + self.offset)
        if self.scale != 1:
            modbus["scale"] = self.scale
        if self.length:
            modbus["length"] = self.length
        if self.bit is not None:
            modbus["bit"] = self.bit
        mqtt = {key: value.format(d=device) if isinstance(value, str) else value
                for key, value in self.mqtt.items()}
        body = {"name": self.name, "modbus": modbus, "mqtt": mqtt}
        if self.direction:
            body["direction"] = self.direction
        return body

    def words(self, value):
        return words_of(value, self.kind, self.order, self.scale, self.length)

    def width(self):
        return self.length or len(self.words(0))

    def shown(self, value):
        """As the API shows it: integers beyond 2^53 as strings."""
        return str(value) if self.kind == "uint64" and value >= 2 ** 53 else value


def double(n):
    """Both halves are equal: a torn value is visible."""
    value = (n & 0xFFFFFFFF) << 32 | (n & 0xFFFFFFFF)
    return str(value), value


def clamped(n):
    said = n * 7 % 100000 - 50000
    return said, max(-32768, min(32767, said))


def same(value):
    return value, value


SAID = [
    Tag("count", "input_register", 0, "uint64", double),
    Tag("temperature", "input_register", 4, "float32", lambda n: same(n % 4000 / 4 - 200),
        order="CDAB"),
    Tag("power", "input_register", 6, "float64", lambda n: (str(n * 0.125), n * 0.125),
        order="DCBA"),
    Tag("level", "holding_register", 10, "int32", lambda n: same(n % 100000 / 10), scale=0.1,
        order="BADC"),
    Tag("load", "holding_register", 12, "int16", clamped, on_overflow="clamp"),
    Tag("label", "input_register", 20, "string", lambda n: same(f"Kessel {n} ü"[:14]), length=8),
    Tag("pump", "discrete_input", 0, "bool", lambda n: ("ON" if n % 2 else "OFF", bool(n % 2))),
    Tag("valve", "coil", 1, "bool", lambda n: same(n % 3 == 0)),
    Tag("alarm", "holding_register", 14, "bool", lambda n: same(n % 2 == 0), bit=3),
    Tag("ready", "holding_register", 14, "bool", lambda n: same(n % 5 == 0), bit=11),
]
NOTE = Tag("note", "input_register", 30, "string", lambda n: same(f"note {n}"), length=10,
           mqtt={"key": "", "topic": "soak/d{d}/note", "payload": "text"})
# The setpoint that the device applies from SCADA and reports; a device repeats it now and then.
SETPOINT = Tag("setpoint", "holding_register", 40, "int32", same, direction="both",
               mqtt={"command_topic": "soak/d{d}/set/setpoint"})
COMMANDS = [
    SETPOINT,
    Tag("mode", "holding_register", 42, "uint16", same, direction="to_mqtt",
        mqtt={"command_topic": "soak/d{d}/set/mode"}),
    Tag("target", "holding_register", 44, "uint32", same, direction="to_mqtt",
        mqtt={"command_topic": "soak/d{d}/set/target"}),
    Tag("start", "coil", 2, "bool", same, direction="to_mqtt",
        mqtt={"command_topic": "soak/d{d}/set/start"}),
]
CANARY = Tag("canary", "input_register", 60000, "uint32", same)

ALL = SAID + [NOTE] + COMMANDS


def name(device):
    return f"d{device}"


def topic(device):
    return f"soak/d{device}/telemetry"


def bad_payload(rng):
    """A message that must have no effect."""
    return rng.choice([
        '{"count": 1', "not JSON", "", '{"level": null}', '{"level": [1]}', '{"pump": "MAYBE"}',
        '{"level": 1e300}', '{"count": -1}', '{"temperature": "warm"}', '[1, 2, 3]', "\x00",
        json.dumps({"label": "x" * 40})])


def set_up(api):
    """Creates devices and tags."""
    for device in range(DEVICES):
        api.device(name(device), topic(device), [tag.body(device) for tag in ALL])
    api.device("canary", "soak/canary", [CANARY.body(0)])
