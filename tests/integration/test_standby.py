"""The cold standby of docs/scaling.md: a backup, another machine, the same client id."""

import pathlib

from harness import Stack, eventually
from mqttd_helpers import served
from test_api_backup import command, must


def test_a_second_machine_takes_over(plant, tmp_path_factory):
    session = {"mqttd.client_id": "gateway-1"}
    plant.mqttd.stop()
    plant.mqttd.options.update(session)
    plant.mqttd.start()
    plant.mqttd.wait_log("connected to broker")
    plant.api.device("a", "t", [{"name": "x", "modbus": {"table": "input_register", "type": "uint16"}}])
    served(plant)
    file = tmp_path_factory.mktemp("carried") / "backup.db"
    must(plant.api, "backup", file)
    plant.api.device("later", "u", [{"name": "y"}])
    for part in (plant.mqttd, plant.modbusd, plant.api):
        part.kill()
    plant.broker.publish("t", {"x": 42})

    second = Stack(tmp_path_factory.mktemp("second"))
    try:
        second.broker = plant.broker
        second.start_modbusd()
        api = second.start_api()
        api.stop()
        pathlib.Path(second.common["common.database"]).unlink()
        assert command(api, "restore", file)[0] == 0
        api.start()
        second.start_mqttd(**{"mqttd__client_id": "gateway-1"})
        assert [device["name"] for device in api.must("GET", "/devices")["items"]] == ["a"]
        eventually(lambda: api.value("a", "x")["value"] == 42, "what was published meanwhile")
        plant.broker.publish("t", {"x": 43})
        eventually(lambda: api.value("a", "x")["value"] == 43, "what comes now")
    finally:
        second.finish()
