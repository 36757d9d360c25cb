"""tagferryctl as a user runs it: by itself, or on a terminal."""

import fcntl
import json
import os
import pty
import re
import select
import shlex
import struct
import subprocess
import termios
import time

from harness import BIN, DEADLINE, eventually

DONE, REFUSED, USAGE, UNREACHABLE, NOT_FOUND, CHANGED = range(6)
PROGRAM = BIN / "tagferryctl"


class Ran:
    """What one run has printed."""

    def __init__(self, status, out, err=""):
        self.status, self.out, self.err = status, out, err

    def json(self):
        return json.loads(self.out)

    def rows(self):
        """The table, or CSV, as lists of words."""
        return [line.split() for line in self.out.splitlines()]


class Ctl:
    """Runs the program against a gateway, with an empty home folder."""

    def __init__(self, folder, url=None):
        self.env = {key: value for key, value in os.environ.items()
                    if not key.startswith("TAGFERRY_CTL_") and key not in ("NO_COLOR", "XDG_CONFIG_HOME", "COLUMNS")}
        self.env.update(HOME=str(folder), LC_ALL="C.UTF-8", TERM="xterm-256color")
        if url:
            self.env["TAGFERRY_CTL_URL"] = url

    def run(self, *words, status=DONE, stdin="", env=None):
        """Runs it without a terminal."""
        done = subprocess.run([PROGRAM, *(word if isinstance(word, bytes) else str(word) for word in words)], input=stdin, capture_output=True, text=True,
                              timeout=DEADLINE, env={**self.env, **(env or {})})
        assert "Sanitizer" not in done.stderr and "runtime error" not in done.stderr, done.stderr
        assert done.returncode in (status if isinstance(status, tuple) else (status,)), (words, done.returncode, done.stdout, done.stderr)
        return Ran(done.returncode, done.stdout, done.stderr)

    def on_terminal(self, *words, keys="", after="", columns=80, lines=24, status=DONE, env=None):
        """Runs it on a terminal of this size, types the keys (once it has printed `after`), and returns all that it
        printed."""
        main, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        process = subprocess.Popen([PROGRAM, *map(str, words)], stdin=side, stdout=side, stderr=side,
                                   env={**self.env, **(env or {})}, start_new_session=True)
        os.close(side)
        printed, end = b"", time.monotonic() + DEADLINE
        try:
            while time.monotonic() < end:
                if keys and after.encode() in printed:
                    os.write(main, keys.encode())
                    keys = ""
                if select.select([main], [], [], 0.05)[0]:
                    try:
                        part = os.read(main, 65536)
                    except OSError:  # the other side is closed
                        break
                    if not part:
                        break
                    printed += part
            code = process.wait(DEADLINE)
        finally:
            process.kill()
            process.wait()
            os.close(main)
        text = printed.decode(errors="replace").replace("\r\n", "\n")
        assert "Sanitizer" not in text and "runtime error" not in text, text
        assert code == status, (words, code, text)
        return Ran(code, text)


class Screen:
    """A terminal of tmux in which the program runs, as a user sees it."""

    def __init__(self, ctl, *words, columns=100, lines=24):
        self.socket = os.path.join(ctl.env["HOME"], "tmux")
        keep = [f"{key}={value}" for key, value in ctl.env.items() if key.startswith("TAGFERRY_") or key == "LC_ALL"]
        text = " ".join(["env", *map(shlex.quote, keep), shlex.quote(str(PROGRAM)), *map(shlex.quote, map(str, words))])
        env = {**ctl.env, "PS1": "$ "}
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(lines),
                   f"{text}; echo ended with $?; stty -a; exec cat", env=env)

    def _tmux(self, *words, env=None):
        done = subprocess.run(["tmux", "-S", self.socket, *words], capture_output=True, text=True, timeout=DEADLINE,
                              env=env)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def text(self, styles=False):
        return self._tmux("capture-pane", "-p", *(["-e"] if styles else []))

    def lines(self):
        return self.text().rstrip("\n").split("\n")

    def keys(self, *keys):
        self._tmux("send-keys", *keys)

    def resize(self, columns, lines):
        self._tmux("resize-window", "-x", str(columns), "-y", str(lines))

    def shows(self, pattern, flags=re.M):
        """Waits until the screen has it."""
        try:
            return eventually(lambda: re.search(pattern, self.text(), flags))
        except AssertionError:
            raise AssertionError(f"{pattern} is not on the screen:\n{self.text()}") from None

    def pid(self):
        """The process of the program."""
        shell = int(self._tmux("list-panes", "-F", "#{pane_pid}"))
        with open(f"/proc/{shell}/task/{shell}/children") as children:
            return int(children.read().split()[0])

    def close(self):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], capture_output=True, timeout=DEADLINE)
