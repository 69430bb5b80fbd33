"""How indexing and finding grow with the number of passages: `make bench-scale`, figures in docs/scale.md.

Each size runs in a process of its own, for its peak memory. Vectors are made, not embedded, so the embedding of a
question is no part of a time. Exact neighbours are computed with numpy, block by block.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from tests.bench.synthetic import BLOCK, DIMENSION, Synthetic

from verbind_bot.corpus.library import Corpus
from verbind_bot.index.build import Index, entries_of
from verbind_bot.index.entries import own_ids
from verbind_bot.index.snapshots import read_snapshot, write_snapshot
from verbind_bot.index.vectors import KINDS, VectorIndex, open_client
from verbind_bot.index.words import WordIndex
from verbind_bot.retrieval import Retriever

ASKED, WARM, NEAREST, READ = 300, 30, 10, 3
_MODEL = "synthetic"


class Given:
    """An embedder that knows the vector of each question already."""

    name, dimension = _MODEL, DIMENSION

    def __init__(self, vectors):
        self._vectors = vectors

    def embed_queries(self, texts):
        return np.array([self._vectors[text] for text in texts])

    embed_documents = embed_queries


def measure(size: int, folder: Path, statements: int, questions: int) -> dict[str, float]:
    """Index a corpus of `size` passages in `folder`, where that is not done yet, and ask it; returns the figures."""
    made = Synthetic(size, statements, questions)
    numbers = list(np.random.default_rng(1).choice(size, ASKED + WARM, replace=False))
    asked = made.asked(numbers)
    exact = {kind: Nearest(asked) for kind in ("passages", "questions")}
    vectors = VectorIndex(open_client(folder / "chroma"), _MODEL, DIMENSION)
    added, spent, busy = _fill(made, vectors, exact)

    passages = tuple(made.passages())
    held = _resident()
    started = time.process_time()
    words = WordIndex.build(passages)
    words_seconds = time.process_time() - started
    words.save(folder / "words")
    texts = [made.question(n) for n in numbers]
    given = Given(dict(zip(texts, asked, strict=True)))
    write_snapshot(folder, Corpus((), passages, {}, ()))
    del passages, words
    opening, retriever = _open(folder, Corpus((), tuple(made.passages()), {}, ()).hash, given)
    figures = _ask(retriever, texts)
    recall = {f"recall@10 {kind}": found.recall(vectors, kind, asked) for kind, found in exact.items()}
    count = vectors.count()
    return {
        "passages": size,
        "vectors": count,
        "vectors added": added,
        "vectors added a second": added / spent if added else 0.0,
        "vectors added a second of processor time": added / busy if added else 0.0,
        "words, s of processor time": words_seconds,
        "opening, s of processor time": opening,
        "memory, MB": _resident(),
        "of which vectors and passages, MB": held,
        "peak memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "disk vectors, MB": _disk(folder / "chroma"),
        "disk words, MB": _disk(folder / "words"),
        "disk corpus, MB": _disk(folder / "releases"),
        **figures,
        **recall,
    }


def _fill(made: Synthetic, vectors: VectorIndex, exact: dict[str, Nearest]) -> tuple[int, float, float]:
    """Add what is not there, a block at a time: how many vectors, the seconds, and the seconds of processor time."""
    added, spent, busy = 0, 0.0, 0.0
    for kind in KINDS:
        for block in range(-(-made.size // BLOCK)):
            ids, rows = made.vectors(kind, block)
            ends = [*ids[:1], *ids[-1:]]
            if len(vectors.vectors(kind, ends) if ends else ()) < len(set(ends)):
                started, process = time.perf_counter(), time.process_time()
                for at in range(0, len(ids), BLOCK):
                    vectors.add(kind, ids[at : at + BLOCK], rows[at : at + BLOCK])
                spent, busy = spent + time.perf_counter() - started, busy + time.process_time() - process
                added += len(ids)
            if kind in exact:
                exact[kind].see(ids, rows)
            if block % 20 == 19:
                print(f"{kind} {block + 1} blocks, {spent:.0f} s", file=sys.stderr, flush=True)
    return added, spent, busy


def _open(folder: Path, corpus_hash: str, given: Given) -> tuple[float, Retriever]:
    """Open what was indexed as a server does when it starts; the seconds of processor time, and what searches."""
    started = time.process_time()
    corpus = read_snapshot(folder, corpus_hash)
    vectors = VectorIndex(open_client(folder / "chroma"), _MODEL, DIMENSION, own=own_ids(corpus))
    vectors.keep_at_hand("statements")
    index = Index(vectors, WordIndex.load(folder / "words"), given)
    return time.process_time() - started, Retriever(corpus, index)


class Nearest:
    """The exact nearest neighbours of some vectors, among all that it was shown."""

    def __init__(self, asked):
        self._asked = asked
        self._scores = np.full((len(asked), NEAREST), -2.0, dtype=np.float32)
        self._ids = np.full((len(asked), NEAREST), "", dtype=object)

    def see(self, ids, rows) -> None:
        scores = np.hstack([self._scores, self._asked @ rows.T])
        names = np.hstack([self._ids, np.tile(np.array(ids, dtype=object), (len(self._asked), 1))])
        best = np.argsort(-scores, axis=1, kind="stable")[:, :NEAREST]
        self._scores, self._ids = np.take_along_axis(scores, best, 1), np.take_along_axis(names, best, 1)

    def recall(self, vectors: VectorIndex, kind: str, asked) -> float:
        """The share of the ten nearest that the index finds when asked for as many as retrieval asks for."""
        limit = 40 if kind == "passages" else 80
        found = [list(vectors.entries(kind, row, limit))[:NEAREST] for row in asked]
        return float(np.mean([len({*a} & {*b}) / NEAREST for a, b in zip(found, self._ids, strict=True)]))


def _ask(retriever: Retriever, texts: list[str]) -> dict[str, float]:
    """The times of finding passages, and of reading the statements of the best ones, in milliseconds."""
    spent, reading, words, busy = [], [], [], []
    for n, text in enumerate(texts):
        process = time.process_time()
        found = retriever.search(text)
        process = time.process_time() - process
        started = time.perf_counter()
        keys = [e.id for m in found.matches[:READ] for e in entries_of(m.passage, "statements")]
        read_any = bool(retriever.index.vectors.vectors("statements", keys))
        read = time.perf_counter()
        retriever.index.words.search(found.terms, 40)
        if n >= WARM:
            busy.append(process * 1000)
            spent.append(found.timings_ms["retrieve"])
            reading.append((read - started) * 1000)
            words.append((time.perf_counter() - read) * 1000)
    return {
        "retrieve p50, ms": float(np.median(spent)),
        "retrieve p95, ms": float(np.quantile(spent, 0.95)),
        "retrieve p50, ms of processor time": float(np.median(busy)),
        "words p50, ms": float(np.median(words)),
        "statements p50, ms": float(np.median(reading)) if read_any else float("nan"),
        "statements p95, ms": float(np.quantile(reading, 0.95)) if read_any else float("nan"),
    }


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def _disk(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 2**20


def table(rows: list[dict[str, float]]) -> str:
    """The figures as a Markdown table, a column for each size, and the ratio of the largest to the smallest."""
    lines = ["| | " + " | ".join(f"{row['passages']:,.0f}" for row in rows) + " | ratio |"]
    lines.append("|---" * (len(rows) + 2) + "|")
    for name in rows[0]:
        figures = " | ".join(f"{row[name]:,.4g}" if row[name] < 100 else f"{row[name]:,.0f}" for row in rows)
        lines.append(f"| {name} | {figures} | {rows[-1][name] / (rows[0][name] or 1):.2f} |")
    return "\n".join(lines)


def main() -> None:
    """Measure every size, each in its own process, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--statements", type=int, default=3, help="statement vectors of a passage")
    parser.add_argument("--questions", type=int, default=2, help="question vectors of a passage")
    parser.add_argument("--fresh", action="store_true", help="index again what an earlier run has indexed")
    parser.add_argument("--folder", type=Path, default=Path(".data/bench-scale"))
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(given.one, given.folder / str(given.one), given.statements, given.questions)))
        return
    if given.fresh:
        shutil.rmtree(given.folder, ignore_errors=True)
    rows = []
    for size in given.sizes.split(","):
        command = [sys.executable, "-m", "tests.bench.scale", "--one", size, "--folder", str(given.folder)]
        command += ["--statements", str(given.statements), "--questions", str(given.questions)]
        rows.append(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))
        print(table(rows), flush=True)


if __name__ == "__main__":
    main()
