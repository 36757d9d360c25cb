"""Machines on which Tagferry is installed, as a new user has them: commands of the documents run there
as they are written. What a machine writes in /etc, /usr, /var, /root and /run is in a folder of its own;
systemctl, sudo, apt, ssh and others are replaced by scripts, as nothing is booted."""

import os
import shlex
import shutil
import subprocess

from harness import BIN, DEADLINE, ROOT
from netns import run

JOURNAL = "/var/lib/tagferry-journal"
OVERLAID = ("etc", "usr", "var", "root")
SHARED = "/usr/share/doc/tagferry/examples"
# The programs that a booted machine has; $MACHINE is the folder of this one.
SCRIPTS = {
    "sudo": 'if [ "$1" = -u ]; then user=$2; shift 2; exec runuser -u "$user" -- "$@"; fi\nexec "$@"',
    "apt": "exit 0",
    # ssh HOST COMMAND
    "ssh": 'exec nsenter -t "$(cat "$MACHINE/../$1/holder")" -m -n -u sh -c "cd; $2"',
    "logger": 'cat >>"$JOURNAL"',
    "journalctl": 'cat "$JOURNAL"',
    "systemctl": r"""set -e
verb=$1
shift
[ "$1" != tagferry.target ] || set -- tagferry-modbusd tagferry-api tagferry-mqttd
for unit; do
    pid=/run/unit-$unit
    case $verb in stop | restart)
        if [ -e $pid ]; then
            kill "$(cat $pid)" && tail -s 0.1 -f --pid="$(cat $pid)" /dev/null
            rm $pid
        fi ;;
    esac
    case $verb in start | restart) ;; *) continue ;; esac
    case $unit in
    tagferry-*) exec setpriv --reuid tagferry --regid tagferry --clear-groups $unit ;;
    keepalived) exec keepalived --dont-fork --log-console --log-detail --no-syslog --vrrp ;;
    esac >>"$JOURNAL" 2>&1 </dev/null &
    echo $! >$pid
    case $unit in tagferry-api | tagferry-modbusd)
        until ss -Hltnp | grep -q "pid=$!,"; do kill -0 $!; sleep 0.1; done ;;
    esac
done""",
}


def why_impossible(folder):
    """The reason why there can be no such machines here, or None."""
    for name in ("upper", "work"):
        (folder / name).mkdir()
    done = subprocess.run(["unshare", "-m", "mount", "-t", "overlay", "overlay", "-o",
                           f"lowerdir=/etc,upperdir={folder}/upper,workdir={folder}/work", "/etc"],
                          capture_output=True, text=True, check=False)
    return f"overlays cannot be mounted: {done.stderr}" if done.returncode else None


def install(image):
    """What the package has, below `image`."""
    run("env", f"DESTDIR={image}", "cmake", "--install", BIN.parent)
    examples = image / SHARED.lstrip("/")
    examples.mkdir(parents=True)
    for each in (ROOT / "debian/tagferry.examples").read_text().split():
        if (ROOT / each).is_file():
            shutil.copy(ROOT / each, examples)
    for name in ("etc/keepalived", "var/lib/tagferry"):
        (image / name).mkdir(parents=True, exist_ok=True)
    for name, body in SCRIPTS.items():
        program = image / "usr/local/sbin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)


class Installed:
    """One of them, in a machine of netns.py."""

    def __init__(self, machine, image, folder):
        self.machine, self.image, self.folder = machine, image, folder
        folder.mkdir()
        self.words = {}  # what to write in place of words of the documents
        self.env = dict(os.environ, HOME="/root", MACHINE=str(folder), JOURNAL=JOURNAL,
                        PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin")
        self.holder = None
        self.boot()
        self.run("grep -q ^tagferry: /etc/passwd || useradd --system --no-create-home tagferry\n"
                 f"chown tagferry: /var/lib/tagferry\nchmod 750 /var/lib/tagferry\ninstall -m 666 /dev/null {JOURNAL}")
        self.boot_folders()

    def boot(self):
        """Holds the mounts."""
        mounts = []
        for name in OVERLAID:
            for kind in ("upper", "work"):
                (self.folder / kind / name).mkdir(parents=True, exist_ok=True)
            lower = [str(each) for each in (self.image / name, f"/{name}") if os.path.isdir(each)]
            mounts.append(f"mount -t overlay overlay -o lowerdir={':'.join(lower)},upperdir="
                          f"{self.folder}/upper/{name},workdir={self.folder}/work/{name} /{name}")
        with self.machine.inside():
            self.holder = subprocess.Popen(
                ["unshare", "-m", "sh", "-ec", "\n".join([*mounts, "mount -t tmpfs tmpfs /run", "echo", "exec cat"])],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.holder.stdout.readline()
        (self.folder / "holder").write_text(str(self.holder.pid))

    def boot_folders(self):
        """As systemd-tmpfiles does."""
        self.run("install -d -o tagferry -g tagferry -m 0750 /run/tagferry")

    def lose_power(self):
        self.machine.unplug()
        self.machine.end_processes()
        self.holder.wait()

    def power_up(self):
        self.machine.plug()
        self.boot()
        self.boot_folders()
        self.run("systemctl start tagferry-modbusd tagferry-api tagferry-mqttd keepalived")

    def run(self, text, must=True):
        """The output of commands."""
        for word, here in self.words.items():
            text = text.replace(word, here)
        # Daemons go on after the commands that start them, with their output elsewhere.
        done = subprocess.run(["nsenter", "-t", str(self.holder.pid), "-m", "-n", "-u", "bash", "-c",
                               f"cd\n{text}"], env=self.env, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=DEADLINE, check=False)
        assert done.returncode == 0 or not must, f"{self.machine.name}: {text}\n{done.stdout}"
        return done.stdout

    def write(self, path, text):
        self.run(f"cat >{shlex.quote(path)} <<'END'\n{text}END")

    def log(self):
        return self.run(f"cat {JOURNAL}")
