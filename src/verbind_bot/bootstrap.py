"""Settings -> Assistant: the only place that constructs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from verbind_bot.answering.abstention import Abstention
from verbind_bot.answering.answerer import Answerer
from verbind_bot.answering.attributing import Attribution, Verify
from verbind_bot.answering.fluent import Fluent
from verbind_bot.answering.rewriting import Rewriter
from verbind_bot.answering.verifying import Verifier
from verbind_bot.answering.writing import Writer
from verbind_bot.assistant import Assistant
from verbind_bot.corpus.fingerprint import fingerprint_of
from verbind_bot.corpus.kept import Added, KeptSources, nearest
from verbind_bot.corpus.library import Corpus, load_corpus, read_outline
from verbind_bot.corpus.reading.document import Limits
from verbind_bot.corpus.reading.source_reader import SourceReader
from verbind_bot.corpus.references import read_references
from verbind_bot.errors import CorpusError
from verbind_bot.flows.loading import load_flows
from verbind_bot.index.adapting import ADAPTER, adapted, adapted_name, plain
from verbind_bot.index.build import Opened, Progress, open_release
from verbind_bot.index.chroma import Server
from verbind_bot.index.embedding import DEFAULT_MODEL, Embedder, load_embedder
from verbind_bot.index.entailment import ENTAILMENT, Entailment
from verbind_bot.index.reranking import load_reranker
from verbind_bot.intakes import Intakes
from verbind_bot.llm.endpoint import Endpoint
from verbind_bot.llm.types import Prices
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

INGESTED = "bronnen"
FLOWS = "flows"


def source_reader(settings: Settings) -> SourceReader:
    """What reads sources, within the limits of the settings."""
    limits = Limits(settings.max_source_mb * 2**20, settings.source_seconds)
    return SourceReader(limits, settings.data_dir / "cache" / INGESTED)


def kept_sources(settings: Settings) -> KeptSources:
    """The sources that were ingested."""
    return KeptSources(settings.data_dir / INGESTED)


def read_corpus(settings: Settings) -> Corpus:
    """The corpus folder and what was ingested. Raises CorpusError."""
    return load_corpus(settings.corpus_dir, kept_sources(settings).files(), source_reader(settings))


def fingerprint(settings: Settings) -> str:
    """A mark that changes when a file of the corpus or an ingested one does; no file is opened for it."""
    return fingerprint_of(settings.corpus_dir, settings.data_dir / INGESTED)


def source_adder(settings: Settings, reference: str | None = None) -> Callable[[Path], Added]:
    """A function that keeps a file as a source, as the text of the work `reference` when that is given.

    Raises CorpusError for a work that `referenties.bib` does not have; the function does so for a file that
    cannot be read.
    """
    outline = read_outline(settings.corpus_dir)
    works = {work.key: work for work in read_references(settings.corpus_dir / "referenties.bib")[0]}
    if reference is not None and reference not in works:
        raise CorpusError(f"'{reference}' staat niet in referenties.bib. {nearest(reference, list(works))}")
    kept, reader = kept_sources(settings), source_reader(settings)
    return lambda file: kept.add(file, reader, outline, works, reference)


def add_source(settings: Settings, file: Path, reference: str | None = None) -> Added:
    """Keep a copy of one file as a source. Raises CorpusError when it cannot be read."""
    return source_adder(settings, reference)(file)


def chroma_server(settings: Settings) -> Server | None:
    """The Chroma server that is set, or None for the local folder."""
    if not settings.chroma_url:
        return None
    return Server(settings.chroma_url, settings.chroma_token, settings.chroma_tenant, settings.chroma_database)


def load_adapted(settings: Settings) -> Embedder:
    """The embedding model that is set, with the adapter of the corpus when it has one for that model."""
    model = load_embedder(settings.embedding_model, str(settings.data_dir / "models"))
    return adapted(model, settings.corpus_dir / ADAPTER)


def model_name(settings: Settings) -> str:
    """The name that the index gives to the model of `load_adapted`, without loading it."""
    return adapted_name(settings.embedding_model or DEFAULT_MODEL, settings.corpus_dir / ADAPTER)


def build(
    settings: Settings,
    progress: Progress | None = None,
    rebuild: bool = False,
    before: Parts | None = None,
    as_it_is: bool = False,
) -> Parts:
    """Everything, ready to answer; loads the model and brings the index up to date first. Raises VerbindError.

    The model of `before` is used again. With `as_it_is` the corpus is not read: the index answers as it is.
    """
    mark, wanted = fingerprint(settings), None if as_it_is else read_corpus(settings)
    prompts = Prompts(settings.prompts_dir)
    engine = open_database(settings.resolved_database_url)
    conversations = Conversations(engine, settings.history_days)
    archive, deliveries = AnswerStore(engine, settings.history_days), Deliveries(engine)
    models = str(settings.data_dir / "models")
    embedder = before.index.embedder if before else load_adapted(settings)
    opened = _opened(settings, embedder, wanted, mark, progress, rebuild)
    corpus, index = opened.corpus, opened.index
    reranker = load_reranker(settings.reranker_model, models) if settings.reranker_model else None
    abstention = Abstention.load(settings.corpus_dir, embedder.name)
    judge = Entailment.load(settings.corpus_dir / ENTAILMENT)
    verify = Attribution(Verifier(index.words.analyzer, corpus.terms, judge)).verify
    fluent, rewriter = _in_own_words(settings, prompts, verify)
    if fluent and judge:
        judge.ready()
    answerer = Answerer(corpus, index, prompts, abstention, fluent=fluent, rewriter=rewriter, reranker=reranker)
    privacy = PrivacyFilter(
        [value for r in corpus.references.values() for key, value in r.fields if key in ("author", "editor")]
    )
    assistant = Assistant(
        answerer, privacy, prompts, conversations, archive, settings.max_question_chars, settings.history_turns
    )
    flows = load_flows(settings.prompts_dir / FLOWS)
    intakes = Intakes(flows, IntakeStore(engine), privacy, corpus.by_id, plain(embedder).embed_queries)
    parts = Parts(assistant, intakes, answerer, corpus, index, deliveries, own_key(engine, "cookie"), verify)
    parts.remove_old()
    return parts


def _opened(
    settings: Settings, embedder: Embedder, wanted: Corpus | None, mark: str, progress: Progress | None, rebuild: bool
) -> Opened:
    """The index of `wanted`, or of what it became since `mark`: what another added meanwhile is not undone."""
    grace = max(60.0, 3 * settings.watch_seconds)
    place = settings.index_dir, chroma_server(settings)
    opened = open_release(wanted, embedder, *place, progress, rebuild, grace)
    while wanted and fingerprint(settings) != mark:
        mark, wanted = fingerprint(settings), read_corpus(settings)
        opened = open_release(wanted, embedder, *place, progress, False, grace)
    return opened


def language_model(settings: Settings) -> Endpoint | None:
    """The language model that is set; nothing is sent yet."""
    if not settings.llm_base_url or not settings.llm_model:
        return None
    return Endpoint(
        settings.llm_base_url,
        settings.llm_model,
        settings.llm_api_key,
        timeout=settings.llm_timeout_seconds,
        first_token_timeout=settings.llm_first_token_seconds,
        max_tokens=settings.llm_max_tokens,
        retries=settings.llm_retries,
        prices=Prices(settings.llm_price_in, settings.llm_price_out),
    )


def _in_own_words(settings: Settings, prompts: Prompts, verify: Verify) -> tuple[Fluent | None, Rewriter | None]:
    """What uses a language model, when one is set."""
    model = language_model(settings)
    if model is None:
        return None, None
    return Fluent(Writer(model, prompts, verify), prompts), Rewriter(model, prompts)
