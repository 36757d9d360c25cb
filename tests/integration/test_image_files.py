"""The files of the container image, as far as they need no image: the first command with the daemons of
this build, the health check, the list of contents, and that Containerfile and compose.yaml fit the
programs. scripts/image --test builds the image and tests it."""

import json
import os
import pathlib
import re
import signal
import subprocess
import uuid

import pytest
import yaml

from harness import BIN, DEADLINE, ROOT, Broker, eventually, free_port
from pages import blocks

CONTAINER = ROOT / "config/container"
CONTAINERFILE = (ROOT / "Containerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
DAEMONS = ("tagferry-modbusd", "tagferry-api", "tagferry-mqttd")


class Box:
    """What an engine gives the first command: programs in the path, and an environment."""

    def __init__(self, folder):
        self.folder, self.started = folder, []
        (folder / "bin").mkdir()
        for name in DAEMONS:
            wrapper = folder / "bin" / name
            wrapper.write_text(f'#!/bin/sh\nexec {BIN / name} -c /dev/null "$@"\n')
            wrapper.chmod(0o755)
        (folder / "run").mkdir()
        scada, inputs, outputs = (f"127.0.0.1:{free_port()}" for _ in range(3))
        self.api = f"127.0.0.1:{free_port()}"
        self.env = dict(
            os.environ, PATH=f"{folder / 'bin'}:{os.environ['PATH']}", TAGFERRY_API_LISTEN=self.api,
            TAGFERRY_COMMON_DATABASE=f"{folder}/tagferry.db", TAGFERRY_COMMON_RUNTIME_DIR=f"{folder}/run",
            TAGFERRY_COMMON_MODBUS=scada, TAGFERRY_COMMON_MODBUS_INPUTS=inputs,
            TAGFERRY_COMMON_MODBUS_OUTPUTS=outputs, TAGFERRY_API_TOKEN_FILE=f"{folder}/tokens",
            TAGFERRY_MODBUSD_LISTEN=scada, TAGFERRY_MODBUSD_INPUTS_LISTEN=inputs,
            TAGFERRY_MODBUSD_OUTPUTS_LISTEN=outputs, TAGFERRY_MODBUSD_IMAGE=f"{folder}/image")

    def start(self, *words):
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen([CONTAINER / "start", *words], env=self.env, stdout=log, stderr=log)
        self.started.append(process)
        return process

    def log(self):
        return (self.folder / "log").read_text()

    def health(self, *need):
        return subprocess.run([CONTAINER / "health", *need], env=self.env, stderr=subprocess.PIPE,
                              check=False, timeout=DEADLINE).returncode

    def children(self, process):
        """The numbers of the daemons by name, when all three run."""
        listed = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        found = {}
        for pid in listed:
            name = pathlib.Path(os.readlink(f"/proc/{pid}/exe")).name
            found[name] = int(pid)
        return found if set(found) == set(DAEMONS) else None

    def close(self):
        for process in self.started:
            if process.poll() is None:
                process.terminate()
                process.wait(DEADLINE)
        assert "Sanitizer" not in self.log()


@pytest.fixture
def box(tmp_path):
    made = Box(tmp_path)
    yield made
    made.close()


@pytest.fixture
def gateway(box, tmp_path):
    """All three, and a broker; each part works."""
    broker = Broker(tmp_path).start()
    box.env["TAGFERRY_MQTTD_BROKER"] = broker.address()
    box.broker, box.all = broker, box.start("all")
    eventually(lambda: box.health() == 0, "the health check")
    yield box
    broker.stop()


def test_all_end_well_with_sigterm(gateway):
    gateway.all.terminate()
    assert gateway.all.wait(DEADLINE) == 0
    assert "ended with status" not in gateway.log()
    assert gateway.health() == 7


@pytest.mark.parametrize("daemon", DAEMONS)
def test_if_one_ends_the_others_are_stopped(gateway, daemon):
    pids = gateway.children(gateway.all)
    os.kill(pids[daemon], signal.SIGKILL)
    assert gateway.all.wait(DEADLINE) == 137
    assert not [pid for pid in pids.values() if pathlib.Path("/proc", str(pid)).exists()]
    said = [line for line in gateway.log().splitlines() if line.startswith("start: ")]
    assert said == [f"start: {daemon} ended with status 137; stopping the others"]


def test_a_wrong_setting_ends_all(box):
    box.env["TAGFERRY_MQTTD_KEEPALIVE_S"] = "soon"
    assert box.start("all").wait(DEADLINE) == 2
    assert "start: tagferry-mqttd ended with status 2; stopping the others" in box.log()


def test_sighup_reaches_all(gateway):
    gateway.all.send_signal(signal.SIGHUP)
    eventually(lambda: len(re.findall(r"(?i)\breload", gateway.log())) >= 3, "three reloads")
    assert gateway.all.poll() is None


def test_one_daemon_or_a_command_takes_its_place(box):
    one = box.start("modbusd", "-o", "modbusd.identification=")
    assert one.wait(DEADLINE) == 2  # the option reached it
    one = box.start("modbusd")
    eventually(lambda: pathlib.Path(os.readlink(f"/proc/{one.pid}/exe")).name == "tagferry-modbusd", "it")
    assert box.start("sh", "-c", "exit 7").wait(DEADLINE) == 7


def test_health_says_which_part_fails(gateway):
    gateway.broker.stop()
    eventually(lambda: gateway.health() == 22, "the loss of the broker")
    assert gateway.health("modbusd,store") == 0
    assert gateway.health("broker") == 22


@pytest.mark.parametrize("listen", ["0.0.0.0:{}", "[::]:{}", "127.0.0.1:{}, [::1]:{}"])
def test_health_finds_the_address(box, listen):
    """It needs no token, also where all other requests do."""
    subprocess.run(["tagferry-api", "token", "add", "one"], env=box.env, check=True, stdout=subprocess.PIPE)
    box.env["TAGFERRY_API_LISTEN"] = listen.replace("{}", box.api.rpartition(":")[2])
    box.start("api")
    eventually(lambda: box.health("store") == 0, "the health check")


LISTING = """\
installed\tbase-files\t12.4+deb12u11\tamd64\tbase-files\t12.4+deb12u11\tOne <a@b>\t\tawk\t\tbase
installed\tmawk\t1.3.4\tamd64\tmawk\t1.3.4\tOne <a@b>\t\t\tlibc6 (>= 2.34)\tawk
installed\tlibc6\t2.36-9\tamd64\tglibc\t2.36-9\tGlibc Team <c@d>\thttps://libc.invalid\t\tlibgcc-s1\t
installed\tlibstdc++6\t12.2.0-14\tamd64\tgcc-12\t12.2.0-14\tTwo <c@d>\t\t\tlibc6:any\t
installed\ttagferry\t0.1.0\tamd64\ttagferry\t0.1.0\tWe <e@f>\t\t\tno-such | libstdc++6, libc6 (>= 2.36)\t
config-files\tgone\t1\tall\tgone\t1\tOne <a@b>\t\t\t\t
"""


def sbom(text, *options):
    done = subprocess.run([ROOT / "scripts/make-sbom", *options], input=text, capture_output=True, text=True,
                          env=dict(os.environ, SOURCE_DATE_EPOCH="86400"), check=False, timeout=DEADLINE)
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr


def check_spdx(document):
    """What SPDX 2.3 demands of such a document."""
    assert document["spdxVersion"] == "SPDX-2.3" and document["dataLicense"] == "CC0-1.0"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document["creationInfo"]["created"])
    assert all(re.match("(Person|Organization|Tool): ", each) for each in document["creationInfo"]["creators"])
    uuid.UUID(document["documentNamespace"].removeprefix("urn:uuid:"))
    known = [each["SPDXID"] for each in document["packages"]]
    assert len(set(known)) == len(known)
    for each in document["packages"]:
        assert re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", each["SPDXID"])
        assert {"name", "downloadLocation"} <= set(each)
        assert each["externalRefs"][0]["referenceLocator"].startswith("pkg:")
    for each in document["relationships"]:
        assert {each["spdxElementId"], each["relatedSpdxElement"]} <= {"SPDXRef-DOCUMENT", *known}


def test_the_list_of_contents():
    document = sbom(LISTING, "--name", "tagferry:0.1.0", "--npm-lock", ROOT / "src/api/web/package-lock.json")
    check_spdx(document)
    assert document == sbom(LISTING, "--name", "tagferry:0.1.0", "--npm-lock",
                            ROOT / "src/api/web/package-lock.json")
    packages = {each["name"]: each for each in document["packages"]}
    used = json.loads((ROOT / "src/api/web/package.json").read_text())
    assert {"tagferry:0.1.0", "libc6", "mawk", *used["dependencies"]} <= set(packages)
    assert not {"gone", *used["devDependencies"]} & set(packages)
    assert packages["libstdc++6"]["externalRefs"][0]["referenceLocator"] == (
        "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?arch=amd64&distro=debian-12")
    assert packages["libstdc++6"]["sourceInfo"] == "built from gcc-12 12.2.0-14"
    assert packages["@preact/signals"]["externalRefs"][0]["referenceLocator"].startswith("pkg:npm/%40preact/signals@")
    assert packages["libc6"]["supplier"] == "Organization: Glibc Team (c@d)"
    assert packages["mawk"]["supplier"] == "Person: One (a@b)"
    assert len(packages["preact"]["checksums"][0]["checksumValue"]) == 128
    names = {each["SPDXID"]: name for name, each in packages.items()}
    needs = {(names[each["spdxElementId"]], names[each["relatedSpdxElement"]])
             for each in document["relationships"] if each["relationshipType"] == "DEPENDS_ON"}
    assert needs == {("base-files", "mawk"), ("mawk", "libc6"), ("libstdc++6", "libc6"),
                     ("tagferry", "libstdc++6"), ("tagferry", "libc6")}


def test_the_list_of_this_machine():
    """Its format is one that dpkg-query understands, and real packages are no surprise."""
    made = subprocess.run([ROOT / "scripts/make-sbom", "--format"], capture_output=True, text=True, check=True)
    listed = subprocess.run(["dpkg-query", "-W", "-f", made.stdout], capture_output=True, text=True, check=True)
    document = sbom(listed.stdout)
    check_spdx(document)
    assert {"libc6", "libmosquitto-dev"} <= {each["name"] for each in document["packages"]}


@pytest.mark.parametrize("text,word", [("", "no installed package"), ("installed\tone\n", "2 fields, not 11")])
def test_a_bad_listing_is_refused(text, word):
    assert word in sbom(text)


def asked(daemon):
    done = subprocess.run([BIN / daemon, "-c", "/dev/null", "--print-config"], capture_output=True, text=True,
                          check=True, timeout=DEADLINE)
    return dict(re.findall(r"^(\w+) = (.*)", done.stdout, re.M))


def words_of(order, stage="tagferry"):
    """The operands of an order in a stage of Containerfile."""
    text = re.search(rf"^FROM \S+ AS {stage}\n(.*?)(?=^FROM |\Z)", CONTAINERFILE, re.M | re.S)[1]
    return re.search(rf"^{order} (.*)", text, re.M)[1]


def test_containerfile_fits_the_programs():
    version = re.search(r"project\(tagferry VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text())[1]
    assert f'image.version="{version}"' in CONTAINERFILE
    for service in COMPOSE["services"].values():
        assert service["image"].endswith(f":{version}")
        assert f" AS {service['build']['target']}\n" in CONTAINERFILE
    api, modbusd = asked("tagferry-api"), asked("tagferry-modbusd")
    assert words_of("EXPOSE").split() == [api["listen"].split(":")[1], modbusd["listen"].split(":")[1]]
    assert json.loads(words_of("VOLUME")) == [os.path.dirname(api["database"]), api["runtime_dir"]]
    assert os.path.dirname(modbusd["image"]) == os.path.dirname(api["token_file"]) == words_of("WORKDIR")
    for place in re.findall(r'"(/usr/share/tagferry/container/\w+)"', CONTAINERFILE):
        assert os.access(CONTAINER / os.path.basename(place), os.X_OK), place
    uid, gid = words_of("USER").split(":")
    assert f"--uid {uid}" in CONTAINERFILE and f"--gid {gid}" in CONTAINERFILE
    assert COMPOSE["services"]["tagferry"]["tmpfs"] == [f"{api['runtime_dir']}:uid={uid},gid={gid},mode=0750"]
    assert {line.split()[1] for line in CONTAINERFILE.splitlines() if line.startswith("FROM ")} == {
        "debian:bookworm-slim"}


def test_containerfile_has_all_that_the_build_reads():
    """Each folder of the repository that is not for tests only."""
    copied = set(re.findall(r"^COPY (\w+) \1$", CONTAINERFILE, re.M))
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    folders = {line.partition("/")[0] for line in listed.stdout.splitlines() if "/" in line}
    assert copied == folders - {"tests", ".ci"}


def test_compose_opens_only_loopback():
    for service in COMPOSE["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_the_example_with_one_container_each():
    """As in docs/operations.md; tests/image runs such containers."""
    text, = (body for language, body, _ in blocks((ROOT / "docs/operations.md").read_text()) if "services:\n" in body)
    example = yaml.safe_load(text)
    for name, service in example["services"].items():
        assert f"tagferry-{service['command']}" in DAEMONS and service["command"] == name
        assert service["image"] == COMPOSE["services"]["tagferry"]["image"]
        kind, program, _ = service["healthcheck"]["test"]
        assert kind == "CMD" and f'CMD ["{program}"]' in CONTAINERFILE
        assert [each.partition(":")[2] for each in service["volumes"]] == json.loads(words_of("VOLUME"))
    assert len(example["services"]) == 3


def test_compose_sets_options_that_exist():
    known = {f"TAGFERRY_{section}_{key}".upper() for section, daemon in
             (("api", "tagferry-api"), ("modbusd", "tagferry-modbusd"), ("mqttd", "tagferry-mqttd"))
             for key in asked(daemon)}
    assert set(COMPOSE["services"]["tagferry"]["environment"]) <= known
