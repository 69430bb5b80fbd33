"""Files that are broken, locked, too large, or made to do harm: each gets one clear sentence, and nothing goes down."""

from __future__ import annotations

import os
import sys
import zipfile
from io import BytesIO

import pytest
from fpdf import FPDF
from pypdf import PdfReader, PdfWriter
from tests.corpus.making import pdf, word

from verbind_bot.corpus.fingerprint import fingerprint_of
from verbind_bot.corpus.gathering import files_in
from verbind_bot.corpus.reading.document import Document, Limits
from verbind_bot.corpus.reading.isolated import read_isolated
from verbind_bot.corpus.reading.kinds import Kind
from verbind_bot.corpus.reading.source_reader import SourceReader
from verbind_bot.errors import CorpusError

TEXTS = [(1, "De wijk"), (0, "De school en de wijk werken samen aan een veilige buurt voor alle kinderen. " * 4)]


def refused(path, content: bytes | None = None, **limits) -> str:
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CorpusError) as caught:
        SourceReader(Limits(**limits)).read(path)
    assert caught.value.path == str(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def zipped(**parts: bytes) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"", "leeg"),
        ("a.txt", b" \n\t ", "leeg"),
        ("a.txt", os.urandom(5000) + b"\x00\x01\x02", "geen tekst"),
        ("a.md", b"\x89PNG\r\n\x1a\n" + b"x" * 50, "afbeelding"),
        ("a.pdf", b"dit is gewoon tekst", "heet verkeerd"),
        ("a.docx", b"dit is gewoon tekst", "heet verkeerd"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "oud Word"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "wachtwoord"),
        ("a.rtf", b"{\\rtf1 hallo}", "RTF"),
        ("a.docx", b"PK\x03\x04" + b"x" * 100, "stuk"),
        ("a.docx", zipped(**{"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}), "stuk"),
        ("a.xlsx", zipped(**{"xl/workbook.xml": b"<x/>"}), "Excel"),
        ("a.odt", zipped(mimetype=b"application/vnd.oasis.opendocument.text"), "OpenDocument"),
        ("a.zip", zipped(**{"a.txt": b"hallo"}), "ingepakt"),
        ("a.pdf", b"%PDF-1.7\n" + b"\xff" * 500, "stuk"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_reason(tmp_path, name, content, message):
    assert message in refused(tmp_path / name, content)


def test_a_file_that_is_too_large_is_not_even_opened(tmp_path):
    assert "groter dan 1 MB" in refused(tmp_path / "a.txt", b"x" * (2**20 + 1), bytes=2**20)


def test_what_is_no_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "a.txt")
    assert "geen gewoon bestand" in refused(tmp_path / "a.txt")


def test_a_pdf_with_a_password_says_so(tmp_path):
    assert "wachtwoord" in refused(pdf(tmp_path / "a.pdf", TEXTS, user="geheim", owner="ook"))


def test_a_scan_says_to_make_text_of_it_first(tmp_path):
    paper = FPDF()
    paper.add_page()
    paper.rect(10, 10, 100, 100)
    paper.output(str(tmp_path / "scan.pdf"))
    assert "OCR" in refused(tmp_path / "scan.pdf")


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_a_pdf_that_was_cut_off_is_read_or_refused(tmp_path, share):
    whole = pdf(tmp_path / "a.pdf", TEXTS).read_bytes()
    (tmp_path / "b.pdf").write_bytes(whole[: int(share * len(whole))])
    try:
        text = " ".join(line.text for line in SourceReader().read(tmp_path / "b.pdf").document.lines)
    except CorpusError as error:
        text = f"{TEXTS[0][1]}, maar: {error}"
    assert TEXTS[0][1] in text


def test_a_page_that_is_broken_is_named(tmp_path):
    from pypdf.generic import NameObject

    writer = PdfWriter(clone_from=PdfReader(pdf(tmp_path / "a.pdf", [*TEXTS, (-1, ""), *TEXTS])))
    contents = writer.pages[1]["/Contents"].get_object()
    contents[NameObject("/Filter")] = NameObject("/Onbekend")
    writer.write(str(tmp_path / "b.pdf"))
    assert "blz. 2" in refused(tmp_path / "b.pdf")


def test_a_tree_of_pages_that_bites_its_tail_ends(tmp_path):
    loop = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Count 9/Kids[2 0 R 2 0 R]>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF"
    )
    refused(tmp_path / "a.pdf", loop, seconds=20)


def test_a_pdf_that_unpacks_to_very_much_is_stopped(tmp_path):
    from pypdf.generic import DecodedStreamObject, NameObject

    writer = PdfWriter(clone_from=PdfReader(pdf(tmp_path / "a.pdf", TEXTS)))
    bomb = DecodedStreamObject()
    bomb.set_data(b"BT /F1 9 Tf (wijk) Tj ET\n" * 8_000_000)
    writer.pages[0][NameObject("/Contents")] = writer._add_object(bomb.flate_encode(9))
    writer.write(str(tmp_path / "b.pdf"))
    assert (tmp_path / "b.pdf").stat().st_size < 2**20
    refused(tmp_path / "b.pdf", seconds=8)


def test_a_word_file_that_unpacks_to_very_much_is_not_opened(tmp_path):
    path = word(tmp_path / "a.docx", TEXTS)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/media/x.bin", b"\x00" * (30 * 2**20))
    assert "veel te groot" in refused(path, bytes=2 * 2**20)


def test_xml_that_declares_entities_is_not_read(tmp_path):
    path = word(tmp_path / "a.docx", TEXTS)
    bomb = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><w>&b;</w>'
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    (tmp_path / "b.docx").write_bytes(zipped(**{**parts, "word/document.xml": bomb}))
    assert "XML" in refused(tmp_path / "b.docx")


@pytest.mark.parametrize("inner", ["<div>", "<ul><li>", "<b>", "<table><tr><td>"])
def test_a_page_of_any_depth_is_read_or_refused_in_time(tmp_path, inner):
    (tmp_path / "a.html").write_text("<html><body><p>Boven.</p>" + inner * 50_000 + "diep", encoding="utf-8")
    found = SourceReader(Limits(seconds=30)).read(tmp_path / "a.html")
    assert "Boven." in [line.text for line in found.document.lines]


def test_reading_that_takes_too_long_is_ended(tmp_path):
    content = b"<p>" + b"<p hidden>woord " * 2_000_000
    with pytest.raises(CorpusError, match="VERBIND_SOURCE_SECONDS"):
        read_isolated(content, Kind.HTML, Limits(seconds=1))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a limit on memory")
def test_reading_that_takes_too_much_memory_is_ended_and_our_own_process_goes_on():
    with pytest.raises(CorpusError, match="geheugen"):
        read_isolated(b"<p>a " * 400_000, Kind.HTML, Limits(seconds=60, memory=120 * 2**20))


def test_nothing_of_our_environment_reaches_the_reading_process(tmp_path, monkeypatch):
    seen = tmp_path / "seen"
    monkeypatch.setenv("VERBIND_LLM_API_KEY", "geheim")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    (tmp_path / "python").write_text(f'#!/bin/sh\n/usr/bin/env > {seen}\necho \'{{"document": "", "error": "x"}}\'\n')
    (tmp_path / "python").chmod(0o755)
    with pytest.raises(CorpusError, match="x"):
        read_isolated(b"x", Kind.HTML, Limits())
    assert "geheim" not in seen.read_text()


@pytest.mark.parametrize("text", ["", "[]", '{"lines": [["a", 0]]}', '{"lines": [[1, 2, 3]], "title": ""}', "[" * 9999])
def test_what_the_cache_holds_is_checked(text):
    with pytest.raises(ValueError, match="not a document"):
        Document.from_json(text)


def test_a_folder_gives_what_can_be_read_and_follows_no_links(tmp_path):
    folder = tmp_path / "map"
    (folder / "diep" / ".git").mkdir(parents=True)
    for name in ("b.md", "a.PDF", "foto.png", ".verborgen.md", "diep/c.txt", "diep/.git/d.md"):
        (folder / name).write_text("x", encoding="utf-8")
    (tmp_path / "elders.md").write_text("x", encoding="utf-8")
    (folder / "link.md").symlink_to(tmp_path / "elders.md")
    (folder / "kring").symlink_to(folder, target_is_directory=True)
    assert [str(path.relative_to(folder)) for path in files_in(folder)] == ["a.PDF", "b.md", "diep/c.txt"]


def test_the_fingerprint_tells_every_change_without_reading(tmp_path):
    (tmp_path / "a").mkdir()
    file = tmp_path / "a" / "x.md"
    marks = [fingerprint_of(tmp_path / "a", tmp_path / "weg")]
    file.write_text("een", encoding="utf-8")
    marks.append(fingerprint_of(tmp_path / "a", tmp_path / "weg"))
    file.write_text("tweede", encoding="utf-8")
    marks.append(fingerprint_of(tmp_path / "a", tmp_path / "weg"))
    file.rename(tmp_path / "a" / "y.md")
    marks.append(fingerprint_of(tmp_path / "a", tmp_path / "weg"))
    assert len(set(marks)) == 4
    assert fingerprint_of(tmp_path / "a", tmp_path / "weg") == marks[-1]
