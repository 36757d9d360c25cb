"""tagferryctl: its command line, its exit statuses, its output."""

import csv
import io
import re
import socket
import subprocess
import threading

import pytest

import test_api_audit
import test_api_web
from ctl import NOT_FOUND, PROGRAM, REFUSED, UNREACHABLE, USAGE, Ctl
from harness import eventually, free_port


def test_status_and_devices(ctl, plant):
    plant.api.device("boiler-7", "p/b", [{"name": "t"}], label="Kessel größer")
    plant.api.device("pump", "p/p", [{"name": "x"}])

    def is_good():
        plant.broker.publish("p/b", {"t": 1})
        return plant.api.value("boiler-7", "t")["quality"] == "good"
    eventually(is_good)
    table = ctl.run("status").out
    assert re.search(r"^gateway +ready +http://127", table, re.M) and re.search(r"^devices +1 not good +of 2$", table, re.M)
    assert "\033" not in table, "colours only on a terminal"
    assert ctl.run("status", "-o", "json").json()["readyz"]["status"] == "ready"
    rows = list(csv.DictReader(io.StringIO(ctl.run("devices", "-o", "csv").out)))
    assert [(row["name"], row["quality"], row["label"]) for row in rows] == [
        ("boiler-7", "good", "Kessel größer"), ("pump", "never", "")]
    wrong = ctl.run("devices", "--wrong", "-o", "json").json()
    assert [item["name"] for item in wrong["items"]] == ["pump"] and wrong["total"] == 1
    plant.broker.stop()
    eventually(lambda: plant.api.get("/readyz").status == 503)
    ctl.run("status", "--check", status=REFUSED)
    assert "not ready" in ctl.run("status").out


def test_all_pages_of_a_list(ctl, plant):
    for n in range(12):
        plant.api.device(f"d{n:02}", "t")
    listed = ctl.run("devices", "-o", "json").json()
    assert len(listed["items"]) == 12 and listed["next"] is None
    assert listed["items"] == plant.api.must("GET", "/devices?live=true")["items"]
    few = ctl.run("devices", "-n", "5", "-o", "json").json()
    assert len(few["items"]) == 5 and few["next"] == "d04" and few["total"] == 12


def test_colours_and_widths_only_on_a_terminal(ctl, plant):
    plant.api.device("a-device-with-a-very-long-name", "a/topic/that/does/not/fit/into/this/terminal")
    narrow = ctl.on_terminal("devices", columns=60).out
    assert "\033[1mNAME" in narrow and "…" in narrow
    plain = re.sub(r"\033\[\d*m", "", narrow)
    assert all(len(line) <= 60 for line in plain.splitlines()), plain
    assert "\033" not in ctl.on_terminal("devices", env={"NO_COLOR": "1"}).out
    assert "\033" not in ctl.on_terminal("devices", env={"TERM": "dumb"}).out
    whole = ctl.run("devices").out
    assert "a/topic/that/does/not/fit/into/this/terminal" in whole and "…" not in whole


@pytest.mark.parametrize("words, says", [
    ([], "Usage: tagferryctl"),
    (["nothing"], 'there is no command "nothing"'),
    (["status", "--nothing"], "there is no flag --nothing"),
    (["status", "--limit", "3"], "the command status has no flag --limit"),
    (["devices", "--limit", "0"], "--limit 0: it must be a whole number from 1"),
    (["devices", "--limit"], "--limit needs a value"),
    (["status", "more"], "too many operands"),
    (["status", "-o", "xml"], 'the output "xml" must be table, json or csv'),
    (["status", "--timeout", "soon"], 'the time-out "soon" must be a time'),
    (["status", "-u", "10.0.0.1"], "must begin with http:// or https://"),
    (["status", "-u", "http://"], 'the URL "http://" has no host'),
    (["status", "--ca-file", "/nowhere"], "the CA file /nowhere cannot be used: No such file"),
    (["status", "--ca-file", "/"], "the CA file / cannot be used: Is a directory"),
    (["status", "-c", "/nowhere"], "/nowhere: No such file"),
    (["devices", "--wrong=yes"], "--wrong takes no value"),
    # What is not there is refused before anything is sent; an empty name is none, above all not "all".
    (["devices", "--quality", "good,gut"], "--quality good,gut: it must be good, stale, bad or never"),
    (["value", "--reason", "x"], "--reason x: it must be never_heard, silent,"),
    (["tags", "--table", "coils"], "--table coils: it must be coil, discrete_input, input_register or holding_register"),
    (["export", "--delimiter", "tab"], "--delimiter tab: it must be comma or semicolon"),
    (["export", "tags.xls"], "tags.xls: the end of the name says no format: .json, .csv, .xlsx and .html do"),
    (["import", "x", "--byte-order", "abcd"], "--byte-order abcd: it must be ABCD, "),
    (["tags", ""], '"" must be DEVICE'),
    (["tags", "a/b"], '"a/b" must be DEVICE'),
    (["messages", ""], '"" must be DEVICE'),
    (["messages", "-d", ""], '--device "": it must be the name of a device'),
    (["map", "-d", "a/b"], "--device a/b: it must be the name of a device"),
    (["profiles", ""], '"" must be NAME'),
    (["get", "a", "name", ""], '"" must be MEMBER'),
    (["import", ""], '"" must be FILE'),
    (["backup", ""], '"" must be FILE'),
    (["revert", ""], '"" must be ID, as audit prints it, or newest'),
    (["revert", "12a"], '"12a" must be ID'),
    (["set", "a/b", "mqtt.values.=5"], 'a tag has no member "mqtt.values."; mqtt has key,'),
    (["audit", "--since", "yesterday"], "--since yesterday: it must be an age, such as 12h, or a time, such as 2026-"),
    (["history", "a/b", "--since", "42"], "--since 42: it must be an age"),
    (["history", "a/b", "--since", "2026-01-02T03:04:05Z", "--until", "2026-01-01T03:04:05Z"], "not be later than --until"),
    (["import", "x", "--format", "pdf"], "--format pdf: it must be csv, json, xlsx, kepware, "),
    (["rm", "a", "--if-match", ""], '--if-match "": it must be a revision'),
    (["set", "a", b"label=\xff"], '"label=?" is not UTF-8'),
    (["get", "a\n\033[31mb/"], '"a??[31mb/" must be DEVICE'),
])
def test_a_wrong_command_line(tmp_path, words, says):
    err = Ctl(tmp_path, "http://127.0.0.1:1").run(*words, status=USAGE).err
    assert says in err and err.count("\n") < 3 or not words


def test_help(tmp_path):
    ctl = Ctl(tmp_path)
    assert "status" in ctl.run("--help").out and "Exit status" in ctl.run("-h").out
    assert ctl.run("devices", "--help").out.startswith("Usage: tagferryctl devices")
    assert re.fullmatch(r"tagferryctl [\d.]+\n", ctl.run("--version").out)


def test_where_settings_come_from(plant, tmp_path):
    """Flags win over the environment, it over the file, it over the default."""
    url = f"http://{plant.api.options['api.listen']}"
    closed = f"http://127.0.0.1:{free_port()}"
    ctl, file = Ctl(tmp_path), tmp_path / ".config/tagferry/ctl.conf"
    file.parent.mkdir(parents=True)
    file.write_text(f"[ctl]\nurl = {closed}\noutput = json\n")
    assert closed in ctl.run("status", status=UNREACHABLE).err
    secret = closed.replace("http://", "http://ann:se@cret@")
    assert f"tagferryctl: {closed} does not answer" in ctl.run("status", "-u", secret, status=UNREACHABLE).err
    assert ctl.run("status", env={"TAGFERRY_CTL_URL": url}).json()["readyz"]["status"] == "ready"
    assert closed in ctl.run("status", "--url", closed, env={"TAGFERRY_CTL_URL": url}, status=UNREACHABLE).err
    assert ctl.run("--url", url + "/", "status", "-o", "csv").out.startswith("part,state")
    file.write_text("[ctl]\nurl = x\nnothing = 1\n")
    assert 'ctl.conf:3: unknown key "nothing"' in ctl.run("status", status=USAGE).err


def test_tokens(plant, tmp_path):
    url = f"http://{plant.api.options['api.listen']}"
    ctl, token = Ctl(tmp_path, url), tmp_path / "token"
    token.write_text(test_api_audit.command(plant.api, "token", "add", "someone") + "\n")
    none = ctl.run("devices", status=REFUSED).err
    assert "devices: this server needs an access token\n" in none and "--token-file" in none and "Bearer" not in none
    ctl.run("devices", "--token-file", token)
    wrong = tmp_path / "wrong"
    wrong.write_text("x\n")
    err = ctl.run("devices", "-t", wrong, status=REFUSED).err
    assert "unknown or revoked" in err and f"It is in {wrong}. Another one: --token-file" in err
    assert "cannot be used: No such file" in ctl.run("devices", "-t", tmp_path / "none", status=USAGE).err
    token.write_text("")
    assert "it is empty" in ctl.run("devices", "-t", token, status=USAGE).err


class Server:
    """Answers each connection with the same bytes, or never."""

    def __init__(self, answer):
        self.answer, self.connections = answer, 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()
        self.open = []

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            self.open.append(connection)
            connection.recv(65536)
            if self.answer is not None:
                connection.sendall(self.answer)
                connection.close()

    def close(self):
        self.socket.close()
        for connection in self.open:
            connection.close()


def test_only_reads_are_repeated(tmp_path):
    """A change whose answer is lost may have been made."""
    (tmp_path / "file.json").write_text('{"devices": []}')
    for words, connections, says in ((["devices"], 3, "does not answer"),
                                     (["import", tmp_path / "file.json"], 1, "The change may have been made")):
        server = Server(b"")
        try:
            assert says in Ctl(tmp_path, server.url).run(*words, status=UNREACHABLE).err
            assert server.connections == connections
        finally:
            server.close()


def test_tls(stack, tmp_path):
    test_api_web.make_certificate(stack.folder, "gateway")
    certificate = stack.folder / "cert.pem"
    api = stack.start_api(api__tls_certificate=certificate, api__tls_key=stack.folder / "key.pem")
    ctl = Ctl(tmp_path, f"https://{api.options['api.listen']}")
    unknown = ctl.run("devices", status=UNREACHABLE).err
    assert "certificate" in unknown and "--ca-file" in unknown
    ctl.run("devices", "--ca-file", certificate)
    file = tmp_path / ".config/tagferry/ctl.conf"
    file.parent.mkdir(parents=True)
    file.write_text(f"[ctl]\nca_file = {certificate}\n")
    ctl.run("devices")
    other = tmp_path / "other"
    other.mkdir()
    test_api_web.make_certificate(other, "gateway")
    ctl.run("devices", "--ca-file", other / "cert.pem", status=UNREACHABLE)
    plain = Ctl(tmp_path, f"http://{api.options['api.listen']}").run("devices", status=UNREACHABLE).err
    assert "does not answer" in plain or "not as tagferry-api" in plain


@pytest.mark.parametrize("answer, says", [
    (None, "does not answer"),
    (b"", "does not answer"),
    (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>", "not as tagferry-api does"),
    (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{]", "invalid JSON"),
    (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{", "does not answer"),
    (b"\x00\x01\x02\x03", "does not answer"),
    (b"HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n", "not as tagferry-api does (status 503"),
    (b"HTTP/1.1 301 x\r\nLocation: https://[::1]/a\r\nContent-Length: 0\r\n\r\n", "go to https://[::1]/a"),
])
def test_a_server_that_is_not_tagferry(tmp_path, answer, says):
    """Nor is a file sent to it, or taken from it, as if it were."""
    server = Server(answer)
    ctl = Ctl(tmp_path, server.url)
    try:
        err = ctl.run("devices", "--timeout", "1s", status=UNREACHABLE).err
        assert says in err and (answer is not None or "nothing came for 1 s; see --timeout" in err)
        ran = ctl.run("import", "-", "--timeout", "1s", stdin="device\n", status=UNREACHABLE)
        assert says in ran.err and ran.out == "" and "The change may have been made" in ran.err
        for words in (["backup", tmp_path / "b"], ["export", tmp_path / "b"]):
            assert says in ctl.run(*words, "--timeout", "1s", status=UNREACHABLE).err
        assert not (tmp_path / "b").exists()
    finally:
        server.close()


def test_a_problem_is_told_without_commands_for_the_terminal(tmp_path):
    body = ('{"type":"about:blank","title":"x","status":404,"detail":"no \\u001b[31mdevice",'
            '"errors":[{"pointer":"/modbus/scale","code":"c","detail":"must not be 0"},'
            '{"row":3,"column":"scale","cell":"0\\u202e","code":"c","detail":"must not be 0"},{"row":4,"column":"scale","detail":"must not be 0"}]}')
    server = Server(f"HTTP/1.1 404 Not Found\r\nContent-Type: application/problem+json\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
    try:
        err = Ctl(tmp_path, server.url).run("devices", status=NOT_FOUND).err
        assert "\033" not in err and "no ?[31mdevice" in err
        assert '  modbus.scale; row 3, column scale "0?"; row 4, column scale: must not be 0\n' in err
    finally:
        server.close()


def test_the_output_cannot_be_written(ctl):
    with open("/dev/full", "w") as full:
        done = subprocess.run([PROGRAM, "status"], stdout=full, stderr=subprocess.PIPE, text=True, env=ctl.env)
    assert done.returncode == REFUSED and "cannot be written" in done.stderr
