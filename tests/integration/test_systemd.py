"""The systemd units of the daemons, and the daemons' notifications to systemd."""

import os
import re
import shutil
import socket
import subprocess
import threading

import pytest

from harness import BIN, DEADLINE, ROOT, Daemon, eventually
from pages import PAGES, configurations

DAEMONS = ("api", "modbusd", "mqttd")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A tree with the result of `cmake --install` and systemd's own units."""
    tree = tmp_path_factory.mktemp("root")
    subprocess.run(["cmake", "--install", BIN.parent], env=dict(os.environ, DESTDIR=str(tree)),
                   check=True, stdout=subprocess.DEVNULL)
    shutil.copytree("/lib/systemd/system", tree / "lib/systemd/system", symlinks=True)
    (tree / "usr/bin").mkdir(parents=True, exist_ok=True)
    shutil.copy("/bin/kill", tree / "usr/bin/kill")
    return tree


def unit_names(root):
    found = root.glob("usr/local/lib/systemd/system/tagferry*")
    return sorted(path.name for path in found)


def analyze(root, verb, *arguments):
    done = subprocess.run(["systemd-analyze", verb, f"--root={root}", *arguments],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def test_units_verify_without_a_word(root):
    names = [f"tagferry-{daemon}.service" for daemon in DAEMONS]
    others = {name for name in unit_names(root) if not name.endswith(".service")}
    assert others == {"tagferry.target", "tagferry-api.socket", "tagferry-modbusd.socket",
                      "tagferry-modbusd-tls.socket"}
    assert analyze(root, "verify", "--man=no", *names, *others) == (0, "")


@pytest.mark.parametrize("daemon", DAEMONS)
def test_exposure_is_at_most_1_2(root, daemon):
    status, text = analyze(root, "security", "--offline=true", "--threshold=12",
                           f"tagferry-{daemon}.service")
    assert status == 0, text


def unit(root, name):
    """{key: value} of a unit; the last value of a repeated key."""
    text = (root / "usr/local/lib/systemd/system" / name).read_text()
    return dict(line.split("=", 1) for line in text.splitlines()
                if "=" in line and not line.startswith("#"))


@pytest.mark.parametrize("daemon", DAEMONS)
def test_how_a_service_is_kept_alive(root, daemon):
    """The checks of the booted machine of scripts/package --test."""
    service = unit(root, f"tagferry-{daemon}.service")
    wanted = {"Type": "notify", "Restart": "on-failure", "RestartPreventExitStatus": "2 3",
              "StartLimitIntervalSec": "0", "User": "tagferry", "RuntimeDirectory": "tagferry",
              "RuntimeDirectoryPreserve": "yes", "StateDirectory": "tagferry",
              "ExecReload": "kill -HUP $MAINPID", "PartOf": "tagferry.target"}
    assert {key: service.get(key) for key in wanted} == wanted
    # A name look-up blocks the loop, which feeds the watchdog each second.
    assert int(service["WatchdogSec"]) >= 60
    assert not {"Requires", "BindsTo", "Requisite"} & set(service), "each starts without the others"


def test_drop_ins_of_the_documents_verify(root, tmp_path):
    """The comment in their first line lists their units."""
    tree = tmp_path / "root"
    shutil.copytree(root, tree, symlinks=True)
    shown = configurations(PAGES, "Service")
    assert len(shown) > 1
    units = set()
    for number, (_, text) in enumerate(shown):
        names = re.findall(r"tagferry-\w+", text.splitlines()[0])
        assert names, text
        for name in names:
            units.add(f"{name}.service")
            folder = tree / f"etc/systemd/system/{name}.service.d"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{number}.conf").write_text(text)
    assert analyze(tree, "verify", "--man=no", *units) == (0, "")


def test_sockets_are_where_the_daemons_look(root):
    sample = (ROOT / "config/tagferry.conf").read_text()
    assert unit(root, "tagferry-api.socket")["ListenStream"] == "127.0.0.1:5000"
    assert "#listen = 127.0.0.1:5000\n" in sample
    ports = (root / "usr/local/lib/systemd/system/tagferry-modbusd.socket").read_text()
    assert re.findall(r"^ListenStream=(.*)$", ports, re.M) == ["502", "127.0.0.1:8502"]
    assert "#modbus = 127.0.0.1:8502\n" in sample
    secure = unit(root, "tagferry-modbusd-tls.socket")
    assert (secure["ListenStream"], secure["FileDescriptorName"]) == ("802", "tls")
    assert secure["Service"] == "tagferry-modbusd.service"


def test_the_password_that_systemd_hands_over(stack, root):
    name = unit(root, "tagferry-mqttd.service")["LoadCredential"]
    assert f"/etc/credstore/{name}" in (ROOT / "docs/operations.md").read_text()
    secrets = stack.folder / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", secrets, "ferry", "s3cret"], check=True)
    (stack.folder / name).write_text("s3cret\n")
    stack.start_broker(f"password_file {secrets}", "allow_anonymous false")
    stack.start_modbusd()
    stack.start_api()
    mqttd = Daemon("tagferry-mqttd", stack.folder, {
        **stack.common, "mqttd.broker": stack.broker.address(), "mqttd.username": "ferry"})
    mqttd.env["CREDENTIALS_DIRECTORY"] = str(stack.folder)
    stack.add(mqttd).start().wait_log("connected to broker")


def test_user_and_folders_are_made(root):
    subprocess.run(["systemd-sysusers", f"--root={root}", "tagferry.conf"], check=True)
    users = (root / "etc/passwd").read_text()
    entry = next(line for line in users.splitlines() if line.startswith("tagferry:"))
    assert entry.endswith(":/var/lib/tagferry:/usr/sbin/nologin")
    if os.geteuid() != 0:
        return
    subprocess.run(["systemd-tmpfiles", f"--root={root}", "--create", "tagferry.conf"], check=True)
    state = (root / "var/lib/tagferry").stat()
    assert (state.st_uid, state.st_mode & 0o777) == (int(entry.split(":")[2]), 0o750)


def test_installing_again_keeps_the_configuration(root):
    config = root / "etc/tagferry/tagferry.conf"
    config.write_text("[common]\nunits = 1-3\n")
    subprocess.run(["cmake", "--install", BIN.parent], env=dict(os.environ, DESTDIR=str(root)),
                   check=True, stdout=subprocess.DEVNULL)
    assert config.read_text() == "[common]\nunits = 1-3\n"


def start(stack, daemon):
    if daemon == "mqttd":
        stack.start_broker()
        stack.start_modbusd()
        stack.start_api()
    return getattr(stack, f"start_{daemon}")()


def feeds(daemon, count):
    """Waits until the watchdog has been fed this many times from now on."""
    daemon.read_notices()
    daemon.notices = ""
    eventually(lambda: daemon.read_notices().count("WATCHDOG=1") >= count, "the watchdog is fed")


@pytest.mark.parametrize("name", DAEMONS)
def test_a_daemon_tells_how_it_is(stack, name):
    daemon = start(stack, name)
    assert "STATUS=" in daemon.notices.partition("READY=1")[2]
    feeds(daemon, 2)
    assert "STOPPING=1" not in daemon.notices
    assert daemon.stop() == 0
    assert "STOPPING=1" in daemon.read_notices()


def test_mqttd_tells_its_state_in_words(plant):
    def told(words):
        eventually(lambda: re.search(f"STATUS={words}\n", plant.mqttd.read_notices()), words)
    told("0 devices, 0 tags, broker connected, 0 rejects/min")
    plant.api.device("d", "t", [{"name": "a"}])
    told("1 device, 1 tag, broker connected, 0 rejects/min")
    plant.broker.publish("t", "{")
    told("1 device, 1 tag, broker connected, 1 reject/min")
    plant.broker.kill()
    told(r"1 device, 1 tag, waiting for the broker \(unreachable: Connection refused\), 1 reject/min")


# The call that blocks the worker thread; all other threads of the daemon continue. The API has two:
# that of HTTP and that of changes.
HANGS = [("modbusd", "epoll_wait", None), ("mqttd", "epoll_wait", None),
         ("api", "sqlite3_step", ("GET", "/devices")),
         ("api", "sqlite3_step", ("POST", "/devices", {"name": "d", "mqtt": {"topic": "t"}}))]


@pytest.fixture
def order(stack):
    """A file; daemons started by `hanging` block in the call that it names."""
    path = stack.folder / "hang"
    yield path
    path.unlink(missing_ok=True)


def hanging(stack, name, order):
    shim = stack.folder / "hang_shim.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", shim, ROOT / "tests/integration/hang_shim.c",
                    "-ldl"], check=True)
    daemon = start(stack, name)
    assert daemon.stop() == 0
    daemon.env.update(LD_PRELOAD=str(shim), TAGFERRY_TEST_HANG=str(order),
                      WATCHDOG_USEC="200000", ASAN_OPTIONS="verify_asan_link_order=0")
    return daemon.start()


@pytest.mark.parametrize("name, call, request_", HANGS)
def test_a_hung_loop_no_longer_feeds_the_watchdog(stack, order, name, call, request_):
    daemon = hanging(stack, name, order)
    feeds(daemon, 1)
    order.write_text(call)

    def starves():
        daemon.notices = ""
        # Longer than two turns of the watchdog.
        return "WATCHDOG" not in daemon.read_notices(seconds=2.5)
    if request_:
        asked = threading.Thread(target=lambda: daemon.request(*request_))
        asked.start()
    eventually(starves, "an end of the feeding")
    assert daemon.alive()
    order.unlink()
    feeds(daemon, 1)
    if request_:
        asked.join(DEADLINE)
        assert "the watchdog is not fed" in daemon.log()


@pytest.mark.parametrize("name", DAEMONS)
def test_a_wrong_configuration_is_exit_2(tmp_path, name):
    config = tmp_path / "tagferry.conf"
    config.write_text(f"[{name}]\nno_such_key = 1\n")
    done = subprocess.run([BIN / f"tagferry-{name}", "-c", config], capture_output=True, text=True,
                          timeout=DEADLINE)
    assert done.returncode == 2
    assert f"{config}:2: unknown key" in done.stderr


def test_the_api_takes_the_socket_of_systemd(stack):
    """Its port cannot be opened twice, so an answer comes through the passed socket."""
    stack.start_api().stop()
    with socket.create_server(("127.0.0.1", 0)) as given:
        address = f"127.0.0.1:{given.getsockname()[1]}"
        options = [f"--option={key}={value}" for key, value in
                   dict(stack.api.options, **{"api.listen": address}).items()]
        shell = f"exec 3<&{given.fileno()}; LISTEN_PID=$$ exec \"$@\""
        with subprocess.Popen(["bash", "-c", shell, "bash", BIN / "tagferry-api", "-c", "/dev/null",
                               *options], env=dict(os.environ, LISTEN_FDS="1"),
                              pass_fds=[given.fileno()]) as run:
            try:
                stack.api.options["api.listen"] = address
                assert stack.api.get("/healthz").status == 200
            finally:
                run.terminate()
        assert run.returncode == 0


TAKEN = {"modbusd": ("modbusd.listen", "modbusd.inputs_listen", "modbusd.outputs_listen"),
         "api": ("api.listen",)}


@pytest.mark.parametrize("name, option", [(name, option) for name in DAEMONS
                                          for option in TAKEN.get(name, ())])
def test_a_taken_port_ends_the_daemon_with_a_clear_error(stack, name, option):
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        daemon = start(stack, name)
        assert daemon.stop() == 0
        daemon.options[option] = address
        daemon.start(wait=False)
        assert daemon.process.wait(DEADLINE) == 3
        assert f"cannot listen on {address}: Address already in use" in daemon.log()
        assert "READY=1" not in daemon.read_notices()
