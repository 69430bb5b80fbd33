"""`verbind-bot ingest`, as a maintainer runs it, over the tiny corpus."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.conftest import write_small_corpus
from tests.corpus.making import pdf, word

RUN = "from verbind_bot.channels.cli import main; main()"
FACT = "In de tuin van school nummer {} staan veertien bijenkasten die door ouders zijn geschilderd. "


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("VERBIND_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("VERBIND_CORPUS_DIR", str(write_small_corpus(tmp_path / "corpus")))
    return tmp_path


def bot(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        capture_output=True,
        text=True,
        cwd=home,
        env={**os.environ, "COLUMNS": "200"},
    )


def registered(home: Path) -> list[str]:
    register = home / "data" / "bronnen" / "register.json"
    return [row["name"] for row in json.loads(register.read_text("utf-8"))] if register.is_file() else []


@pytest.mark.model
def test_a_folder_goes_in_a_bad_file_is_named_and_the_answer_names_page_and_work(home):
    folder = home / "map"
    folder.mkdir()
    pdf(folder / "tuin.pdf", [(1, "Tuin"), (0, "Lege woorden over tuinen. " * 8), (-1, ""), (0, FACT.format(7) * 2)])
    word(folder / "jansen1999.docx", [(1, "Honing"), (0, "Lindehoning smaakt volgens dit boek naar munt.")])
    (folder / "stuk.pdf").write_bytes(b"%PDF-1.7\nniets")
    (folder / "foto.png").write_bytes(b"\x89PNG")
    done = bot(home, "ingest", "map")
    assert done.returncode == 1
    assert "stuk.pdf" in done.stderr
    assert "jansen1999.docx: 1 passages (Word, de tekst van jansen1999), opgenomen" in done.stdout
    assert "2 bestanden gelezen, waarvan 2 nieuw of gewijzigd; 1 niet gelukt." in done.stdout
    assert "De index is bij" in done.stdout
    assert "Overgeslagen in de mappen: 1" in done.stdout
    questions = ["Hoeveel bijenkasten staan in de tuin van school nummer 7?", "Waar smaakt lindehoning naar?"]
    lines = [json.dumps({"id": n, "question": question}) for n, question in enumerate(questions)]
    (home / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    garden, honey = map(json.loads, bot(home, "ask", "--batch", "in.jsonl").stdout.splitlines())
    assert (garden["citations"][0]["title"], garden["citations"][0]["page"]) == ("tuin", 2)
    assert honey["citations"][0]["passage_id"].startswith("werk:jansen1999")
    listed = bot(home, "ingest", "--list").stdout
    assert "het werk jansen1999" in listed
    assert "tuin.pdf" in listed
    gone = bot(home, "ingest", "--remove", "tuinn.pdf")
    assert (gone.returncode, "Bedoel je 'tuin.pdf'" in gone.stderr) == (1, True)
    assert "verwijderd" in bot(home, "ingest", "--remove", "tuin.pdf").stdout
    assert registered(home) == ["jansen1999.docx"]
    assert "bijenkasten" not in bot(home, "passages").stdout.replace("soorten bijenkasten", "")


def test_a_work_that_is_not_there_is_named_before_anything_is_read(home):
    (home / "a.md").write_text(FACT, encoding="utf-8")
    done = bot(home, "ingest", "a.md", "--reference", "janssen1999")
    assert (done.returncode, "Bedoel je 'jansen1999'" in done.stderr) == (1, True)
    two = bot(home, "ingest", "a.md", "a.md", "corpus/notitie/1.md", "--reference", "jansen1999")
    assert (two.returncode, "één bestand" in two.stderr) == (1, True)
    assert registered(home) == []


@pytest.mark.model
def test_personal_data_in_a_source_is_counted_and_not_shown(home):
    (home / "a.md").write_text(f"{FACT.format(1)} Bel 020-5551234 of mail juf@school.example.nl.", encoding="utf-8")
    done = bot(home, "ingest", "a.md")
    assert done.returncode == 0
    assert "persoonsgegevens" in done.stderr
    assert "5551234" not in done.stderr + done.stdout


def test_what_was_killed_halfway_goes_on_where_it_was(home):
    folder = home / "map"
    folder.mkdir()
    for n in range(25):
        (folder / f"{n:02}.html").write_text(f"<h1>Tuin</h1><p>{FACT.format(n)}</p>", encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, "ingest", "map"], cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while len(registered(home)) < 3:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = registered(home)
    kept = {name: (home / "data" / "bronnen" / name).stat().st_mtime_ns for name in before}
    assert 3 <= len(before) < 25
    from verbind_bot.bootstrap import read_corpus, source_adder
    from verbind_bot.settings import Settings

    settings = Settings(_env_file=None, data_dir=home / "data", corpus_dir=home / "corpus")
    add = source_adder(settings)
    changes = [add(file).change for file in sorted(folder.iterdir())]
    assert changes.count("nieuw") in (25 - len(before), 24 - len(before))
    assert {name: (home / "data" / "bronnen" / name).stat().st_mtime_ns for name in before} == kept
    assert sum(p.id.startswith("bron:") for p in read_corpus(settings).passages) == 25
