"""A real Prometheus scrapes a gateway as docs/operations.md says: each query of the Grafana dashboard has
an answer, and each alert is evaluated without an error."""

import json
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import pytest

from harness import DEADLINE, ROOT, Stack, eventually, free_port
from mqttd_helpers import tag
from test_api_auth import bearer, token

DASHBOARD = json.loads((ROOT / "config/grafana/tagferry.json").read_text())
RULES = ROOT / "config/prometheus-rules.yml"
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
VARIABLES = {each["name"]: each for each in DASHBOARD["templating"]["list"]}


class Prometheus:
    def __init__(self, folder, config):
        self.folder = folder
        (folder / "prometheus.yml").write_text(config)
        checked = subprocess.run(["promtool", "check", "config", folder / "prometheus.yml"],
                                 capture_output=True, text=True)
        assert checked.returncode == 0, checked.stdout + checked.stderr
        eventually(self._start, "Prometheus on a free port")

    def _start(self):
        self.port = free_port()
        with open(self.folder / "prometheus.log", "ab") as log:
            self.process = subprocess.Popen(
                ["prometheus", f"--config.file={self.folder}/prometheus.yml",
                 f"--storage.tsdb.path={self.folder}/tsdb",
                 f"--web.listen-address=127.0.0.1:{self.port}"], stdout=log, stderr=log)

        def settled():
            return self.process.poll() is not None or self.is_ready()
        eventually(settled, "Prometheus is ready")
        return self.process.poll() is None

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=DEADLINE):
                return True
        except OSError:
            return False

    def ask(self, path, **params):
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(params, True)}"
        try:
            with urllib.request.urlopen(url, timeout=DEADLINE) as answer:
                found = json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path} {params}: {error.read().decode()}") from error
        assert found["status"] == "success" and not found.get("warnings"), (params, found)
        return found["data"]

    def stop(self):
        self.process.terminate()
        self.process.wait(DEADLINE)


def documented_config(api, folder, secret):
    """The example of the page, for this gateway, with short intervals."""
    page = (ROOT / "docs/operations.md").read_text()
    config = re.search(r"```yaml\n(rule_files:.*?)```", page, re.S).group(1)
    secret_file = folder / "tagferry.token"
    secret_file.write_text(secret + "\n")
    for old, new in (("127.0.0.1:5000", api.options["api.listen"]),
                     ("/etc/prometheus/tagferry.token", str(secret_file)),
                     ("/usr/share/doc/tagferry/examples/prometheus-rules.yml", str(RULES))):
        assert old in config
        config = config.replace(old, new)
    return "global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\n" + config


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    """A gateway with a value, a setpoint and a tag that is never heard; Prometheus scrapes it."""
    stack = Stack(tmp_path_factory.mktemp("prometheus"))
    made = None
    try:
        stack.start_all()
        stack.api.device("boiler", "t", tags=[
            {**tag("x", 0, "float32"), "unit": "°C"}, tag("silent", 2),
            {"name": "c", "direction": "to_mqtt", "mqtt": {"command_topic": "t/set"},
             "modbus": {"type": "int16", "address": 5}}])

        def arrives():
            stack.broker.publish("t", {"x": 21.5})
            return stack.api.value("boiler", "x")["value"] == 21.5
        eventually(arrives, "the value")
        with stack.modbusd.client() as scada:
            scada.write(5, 71)
        reader = token(stack.api, "prometheus")
        eventually(lambda: stack.api.get("/metrics").status == 401, "the token is needed")
        assert stack.api.get("/metrics", headers=bearer(reader)).status == 200
        made = Prometheus(stack.folder, documented_config(stack.api, stack.folder, reader))
        yield made
    finally:
        if made:
            made.stop()
        stack.finish()


def test_both_paths_are_scraped(prometheus):
    def states():
        targets = prometheus.ask("targets")["activeTargets"]
        return {each["labels"]["job"]: each["health"] for each in targets}
    eventually(lambda: states() == {"tagferry": "up", "tagferry-values": "up"}, "both are up")


QUERIES = [(panel["title"], target) for panel in PANELS for target in panel["targets"]]


@pytest.mark.parametrize("title, target", QUERIES,
                         ids=[f"{title} {target['refId']}" for title, target in QUERIES])
def test_a_query_of_the_dashboard(prometheus, title, target):
    query = target["expr"]
    for name, text in (("$gateway", ".*"), ("$device", "boiler"), ("$tag", ".*"),
                       ("$__rate_interval", "20s")):
        query = query.replace(name, text)
    assert "$" not in query

    def series():
        return prometheus.ask("query", query=query)["result"]
    found = eventually(series, f"{title}: a series")
    labels = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
    if "unit" in labels:
        found = [each for each in found if each["metric"]["tag"] == "x"]
    assert found and labels <= set(found[0]["metric"]), (labels, found[0]["metric"])


def test_what_the_values_are(prometheus):
    def becomes(query, value):
        eventually(lambda: [each["value"][1] for each in prometheus.ask("query", query=query)["result"]] == [value],
                   f"{query} to be {value}")
    becomes('tagferry_tag_value{device="boiler",tag="x",unit="°C"}', "21.5")
    becomes('tagferry_tag_value{device="boiler",tag="c"}', "71")
    becomes('tagferry_tag_good{tag="x"}', "1")
    becomes("sum(1 - tagferry_tag_good)", "1")


@pytest.mark.parametrize("name", [name for name in VARIABLES if name != "datasource"])
def test_a_variable_of_the_dashboard(prometheus, name):
    series, label = re.fullmatch(r"label_values\((.*), (\w+)\)", VARIABLES[name]["definition"]).groups()
    assert VARIABLES[name]["query"]["query"] == VARIABLES[name]["definition"]
    for other in VARIABLES:
        series = series.replace(f"${other}", ".*")
    found = eventually(lambda: prometheus.ask(f"label/{label}/values", **{"match[]": series}), name)
    assert {"device": ["boiler"], "tag": ["c", "silent", "x"]}.get(name, found) == found


def test_the_alerts(prometheus):
    checked = subprocess.run(["promtool", "check", "rules", RULES], capture_output=True, text=True)
    assert checked.returncode == 0 and "SUCCESS" in checked.stdout, checked.stdout + checked.stderr

    def rules():
        found = [rule for group in prometheus.ask("rules")["groups"] for rule in group["rules"]]
        return all(rule["health"] != "unknown" for rule in found) and found
    found = eventually(rules, "all alerts are evaluated")
    assert len(found) == RULES.read_text().count("- alert:")
    assert [rule for rule in found if rule["health"] != "ok"] == []


SAMPLES = """
rule_files: [{rules}]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
{series}
    alert_rule_test:
      - {{eval_time: 10m, alertname: {alert}, exp_alerts: {expected}}}
"""


def check_alert(folder, alert, samples, expected):
    """Runs promtool's own test: `samples` are series with a value, `expected` labels of alerts."""
    summary = re.search(f"alert: {alert}\\n.*?summary: (.*?)\\n", RULES.read_text(), re.S).group(1).strip('"')
    expected = [{"exp_labels": labels, "exp_annotations": {
        "summary": re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda found: labels[found.group(1)], summary)}}
        for labels in expected]
    series = "\n".join(f"      - {{series: '{name}', values: '{value}x15'}}"
                       for name, value in samples.items())
    path = folder / f"{alert}.yml"
    path.write_text(SAMPLES.format(rules=RULES, series=series, alert=alert, expected=json.dumps(expected)))
    done = subprocess.run(["promtool", "test", "rules", path], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("size, available, alerts", [
    (100e9, 50e9, False), (100e9, 4e9, True), (4e12, 150e9, False),  # 150 GB are 4 %, and enough
    (2e9, 250e6, False), (2e9, 150e6, True), (100e6, 50e6, False), (100e6, 4e6, True), (10e9, 0, True)])
def test_the_alert_on_little_free_disk(tmp_path, size, available, alerts):
    labels = {"use": "store", "filesystem": "8:1"}
    name = "{use=\"store\",filesystem=\"8:1\"}"
    check_alert(tmp_path, "TagferryDiskAlmostFull",
                {f"tagferry_filesystem_size_bytes{name}": f"{size:.0f}",
                 f"tagferry_filesystem_avail_bytes{name}": f"{available:.0f}"}, [labels] if alerts else [])


@pytest.mark.parametrize("version", ["1.0.0", "0.9.0", "unknown"])
def test_the_alert_on_different_versions(tmp_path, version):
    check_alert(tmp_path, "TagferryVersionsDiffer",
                {f'tagferry_build_info{{instance="a",daemon="{daemon}",version="{each}"}}': "1"
                 for daemon, each in (("api", "1.0.0"), ("mqttd", version))},
                [] if version == "1.0.0" else [{"instance": "a"}])


@pytest.mark.parametrize("path", ["/metrics", "/metrics/values"])
def test_what_promtool_says_about_the_metrics(plant, path):
    plant.api.device("boiler", "t", tags=[tag("x", 0)])
    checked = subprocess.run(["promtool", "check", "metrics"], input=plant.api.get(path).content(),
                             capture_output=True)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def test_the_dashboard_is_whole():
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    cells = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        own = {(x, y) for x in range(at["x"], at["x"] + at["w"])
               for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & own, f"{panel['title']} lies over another panel"
        cells |= own
    for panel in PANELS:
        assert panel["title"] and panel["description"] and panel["targets"]
        for part in (panel, *panel["targets"]):
            assert part["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    assert list(VARIABLES) == ["datasource", "gateway", "device", "tag"]
