"""tagferryctl: its completion in bash and zsh, and the flags of its manual page."""

import os
import pty
import re
import select
import shutil
import subprocess
import time

import pytest

from ctl import DONE, USAGE, PROGRAM, Ctl
from harness import DEADLINE, ROOT, free_port


def answers(ctl, *words, meanings=False):
    kind, *lines = ctl.run("__complete", "words", "--", *words).out.splitlines()
    return kind, [line if meanings else line.partition("\t")[0] for line in lines]


def words_of(ctl, *words):
    kind, found = answers(ctl, *words)
    assert kind == "words"
    return found


def test_what_may_follow(ctl, plant):
    plant.api.device("boiler-7", "p/b", [{"name": "temp"}, {"name": "tempo", "label": "Töne"}], label="Kessel")
    plant.api.device("boiler-70", "p/b")
    plant.api.device("pump", "p/p")
    assert words_of(ctl, "stat") == ["status"] and "devices" in words_of(ctl, "")
    assert "--quality" in words_of(ctl, "devices", "--") and "--quality" not in words_of(ctl, "status", "--")
    assert words_of(ctl, "devices", "--quality", "") == ["good", "stale", "bad", "never"]
    assert words_of(ctl, "devices", "--quality=s") == ["--quality=stale"]
    assert words_of(ctl, "devices", "--reason", "broker") == ["broker_lost"]
    assert words_of(ctl, "-o", "") == words_of(ctl, "devices", "-o", "") == ["table", "json", "csv"]
    assert words_of(ctl, "-oj", "dev") == ["devices"] and words_of(ctl, "devices", "-wo", "c") == ["csv"]
    assert words_of(ctl, "completion", "") == ["bash", "zsh"] and words_of(ctl, "completion", "bash", "") == []
    assert words_of(ctl, "nothing", "") == words_of(ctl, "status", "--", "--") == []
    assert answers(ctl, "devices", "--token-file", "x") == answers(ctl, "status", "--ca-file=") == ("files", [])
    assert "status\tShow whether the gateway does its job" in answers(ctl, "", meanings=True)[1]
    assert words_of(ctl, "value", "") == ["boiler-7/", "boiler-70/", "pump/"]
    assert answers(ctl, "get", "boiler-7", meanings=True)[1] == ["boiler-7\tKessel", "boiler-70"]
    assert words_of(ctl, "value", "boiler-7/") == ["boiler-7/temp", "boiler-7/tempo"]
    assert words_of(ctl, "value", "boiler-7/tempo", "pu") == ["pump/"]
    assert words_of(ctl, "get", "pump", "mqtt.q") == ["mqtt.qos"]
    assert words_of(ctl, "get", "pump/x", "modbus.bi") == ["modbus.bit"]
    assert words_of(ctl, "get", "prof") == ["profile:"] and words_of(ctl, "get", "none/") == []
    assert words_of(ctl, "tags", "-d", "p") == ["pump"]
    assert words_of(ctl, "why", "boiler-7", "") == ["temp", "tempo"] and words_of(ctl, "why", "boiler-7/temp", "") == []
    assert words_of(ctl, "rename", "pump", "") == words_of(ctl, "write", "boiler-7/temp", "") == []
    # Flags before the cursor say where the server is; without one there is nothing to offer.
    assert words_of(ctl, "-c", "/nowhere", "--quality", "") == ["good", "stale", "bad", "never"]


class Shell:
    """An interactive shell in a terminal, with the completion of the program."""

    def __init__(self, words, env, term="dumb"):
        self.process, self.seen = None, ""
        self.main, side = pty.openpty()
        # It is the controlling terminal: Ctrl-C is a signal.
        self.process = subprocess.Popen(words, preexec_fn=lambda: os.login_tty(side), pass_fds=[side],
                                        env={**env, "PS1": "> ", "TERM": term})
        os.close(side)

    def wait_for(self, text):
        end, seen = time.monotonic() + DEADLINE, ""
        while not re.search(text, seen):
            assert time.monotonic() < end, seen
            if select.select([self.main], [], [], 0.1)[0]:
                seen += os.read(self.main, 65536).decode(errors="replace")
        return seen

    def type(self, keys, until):
        os.write(self.main, keys.encode())
        return self.wait_for(until)

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.main)


@pytest.mark.parametrize("name", ["bash", "zsh"])
def test_in_a_shell(ctl, plant, name):
    """Each line is typed, then Tab; a mark that follows shows what the line has become."""
    plant.api.device("boiler-7", "p/b", [{"name": "temp"}], label="Kessel")
    (plant.folder / "some file.csv").write_text("")
    words = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}[name]
    assert shutil.which(name), f"{name} is missing: scripts/install-deps test"
    shell = Shell(words, {**ctl.env, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}"})
    try:
        begin = f"cd {plant.folder}; source <(tagferryctl completion {name}); echo is-\"\"ready\r"
        if name == "zsh":
            begin = "autoload -U compinit; compinit -D -u; PS1='> '; " + begin
        else:
            begin = "bind 'set enable-bracketed-paste off'; " + begin
        shell.type(begin, r"is-ready[^>]*> ")
        for typed, becomes in [
                ("tagferryctl dev", "tagferryctl devices "),
                ("tagferryctl devices --qual", "tagferryctl devices --quality "),
                ("tagferryctl devices --quality=st", "tagferryctl devices --quality=stale "),
                ("tagferryctl devices --quality st", "tagferryctl devices --quality stale "),
                ("tagferryctl value boi", "tagferryctl value boiler-7/"),
                ("tagferryctl value boiler-7/", "tagferryctl value boiler-7/temp "),
                ("tagferryctl get pro", "tagferryctl get profile:"),
                ("tagferryctl completion z", "tagferryctl completion zsh "),
                ("tagferryctl status --token-file so", r"tagferryctl status --token-file some\ file.csv "),
        ]:
            seen = shell.type(f"{typed}\t#mark\x15", "#mark")
            assert becomes + "#mark" in re.sub(r"\x1b\[\??[\d;]*[a-zA-Z]|.\x08|\r\r?\n?|\x07", "", seen), seen
    finally:
        shell.close()


def manual():
    """{command: [(letter, flag, value)]} of the manual page; None: the flags of every command."""
    text = (ROOT / "docs/man/tagferryctl.1.scd").read_text()
    found, command = {}, None
    for line in text.splitlines():
        if line.startswith("# "):
            command = "" if line == "# FLAGS OF EVERY COMMAND" else None
        elif line.startswith("## "):
            command = line.split()[1]
        elif command is not None:
            found.setdefault(command, [])
            flag = re.fullmatch(r"(?:\*-(\w)\*, )?\*--([\w-]+)\*(?: _(\S+)_)?", line)
            if flag:
                found[command].append(flag.groups())
    return found


def test_every_flag_of_the_manual_is_accepted(tmp_path):
    """By the parser of its command, which then prints help; and each flag is of some command."""
    ctl, page = Ctl(tmp_path), manual()
    everywhere = page.pop("")
    assert len(everywhere) == 8 and len(page) > 2
    told = set(re.findall(r"^  (\w[\w-]*) ", ctl.run("--help").out.partition("\nFlags")[0], re.M))
    assert told == set(page)
    for command, flags in page.items():
        words = []
        for letter, flag, value in flags + everywhere:
            if flag != "version":
                words += [f"-{letter}", "1"] if letter and value else [f"-{letter}"] if letter else []
                words += [f"--{flag}=1"] if value else [f"--{flag}"]
        help_ = ctl.run(command, *words).out
        assert help_.startswith(f"Usage: tagferryctl {command}")
        for _, flag, _ in flags + everywhere:
            assert re.search(rf"^  (-\w, |    )--{flag}\b", help_, re.M), (command, flag)
    table = (ROOT / "src/ctl/command/flags.h").read_text()
    names = re.findall(r'^    FLAG\(\w+, "([\w-]+)"', table, re.M)
    used = {flag for flags in page.values() for _, flag, _ in flags}
    assert len(names) > 5 and set(names) == used


def test_hidden_commands_are_in_no_help(tmp_path):
    ctl = Ctl(tmp_path)
    assert "__" not in ctl.run("--help").out
    assert "__" not in (ROOT / "docs/man/tagferryctl.1.scd").read_text()


def test_completion_without_a_server_is_quiet(tmp_path):
    ctl = Ctl(tmp_path, f"http://127.0.0.1:{free_port()}")
    file = tmp_path / ".config/tagferry/ctl.conf"
    file.parent.mkdir(parents=True)
    file.write_text("nonsense")
    done = ctl.run("__complete", "words", "--", "sta")
    assert done.out.startswith("words\nstatus\t") and done.err == ""
    assert 'the shell "fish" must be bash or zsh' in ctl.run("completion", "fish", status=USAGE).err
    assert "complete -F" in ctl.run("completion", "bash", status=DONE).out


@pytest.mark.parametrize("line, first", [
    ("tagferryctl sta", "status"), ("tagferryctl  devices -q 'a b' --qual", "--quality"),
    ('/usr/bin/tagferryctl devices -q "a \\" b" --quality g', "good"), ("tagferryctl", None), ("", None),
    ("tagferryctl devices -q a\\ b -o js", "json"), ("tagferryctl 'sta", "status"), ("\\", None),
])
def test_lines_of_bash_are_parted(tmp_path, line, first):
    words = Ctl(tmp_path).run("__complete", "line", "--", line).out.split()
    assert words[1:2] == ([first] if first else words[1:2])
    for end in range(len(line)):
        Ctl(tmp_path).run("__complete", "line", "--", line[:end])


def test_the_manual_page_renders_without_a_word(tmp_path):
    page = tmp_path / "tagferryctl.1"
    with open(ROOT / "docs/man/tagferryctl.1.scd") as source, open(page, "w") as made:
        subprocess.run(["scdoc"], stdin=source, stdout=made, check=True)
    done = subprocess.run(["man", "--warnings", "-l", page], capture_output=True, text=True, check=True,
                          env=dict(os.environ, LC_ALL="C.UTF-8", MANROFFOPT="", MANWIDTH="200"))
    assert done.stderr == "" and "value [DEVICE/TAG" in done.stdout
