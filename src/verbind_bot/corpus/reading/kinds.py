"""Which format a file is in, told by its content; its name decides only between plain text and Markdown."""

from __future__ import annotations

import zipfile
from enum import StrEnum
from io import BytesIO
from pathlib import PurePath

from verbind_bot.errors import CorpusError


class Kind(StrEnum):
    """A format that can be read."""

    TEXT = "tekst"
    MARKDOWN = "Markdown"
    PDF = "PDF"
    WORD = "Word"
    HTML = "HTML"


SUFFIXES = {
    ".txt": Kind.TEXT,
    ".text": Kind.TEXT,
    ".md": Kind.MARKDOWN,
    ".markdown": Kind.MARKDOWN,
    ".pdf": Kind.PDF,
    ".docx": Kind.WORD,
    ".html": Kind.HTML,
    ".htm": Kind.HTML,
    ".xhtml": Kind.HTML,
}
_KNOWN = "Kies een bestand als PDF, Word (.docx), HTML, Markdown of tekst."
_FOREIGN = (
    (b"{\\rtf", "dit is een RTF-bestand. Sla het op als Word (.docx) of PDF."),
    (b"\x89PNG", f"dit is een afbeelding. {_KNOWN}"),
    (b"\xff\xd8\xff", f"dit is een afbeelding. {_KNOWN}"),
    (b"GIF8", f"dit is een afbeelding. {_KNOWN}"),
    (b"\x1f\x8b", "dit is een ingepakt bestand. Pak het eerst uit."),
    (b"7z\xbc\xaf", "dit is een ingepakt bestand. Pak het eerst uit."),
    (b"Rar!", "dit is een ingepakt bestand. Pak het eerst uit."),
    (b"SQLite format 3", f"dit is een database. {_KNOWN}"),
    (b"\x7fELF", f"dit is een programma. {_KNOWN}"),
    (b"MZ\x90", f"dit is een programma. {_KNOWN}"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PAGES = (b"<!doctype html", b"<html", b"<head", b"<body")


def kind_of(content: bytes, name: str) -> Kind:
    """The format of a file with this content and name. Raises CorpusError for one that cannot be read."""
    if not content.strip(b" \t\r\n\x00"):
        raise CorpusError("dit bestand is leeg. Kies een bestand met tekst.")
    if b"%PDF-" in content[:1024]:
        return Kind.PDF
    _refuse_foreign(content)
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    told = SUFFIXES.get(PurePath(name).suffix.lower())
    if told is Kind.HTML or _is_page(content):
        return Kind.HTML
    if told in (Kind.PDF, Kind.WORD):
        raise CorpusError(f"de naam zegt {told}, maar de inhoud is dat niet: het bestand is stuk of heet verkeerd.")
    return told or Kind.TEXT


def _refuse_foreign(content: bytes) -> None:
    for start, why in _FOREIGN:
        if content.startswith(start):
            raise CorpusError(why)
    if content.startswith(_OLE):
        raise CorpusError(_old_office(content))


def _is_page(content: bytes) -> bool:
    head = content[:4096].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if head.startswith(b"<?xml"):
        head = head.partition(b"?>")[2].lstrip()
    return head.startswith(_PAGES)


def _old_office(content: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return "dit bestand heeft een wachtwoord. Haal het wachtwoord eraf en probeer het opnieuw."
    return "dit is een oud Word-, Excel- of PowerPoint-bestand. Sla het op als .docx of PDF."


def _office(content: bytes) -> Kind:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = {entry.filename for entry in archive.infolist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise CorpusError("dit bestand is stuk: het is niet helemaal gekopieerd. Haal het opnieuw op.") from error
    if "word/document.xml" in names:
        return Kind.WORD
    if "xl/workbook.xml" in names or "ppt/presentation.xml" in names:
        raise CorpusError("dit is een Excel- of PowerPoint-bestand. Sla het op als PDF.")
    if "mimetype" in names:
        raise CorpusError("dit is een OpenDocument- of EPUB-bestand. Sla het op als .docx of PDF.")
    raise CorpusError("dit is een ingepakt bestand. Pak het eerst uit.")
