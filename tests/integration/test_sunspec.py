"""The profiles of SunSpec, read by a client that knows only the specification: it looks for the mark at 40000,
follows the lengths of the models to the end, and applies the scale factors."""

import json
import struct

import pytest
from pymodbus.client import ModbusTcpClient

from harness import DEADLINE, ROOT, eventually
from mqttd_helpers import served

PHASES = ("phA", "phB", "phC")


def points(text):
    """`NAME TYPE[ SCALE_FACTOR]` each, separated by commas; TYPE is one of TYPES, or sN: a text of N registers."""
    return [tuple(point.split()) for point in text.split(",")]


def each_phase(name, type, factor=""):
    return ",".join(f"{name}{phase} {type} {factor}".strip() for phase in ("", *PHASES))


def counted(name, factor):
    return ",".join(f"{name}{phase} u32 {factor}" for phase in ("", "PhA", "PhB", "PhC"))


COMMON = points("Mn s16,Md s16,Opt s8,Vr s8,SN s16,DA u16,Pad i16")
INVERTER = points(
    f"{each_phase('A', 'u16', 'A_SF')},A_SF i16,PPVphAB u16 V_SF,PPVphBC u16 V_SF,PPVphCA u16 V_SF,"
    "PhVphA u16 V_SF,PhVphB u16 V_SF,PhVphC u16 V_SF,V_SF i16,W i16 W_SF,W_SF i16,Hz u16 Hz_SF,Hz_SF i16,"
    "VA i16 VA_SF,VA_SF i16,VAr i16 VAr_SF,VAr_SF i16,PF i16 PF_SF,PF_SF i16,WH u32 WH_SF,WH_SF i16,"
    "DCA u16 DCA_SF,DCA_SF i16,DCV u16 DCV_SF,DCV_SF i16,DCW i16 DCW_SF,DCW_SF i16,TmpCab i16 Tmp_SF,"
    "TmpSnk i16 Tmp_SF,TmpTrns i16 Tmp_SF,TmpOt i16 Tmp_SF,Tmp_SF i16,St u16,StVnd u16,Evt1 u32,Evt2 u32,"
    "EvtVnd1 u32,EvtVnd2 u32,EvtVnd3 u32,EvtVnd4 u32")
METER = points(
    f"{each_phase('A', 'i16', 'A_SF')},A_SF i16,{each_phase('PhV', 'i16', 'V_SF')},PPV i16 V_SF,PPVphAB i16 V_SF,"
    "PPVphBC i16 V_SF,PPVphCA i16 V_SF,V_SF i16,Hz i16 Hz_SF,Hz_SF i16,"
    f"{each_phase('W', 'i16', 'W_SF')},W_SF i16,{each_phase('VA', 'i16', 'VA_SF')},VA_SF i16,"
    f"{each_phase('VAR', 'i16', 'VAR_SF')},VAR_SF i16,{each_phase('PF', 'i16', 'PF_SF')},PF_SF i16,"
    f"{counted('TotWhExp', 'TotWh_SF')},{counted('TotWhImp', 'TotWh_SF')},TotWh_SF i16,"
    f"{counted('TotVAhExp', 'TotVAh_SF')},{counted('TotVAhImp', 'TotVAh_SF')},TotVAh_SF i16,"
    + ",".join(counted(f"TotVArh{each}", "TotVArh_SF") for each in ("ImpQ1", "ImpQ2", "ExpQ3", "ExpQ4"))
    + ",TotVArh_SF i16,Evt u32")
MODELS = {1: (66, COMMON), **dict.fromkeys((101, 102, 103), (50, INVERTER)),
          **dict.fromkeys((201, 202, 203, 204), (105, METER))}
NOT_IMPLEMENTED = {"u16": 0xffff, "i16": -0x8000}
FORMATS = {"u16": ">H", "i16": ">h", "u32": ">I"}


class Reader:
    """Reads a device of SunSpec."""

    def __init__(self, host, port):
        self.client = ModbusTcpClient(host, port=port, timeout=DEADLINE)
        assert self.client.connect()

    def registers(self, address, count):
        words = []
        while count > 0:
            answer = self.client.read_holding_registers(address + len(words), min(count, 125), slave=1)
            assert not answer.isError(), answer
            words += answer.registers
            count -= len(answer.registers)
        return struct.pack(f">{len(words)}H", *words)

    def models(self):
        """The points of each model, by its number."""
        assert self.registers(40000, 2) == b"SunS"
        found, at = {}, 40002
        while True:
            number, length = struct.unpack(">HH", self.registers(at, 2))
            if number == 0xffff:
                assert length == 0
                return found
            wanted, layout = MODELS[number]
            assert length == wanted, number
            found[number] = self.decode(layout, self.registers(at + 2, length))
            at += 2 + length

    @staticmethod
    def decode(layout, data):
        raw, at = {}, 0
        for name, type, *_ in layout:
            size = 2 * int(type[1:]) if type[0] == "s" else struct.calcsize(FORMATS[type])
            part, at = data[at:at + size], at + size
            raw[name] = part.rstrip(b"\0").decode() if type[0] == "s" else struct.unpack(FORMATS[type], part)[0]
        assert at == len(data)
        shown = {}
        for name, type, *factor in layout:
            if raw[name] == NOT_IMPLEMENTED.get(type) or name.endswith("_SF"):
                continue
            shown[name] = raw[name]
            if factor and raw[factor[0]] != -0x8000:
                shown[name] = round(raw[name] * 10.0 ** raw[factor[0]], 3)
        return shown

    def close(self):
        self.client.close()


INVERTER_VALUES = {"A": 12.5, "W": 2750, "Hz": 50.02, "WH": 1234567, "DCA": 7.5, "DCV": 380.5, "DCW": 2860,
                   "TmpCab": 41.5, "St": 4}
METER_VALUES = {"A": 6.75, "Hz": 49.98, "W": -1250, "TotWhImp": 48213125, "TotWhExp": 12500}


@pytest.mark.parametrize("number", [number for number in MODELS if number > 1])
def test_a_sunspec_client_reads_the_profile(plant, number):
    kind = "inverter" if number < 200 else "meter"
    name = f"sunspec-{kind}-{number}"
    profile = json.loads((ROOT / f"config/profiles/{name}.json").read_text())
    sample = json.loads((ROOT / f"tests/integration/profiles/{name}.json").read_text())
    plant.api.must("POST", "/profiles", profile)
    plant.api.must("POST", "/devices", {"name": "d", "profile": {
        "name": name, "params": {"serial": "4711", "manufacturer": "Müller", "model": "M 3"},
        "base": {"holding_register": 40000}}})
    served(plant)
    host, port = plant.modbusd.address().rsplit(":", 1)
    reader = Reader(host, int(port))
    # Before the first message: what is measured is not implemented, or 0.
    eventually(lambda: reader.registers(40000, 2) == b"SunS", "the mark")
    eventually(lambda: not {"A", "W", "Hz"} & set(reader.models()[number]), "no measurements")
    plant.broker.publish(sample["messages"][0]["topic"], sample["messages"][0]["payload"])
    wanted = INVERTER_VALUES if number < 200 else METER_VALUES
    eventually(lambda: wanted.items() <= reader.models()[number].items(), "the measurements")
    models = reader.models()
    assert list(models) == [1, number]
    assert models[1] == {"Mn": "Müller", "Md": "M 3", "Opt": "", "Vr": "1", "SN": "4711", "DA": 1}
    phases = [phase for phase in PHASES if f"A{phase}" in models[number]]
    assert len(phases) == {1: 1, 2: 2}.get(number % 100, 3)
    voltage = "PPVphAB" if number == 204 else "PhVphA"
    assert models[number][voltage] == 230.5
    reader.close()
