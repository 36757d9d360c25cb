"""Reads and full handshakes with TLS: tagferry-modbusd, and a bare echo of GnuTLS with the same sizes, which is
what the library gives at most. The load generator has one thread."""

import subprocess

import harness
from candidates import Tagferry
from measure import say
from tls_peer import CURVE, Authority

READS = (1, 16, 100)  # connections
KEYS = {"P-256": CURVE, "RSA 2048": ("rsa:2048",)}
REQUEST, ANSWER = 12, 29  # bytes of a read of 10 registers


def run(authority, name, mode, *words):
    files = [authority.folder / f"{name}.pem", authority.folder / f"{name}.key", authority.certificate]
    command = [harness.BIN / "bench_tls", mode, *files, *words]
    answer = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60, check=False)
    if answer.returncode != 0:
        raise AssertionError(answer.stderr.strip())
    return float(answer.stdout)


def measure_port(results, options, authority, key, name, port):
    for connections in READS if key == "P-256" else ():
        results.add(f"TLS reads, {connections} connections", name,
                    run(authority, f"{key} client", "read", port, connections, options.seconds))
    results.add(f"TLS handshakes, {key}", name, run(authority, f"{key} client", "shake", port, options.seconds))


def start_echo(authority, key):
    files = [authority.folder / f"{key} server.pem", authority.folder / f"{key} server.key", authority.certificate]
    command = [harness.BIN / "bench_tls", "echo", *files, REQUEST, ANSWER]
    return subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True)


def measure_key(results, options, authority, key, folder):
    authority.serve(f"{key} server", key=KEYS[key])
    authority.sign(f"{key} client", "UTF8String:operator", key=KEYS[key])
    with start_echo(authority, key) as echo:
        try:
            measure_port(results, options, authority, key, "echo", echo.stdout.readline().strip())
        finally:
            echo.kill()
    tagferry = Tagferry(folder)
    try:
        tagferry.stack.start_modbusd(
            modbusd__tls_listen="127.0.0.1:0", modbusd__tls_certificate=authority.folder / f"{key} server.pem",
            modbusd__tls_key=authority.folder / f"{key} server.key", modbusd__tls_client_ca=authority.certificate)
        measure_port(results, options, authority, key, "tagferry", tagferry.stack.modbusd.port("scada, TLS"))
    finally:
        tagferry.finish()


def measure_all(results, options, folder):
    certificates = folder / "certificates"
    certificates.mkdir()
    authority = Authority(certificates)
    for number in range(options.rounds):
        say(f"tls: round {number + 1}")
        for key in KEYS:
            measure_key(results, options, authority, key, folder / f"{key}-{number}")


STEPS = {"TLS": measure_all}
