"""Which reader reads which format."""

from __future__ import annotations

from collections.abc import Callable

from verbind_bot.corpus.reading.document import Document, Limits
from verbind_bot.corpus.reading.html_page import read_html
from verbind_bot.corpus.reading.kinds import Kind
from verbind_bot.corpus.reading.markdown import read_markdown
from verbind_bot.corpus.reading.pdf import read_pdf
from verbind_bot.corpus.reading.plain import read_text
from verbind_bot.corpus.reading.word_file import read_word

READERS: dict[Kind, Callable[[bytes, Limits], Document]] = {
    Kind.TEXT: read_text,
    Kind.MARKDOWN: read_markdown,
    Kind.PDF: read_pdf,
    Kind.WORD: read_word,
    Kind.HTML: read_html,
}
# Simple enough to be read in this process; the others get one of their own.
SIMPLE = frozenset({Kind.TEXT, Kind.MARKDOWN})
