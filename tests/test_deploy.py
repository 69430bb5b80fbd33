"""What `deploy/` says agrees with the project: settings, commands, files and ports that exist."""

from __future__ import annotations

import re
import tomllib

import pytest
import yaml
from tests.conftest import ROOT
from typer.main import get_command

from verbind_bot.channels.cli import app
from verbind_bot.channels.telemetry.metrics import Figures
from verbind_bot.settings import PREFIX, Settings

DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
UNIT = (DEPLOY / "verbind-bot.service").read_text("utf-8")
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
SERVICES = COMPOSE["services"]
COMMANDS = set(get_command(app).commands)


def constant(name: str) -> str:
    return str(Settings.model_fields[name].default)


@pytest.mark.parametrize("path", sorted(DEPLOY.iterdir()), ids=lambda path: path.name)
def test_every_setting_that_is_named_exists(path):
    named = set(re.findall(rf"\b{PREFIX}[A-Z_]+", path.read_text("utf-8")))
    assert named <= {PREFIX + name.upper() for name in Settings.model_fields}


def test_the_manual_names_settings_and_commands_that_exist():
    manual = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    named = {name.rstrip("_") for name in re.findall(rf"\b{PREFIX}[A-Z_]+", manual)}
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    assert {name for name in named if name not in known and not any(k.startswith(name + "_") for k in known)} == set()
    assert set(re.findall(r"verbind-bot (\w+)", manual)) <= COMMANDS
    for path in re.findall(r"\]\(\.\./([\w./-]+)\)", manual):
        assert (ROOT / path).exists(), path


def test_the_image_copies_what_is_there_and_runs_as_nobody():
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").split()
    for name in " ".join(copied).split():
        assert (ROOT / name).exists(), name
        assert f"!{name}" in ignored
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    included = needed["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert set(included) <= set(" ".join(copied).split())
    stages = DOCKERFILE.split("\nFROM ")
    assert len(stages) == 3
    user = re.findall(r"^USER (\d+):(\d+)$", stages[-1], re.MULTILINE)
    assert user == [("10001", "10001")]
    assert "HF_HUB_OFFLINE=1" in stages[-1]
    assert re.search(r'CMD \["(\w+)"\]\s*$', stages[-1]).group(1) in COMMANDS
    assert f"EXPOSE {constant('port')}" in stages[-1]
    assert f":{constant('port')}/readyz" in stages[-1]


def test_the_services_are_healthy_locked_up_and_kept():
    for name, service in SERVICES.items():
        if "profiles" not in service and "build" not in service:
            assert service["healthcheck"]["test"], name
        if "profiles" not in service:
            assert service["restart"] == "unless-stopped"
            assert "no-new-privileges:true" in service["security_opt"]
        for other in service.get("depends_on", {}):
            assert other in SERVICES
        for volume in service["volumes"]:
            assert volume.split(":")[0] in COMPOSE["volumes"]
        assert set(service["networks"]) <= set(COMPOSE["networks"])
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"assistant": [f"127.0.0.1:{constant('port')}:{constant('port')}"]}
    assistant = SERVICES["assistant"]
    assert assistant["user"] == "10001:10001"
    assert assistant["read_only"] is True
    assert assistant["command"][0] in COMMANDS
    assert SERVICES["backup"]["command"][0] in COMMANDS
    pinned = re.search(r"^chromadb==(\S+)$", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE)
    assert SERVICES["chroma"]["image"] == f"chromadb/chroma:{pinned.group(1)}"


def test_the_services_find_each_other_and_the_proxy():
    settings = SERVICES["assistant"]["environment"]
    assert settings["VERBIND_CHROMA_URL"].split("//")[1].split(":")[0] in SERVICES
    assert re.search(r"@(\w+)/", settings["VERBIND_DATABASE_URL"]).group(1) in SERVICES
    network = COMPOSE["networks"]["inside"]["ipam"]["config"][0]
    assert settings["VERBIND_TRUSTED_PROXIES"] == network["gateway"]
    folder = settings["PROMETHEUS_MULTIPROC_DIR"]
    assert any(mount.startswith(folder) for mount in SERVICES["assistant"]["tmpfs"])
    asked = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text("utf-8")))
    assert asked == set(re.findall(r"^(\w+)=", (DEPLOY / "example.env").read_text("utf-8"), re.MULTILINE))


def test_the_unit_runs_a_command_and_waits_for_the_last_answers():
    values = dict(re.findall(r"^(\w+)=(.+)$", UNIT, re.MULTILINE))
    program, command = re.fullmatch(r"\S+/([\w-]+) (\w+)", values["ExecStart"]).groups()
    assert program in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    assert command in COMMANDS
    assert int(values["TimeoutStopSec"]) > int(constant("shutdown_seconds"))
    assert int(SERVICES["assistant"]["stop_grace_period"].rstrip("s")) > int(constant("shutdown_seconds"))
    assert values["User"] not in ("root", "0")
    assert values["StateDirectory"] in UNIT.split("VERBIND_DATA_DIR=")[1].splitlines()[0]


def test_the_alerts_are_about_figures_that_there_are():
    rules = [
        rule
        for group in yaml.safe_load((DEPLOY / "alerts.yaml").read_text("utf-8"))["groups"]
        for rule in group["rules"]
    ]
    shown = Figures().exposition("")[0].decode()
    for rule in rules:
        for figure in re.findall(r"\bverbind_\w+", rule["expr"]):
            assert f"# TYPE {figure.removesuffix('_bucket')} " in shown, figure
        assert rule["annotations"]["summary"]


def test_the_proxy_passes_events_on_at_once_and_sets_what_counts():
    proxy = (DEPLOY / "nginx.conf").read_text("utf-8")
    assert proxy.count("{") == proxy.count("}")
    for line in (
        "proxy_buffering off;",
        "proxy_set_header X-Forwarded-For $remote_addr;",
        "proxy_set_header X-Forwarded-Proto $scheme;",
        "proxy_set_header X-Request-ID $request_id;",
        "location = /metrics { deny all; }",
        f"server 127.0.0.1:{constant('port')};",
    ):
        assert line in proxy
