"""What config/keepalived has: an example that keepalived accepts, and scripts that say the truth."""

import concurrent.futures
import http.server
import os
import re
import subprocess
import threading

import pytest

from harness import DEADLINE, ROOT, eventually, free_port
from test_api_web import make_certificate

FOLDER = ROOT / "config/keepalived"
ALL = "mqttd,modbusd,broker"


def run(script, *words, path=None):
    env = dict(os.environ, PATH=f"{path}:{os.environ['PATH']}" if path else os.environ["PATH"])
    return subprocess.run([FOLDER / script, *map(str, words)], env=env, capture_output=True, text=True,
                          timeout=DEADLINE)


def check(url, need=ALL, *words):
    done = run("check", need, url, *words)
    assert done.stdout == "", done
    return done.returncode == 0


def url_of(stack):
    return f"http://127.0.0.1:{stack.api.port('http')}"


def interface():
    return next((name for name in sorted(os.listdir("/sys/class/net"))
                 if name != "lo" and os.path.exists(f"/sys/class/net/{name}/address")), None)


def keepalived_says(tmp_path, text):
    """Its words about a configuration. Its exit status is no help: 2.2.7 ends itself with SIGTERM."""
    path = tmp_path / "keepalived.conf"
    path.write_text(text)
    done = subprocess.run(["keepalived", "--config-test", "-f", path], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=DEADLINE, start_new_session=True)
    return done.stdout.replace(str(path), "")


@pytest.mark.skipif(os.geteuid() != 0 or not interface(), reason="needs root and a network interface")
def test_the_example_is_accepted(tmp_path):
    text = (FOLDER / "keepalived.conf").read_text()
    for word, here in (("eth0", interface()), ("/usr/share/tagferry/keepalived", str(FOLDER)),
                       ("user tagferry\n", "user root\n")):
        assert word in text
        text = text.replace(word, here)
    assert keepalived_says(tmp_path, text) == ""
    assert "wieght" in keepalived_says(tmp_path, text.replace("weight", "wieght"))
    # The reason why the script asks several times.
    assert "must be between 1 and" in keepalived_says(tmp_path, text.replace("interval 1", "interval 0.2"))


def checks(url):
    """Which of these needs the script finds met, asked for at the same time."""
    needs = (ALL, "mqttd", "modbusd")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        return dict(zip(needs, pool.map(lambda need: check(url, need), needs)))


def test_check(stack):
    """Of each part, only what was asked for."""
    broker = stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    stack.start_mqttd()
    url = url_of(stack)

    def becomes(status):
        eventually(lambda: stack.api.get("/readyz").status == status, f"/readyz answers {status}")
    def find(**wanted):
        """The script allows an answer little time: not always enough on a busy machine."""
        eventually(lambda: checks(url) == {ALL: False, **wanted}, f"the script finds {wanted}")
    becomes(200)
    eventually(lambda: checks(url) == {ALL: True, "mqttd": True, "modbusd": True}, "all is found")
    broker.kill()
    becomes(503)
    find(mqttd=True, modbusd=True)
    stack.mqttd.kill()
    find(mqttd=False, modbusd=True)
    assert "503" in run("check", ALL, url).stderr
    stack.modbusd.kill()
    find(mqttd=False, modbusd=False)
    stack.modbusd.start()
    eventually(lambda: check(url, "modbusd"), "it is found again")
    assert not check(url, "modbus"), "a part that is not there"
    stack.api.kill()
    done = run("check", "modbusd", url)
    assert done.returncode == 1 and "Failed to connect" in done.stderr


def test_check_with_tls(stack):
    """Without the authority the certificate is refused; and an IPv6 address is no pattern to curl."""
    make_certificate(stack.folder, "gateway")
    authority = stack.folder / "cert.pem"
    stack.start_modbusd()
    stack.start_api(api__listen=f"127.0.0.1:0,[::1]:{free_port()}", api__tls_certificate=authority,
                    api__tls_key=stack.folder / "key.pem")
    first, second = re.findall(r"listening on (\S+) ", stack.api.log())
    eventually(lambda: check(f"https://{first}", "modbusd", authority), "it is found")
    done = run("check", "modbusd", f"https://{second}")
    assert done.returncode == 1 and "certificate" in done.stderr


class Speaker:
    """A server that answers as told: a status, a body, or None to close the connection."""

    def __init__(self, answer):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.asked.append((self.client_address, self.path, self.headers["Authorization"]))
                status, body = answer(len(outer.asked)) or (None, None)
                if status is None:
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_):
                pass

        self.asked = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def test_how_check_asks():
    """Eight times over one connection, until an answer is bad; an API that restarts is asked again."""
    def asks(answer, found, fits):
        """The script allows an answer little time: not always enough on a busy machine."""
        def probe():
            with Speaker(answer) as speaker:
                return check(speaker.url) == found and fits(speaker.asked)
        eventually(probe, f"a script that ends with {found}")
    asks(lambda _: (200, "{}"), True, lambda asked: len(asked) == 8 and len({each[0] for each in asked}) == 1 and
         {each[1] for each in asked} == {f"/readyz?need={ALL}"})
    asks(lambda number: (200 if number < 4 else 503, "{}"), False, lambda asked: len(asked) == 4)
    asks(lambda number: None if 2 < number < 5 else (200, "{}"), True, lambda asked: len(asked) > 4)
    with Speaker(lambda number: None) as dead:
        assert not check(dead.url)


def gateway(role, term, leader="null", lag="null"):
    """GET /gateways: the first item, and another one."""
    return 200, ('{"items":[{"name":null,"host":"gw-a","self":true,"role":' + f'"{role}","leader":{leader},'
                 f'"term":{term},"revision":812,"lag_s":{lag},"last_error":null,"ready":true,"parts":'
                 '{"mqttd":{"state":"up","reason":null}},"devices":7,"last_seen":null},'
                 '{"name":null,"host":"gw-b","self":false,"role":"leader","leader":null,"term":99,'
                 '"revision":1,"lag_s":99}],"total":2}')


@pytest.fixture
def recorder(tmp_path):
    """Programs that only say what they were called with; `recorder()` answers the calls."""
    log = tmp_path / "calls"
    for name, body in (("tagferry-api", f'echo "$*" >>{log}\n'), ("logger", "cat >/dev/null\n")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}")
        (tmp_path / name).chmod(0o755)

    def calls(script, *words):
        log.unlink(missing_ok=True)
        done = run(script, *words, path=tmp_path)
        assert (done.returncode, done.stdout) == (0, ""), done
        return log.read_text().splitlines() if log.exists() else []
    return calls


def test_roles(tmp_path, recorder):
    """Two real gateways are in tests/cluster/test_walkthrough.py."""
    (tmp_path / "token").write_text("tf_secret\nmore\n")
    here_is, not_here = "127.0.0.1/24", "192.0.2.1/24"
    refused, away = (401, "{}"), None

    def behind(lag, leader=True):
        return lambda url: gateway("follower", 3, f'"{url if leader else "http://192.0.2.9:5000"}"', lag)

    def leads(term):
        return lambda _: gateway("leader", term)
    for own, other, address, called in (
            (leads(3), gateway("leader", 4), not_here, "follow"), (leads(3), gateway("leader", 4), here_is, "follow"),
            (leads(3), gateway("leader", 3), not_here, ""), (leads(4), gateway("leader", 3), not_here, ""),
            (leads(3), gateway("follower", 4), not_here, ""), (leads(3), refused, not_here, ""),
            (leads(3), away, here_is, ""),
            (behind("15.2"), away, here_is, "promote"), (behind("150"), away, here_is, "promote"),
            (behind("14.9"), away, here_is, ""), (behind("null"), away, here_is, ""),
            (behind("15.2"), away, not_here, ""), (behind("15.2", leader=False), away, here_is, ""),
            (lambda _: away, gateway("leader", 9), here_is, ""), (lambda _: refused, away, here_is, "")):
        with Speaker(lambda _, other=other: other) as there, \
                Speaker(lambda _, own=own, there=there: own(there.url)) as here:
            calls = recorder("roles", 15, address, there.url, here.url, tmp_path / "token")
            wanted = {"follow": [f"follow {there.url}"], "promote": ["promote --if-leaderless"], "": []}[called]
            assert calls == wanted, (own(there.url), other, address)
            assert {each[2] for each in here.asked + there.asked} == {"Bearer tf_secret"}
    with Speaker(lambda number: behind("20")("http://192.0.2.7:5000") if number == 1 else (503, "{}")) as cut:
        assert recorder("roles", 15, here_is, "http://192.0.2.7:5000", cut.url) == [], "it has lost the broker, too"
        assert [each[1] for each in cut.asked] == ["/api/v1/gateways", f"/readyz?need={ALL}"]
