"""For browsers and proxies: compression, origins, TLS."""

import gzip
import signal
import socket
import ssl
import subprocess
import urllib.request

import pytest

from harness import DEADLINE, eventually


@pytest.fixture
def api(stack):
    return stack.start_api(api__cors_origins="https://hmi.example")


def test_gzip(api):
    for n in range(10):
        api.device(f"d{n}", "t")
    plain = api.get("/devices")
    packed = api.send("GET", "/devices", None, {"Accept-Encoding": "br, gzip"})
    assert packed.headers["Content-Encoding"] == "gzip" and len(packed.body) < len(plain.body)
    assert gzip.decompress(packed.body) == plain.body
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["ETag"] != plain.headers["ETag"], "strong tags name the bytes"
    assert "Accept-Encoding" in packed.headers["Vary"]
    for etag in (plain.headers["ETag"], packed.headers["ETag"]):
        assert api.get("/devices", headers={"If-None-Match": etag}).status == 304
    for refused in ("gzip;q=0", "gzip; q=0.0", "deflate", "xgzip"):
        answer = api.send("GET", "/devices", None, {"Accept-Encoding": refused})
        assert "Content-Encoding" not in answer.headers, refused
    small = api.send("GET", "/devices/d1", None, {"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in small.headers


def test_origins(api):
    friend = {"Origin": "https://hmi.example"}
    answer = api.get("/devices", headers=friend)
    assert answer.headers["Access-Control-Allow-Origin"] == "https://hmi.example"
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
    for origin in ("https://evil.example", "null", "https://hmi.example.evil.example"):
        answer = api.get("/devices", headers={"Origin": origin})
        assert "Access-Control-Allow-Origin" not in answer.headers
    asks = dict(friend, **{"Access-Control-Request-Method": "PATCH"})
    answer = api.request("OPTIONS", "/devices/a", headers=asks)
    assert answer.status == 204 and "PATCH" in answer.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]


def make_certificate(folder, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem",
                    "-out", folder / "cert.pem"], check=True, capture_output=True)


def shown_certificate(api):
    host, port = api.options["api.listen"].rsplit(":", 1)
    return ssl.get_server_certificate((host, int(port)), timeout=DEADLINE)


def test_tls_and_its_reload(stack):
    make_certificate(stack.folder, "first")
    api = stack.start_api(api__tls_certificate=stack.folder / "cert.pem",
                          api__tls_key=stack.folder / "key.pem")
    url = f"https://{api.options['api.listen']}/healthz"
    first = (stack.folder / "cert.pem").read_text()
    trust = ssl.create_default_context(cadata=first)
    with urllib.request.urlopen(url, timeout=DEADLINE, context=trust) as answer:
        assert answer.status == 200
    assert shown_certificate(api).strip() == first.strip()
    make_certificate(stack.folder, "second")
    api.signal(signal.SIGHUP)
    api.wait_log("configuration reloaded")
    second = (stack.folder / "cert.pem").read_text()
    assert shown_certificate(api).strip() == second.strip()
    (stack.folder / "key.pem").write_text("rubbish")
    api.signal(signal.SIGHUP)
    eventually(lambda: "key.pem" in api.log(), "the fault in the log")
    assert shown_certificate(api).strip() == second.strip(), "the old one stays"
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(OSError):
        urllib.request.urlopen(url, timeout=DEADLINE, context=old)


def handshake(api, cipher, version=ssl.TLSVersion.TLSv1_2):
    """True if the server supports this suite."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    if cipher:
        context.set_ciphers(f"{cipher}:@SECLEVEL=0")
    host, port = api.options["api.listen"].rsplit(":", 1)
    try:
        with socket.create_connection((host, int(port)), timeout=DEADLINE) as plain, \
                context.wrap_socket(plain, server_hostname=host):
            return True
    except (ssl.SSLError, ConnectionError):
        return False


@pytest.mark.parametrize("key", ["ec", "rsa"])
def test_suites_of_tls_1_2(stack, key):
    """Forward secrecy and authenticated encryption only, whatever the key."""
    kind = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"] if key == "ec" else ["rsa:2048"]
    subprocess.run(["openssl", "req", "-x509", "-newkey", *kind, "-nodes", "-days", "2", "-subj",
                    "/CN=tagferry", "-keyout", stack.folder / "key.pem", "-out",
                    stack.folder / "cert.pem"], check=True, capture_output=True)
    api = stack.start_api(api__tls_certificate=stack.folder / "cert.pem",
                          api__tls_key=stack.folder / "key.pem")
    every = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    every.set_ciphers("ALL:@SECLEVEL=0")
    names = [cipher["name"] for cipher in every.get_ciphers() if cipher["protocol"] != "TLSv1.3"]
    assert len(names) > 30 and {"AES128-SHA256", "AES256-GCM-SHA384"} <= set(names)
    spoken = [name for name in names if handshake(api, name)]
    auth = "ECDSA" if key == "ec" else "RSA"
    assert set(spoken) == {f"ECDHE-{auth}-AES256-GCM-SHA384", f"ECDHE-{auth}-AES128-GCM-SHA256",
                           f"ECDHE-{auth}-CHACHA20-POLY1305"}
    assert handshake(api, None, ssl.TLSVersion.TLSv1_3)


def test_tls_needs_both_files(stack):
    api = stack.start_api()
    api.stop()
    for options in ({"api.tls_key": "/nonexistent"},
                    {"api.tls_certificate": "/nonexistent", "api.tls_key": "/nonexistent"}):
        api.options.update(options)
        api.start(wait=False)
        assert api.process.wait(DEADLINE) == 2
        assert "tls" in api.log() or "nonexistent" in api.log()
