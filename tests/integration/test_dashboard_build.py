"""The build with the dashboard and without it: what it says when npm is missing or gets no packages."""

import os
import re
import shutil
import subprocess

import pytest

from harness import ROOT

SCRIPT = ROOT / "scripts/build-dashboard"


@pytest.fixture
def tools(tmp_path):
    """A folder in front of PATH, for programs in place of npm and node."""
    folder = tmp_path / "tools"
    folder.mkdir()

    def put(name, text):
        (folder / name).write_text("#!/bin/sh\n" + text)
        (folder / name).chmod(0o755)
    put.env = dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}")
    return put


def build(tools, folder, *mode):
    done = subprocess.run([SCRIPT, folder, *mode], env=tools.env, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def test_without_a_network(tools, tmp_path):
    """The build goes on, and the next one tries again."""
    made = tmp_path / "made"
    tools("npm", "echo 'npm error code EAI_AGAIN' >&2\nexit 1")
    for _ in range(2):
        status, text = build(tools, made, "optional")
        assert status == 0
        assert "WARNING: the dashboard is left out: npm cannot get its packages" in text
        assert "EAI_AGAIN" in text and "the next build tries again" in text
        assert "web_files[] = {{NULL, NULL, 0}};" in (made / "web_files.c").read_text()
        assert not (made / "complete").exists(), "the build system runs the command again"
        written = (made / "web_files.c").stat().st_mtime_ns
    build(tools, made, "optional")
    assert (made / "web_files.c").stat().st_mtime_ns == written, "nothing is compiled again"
    status, text = build(tools, made)
    assert status == 1 and "-DTAGFERRY_DASHBOARD=OFF" in text


def test_an_old_node(tools, tmp_path):
    tools("node", 'case "$1" in --version) echo v12.22.12 ;; *) exit 1 ;; esac')
    status, text = build(tools, tmp_path / "made", "optional")
    assert status == 0 and "Node.js 18 or newer, and this is v12.22.12" in text


def test_a_page_that_cannot_be_built_is_an_error(tools, tmp_path):
    """The packages are there, so it is no matter of the network."""
    tools("npm", "exit 0")
    status, text = build(tools, tmp_path / "made", "optional")
    assert status != 0, text


def configure(folder, *options):
    """Configures with the compiler and pkg-config only: no npm is found."""
    done = subprocess.run(
        ["cmake", "-S", ROOT, "-B", folder, "-G", "Ninja", *options,
         f"-DCMAKE_C_COMPILER={shutil.which('cc')}", f"-DCMAKE_MAKE_PROGRAM={shutil.which('ninja')}",
         f"-DPKG_CONFIG_EXECUTABLE={shutil.which('pkg-config')}",
         f"-DPROTOC_C={shutil.which('protoc-c')}",
         "-DCMAKE_FIND_USE_SYSTEM_ENVIRONMENT_PATH=OFF", "-DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF"],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def test_without_npm(tmp_path):
    status, text = configure(tmp_path)
    assert status == 0, text
    line, = re.findall(r".*dashboard.*", text)
    assert line == ("-- The dashboard is left out: npm is not installed "
                    "(Debian: apt install nodejs npm)")
    status, text = configure(tmp_path, "-DTAGFERRY_DASHBOARD=OFF")
    assert status == 0 and "dashboard" not in text
    status, text = configure(tmp_path, "-DTAGFERRY_DASHBOARD=ON")
    assert status != 0
    assert "apt install nodejs npm" in text and "-DTAGFERRY_DASHBOARD=OFF" in " ".join(text.split())
