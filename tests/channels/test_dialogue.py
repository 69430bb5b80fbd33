"""The terminal dialogue as a user runs it, also killed halfway."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from tests.conftest import ROOT

from verbind_bot.channels.dialogue import _ask

pytestmark = pytest.mark.model
RUN = "from verbind_bot.channels.cli import main; main()"


@pytest.fixture
def bot(tmp_path, parts):
    data = ROOT / ".data" / "tests"
    environment = os.environ | {
        "VERBIND_DATA_DIR": str(data),  # the index that `parts` brought up to date
        "VERBIND_DATABASE_URL": f"sqlite:///{tmp_path}/verbind.db",
        "COLUMNS": "120",
    }

    def run(*arguments, typed="", text=True):
        command = [sys.executable, "-c", RUN, "flow", *arguments]
        return subprocess.run(command, input=typed, capture_output=True, text=text, env=environment, cwd=tmp_path)

    run.environment = environment
    return run


def test_a_dialogue_is_stopped_resumed_and_reported(bot, tmp_path):
    first = bot("spelregeltoets", typed="/waarom\n1\nWat is een spelleider?\n/terug\n2\n/onzin\n")
    assert first.returncode == 0, first.stderr
    assert "[1]" in first.stdout
    assert "Dit ken ik niet" in first.stdout
    assert "bewaard" in first.stdout
    second = bot("spelregeltoets", "--report", "uit.md", typed="/overzicht\n" + "/weet-niet\n" * 40)
    assert "verder waar je was" in second.stdout
    assert second.returncode == 0, second.stderr
    assert (tmp_path / "uit.md").read_text().startswith("# ")
    assert "spelregeltoets" in bot().stdout
    assert "klaar" in bot().stdout


def test_killed_at_any_moment_only_the_answer_that_was_not_given_is_lost(bot, tmp_path):
    command = [sys.executable, "-c", RUN, "flow", "wijkanalyse"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=bot.environment, cwd=tmp_path
    )
    process.stdin.write("vo\ndorp\n")
    process.stdin.flush()
    seen = ""
    while "Waar wonen de leerlingen" not in seen:
        line = process.stdout.readline()
        assert line, seen
        seen += line
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    process.stdin.close()
    again = bot("wijkanalyse", typed="/overzicht\n")
    assert "Middelbare school" in again.stdout
    assert "In een dorp of op het platteland" in again.stdout


def test_what_changed_in_another_terminal_is_shown_and_the_end_of_the_input_is_the_end(bot, tmp_path):
    command = [sys.executable, "-c", RUN, "flow", "spelregeltoets"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=bot.environment, cwd=tmp_path
    )
    seen = ""
    while "/help" not in seen:
        seen += process.stdout.readline()
    assert bot("spelregeltoets", typed="1\n").returncode == 0
    rest, _ = process.communicate("2\n", timeout=120)
    assert process.returncode == 0
    assert rest.count("intussen") == 1
    assert bot("spelregeltoets", "--report", "weg/uit.md").returncode != 0


def test_a_finished_dialogue_is_begun_anew_and_a_report_is_of_the_finished_one(bot, tmp_path):
    bot("spelregeltoets", typed="/weet-niet\n" * 40)
    again = bot("spelregeltoets", "--report", "uit.md")
    assert again.returncode == 0, again.stdout
    assert "/opnieuw" not in again.stdout
    assert (tmp_path / "uit.md").is_file()
    assert "verder waar je was" not in bot("spelregeltoets", typed="/pauze\n").stdout
    refused = bot("spelregeltoets", "--report", "uit.txt", "--new")
    assert "eindigt op" in refused.stdout + refused.stderr


def test_the_end_of_the_input_at_a_question_back_is_a_pause(bot):
    done = bot("spelregeltoets", typed="1\n/wis\n")
    assert done.returncode == 0, done.stderr
    assert "niet terugdraaien" in done.stdout
    assert "bewaard" in done.stdout


def test_a_line_that_is_no_text_is_refused_and_the_next_one_taken(bot):
    done = bot("spelregeltoets", typed=b"caf\xe9\n/overzicht\n1\n/overzicht\n", text=False)
    assert done.returncode == 0, done.stderr
    said = done.stdout.decode()
    assert said.count("UTF-8") == 1
    assert "Vraag 2 van" in said


def test_ctrl_c_in_a_list_of_options_stops(monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    step = SimpleNamespace(kind="single", options=[("ja", "Ja"), ("nee", "Nee")])
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text("\x03")
        with pytest.raises(KeyboardInterrupt):
            _ask(step)


def test_check_names_the_faults_and_exits_with_one(bot, tmp_path):
    assert bot("--check").returncode == 0
    folder = tmp_path / "prompts"
    (folder / "flows").mkdir(parents=True)
    for path in (ROOT / "prompts").glob("*.*"):
        (folder / path.name).write_bytes(path.read_bytes())
    text = (ROOT / "prompts" / "flows" / "spelregeltoets.yaml").read_text(encoding="utf-8")
    (folder / "flows" / "spelregeltoets.yaml").write_text(text.replace("passage: bijlage-1:", "passage: bijlage-9:"))
    broken = text.replace('passage: "bijlage-1:', 'passage: "bijlage-9:')
    (folder / "flows" / "spelregeltoets.yaml").write_text(broken, encoding="utf-8")
    bot.environment["VERBIND_PROMPTS_DIR"] = str(folder)
    done = bot("--check")
    assert done.returncode == 1
    assert "bijlage-9:" in done.stdout


def test_an_unknown_flow_names_the_known_ones(bot):
    done = bot("wijkanalise")
    assert done.returncode == 1
    assert "wijkanalyse" in done.stderr
