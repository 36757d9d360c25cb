"""Runs containers as an engine does: crun, the program that engines use, starts a command in the root
folder of an image, which is read-only, with the settings of the image. The user has no capabilities."""

import json
import os
import pathlib
import subprocess

# crun wants to know cgroups, also where it makes none, and not every layout of them.
CRUN = ("unshare", "--mount", "sh", "-c", 'mount -t cgroup2 none /sys/fs/cgroup && exec "$@"', "sh",
        "crun", "--cgroup-manager=disabled")


class Image:
    """What `buildah inspect` says of an image, and its root folder."""

    def __init__(self, inspected, root):
        self.root = pathlib.Path(root)
        self.settings = json.loads(pathlib.Path(inspected).read_text(encoding="utf-8"))["Docker"]["config"]

    @classmethod
    def of(cls, name):
        """The image that scripts/image --test has built."""
        return cls(os.environ[name], os.environ[f"{name}_ROOT"])

    def user(self):
        """The numbers of the user and the group of its commands, and the user's home."""
        name = self.settings["User"].partition(":")[0]
        for line in (self.root / "etc/passwd").read_text(encoding="utf-8").splitlines():
            account = line.split(":")
            if name in (account[0], account[2]):
                return int(account[2]), int(account[3]), account[5]
        raise AssertionError(f"there is no user {name} in the image")

    def command(self, arguments=None):
        return [*(self.settings.get("Entrypoint") or []), *(arguments or self.settings["Cmd"])]

    def health(self):
        kind, *command = self.settings["Healthcheck"]["Test"]
        assert kind == "CMD"
        return command


class Container:
    """A container in a network namespace. `mounts` are folders by the paths where they appear; "tmpfs"
    is a new one in memory."""

    def __init__(self, image, folder, name, machine, mounts, arguments=None, env=None):
        self.image, self.folder, self.name = image, folder / name, name
        self.folder.mkdir()
        self.state = folder / "crun"
        self.mounts, self.process = mounts, None
        self._write_settings(machine, image.command(arguments), env or {})

    def _write_settings(self, machine, command, env):
        uid, gid, home = self.image.user()

        def mount(place, kind, source, *options):
            return {"destination": place, "type": kind, "source": source, "options": list(options)}

        mounts = [mount("/proc", "proc", "proc"),
                  mount("/dev", "tmpfs", "tmpfs", "nosuid", "mode=755", "size=65536k"),
                  mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777"),
                  mount("/tmp", "tmpfs", "tmpfs", "nosuid", "nodev", "mode=1777")]
        for place, source in self.mounts.items():
            if source == "tmpfs":
                mounts.append(mount(place, "tmpfs", "tmpfs", "nosuid", "noexec", "nodev", "mode=0750",
                                    f"uid={uid}", f"gid={gid}"))
            else:
                mounts.append(mount(place, "bind", str(source), "rbind", "nosuid", "nodev"))
        none = {kind: [] for kind in ("bounding", "effective", "inheritable", "permitted", "ambient")}
        environment = [f"HOME={home}", *self.image.settings["Env"], *(f"{key}={value}" for key, value in env.items())]
        settings = {
            "ociVersion": "1.0.0", "hostname": self.name,
            "root": {"path": str(self.image.root), "readonly": True},
            "process": {"terminal": False, "user": {"uid": uid, "gid": gid}, "args": command,
                        "env": environment, "cwd": self.image.settings.get("WorkingDir") or "/",
                        "capabilities": none, "noNewPrivileges": True},
            "mounts": mounts,
            "linux": {"namespaces": [{"type": "pid"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"},
                                     {"type": "network", "path": f"/run/netns/{machine.namespace}"}],
                      "readonlyPaths": ["/proc/sys", "/proc/sysrq-trigger"]}}
        (self.folder / "config.json").write_text(json.dumps(settings), encoding="utf-8")

    def _crun(self, *words):
        return [*CRUN, "--root", str(self.state), *words]

    def _exec(self, *command):
        uid, gid, _ = self.image.user()
        return self._crun("exec", "--user", f"{uid}:{gid}", self.name, *command)

    def start(self):
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(self._crun("run", "--bundle", str(self.folder), self.name),
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def log(self):
        return (self.folder / "log").read_text(encoding="utf-8")

    def wait(self, seconds=90):
        """The status with which it ends."""
        return self.process.wait(seconds)

    def exec(self, *command, text=""):
        """Runs a command beside the others in the container, as its user."""
        return subprocess.run(self._exec(*command), capture_output=True, text=True,
                              check=False, input=text)

    def exec_words(self, command):
        """The words of a shell that run the command in the container."""
        return " ".join(f"'{word}'" for word in self._exec(command))

    def kill(self, signal):
        """Sends a signal to the container's first process."""
        subprocess.run(self._crun("kill", self.name, signal), check=True)

    def is_healthy(self):
        return self.exec(*self.image.health()).returncode == 0

    def first(self):
        """The number, outside of the container, of its first process."""
        return json.loads((self.state / self.name / "status").read_text(encoding="utf-8"))["pid"]

    def pids(self, program):
        """The numbers of the processes in the container that run this program."""
        space = os.readlink(f"/proc/{self.first()}/ns/pid")
        found = []
        for each in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if (os.readlink(each / "ns/pid") == space
                        and pathlib.Path(os.readlink(each / "exe")).name == program):
                    found.append(int(each.name))
            except OSError:
                continue
        return found

    def close(self):
        """Ends it, if it runs."""
        if self.process and self.process.poll() is None:
            subprocess.run(self._crun("kill", self.name, "KILL"), check=False, stderr=subprocess.DEVNULL)
            self.process.wait()
