"""The examples of the README are what the assistant really says."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import pytest
from tests.conftest import ROOT

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
