"""Word (.docx) -> a Document, with python-docx; pages where Word noted them."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from verbind_bot.corpus.reading.document import GAP, Document, Limits, Line, bounded, clean
from verbind_bot.errors import CorpusError

_MOST_PARTS = 10_000
_GROWTH = 10  # times the largest file: what may come out of one
_HEADING = re.compile(r"^(?:heading|kop)\s*(\d)", re.IGNORECASE)
_TITLES = frozenset({"title", "titel"})
_BROKEN = "dit Word-bestand is stuk. Open het in Word en sla het opnieuw op."
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HIDDEN = frozenset(_W + name for name in ("del", "moveFrom", "instrText", "delText", "txbxContent", "comment"))
_SPACES = frozenset(_W + name for name in ("tab", "br", "cr", "p"))  # a cell may have several paragraphs


def read_word(content: bytes, limits: Limits) -> Document:
    """A Word file: headings by style, lists, and tables row by row. Raises CorpusError for a broken or hostile one."""
    _refuse_bombs(content, limits)
    import docx
    from docx.opc.exceptions import OpcError

    try:
        file = docx.Document(BytesIO(content))
        lines = bounded(_Reader(file).lines(), limits.characters)
        title = clean(str(file.core_properties.title or ""))
    except CorpusError:
        raise
    except (
        OpcError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        SyntaxError,
        OSError,
        zipfile.BadZipFile,
    ) as error:
        raise CorpusError(_BROKEN) from error
    return Document(lines, title)


def _refuse_bombs(content: bytes, limits: Limits) -> None:
    """A file that would unpack to very much, or whose XML declares entities, is refused before it is opened."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > _MOST_PARTS or sum(entry.file_size for entry in entries) > _GROWTH * limits.bytes:
                raise CorpusError(
                    "dit Word-bestand is na het uitpakken veel te groot. Neem het niet op, of maak het kleiner."
                )
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    with archive.open(entry) as part:
                        if b"<!DOCTYPE" in part.read(2048):
                            raise CorpusError("dit Word-bestand bevat XML die Word nooit schrijft. Neem het niet op.")
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, zlib.error) as error:
        raise CorpusError(_BROKEN) from error


class _Reader:
    """Walks through one file, counting its pages."""

    def __init__(self, file: Any) -> None:
        self._file = file
        body = file.element.body
        rendered = next(body.iter(_W + "lastRenderedPageBreak"), None) is not None
        self._break = _W + ("lastRenderedPageBreak" if rendered else "br")
        paged = rendered or any(br.get(_W + "type") == "page" for br in body.iter(_W + "br"))
        self._page = 1 if paged else None
        self._bullets = _bulleted(file)
        self._counts: Counter[int] = Counter()

    def lines(self) -> Iterator[Line]:
        """The lines of the body in reading order."""
        yield from self._blocks(self._file.element.body)

    def _blocks(self, parent: Any) -> Iterator[Line]:
        """The paragraphs and tables of an element, also those in the controls of a template that is filled in."""
        from docx.table import Table
        from docx.text.paragraph import Paragraph

        for block in parent:
            if block.tag == _W + "tbl":
                yield GAP
                yield from self._table(Table(block, self._file))
                yield GAP
            elif block.tag == _W + "p":
                yield from self._paragraph(Paragraph(block, self._file._body))
            elif block.tag == _W + "sdt":
                content = block.find(_W + "sdtContent")
                yield from self._blocks(() if content is None else content)

    def _paragraph(self, paragraph: Any) -> Iterator[Line]:
        starts = self._page
        text = self._text(paragraph._p)
        if not text:
            return
        page = self._page if starts is not None and self._starts_below(paragraph._p) else starts
        level = _level(paragraph)
        sign = "" if level else self._sign(paragraph)
        if sign:
            yield Line(f"{sign} {text}", 0, page)
        else:
            yield from (GAP, Line(text, level, page), GAP)

    def _starts_below(self, element: Any) -> bool:
        """Whether the page breaks before the first word of the paragraph."""
        for node in element.iter(_W + "t", self._break):
            if node.tag == _W + "t":
                return False
            if self._breaks(node):
                return True
        return False

    def _breaks(self, node: Any) -> bool:
        return bool(node.tag == self._break and (node.tag != _W + "br" or node.get(_W + "type") == "page"))

    def _text(self, element: Any) -> str:
        """The words of a paragraph as they are read now: no deleted, hidden or field text."""
        words: list[str] = []
        for node in element.iter():
            if self._page is not None and self._breaks(node):
                self._page += 1
            if node.tag == _W + "t" and not _is_hidden(node):
                words.append(node.text or "")
            elif node.tag in _SPACES and node is not element:
                words.append(" ")
            elif node.tag == _W + "noBreakHyphen":
                words.append("-")
        return clean("".join(words).replace("\n", " "))

    def _table(self, table: Any) -> Iterator[Line]:
        """Each row as an item: its cells, with the heads of their columns when the first row has them."""
        rows = [[self._text(cell) for cell in row._tr.iter(_W + "tc")] for row in table.rows]
        heads = rows[0] if len(rows) > 2 and all(rows[0]) and len(rows[0]) > 2 else []
        for cells in rows[1:] if heads else rows:
            named = zip(heads, cells, strict=False) if heads else ((("", cell)) for cell in cells)
            said = "; ".join(f"{head}: {cell}" if head else cell for head, cell in named if cell)
            if said:
                yield Line(f"- {said}", 0, self._page)

    def _sign(self, paragraph: Any) -> str:
        name = (paragraph.style.name or "").lower()
        numbering = paragraph._p.pPr.numPr if paragraph._p.pPr is not None else None
        if numbering is not None and numbering.numId is not None:
            number, deep = numbering.numId.val, numbering.ilvl is not None and numbering.ilvl.val > 0
            if not number:
                return ""
            if number in self._bullets or deep:
                return "-"
            self._counts[number] += 1
            return f"{self._counts[number]}."
        if name.startswith(("list bullet", "lijst opsom", "lijstopsom")):
            return "-"
        return "1." if name.startswith(("list number", "lijstnummer")) else ""


def _level(paragraph: Any) -> int:
    name = paragraph.style.name or ""
    if name.lower() in _TITLES:
        return 1
    found = _HEADING.match(name)
    return min(6, max(1, int(found.group(1)))) if found else 0


def _is_hidden(node: Any) -> bool:
    for above in node.iterancestors():
        if above.tag in _HIDDEN:
            return True
        if above.tag == _W + "r":
            style = above.find(_W + "rPr")
            if style is not None and style.find(_W + "vanish") is not None:
                return True
    return False


def _bulleted(file: Any) -> frozenset[int]:
    """The numbers of the lists whose items have a bullet instead of a number."""
    try:
        numbering = file.part.numbering_part.element
    except (KeyError, NotImplementedError, AttributeError):
        return frozenset()
    kinds = {
        abstract.get(_W + "abstractNumId"): next((f.get(_W + "val") for f in abstract.iter(_W + "numFmt")), "bullet")
        for abstract in numbering.iter(_W + "abstractNum")
    }
    found = set()
    for number in numbering.iter(_W + "num"):
        points = number.find(_W + "abstractNumId")
        if points is not None and kinds.get(points.get(_W + "val"), "bullet") == "bullet":
            found.add(int(number.get(_W + "numId")))
    return frozenset(found)
