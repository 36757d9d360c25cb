"""tagferryctl: publish-test and learn."""

import csv
import io
import re

from ctl import NOT_FOUND, PROGRAM, REFUSED, USAGE
from harness import DEADLINE, eventually
from test_ctl_completion import Shell


def test_publish_test(ctl, plant):
    plant.api.device("boiler", "p/b", [
        {"name": "temp", "modbus": {"type": "int16", "scale": 0.1, "address": 10, "table": "input_register"}},
        {"name": "mode", "mqtt": {"values": {"ON": 1}}, "modbus": {"type": "uint16", "address": 11}},
        {"name": "other", "mqtt": {"topic": "p/other"}, "modbus": {"address": 20}}])
    payload = plant.folder / "payload.json"
    payload.write_text('{"temp": 21.5, "mode": "SLOW"}')

    def rows(*words, **more):
        out = ctl.run("publish-test", *words, "-o", "csv", **more).out
        return {row["tag"]: row for row in csv.DictReader(io.StringIO(out))}
    shown = rows("boiler", f"@{payload}")
    assert (shown["temp"]["value"], shown["temp"]["hex"], shown["temp"]["modicon"]) == ("21.5", "00D7", "300011")
    assert shown["temp"]["found"] == "yes" and shown["temp"]["error"] == ""
    assert "SLOW" in shown["mode"]["error"] and shown["mode"]["value"] == ""
    assert shown["other"]["found"] == "no" and "the topic of the tag is p/other" in shown["other"]["error"]
    assert rows("boiler", "-", stdin='{"temp": 1}')["mode"]["error"] == "the message does not have the key"
    assert list(rows("boiler/other", '{"other": 5}')) == ["other"]
    assert rows("boiler/other", '{"other": 5}')["other"]["value"] == "5"
    assert rows("boiler", '{"other": 5}', "--topic", "p/other")["other"]["hex"] == "40A0 0000"
    assert ctl.run("publish-test", "boiler/temp", '{"temp": 1}', "-o", "json").json()["items"][0]["raw"] == [10]
    table = ctl.run("publish-test", "boiler", f"@{payload}").out
    assert re.search(r"^temp +yes +21.5 +21.5 +00D7 +input_register +300011$", table, re.M), table
    ctl.run("publish-test", "boiler/temp", '{"temp": 1}', "--check")
    ctl.run("publish-test", "boiler", "{", "--check", status=REFUSED)
    ctl.run("publish-test", "nobody", "1", status=NOT_FOUND)
    ctl.run("publish-test", "boiler/none", "1", status=NOT_FOUND)
    ctl.run("publish-test", "profile:x", "1", status=USAGE)
    assert "without wildcards" in ctl.run("publish-test", "boiler", "1", "--topic", "p/#", status=REFUSED).err
    assert "no text" in ctl.run("publish-test", "boiler", "-", stdin="a\0b", status=REFUSED).err
    assert plant.api.value("boiler", "temp")["messages"] == 0, "nothing is published"


def learn(ctl, *words, until):
    """What a second of listening brings. A busy machine may hear nothing in it: then again."""
    def heard():
        done = ctl.run("learn", "l/#", "--seconds", "1", *words)
        return done if until(done) else None
    return eventually(heard, f"learn {' '.join(words)}")


def test_learn_without_a_terminal(ctl, plant):
    plant.broker.publish("l/boiler", {"temp": 21.5, "on": True}, "-r")
    # What is heard in the last moment is in the proposal only.
    done = learn(ctl, "-o", "csv", until=lambda done: "l/boiler" in done.out and "21.5" in done.err)
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert sorted(row["key"] for row in rows) == ["on", "temp"] and rows[0]["topic"] == "l/boiler"
    assert re.search(r"^l/boiler  temp  21.5$", done.err, re.M) and "tagferryctl import FILE" in done.err
    one = learn(ctl, "--key", "temp", until=lambda done: "l/boiler" in done.out)
    assert len(one.out.splitlines()) == 2
    proposal = learn(ctl, "-o", "json", until=lambda done: done.json()["devices"]).json()
    assert len(proposal["devices"][0]["tags"]) == 2
    learn(ctl, "--profile", until=lambda done: "profiles" in done.json())
    # What was printed is a file for import; afterwards there is nothing new.
    ctl.run("import", "-", stdin=done.out)
    learn(ctl, "-o", "csv", until=lambda done: "Nothing new was heard" in done.err)
    assert "topic" in ctl.run("learn", "l/#/x", status=REFUSED).err
    ctl.run("learn", "l/#", "--seconds", "0", status=USAGE)


class Learner(Shell):
    """learn on a terminal, with a script as the editor."""

    def __init__(self, ctl, folder, script, *words):
        editor = folder / "editor"
        editor.write_text(f"#!/bin/sh\n{script}\n")
        editor.chmod(0o755)
        super().__init__([PROGRAM, "learn", "l/#", *words],
                         {**ctl.env, "EDITOR": str(editor), "TMPDIR": str(folder)}, term="xterm")

    def status(self):
        try:
            return self.process.wait(DEADLINE)
        finally:
            self.close()


def test_learn_on_a_terminal(ctl, plant):
    folder, tags = plant.folder, lambda: plant.api.must("GET", "/tags")["total"]
    plant.broker.publish("l/boiler", {"temp": 21.5, "flow": 3}, "-r")
    # An unchanged proposal imports nothing, unless the user says so; an empty one never.
    for script, words, keys, says in [("true", [], "n", "unchanged. Import it"), ("true", ["--yes"], "", "is unchanged"),
                                      (': > "$1"', [], "", "is empty"), ("false", [], "", "has failed")]:
        learner = Learner(ctl, folder, script, *words)
        learner.wait_for(r"l/boiler +1 +(temp|flow) ")
        learner.type("q", says)
        if keys:
            learner.type(keys + "\n", "Nothing is imported")
        assert learner.status() == (REFUSED if script == "false" else 0) and tags() == 0
    # A fault is told, the file edited again; then it is imported after a question.
    learner = Learner(ctl, folder, 'if [ -e once ]; then sed -i s/int7/int16/ "$1"; else touch once; '
                                   'sed -i "/,flow,/d; s/float32/int7/" "$1"; fi'.replace("once", str(folder / "once")))
    learner.wait_for(r"l/boiler +1 +(temp|flow) ")
    seen = learner.type("\x03", r"Edit the file again\? \[y/N\]")
    assert re.search(r'type +"int7" +must be one of', seen), seen
    seen = learner.type("y\n", r"Import this\? \[y/N\]")
    assert "dry run: 2 created" in seen and "int16" in seen
    learner.type("y\n", "Imported: 2 created")
    assert learner.status() == 0 and tags() == 1
    assert plant.api.must("GET", "/tags")["items"][0]["mqtt"]["key"] == "temp"
    # Faults that are left alone leave the file; nobody listens any more.
    learner = Learner(ctl, folder, 'sed -i s/int16/int7/ "$1"; sed -i s/uint8/int7/ "$1"')
    learner.wait_for(r"l/boiler +1 +(temp|flow) ")
    learner.type("q", r"Edit the file again|Import this")
    learner.type("n\n", r"The file stays in .*tagferry-\w+\.csv|Nothing was changed")
    assert learner.status() == REFUSED and tags() == 1
    assert all(item["state"] == "done" for item in plant.api.must("GET", "/discoveries")["items"])
