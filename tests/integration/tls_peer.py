"""Certificates by openssl, and clients and servers of Modbus/TCP Security by Python's ssl, which shares no code with
GnuTLS."""

import contextlib
import socket
import ssl
import struct
import subprocess
import threading

from harness import DEADLINE, free_port
from wire import Wire

ROLE = "1.3.6.1.4.1.50316.802.1"
CURVE = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")


class Authority:
    """A CA in a folder, with what it has signed."""

    def __init__(self, folder, name="ca"):
        self.folder, self.name = folder, name
        self.certificate = folder / f"{name}.pem"
        self.openssl("req", "-x509", "-newkey", *CURVE, "-nodes", "-days", "30", "-subj", f"/CN={name}",
                     "-keyout", f"{name}.key", "-out", f"{name}.pem")

    def openssl(self, *words):
        subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=self.folder, timeout=DEADLINE)

    def sign(self, name, role=None, days=2, extensions=("extendedKeyUsage=clientAuth",), key=CURVE):
        """Makes NAME.pem and NAME.key. `role` is a value of openssl such as UTF8String:operator."""
        lines = list(extensions) + ([f"{ROLE}=ASN1:{role}"] if role else [])
        (self.folder / f"{name}.cnf").write_text("".join(line + "\n" for line in lines))
        self.openssl("req", "-newkey", *key, "-nodes", "-subj", f"/CN={name}", "-keyout", f"{name}.key",
                     "-out", f"{name}.csr")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{self.name}.pem", "-CAkey", f"{self.name}.key",
                     "-days", str(days), "-extfile", f"{name}.cnf", "-out", f"{name}.pem")
        return name

    def child(self, name):
        """A CA below this one."""
        self.sign(name, extensions=("basicConstraints=critical,CA:TRUE", "keyUsage=keyCertSign"))
        made = object.__new__(Authority)
        made.folder, made.name, made.certificate = self.folder, name, self.folder / f"{name}.pem"
        return made

    def sign_below(self, depth, name, **more):
        """As sign, with so many CAs between, which NAME.pem has, too."""
        signers = [self]
        for at in range(depth):
            signers.append(signers[-1].child(f"{name}-{at}"))
        signers[-1].sign(name, **more)
        files = [self.folder / f"{name}.pem", *(each.certificate for each in signers[:0:-1])]
        files[0].write_text("".join(each.read_text() for each in files))
        return name

    def serve(self, name="server", **more):
        more.setdefault("extensions", ("subjectAltName=IP:127.0.0.1,DNS:localhost",))
        return self.sign(name, **more)

    def revoke(self, name):
        """Makes crl.pem."""
        (self.folder / "index.txt").touch()
        (self.folder / "ca.cnf").write_text("[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\ndefault_md=sha256\n"
                                            "default_crl_days=30\n")
        words = ("ca", "-config", "ca.cnf", "-cert", f"{self.name}.pem", "-keyfile", f"{self.name}.key")
        self.openssl(*words, "-revoke", f"{name}.pem")
        self.openssl(*words, "-gencrl", "-out", "crl.pem")
        return self.folder / "crl.pem"

    def context(self, name=None, lowest=ssl.TLSVersion.TLSv1_2, highest=ssl.TLSVersion.TLSv1_3):
        """For a client that trusts this CA, with the certificate NAME."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.certificate)
        if lowest < ssl.TLSVersion.TLSv1_2:
            context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version, context.maximum_version = lowest, highest
        if name:
            context.load_cert_chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        return context


class TlsWire(Wire):
    """A Wire with TLS."""

    def __init__(self, address, context, source=None, first=b"", session=None):
        super().__init__(address, source)
        self.send(first)
        try:
            self.socket = context.wrap_socket(self.socket, server_hostname="127.0.0.1", session=session)
        except (OSError, ssl.SSLError):
            self.socket.close()
            raise

    def quiet(self):
        raise NotImplementedError("bytes may wait in the session")


def refused(address, context, **more):
    """True when the server refuses: in the handshake, or with TLS 1.3, where the client completes it before the
    server has seen the certificate, right behind it."""
    try:
        with TlsWire(address, context, **more) as wire:
            wire.socket.settimeout(DEADLINE)
            return wire.socket.recv(1) == b""
    except (ssl.SSLError, ConnectionError):
        return True


class MemoryTls:
    """A TLS client whose bytes the test carries: records can be split, joined and held back."""

    def __init__(self, address, context, source=None):
        self.wire = Wire(address, source)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="127.0.0.1")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wire.close()

    def step(self, act):
        """Runs one action of the TLS object; False if it needs more bytes of the server."""
        try:
            act()
        except ssl.SSLWantReadError:
            return False
        return True

    def shake_hands(self, carry=None):
        """`carry` sends the client's bytes; by default at once."""
        carry = carry or self.wire.send
        while not self.step(self.tls.do_handshake):
            carry(self.outgoing.read())
            got = self.wire.socket.recv(65536)
            assert got, "closed in the handshake"
            self.incoming.write(got)
        carry(self.outgoing.read())

    def encrypt(self, data):
        self.tls.write(data)
        return self.outgoing.read()

    def read(self, size):
        data = b""
        while len(data) < size:
            try:
                data += self.tls.read(size - len(data))
            except ssl.SSLWantReadError:
                got = self.wire.socket.recv(65536)
                assert got, f"closed after {len(data)} bytes"
                self.incoming.write(got)
        return data


def server_context(authority, name="server", clients=None, lowest=ssl.TLSVersion.TLSv1_2, highest=ssl.TLSVersion.TLSv1_3):
    """For a server with the certificate NAME of this CA, which demands one of the CA `clients`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if lowest < ssl.TLSVersion.TLSv1_2:
        context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = lowest, highest
    context.load_cert_chain(authority.folder / f"{name}.pem", authority.folder / f"{name}.key")
    if clients:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients.certificate)
    return context


class TlsServer:
    """A Modbus server with TLS, in threads, with holding registers of unit 1. Its records go through `carry(socket,
    bytes)`, which may split them, or cut them and raise ConnectionError. Without a context it is mute: it accepts and
    reads. It notes the clients' certificates, their names of the server, and the bytes before TLS."""

    def __init__(self, context, port=None):
        self.registers = [0] * 100
        self.carry = socket.socket.sendall
        self.certificates, self.names, self.first, self.requests = [], [], [], []
        self.sockets = []
        self.context = context
        self.listener = None
        self.listen(port or free_port())

    def listen(self, port):
        self.port = port
        self.listener = socket.create_server(("127.0.0.1", port))
        self.thread = threading.Thread(target=self._accept, args=(self.listener,), daemon=True)
        self.thread.start()

    def stop(self):
        """Ends all connections, too."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()
        for each in self.sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self.sockets = []

    def restart(self, context=None):
        """With zeros in all registers."""
        self.stop()
        self.registers = [0] * 100
        self.context = context or self.context
        self.listen(self.port)

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sockets.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection, contextlib.suppress(OSError, ssl.SSLError):
            if self.context is None:
                while data := connection.recv(4096):
                    self.first.append(data)
                return
            self._talk(connection)

    def _talk(self, connection):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self.context.wrap_bio(incoming, outgoing, server_side=True)

        def run(act):
            while True:
                try:
                    return act()
                except ssl.SSLWantReadError:
                    flush(socket.socket.sendall)
                    data = connection.recv(4096)
                    if not data:
                        raise ConnectionError from None
                    incoming.write(data)
                except ssl.SSLError:  # the alert
                    flush(socket.socket.sendall)
                    raise

        def flush(send):
            if outgoing.pending:
                send(connection, outgoing.read())
        self.context.sni_callback = lambda _, name, __: self.names.append(name)
        run(tls.do_handshake)
        flush(self.carry)
        self.certificates.append(tls.getpeercert(binary_form=True))
        data = b""
        while True:
            got = run(lambda: tls.read(4096))
            if not got:
                return  # the client has closed
            data += got
            while len(data) >= 6 and len(data) >= 6 + int.from_bytes(data[4:6], "big"):
                size = 6 + int.from_bytes(data[4:6], "big")
                tls.write(data[:4] + self._answer(data[6:size]))
                data = data[size:]
                flush(self.carry)

    def _answer(self, request):
        self.requests.append(request)
        unit, function, address, count = struct.unpack(">BBHH", request[:6])
        if function == 3:
            words = self.registers[address:address + count]
            pdu = struct.pack(f">BB{count}H", 3, 2 * count, *words)
        elif function == 16:
            self.registers[address:address + count] = struct.unpack(f">{count}H", request[7:])
            pdu = struct.pack(">BHH", 16, address, count)
        else:
            pdu = bytes([function | 0x80, 1])
        return struct.pack(">HB", 1 + len(pdu), unit) + pdu
