"""The examples of the README are what the assistant really says."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib

import pytest
from tests.conftest import ROOT
from typer.main import get_command

from verbind_bot.channels.cli import app
from verbind_bot.settings import PREFIX, Settings

EXAMPLE = re.compile(r"<!-- example: ask -->\n```console\n\$ (?P<command>[^\n]+)\n(?P<output>.*?)```", re.DOTALL)


@pytest.mark.model
def test_the_example_answer_is_the_real_one(monkeypatch, parts):
    monkeypatch.setenv("VERBIND_DATA_DIR", str(ROOT / ".data" / "tests"))
    example = EXAMPLE.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert example
    program, *arguments = shlex.split(example["command"])
    assert program == "verbind-bot"
    run = "from verbind_bot.channels.cli import main; main()"
    real = subprocess.run([sys.executable, "-c", run, *arguments], capture_output=True, text=True, check=True, cwd=ROOT)
    assert real.stdout.split() == example["output"].split()


def test_every_setting_command_and_package_is_named():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([A-Z][A-Z_]+)`", text))
    settings = {PREFIX + name.upper() for name in Settings.model_fields}
    assert settings - named == set()
    assert {name for name in named if name.startswith(PREFIX)} - settings == set()
    said = set(re.findall(r"`(?:verbind-bot )?([a-z]+)[ `]", text))
    assert set(get_command(app).commands) - said == set()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    packages = {re.match(r"[\w-]+", requirement).group().lower() for requirement in needed}
    table = text.partition("## Waar het op gebouwd is")[2].partition("\n## ")[0].lower()
    assert {name for name in packages if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", table)} == set()
