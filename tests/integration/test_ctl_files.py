"""tagferryctl: import, export, backup."""

import os
import re
import socket
import subprocess
import threading

from ctl import NOT_FOUND, PROGRAM, REFUSED, UNREACHABLE, USAGE, Ctl
from harness import BIN, DEADLINE, free_port
from test_ctl_completion import Shell

HEAD = "device,topic,tag,table,address,scale,type\n"


def test_import(ctl, plant):
    file = plant.folder / "tags.csv"
    file.write_text(HEAD + "d,t,a,holding_register,10,0.1,int16\nd,t,b,holding_register,11,1,int16\n")
    dry = ctl.run("import", file, "--dry-run").out
    assert "dry run: 3 created, 0 changed, 0 deleted." in dry
    assert ["create", "d/a", "400011", "int16"] in [line.split() for line in dry.splitlines()]
    assert plant.api.must("GET", "/devices")["total"] == 0
    done = ctl.run("import", file)
    assert done.out == "Imported: 3 created, 0 changed, 0 deleted.\n" and done.err == ""
    assert ctl.run("import", "-", "-o", "json", stdin=file.read_text()).json()["created"] == 0
    changed = file.read_text().replace(",0.1,", ",0.5,")
    rows = ctl.run("import", "-", "--dry-run", "-o", "csv", stdin=changed).out.splitlines()
    assert rows[0] == "action,device,tag,table,address,before,after" and rows[1].startswith("change,d,a,")
    # Two rows with one fault are told once; a fault has its cell and what is right.
    wrong = ctl.run("import", "-", stdin=HEAD + "d,t,a,,,0,int16\nd,t,b,,,0,in16\n", status=REFUSED)
    assert re.search(r'^2-3 +scale +"0" +must not be 0$', wrong.err, re.M), wrong.err
    assert re.search(r'^3 +type +"in16" +must be one of .*int16 is similar', wrong.err, re.M)
    for form in ("json", "csv"):
        err = ctl.run("import", "-", "-o", form, stdin=HEAD + "d,t,a,,,0,\n", status=REFUSED).err
        assert 'row 2, column scale "0": must not be 0' in err, form
    odd = ctl.run("import", "-", "--dry-run", "-o", "csv", stdin=HEAD.replace("scale", "skale") + "e,t,a,holding_register,50,0,\n")
    assert "column skale: this column is ignored" in odd.err and odd.out.startswith("action,")
    assert "No such file" in ctl.run("import", plant.folder / "none", status=REFUSED).err
    assert "it must be merge or replace" in ctl.run("import", file, "--mode", "both", status=USAGE).err
    assert "cannot be imported" in ctl.run("import", file, "--format", "map", status=USAGE).err


def test_import_of_other_products_and_workbooks(ctl, plant):
    plant.api.device("pump", "p/p", [{"name": "speed", "modbus": {"address": 4, "type": "int16"}}])
    for format_, name in [("kepware", "k.csv"), ("ignition", "i.json"), ("xlsx", "w.xlsx"), ("json", "all")]:
        ctl.run("export", plant.folder / name, "--format", format_)
        # What a file is, its content says.
        options = [] if format_ in ("xlsx", "json") else ["--topic", "p/p"]
        done = ctl.run("import", plant.folder / name, "--dry-run", *options)
        assert re.search(r"0 created, [01] changed, 0 deleted", done.out), (format_, done.out)
    assert "Neuron" in ctl.run("import", plant.folder / "i.json", "--format", "neuron", status=REFUSED).err


def test_a_replace_that_deletes_much_asks(ctl, plant):
    plant.api.device("many", "t", [{"name": f"t{n:02}"} for n in range(25)])
    file = plant.folder / "one.csv"
    file.write_text(HEAD + "other,t,a,holding_register,100,1,int16\n")
    replace = ["import", file, "--mode", "replace"]
    assert "--yes" in ctl.run(*replace, status=REFUSED).err
    assert "Nothing was changed." in ctl.on_terminal(*replace, keys="n\n", status=REFUSED).out
    assert plant.api.must("GET", "/devices/many/tags")["total"] == 25
    assert "26 devices and tags" in ctl.on_terminal(*replace, keys="n\n", status=REFUSED).out
    bounded = ctl.run(*replace, "-d", "other", "--dry-run").out
    assert ", 0 deleted" in bounded
    assert "2 created, 0 changed, 26 deleted" in ctl.on_terminal(*replace, keys="y\n").out
    assert "0 created" in ctl.run(*replace, "--yes").out


def test_export(ctl, plant):
    plant.api.device("boiler", "p/b", [{"name": "temp", "modbus": {"address": 7}}])
    out = plant.folder / "out.csv"
    assert re.fullmatch(rf"{out} written: \d+ bytes\n", ctl.run("export", out).out)
    assert out.read_text() == ctl.run("export", "-o", "csv").out == ctl.run("export", "--format", "csv").out
    assert ctl.run("export").json()["devices"][0]["name"] == "boiler"
    assert ctl.run("export", out, "--delimiter", "semicolon", "-o", "json").json()["file"] == str(out)
    assert out.read_bytes().startswith(b"\xef\xbb\xbfdevice;")
    ctl.run("export", plant.folder / "map.html")
    assert "<html" in (plant.folder / "map.html").read_text()
    assert ctl.run("export", "--format", "map", "-o", "csv").out.startswith("Device,Server,")
    assert ctl.run("export", "--format", "kepware", "-d", "boiler").out.startswith("Tag Name,Address")
    assert "nothing for a terminal" in ctl.on_terminal("export", "--format", "xlsx", status=USAGE).out
    plant.api.device("pump", "p/p")
    assert [device["name"] for device in ctl.run("export", "-d", "pump").json()["devices"]] == ["pump"]
    assert len(ctl.run("export", "-d", "boiler", "-o", "csv").out.splitlines()) == 2
    assert len(ctl.run("export", "-d", "boiler", "-d", "pump", "-o", "csv").out.splitlines()) == 3
    assert 'There is no device "none"' in ctl.run("export", "-d", "pump", "-d", "none", status=NOT_FOUND).err
    assert "does not go with" in ctl.run("export", "--format", "map", "-d", "pump", status=REFUSED).err
    plant.api.must("PATCH", "/devices/boiler", {"description": "a\u001b[31mb"})
    assert "a?[31mb" in ctl.on_terminal("export", "--format", "csv", env={"TERM": "dumb"}).out
    plant.api.must("PATCH", "/devices/boiler", {"description": ""})
    assert "it must be json" in ctl.run("export", "--format", "pdf", status=USAGE).err
    # A file that cannot be written stays as it was; its mode and a link to it stay, too.
    out.chmod(0o640)
    link = plant.folder / "link.csv"
    link.symlink_to(out)
    ctl.run("export", link)
    assert link.is_symlink() and out.stat().st_mode & 0o777 == 0o640 and out.read_bytes().startswith(b"device,")
    folder = plant.folder / "folder.json"
    folder.mkdir()
    assert "folder.json: " in ctl.run("export", folder, status=REFUSED).err
    assert "No such file" in ctl.run("export", "/nowhere/x.csv", status=REFUSED).err
    ctl.run("export", "/dev/null", "--format", "json")
    assert not [path for path in plant.folder.iterdir() if re.search(r"\.(csv|json)\.\w{6}$", path.name)]


def test_backup_goes_into_another_store(ctl, plant):
    plant.api.device("boiler", "p/b", [{"name": "temp"}])
    file = plant.folder / "b.db"
    assert re.fullmatch(rf"{file} written: \d+ bytes\n", ctl.run("backup", file).out)
    assert not list(plant.folder.glob("*.download*"))
    answer = plant.api.get("/backup")
    assert answer.headers["Content-Type"] == "application/vnd.sqlite3" and answer.body.startswith(b"SQLite format 3")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="tagferry.db"'
    assert plant.api.request("HEAD", "/backup").body == b""
    plant.api.must("DELETE", "/devices/boiler")
    env = dict(os.environ, TAGFERRY_COMMON_DATABASE=str(plant.api.options["common.database"]))
    done = subprocess.run([BIN / "tagferry-api", "restore", file], env=env, capture_output=True, text=True)
    assert done.returncode == 0 and "1 device, 1 tag" in done.stdout, (done.stdout, done.stderr)
    assert plant.api.must("GET", "/devices/boiler")["name"] == "boiler"


class SlowServer:
    """Takes one request whole, and answers when it is told to."""

    def __init__(self, answer):
        self.socket, self.go = socket.create_server(("127.0.0.1", 0)), threading.Event()
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self.serve, args=(answer,), daemon=True)
        self.thread.start()

    def serve(self, answer):
        connection, _ = self.socket.accept()
        with connection:
            data = b""
            while b"\r\n\r\n" not in data and (part := connection.recv(65536)):
                data += part
            head, _, body = data.partition(b"\r\n\r\n")
            left = int(re.search(rb"Content-Length: (\d+)", head)[1]) - len(body)
            while left > 0 and (part := connection.recv(65536)):
                left -= len(part)
            self.go.wait(DEADLINE)
            connection.sendall(answer)

    def close(self):
        self.go.set()
        self.socket.close()
        self.thread.join()


def test_progress_is_for_terminals(tmp_path):
    file = tmp_path / "large.csv"
    file.write_text(HEAD + "d,t,a,,,,\n" * 100000)
    text = b"Imported: 1 created, 0 changed, 0 deleted.\n"
    server = SlowServer(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n%b"
                        % (len(text), text))
    shell = Shell([PROGRAM, "import", file], Ctl(tmp_path, server.url).env | {"TERM": "xterm"}, term="xterm")
    try:
        shell.wait_for(r"large.csv is sent, the server works")
        server.go.set()
        assert re.search(r"\r\033\[KImported: 1 created", shell.wait_for("deleted")), "the line is removed"
        assert shell.process.wait(DEADLINE) == 0
    finally:
        shell.close()
        server.close()


def test_a_backup_that_is_none(tmp_path):
    ctl = Ctl(tmp_path, f"http://127.0.0.1:{free_port()}")
    ctl.run("backup", tmp_path / "b.db", status=UNREACHABLE)
    assert not (tmp_path / "b.db").exists()
