"""The image that scripts/image --test has built, in containers: what compose.yaml and the documents say
of it."""

import json
import os
import pathlib
import re
import subprocess
import urllib.error
import urllib.request

import pytest
import yaml

from harness import Modbus, eventually

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAIN_JOB = ROOT / "debian/tests/main-job"
DAEMONS = ("tagferry-modbusd", "tagferry-api", "tagferry-mqttd")
ALONE = {"/var/lib/tagferry": "data", "/run/tagferry": "tmpfs"}  # one container with all
APART = {"/var/lib/tagferry": "data", "/run/tagferry": "runtime"}  # one for each daemon
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]


@pytest.fixture
def broker(run, broker_image, network):
    """mosquitto beside the gateway, on the same addresses."""
    return run(broker_image, "broker", network["gateway"], {"/var/lib/mosquitto": "broker"})


def main_job(container, folder):
    """The main job of the package, with the programs of this machine as the clients, but tagferryctl,
    which is the container's."""
    ctl = folder / "bin/tagferryctl"
    ctl.parent.mkdir(exist_ok=True)
    ctl.write_text(f'#!/bin/sh\nexec {container.exec_words("tagferryctl")} "$@"\n', encoding="utf-8")
    ctl.chmod(0o755)
    namespace = json.loads((container.folder / "config.json").read_text())["linux"]["namespaces"][-1]
    done = subprocess.run(["ip", "netns", "exec", pathlib.Path(namespace["path"]).name, MAIN_JOB],
                          env=dict(os.environ, PATH=f"{ctl.parent}:{os.environ['PATH']}"),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("ok: ") == 7, done.stdout


def temperature(machine, host="127.0.0.1"):
    with machine.inside(), Modbus(f"{host}:8502") as client:
        return client.inputs(100, 2)


def running(container):
    """The daemons in it."""
    return {name for name in DAEMONS if container.pids(name)}


def test_the_main_job_with_all_in_one(run, image, network, broker, tmp_path):
    gateway = run(image, "tagferry", network["gateway"], ALONE)
    eventually(gateway.is_healthy, "the health check")
    main_job(gateway, tmp_path)
    assert temperature(network["gateway"]) == [0x428F, 0]

    broker.kill("TERM")
    assert broker.wait() == 0
    eventually(lambda: not gateway.is_healthy(), "the health check's word of the broker")
    assert gateway.exec(*image.health(), "modbusd,store").returncode == 0

    gateway.kill("TERM")
    assert gateway.wait() == 0
    assert "ended with status" not in gateway.log()

    # The registers, devices and tags are in the volume.
    again = run(image, "again", network["gateway"], ALONE)
    eventually(lambda: again.exec(*image.health(), "modbusd,store").returncode == 0, "the next one")
    assert temperature(network["gateway"]) == [0x428F, 0]
    assert "temperature" in again.exec("tagferryctl", "tags").stdout


@pytest.mark.parametrize("daemon", DAEMONS)
def test_the_end_of_one_daemon_ends_the_container(run, image, network, broker, daemon):
    gateway = run(image, "tagferry", network["gateway"], ALONE)
    eventually(gateway.is_healthy, "the health check")
    pid, = gateway.pids(daemon)
    os.kill(pid, 9)
    assert gateway.wait() == 137
    assert f"start: {daemon} ended with status 137; stopping the others\n" in gateway.log()


def test_the_daemons_have_no_rights(run, image, network, broker):
    gateway = run(image, "tagferry", network["gateway"], ALONE)
    eventually(gateway.is_healthy, "the health check")
    for daemon in DAEMONS:
        pid, = gateway.pids(daemon)
        status = dict(line.split(":\t", 1) for line in
                      pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)
        assert status["Uid"].split() == status["Gid"].split() == ["8502"] * 4
        assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
        assert status["NoNewPrivs"] == "1"
    for place in ("/", "/etc/tagferry", "/usr/share/tagferry", "/var/lib", "/run"):
        done = gateway.exec("touch", f"{place}/mark")
        assert done.returncode == 1 and "mark" in done.stderr, place
    private = gateway.exec("sh", "-c", "find /var/lib/tagferry /run/tagferry -type f -perm /077")
    assert (private.returncode, private.stdout) == (0, "")


def test_one_container_for_each_daemon(run, image, network, broker, tmp_path):
    """They share the network, the data and the folder of the shared files, as in the documents."""
    parts = {name: run(image, name, network["gateway"], APART, [name]) for name in ("modbusd", "api", "mqttd")}
    for name, need in (("modbusd", "modbusd"), ("api", "store"), ("mqttd", "mqttd,broker")):
        eventually(lambda: parts[name].exec(*image.health(), need).returncode == 0, name)  # noqa: B023
    main_job(parts["api"], tmp_path)
    assert [running(each) for each in parts.values()] == [{name} for name in DAEMONS]

    # One is killed: its engine starts it again, the others have not noticed.
    parts["mqttd"].kill("KILL")
    assert parts["mqttd"].wait() == 137
    eventually(lambda: parts["api"].exec(*image.health(), "mqttd").returncode == 22, "the loss of mqttd")
    assert temperature(network["gateway"]) == [0x428F, 0]
    parts["mqttd"] = run(image, "mqttd-again", network["gateway"], APART, ["mqttd"])
    eventually(parts["api"].is_healthy, "mqttd again")
    main_job(parts["api"], tmp_path)
    for container in parts.values():
        container.kill("TERM")
        assert container.wait() == 0


def ask(machine, path, token=None):
    """The status of an answer of the API, asked from the machine `plant`."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with machine.inside():
        try:
            with urllib.request.urlopen(urllib.request.Request(f"http://10.77.0.1:5000{path}",
                                                               headers=headers)) as answer:
                return answer.status
        except urllib.error.HTTPError as refused:
            return refused.code


def test_compose_with_a_broker_elsewhere(run, image, broker_image, network):
    """With the environment of compose.yaml, and the addresses in place of the names."""
    plant, env = network["plant"], dict(COMPOSE["tagferry"]["environment"])
    run(broker_image, "broker", plant, {"/var/lib/mosquitto": "broker"})
    assert env["TAGFERRY_MQTTD_BROKER"] == "broker:1883"
    env["TAGFERRY_MQTTD_BROKER"] = f"{plant.address}:1883"

    # Without a token, the API would be open to everybody.
    open_ = run(image, "open", network["gateway"], ALONE, env=env)
    assert open_.wait() == 2
    assert "there are no tokens" in open_.log()

    # As `compose run` does it, before the gateway runs.
    add = run(image, "add", network["gateway"], ALONE, ["tagferry-api", "token", "add", "admin"], env=env)
    assert add.wait() == 0
    token = re.search(r"^tf_\S+", add.log(), re.M)[0]

    gateway = run(image, "tagferry", network["gateway"], ALONE, env=env)
    eventually(gateway.is_healthy, "the health check")
    assert [ask(plant, path) for path in ("/readyz", "/", "/api/v1/devices")] == [200, 200, 401]
    assert ask(plant, "/api/v1/devices", token) == 200
    assert temperature(plant, "10.77.0.1") == [0, 0]
    assert gateway.exec("tagferryctl", "devices").returncode != 0
    saved = gateway.exec("tagferryctl", "token", "save", text=f"{token}\n")
    assert saved.returncode == 0, saved.stderr
    status = gateway.exec("tagferryctl", "status")
    assert status.returncode == 0 and re.search("^gateway +ready ", status.stdout, re.M), status.stderr


def test_the_list_of_contents_is_whole(run, image, network):
    """Each library that a program of the image loads is in a package of the list."""
    sbom = json.loads(pathlib.Path(os.environ["TAGFERRY_IMAGE_SBOM"]).read_text(encoding="utf-8"))
    listed = {each["name"]: each["versionInfo"] for each in sbom["packages"]}
    assert {"tagferry", "libmosquitto1", "libmodbus5", "libmicrohttpd12", "libsqlite3-0", "tini", "curl",
            "uplot"} <= set(listed)
    version = re.search(r"project\(tagferry VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text())[1]
    assert listed["tagferry"] == version
    script = "; ".join([
        'for program in /usr/bin/tagferry* /usr/bin/tini /usr/bin/curl',
        'do ldd $program', 'done']) + " | grep -o '/[^ ]*' | sort -u"
    box = run(image, "box", network["gateway"], ALONE, ["sh", "-c", script + "; echo end"])
    assert box.wait() == 0
    libraries = box.log().split("\n")[:-2]
    assert len(libraries) > 20
    owned = set()
    for name in (image.root / "var/lib/dpkg/info").glob("*.list"):
        if name.stem.partition(":")[0] in listed:
            owned |= {os.path.basename(line) for line in name.read_text(encoding="utf-8").splitlines()}
    assert not {path for path in libraries if os.path.basename(path) not in owned}


def test_nothing_but_what_runs_is_in_it(image):
    programs = {each.name for each in (image.root / "usr/bin").iterdir()}
    assert {*DAEMONS, "tagferryctl"} <= programs
    assert not programs & {"gcc", "cc", "cmake", "ninja", "node", "npm", "git", "python3", "dpkg-buildpackage"}
    documents = [each for each in (image.root / "usr/share/doc").rglob("*")
                 if each.is_file() and each.name != "copyright"]
    assert not documents
    assert not [*image.root.glob("usr/share/man/man*/*")]
    assert not [*image.root.glob("var/lib/apt/lists/*")]
    assert not [*image.root.glob("var/cache/apt/**/*.deb")]
    files = [each.lstat().st_size for each in image.root.rglob("*") if each.is_file() and not each.is_symlink()]
    assert sum(files) < 110 << 20
