"""Settings -> Assistant: the only place that constructs."""

from __future__ import annotations

import shutil
from pathlib import Path

from verbind_bot.answering.abstention import Abstention
from verbind_bot.answering.answerer import Answerer
from verbind_bot.assistant import Assistant
from verbind_bot.corpus.importer import read_source
from verbind_bot.corpus.library import Corpus, load_corpus
from verbind_bot.errors import CorpusError
from verbind_bot.flows.loading import load_flows
from verbind_bot.index.build import Progress, open_index
from verbind_bot.index.embedding import load_embedder
from verbind_bot.intakes import Intakes
from verbind_bot.parts import Parts
from verbind_bot.privacy import PrivacyFilter
from verbind_bot.prompts import Prompts
from verbind_bot.settings import Settings
from verbind_bot.storage.answers import AnswerStore
from verbind_bot.storage.conversations import Conversations
from verbind_bot.storage.database import open_database
from verbind_bot.storage.deliveries import Deliveries
from verbind_bot.storage.intakes import IntakeStore
from verbind_bot.storage.keys import own_key
from verbind_bot.types import Passage

INGESTED = "bronnen"
FLOWS = "flows"


def read_corpus(settings: Settings) -> Corpus:
    """The corpus folder and what was ingested. Raises CorpusError."""
    ingested = settings.data_dir / INGESTED
    extra = sorted(ingested.glob("[!.]*.*")) if ingested.is_dir() else []
    return load_corpus(settings.corpus_dir, extra)


def add_source(settings: Settings, file: Path) -> list[Passage]:
    """Keep a copy of a text file as a source and return its passages. Raises CorpusError when it cannot be read."""
    if not file.is_file():
        raise CorpusError("dit bestand bestaat niet. Controleer het pad.", str(file))
    outline = load_corpus(settings.corpus_dir).sections
    passages = read_source(file, outline)
    folder = settings.data_dir / INGESTED
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{file.name}.part"
    shutil.copyfile(file, part)
    part.replace(folder / file.name)
    return passages


def build(settings: Settings, progress: Progress | None = None, rebuild: bool = False) -> Parts:
    """Everything, ready to answer; loads the model and brings the index up to date first. Raises VerbindError."""
    corpus = read_corpus(settings)
    prompts = Prompts(settings.prompts_dir)
    engine = open_database(settings.resolved_database_url)
    conversations = Conversations(engine, settings.history_days)
    archive, deliveries = AnswerStore(engine, settings.history_days), Deliveries(engine)
    for kept in (conversations, archive, deliveries):
        kept.remove_old()
    embedder = load_embedder(settings.embedding_model, str(settings.data_dir / "models"))
    index = open_index(corpus, embedder, settings.index_dir, settings.chroma_url, progress, rebuild)
    answerer = Answerer(corpus, index, prompts, Abstention.load(settings.corpus_dir, embedder.name))
    privacy = PrivacyFilter(
        [value for r in corpus.references.values() for key, value in r.fields if key in ("author", "editor")]
    )
    assistant = Assistant(
        answerer, privacy, prompts, conversations, archive, settings.max_question_chars, settings.history_turns
    )
    flows = load_flows(settings.prompts_dir / FLOWS)
    intakes = Intakes(flows, IntakeStore(engine), privacy, corpus.by_id, embedder.embed_queries)
    return Parts(assistant, intakes, answerer, corpus, index, deliveries, own_key(engine, "cookie"))
