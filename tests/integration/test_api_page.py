"""The dashboard's files, who may load them, and what pages in browsers may do."""

import gzip
import http.client
import re
import urllib.parse

import pytest

from harness import DEADLINE
from test_api_auth import bearer, token

DEVICE = {"name": "a", "mqtt": {"topic": "t"}}
JSON = {"Content-Type": "application/json"}
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; "
                               "frame-ancestors 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


@pytest.fixture
def api(stack):
    return stack.start_api(api__cors_origins="https://hmi.example:8443")


def own_origin(api):
    return f"http://{api.options['api.listen']}"


def asset(api):
    """The path of a script that the page names."""
    return "/" + re.search(r"assets/[\w.-]+\.js", api.get("/").body.decode())[0]


def test_the_page(api):
    answer = api.get("/")
    assert answer.status == 200, answer.body
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert b"<!doctype html>" in answer.body.lower()
    assert PAGE_HEADERS.items() <= dict(answer.headers).items()


def test_an_asset(api):
    answer = api.get(asset(api))
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert PAGE_HEADERS.items() <= dict(answer.headers).items()


@pytest.mark.parametrize("which", ["page", "asset"])
def test_gzip_and_plain(api, which):
    path = "/" if which == "page" else asset(api)
    plain = api.get(path)
    packed = api.send("GET", path, None, {"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert len(packed.body) < len(plain.body) and gzip.decompress(packed.body) == plain.body
    assert int(packed.headers["Content-Length"]) == len(packed.body)
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in packed.headers["Vary"]


@pytest.mark.parametrize("which", ["page", "asset"])
def test_etag_and_head(api, which):
    path = "/" if which == "page" else asset(api)
    plain = api.get(path)
    for coding in ("identity", "gzip"):
        accept = {"Accept-Encoding": coding}
        whole = api.send("GET", path, None, accept)
        head = api.send("HEAD", path, None, accept)
        assert head.status == 200 and head.body == b""
        for name in ("Content-Length", "ETag", "Content-Type", "Cache-Control"):
            assert head.headers[name] == whole.headers[name], name
        same = api.send("GET", path, None, dict(accept, **{"If-None-Match": whole.headers["ETag"]}))
        assert same.status == 304 and same.body == b""
        assert same.headers["Cache-Control"] == plain.headers["Cache-Control"]
        assert PAGE_HEADERS.items() <= dict(same.headers).items()
    assert api.get(path, headers={"If-None-Match": '"0"'}).status == 200
    assert api.get("/", headers={"If-None-Match": api.get(asset(api)).headers["ETag"]}).status == 200


@pytest.mark.parametrize("name", ["nothing.js", "index.html", "..%2f..%2fetc%2fpasswd", "%00", "x" * 300,
                                  "<img onerror=alert(1)>".replace(" ", "%20")])
def test_an_unknown_file(api, name):
    answer = api.get(f"/assets/{name}")
    assert answer.status in (400, 404)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-cache"


def test_only_reading(api):
    answer = api.request("POST", "/", {})
    assert answer.status == 405 and answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert api.request("OPTIONS", "/").status == 204
    assert api.get("/assets/").status == 404


def test_the_page_needs_no_token(api):
    path = asset(api)
    reader = token(api, "eyes")
    assert api.get("/devices").status == 401
    for headers in ({}, bearer("wrong"), bearer(reader)):
        assert api.get("/", headers=headers).status == 200
        assert api.get(path, headers=headers).status == 200
    for _ in range(12):
        assert api.get("/", headers=bearer("wrong")).status == 200
    assert api.get("/session", headers=bearer("wrong")).status == 401, "the page is no guess"


def test_session(api):
    session = api.must("GET", "/session")
    version = session.pop("version")
    assert session == {"tokens": False, "name": None, "scope": "write"}
    reader, writer = token(api, "eyes"), token(api, "hands", "--scope", "write")
    assert api.get("/session", headers=bearer(reader)).json() == {
        "tokens": True, "name": "eyes", "scope": "read", "version": version}
    assert api.get("/session", headers=bearer(writer)).json() == {
        "tokens": True, "name": "hands", "scope": "write", "version": version}
    assert api.get("/session").status == 401
    assert api.get("/session", headers=bearer("x")).status == 401


# Changes by pages

def post(api, headers, body=DEVICE, path="/devices"):
    return api.request("POST", path, body, headers)


def test_curl_needs_nothing(api):
    for agent in ("curl/7.88.1", "Wget/1.21", "python-requests/2.28"):
        assert post(api, {"User-Agent": agent, "Host": "gateway.example"}).status == 201
        assert api.request("DELETE", "/devices/a", None, {"User-Agent": agent}).status == 204
    node = {"Accept": "*/*", "Sec-Fetch-Mode": "cors", "User-Agent": "node"}
    assert post(api, node).status == 201, "the fetch of Node.js"


def strange(api):
    """The headers of requests from pages of other sites, as browsers send them."""
    port = api.options["api.listen"].rsplit(":", 1)[1]
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1", f"http://evil.example:{port}",
                   f"http://127.0.0.1:{port}.evil.example", "http://127.0.0.1", "",
                   "https://hmi.example", "https://hmi.example:8443.evil.example"):
        yield {"Origin": origin}
        yield {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
    yield {"Sec-Fetch-Site": "cross-site"}
    yield {"Sec-Fetch-Site": "same-site", "Origin": own_origin(api)}
    yield {"Sec-Fetch-Site": ""}


def test_pages_of_other_sites_change_nothing(api):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    before = api.get("/audit").json()["total"]
    for page in strange(api):
        for more in ({}, {"X-Requested-With": "tagferry"}):
            headers = dict(page, **more)
            answer = post(api, headers)
            assert answer.status == 403, headers
            assert "cors_origins" in answer.json()["detail"]
            assert "WWW-Authenticate" not in answer.headers, "no browser asks for a password"
            assert post(api, dict(headers, **form), b'{"devices": []}', "/import").status == 403
            assert post(api, dict(headers, **{"Content-Type": "text/plain"})).status == 403
            assert post(api, headers, None, "/revert?to=0").status == 403, "without a body"
            assert api.request("DELETE", "/devices/a", None, headers).status == 403
    assert api.get("/audit").json()["total"] == before and api.get("/devices").json()["total"] == 0


def test_own_pages(api):
    port = api.options["api.listen"].rsplit(":", 1)[1]
    for page in ({"Origin": own_origin(api)},
                 {"Origin": own_origin(api), "Sec-Fetch-Site": "same-origin"},
                 {"Sec-Fetch-Site": "same-origin"},
                 {"Origin": f"http://localhost:{port}", "Host": f"localhost:{port}"},
                 {"Origin": f"http://[::1]:{port}", "Host": f"[::1]:{port}"},
                 {"Origin": "http://localhost", "Host": "LOCALHOST:80"}):
        answer = post(api, page)
        assert answer.status == 403 and "X-Requested-With" in answer.json()["detail"], page
        assert api.request("DELETE", "/devices/a", None, page).status == 403
        page["X-Requested-With"] = "tagferry"
        assert post(api, page).status == 201, page
        assert api.request("PATCH", "/devices/a", {"label": "A"}, page).status == 200
        assert api.request("DELETE", "/devices/a", None, page).status == 204


def test_behind_a_proxy(api):
    """The proxy has TLS and keeps Host, or adds the port, or replaces Host by this server's address."""
    token_header = bearer(token(api, "hands", "--scope", "write"))
    page = {"Origin": "https://gateway.example", "X-Requested-With": "tagferry", **token_header}
    for more, status in (({"Host": "gateway.example"}, 201), ({"Host": "gateway.example:443"}, 201),
                         ({"Host": "gateway.example:80"}, 403), ({}, 403),
                         ({"Sec-Fetch-Site": "same-origin"}, 201)):
        assert post(api, dict(page, **more)).status == status, more
        api.request("DELETE", "/devices/a", None, token_header)
    refused = post(api, page).json()["detail"]
    assert "https://gateway.example" in refused and api.options["api.listen"] in refused


def test_pages_of_friends(api):
    friend = {"Origin": "https://HMI.example:8443", "Sec-Fetch-Site": "cross-site"}
    asks = dict(friend, **{"Access-Control-Request-Method": "POST",
                           "Access-Control-Request-Headers": "x-requested-with"})
    allowed = api.request("OPTIONS", "/devices", headers=asks).headers
    assert "X-Requested-With" in allowed["Access-Control-Allow-Headers"]
    assert post(api, friend).status == 201
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert post(api, dict(friend, **form), b'{"devices": []}', "/import").status == 415


def test_a_preflight_of_a_strange_page_allows_nothing(api):
    asks = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "x-requested-with"}
    answer = api.request("OPTIONS", "/devices", headers=asks)
    assert not [name for name in answer.headers if name.startswith("Access-Control-")]


def test_all_origins(stack):
    api = stack.start_api(api__cors_origins="*")
    assert post(api, {"Origin": "https://any.example", "Host": "gateway.example"}).status == 201


# Names

BROWSERS = [{"Accept-Language": "de"}, {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"},
            {"Sec-Fetch-Site": "same-origin"}, {"Accept-Language": ""}]


@pytest.mark.parametrize("browser", BROWSERS, ids=range(len(BROWSERS)))
def test_by_a_strange_name(api, browser):
    """DNS rebinding: the page's site has its name resolve to this machine."""
    path = asset(api)
    for host in ("evil.example", "evil.example:5000", "127.0.0.1.evil.example", "localhost.evil.example",
                 "xlocalhost", "1.evil", "e", "hmi.example.evil", "", ":5000"):
        headers = dict(browser, Host=host)
        for target in ("/devices", "/values", "/session", "/", path, "/nothing", "/metrics"):
            answer = api.send("GET", target, None, headers)
            assert answer.status == 403, (host, target)
            assert "cors_origins" in answer.json()["detail"] and "token" in answer.json()["detail"]
        origin = {"Origin": f"http://{host}", "X-Requested-With": "tagferry"}
        assert post(api, dict(headers, **origin)).status == 403
        assert api.send("GET", "/healthz", None, headers).status == 200
    for host in ("10.0.0.7", "10.0.0.7:5000", "[fe80::1]:5000", "[::1]", "localhost", "LocalHost:5000",
                 "hmi.example", "HMI.example:5000"):
        for target in ("/devices", "/", path):
            assert api.send("GET", target, None, dict(browser, Host=host)).status == 200, host


def test_names_are_free_where_tokens_are_needed(api):
    headers = dict(BROWSERS[0], Host="gateway.example")
    reader = bearer(token(api, "eyes"))
    assert api.get("/", headers=headers).status == 200
    assert api.get("/devices", headers=headers).status == 401
    assert api.get("/devices", headers={**headers, **reader}).status == 200


def test_an_old_client_without_a_host(api):
    host, port = api.options["api.listen"].rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=DEADLINE)
    connection._http_vsn, connection._http_vsn_str = 10, "HTTP/1.0"
    connection.putrequest("GET", "/api/v1/devices", skip_host=True)
    connection.putheader("Accept-Language", "de")
    connection.endheaders()
    assert connection.getresponse().status == 200
    connection.close()


@pytest.mark.parametrize("text", ["\x01", "\xff\xfe", "\"><script>", "a" * 3000])
def test_odd_headers(api, text):
    for name in ("Host", "Origin", "Sec-Fetch-Site"):
        headers = {"Accept-Language": "de", name: text.encode("latin-1")}
        answer = api.send("POST", "/devices", DEVICE, headers)
        assert answer.status in (400, 403) and answer.json()["status"] == answer.status
