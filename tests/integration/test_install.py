"""Installs as the README describes it without the package: a hardened release, its configuration,
readable manual pages that list each option."""

import os
import re
import subprocess

import pytest

from harness import DEADLINE, ROOT
from pages import commands

DAEMONS = ("tagferry-api", "tagferry-modbusd", "tagferry-mqttd")
PAGES = ("man1/tagferryctl.1", "man8/tagferry-api.8", "man8/tagferry-modbusd.8",
         "man8/tagferry-mqttd.8", "man5/tagferry.conf.5")
INSTALL = re.compile(r"cmake -S \. -B build .*sudo cmake --install build")


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The tree into which the README's command installs."""
    folder = tmp_path_factory.mktemp("install")
    command, = filter(INSTALL.fullmatch, commands(ROOT / "README.md"))
    for there, here in {"-B build": f"-B {folder}/build", "--build build": f"--build {folder}/build",
                        "--install build": f"--install {folder}/build", "sudo ": ""}.items():
        assert there in command
        command = command.replace(there, here)
    env = dict(os.environ, DESTDIR=str(folder / "root"), CMAKE_GENERATOR="Ninja")
    done = subprocess.run(["bash", "-ec", command], cwd=ROOT, env=env, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout
    return folder / "root"


def test_programs_are_hardened(installed):
    programs = [installed / "usr/local/bin" / name for name in DAEMONS]
    done = subprocess.run([ROOT / "tests/package/hardening", *programs], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert (done.returncode, done.stdout) == (0, "")


def test_each_program_links_what_it_needs(installed):
    """tagferry-modbusd does not link the libraries for the store, the broker or HTTP."""
    needed = subprocess.run(["readelf", "--dynamic", installed / "usr/local/bin/tagferry-modbusd"],
                            stdout=subprocess.PIPE, text=True, check=True).stdout
    names = set(re.findall(r"Shared library: \[lib([a-z0-9]+)", needed))
    assert "modbus" in names
    assert not names & {"sqlite3", "mosquitto", "microhttpd", "cjson"}


def asked(installed, daemon, option):
    config = installed / "etc/tagferry/tagferry.conf"
    done = subprocess.run([installed / "usr/local/bin" / daemon, "-c", config, option], text=True,
                          stdout=subprocess.PIPE, check=True, timeout=DEADLINE)
    return done.stdout


@pytest.mark.parametrize("daemon", DAEMONS)
def test_the_installed_configuration_is_good(installed, daemon):
    rules = "rule 1: all clients may read and write all units\n" if daemon == "tagferry-modbusd" else ""
    assert asked(installed, daemon, "--check-config") == rules


def test_the_library_of_profiles_is_where_the_api_looks(installed):
    folder = re.search(r"^profile_dir = (.*)", asked(installed, "tagferry-api", "--print-config"), re.M)[1]
    there = {path.name for path in (installed / folder.lstrip("/")).iterdir()}
    assert there == {path.name for path in (ROOT / "config/profiles").glob("*.json")}


def test_the_scripts_for_keepalived_are_where_the_example_looks(installed):
    named = re.findall(r'"(/\S+?)[ "]', (ROOT / "config/keepalived/keepalived.conf").read_text())
    assert len(set(named)) == 2
    for path in named:
        assert os.access(installed / path.lstrip("/"), os.X_OK), path


def manual(installed, page):
    """The output and the warnings of man for a page."""
    env = dict(os.environ, LC_ALL="C.UTF-8", MANROFFOPT="", MANWIDTH="200", MAN_KEEP_FORMATTING="")
    done = subprocess.run(["man", "--warnings", "-l", installed / "usr/local/share/man" / page],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env,
                          timeout=DEADLINE)
    assert done.returncode == 0, done.stderr
    return re.sub(r".\x08|\x1b\[\d*m", "", done.stdout), done.stderr


@pytest.mark.parametrize("page", PAGES)
def test_manual_pages_render_without_a_word(installed, page):
    text, complaints = manual(installed, page)
    assert complaints == ""
    assert "NAME" in text and "SEE ALSO" in text


def test_shells_complete_tagferryctl(installed):
    share = installed / "usr/local/share"
    bash = share / "bash-completion/completions/tagferryctl"
    subprocess.run(["bash", "-c", f"source {bash} && complete -p tagferryctl"], check=True, stdout=subprocess.PIPE)
    assert (share / "zsh/vendor-completions/_tagferryctl").read_text().startswith("#compdef tagferryctl\n")


@pytest.mark.parametrize("daemon", DAEMONS)
def test_manual_pages_name_every_option(installed, daemon):
    text, _ = manual(installed, f"man8/{daemon}.8")
    usage = asked(installed, daemon, "--help").partition("Options, for the file")[0]
    options = re.findall(r"^ +(?:-\w, )?(--[\w-]+)", usage, re.M)
    orders = re.findall(r"^  ([a-z]+(?: [a-z]+)?)[ A-Z]", usage, re.M)
    assert len(options) == 6 and len(orders) == (7 if daemon == "tagferry-api" else 0)
    for word in options + orders:
        assert re.search(rf"^ +(-\w, )?{word}\b", text, re.M), word


@pytest.mark.parametrize("daemon", DAEMONS)
def test_the_manual_of_the_configuration_names_every_key(installed, daemon):
    text, _ = manual(installed, "man5/tagferry.conf.5")
    keys = re.findall(r"^  \w+\.(\w+)=", asked(installed, daemon, "--help"), re.M)
    assert len(keys) > 7
    for key in keys:
        assert re.search(rf"^ +{key}\b", text, re.M), key


def test_the_library_of_profiles_is_where_the_program_looks(installed):
    folder = re.search(r"^profile_dir *= *(\S+)$", asked(installed, "tagferry-api", "--print-config"),
                       re.M).group(1)
    files = {path.name for path in (installed / folder.lstrip("/")).glob("*.json")}
    assert files == {path.name for path in (ROOT / "config/profiles").glob("*.json")}
    assert "energy-meter.json" in files
