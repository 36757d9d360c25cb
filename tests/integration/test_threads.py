"""The name of each thread describes its task."""

import pathlib

from harness import eventually
from mqttd_helpers import tag

NAMES = {
    "api": {"http", "store", "modbus", "report", "stream", "history", "gateways"},
    "modbusd": {"image sync"},
    "mqttd": {"store watcher", "discoveries", "journal tail", "readback", "target local", "target 1"},
}


def names(part):
    """The names of all threads except the first, which has the program's name."""
    tasks = pathlib.Path(f"/proc/{part.process.pid}/task").iterdir()
    return {(task / "comm").read_text().strip() for task in tasks
            if task.name != str(part.process.pid)}


def test_all_threads_have_names(plant):
    plant.api.device("far", "t", [tag("t", 0)], network={"modbus_host": "127.0.0.1", "modbus_port": 1})
    for part, expected in NAMES.items():
        process = getattr(plant, part)
        eventually(lambda: names(process) == expected,
                   f"the threads of {part}: {names(process)}, not {expected}")
