"""/readyz: whether the gateway can do its work, which part cannot, and why; and who else can see
it."""

import re
import signal
import subprocess
from datetime import datetime, timezone

import pytest

from harness import eventually
from mqttd_helpers import reloaded, shows, tag

PARTS = ["mqttd", "modbusd", "broker", "store"]


def ready(plant, need=None):
    """Status, and the reasons of the parts that are down."""
    answer = plant.api.get("/readyz" + (f"?need={need}" if need else ""))
    body = answer.json()
    assert (body["status"] == "ready") == (answer.status == 200)
    assert all((body[part]["state"] == "up") == (body[part]["reason"] is None) for part in PARTS)
    return answer.status, {part: body[part]["reason"] for part in PARTS if body[part]["reason"]}


def is_ready(plant):
    eventually(lambda: ready(plant) == (200, {}), "readiness")


def up(plant, daemon):
    return f'tagferry_up{{daemon="{daemon}"}} 1' in plant.api.get("/metrics").body.decode()


def test_all_parts_are_up(plant):
    asked = datetime.now(timezone.utc).isoformat()
    is_ready(plant)
    body = plant.api.get("/readyz").json()
    assert list(body) == ["status", "revision", *PARTS]
    assert all(body[part]["since"] for part in PARTS)
    assert body["store"]["since"] < asked, "the store works since the start, not since the question"
    assert all(body[part]["detail"] is None for part in PARTS), "there is one broker, and it need not be named"
    assert all(up(plant, daemon) for daemon in ("api", "modbusd", "mqttd"))


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_the_end_of_a_daemon_shows_at_once(plant, end):
    """The first answer after it shows it, without a wait. Its restart shows likewise."""
    is_ready(plant)
    for _ in range(3):
        getattr(plant.mqttd, end)()
        assert ready(plant) == (503, {"mqttd": "not_running", "broker": "mqttd_down"})
        assert not up(plant, "mqttd")
        plant.mqttd.start()
        is_ready(plant)
        getattr(plant.modbusd, end)()
        assert ready(plant) == (503, {"modbusd": "not_running"})
        assert not up(plant, "modbusd") and up(plant, "mqttd")
        plant.modbusd.start()
        assert ready(plant) == (200, {}) and up(plant, "modbusd")


def test_before_the_first_start(stack):
    stack.start_api()
    assert ready(stack) == (503, {"mqttd": "not_running", "modbusd": "not_running",
                                  "broker": "mqttd_down"})
    assert ready(stack, "store")[0] == 200
    body = stack.api.get("/readyz").json()
    assert body["mqttd"]["since"] is None and body["store"]["since"]


def test_only_what_is_needed_counts(plant):
    is_ready(plant)
    plant.mqttd.kill()
    down = {"mqttd": "not_running", "broker": "mqttd_down"}
    for need, status in (("modbusd,store", 200), ("modbusd", 200), ("store,mqttd", 503),
                         ("broker", 503), ("mqttd,modbusd,broker,store", 503)):
        assert ready(plant, need) == (status, down)
    for need in ("", "mqtt", "mqttd,", "mqttd, store", "MQTTD"):
        assert plant.api.get(f"/readyz?need={need.replace(' ', '%20')}").status == 400
    assert plant.api.get("/readyz?needs=mqttd").status == 400


@pytest.mark.parametrize("daemon", ["mqttd", "modbusd"])
def test_who_hangs_is_down(plant, daemon):
    is_ready(plant)
    part = getattr(plant, daemon)
    part.signal(signal.SIGSTOP)
    eventually(lambda: ready(plant)[1].get(daemon) == "hangs", "the hang")
    assert ready(plant)[0] == 503 and not up(plant, daemon)
    part.signal(signal.SIGCONT)
    is_ready(plant)


def test_the_broker_with_its_reason(stack):
    secrets = stack.folder / "passwords"
    (stack.folder / "password").write_text("old\n")

    def demand(word):
        subprocess.run(["mosquitto_passwd", "-b", "-c", secrets, "ferry", word], check=True)
    demand("old")
    stack.start_broker(f"password_file {secrets}", "allow_anonymous false")
    stack.start_modbusd()
    stack.start_api()
    stack.start_mqttd(mqttd__username="ferry", mqttd__password_file=stack.folder / "password")
    is_ready(stack)
    connected = stack.api.get("/readyz").json()["broker"]["since"]
    stack.broker.kill()
    eventually(lambda: ready(stack) == (503, {"broker": "unreachable"}), "the broker's end")
    lost = stack.api.get("/readyz").json()["broker"]
    assert lost["since"] > connected and lost["detail"] == "Connection refused"
    demand("new")
    stack.broker.start()
    eventually(lambda: ready(stack) == (503, {"broker": "not_authorized"}), "the refusal")
    refused = stack.api.get("/readyz").json()["broker"]
    assert refused["since"] == lost["since"] and "uthori" in refused["detail"]


def test_a_store_that_cannot_be_read(disk):
    stack = disk.stack
    stack.start_broker()
    stack.start_modbusd()
    disk.start_api()
    stack.start_mqttd()
    is_ready(stack)
    stack.api.stop()
    stack.api.start()
    disk.say("unreadable")
    assert ready(stack) == (503, {"store": "cannot_be_read"})
    body = stack.api.get("/readyz").json()
    assert body["revision"] is None and "disk I/O error" in body["store"]["detail"]
    assert ready(stack, "mqttd,modbusd,broker")[0] == 200
    assert len(re.findall("error +store: ", stack.api.log())) == 1, "once, however often it is asked"
    disk.say()
    is_ready(stack)


def test_a_death_shows_in_the_quality_at_once(plant):
    reloaded(plant, lambda: plant.api.device("d", "d", [tag("v", 0, "uint16")]))
    plant.broker.publish("d", {"v": 7})
    shows(plant.modbusd, "holding_register", 0, [7])

    def judged():
        value = plant.api.value("d", "v")
        return value["quality"], value["reason"]
    assert judged() == ("good", None)
    plant.mqttd.kill()
    assert judged() == ("stale", "mqttd_down")
    plant.mqttd.start()
    plant.broker.publish("d", {"v": 8})
    eventually(lambda: judged() == ("good", None))
    plant.modbusd.kill()
    status = plant.api.must("GET", "/devices/d/status")
    assert (status["quality"], status["reason"]) == ("stale", "modbusd_down")
    plant.modbusd.start()
    eventually(lambda: judged() == ("good", None))
