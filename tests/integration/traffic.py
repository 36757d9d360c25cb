"""Keeps what the API was asked and what it answered, a line of JSON each.

tests/contract/traffic.js holds it to the document when all tests have run. Nothing is kept unless
TAGFERRY_TRAFFIC names a file.
"""

import base64
import json
import os
import threading

_mutex = threading.Lock()
_file = None


def _open():
    global _file
    if _file is None:
        _file = open(os.environ["TAGFERRY_TRAFFIC"], "w", encoding="utf-8")
    return _file


def _text(data):
    return base64.b64encode(data or b"").decode()


def note(method, target, sent, status, headers, body):
    """`sent` is the request's content type and body, or None; `headers` the answer's."""
    if "TAGFERRY_TRAFFIC" not in os.environ:
        return
    kind, data = sent or (None, b"")
    line = json.dumps({"method": method, "target": target, "type": kind, "sent": _text(data),
                       "status": status, "headers": [list(item) for item in headers.items()],
                       "body": _text(body)})
    with _mutex:
        print(line, file=_open(), flush=True)
