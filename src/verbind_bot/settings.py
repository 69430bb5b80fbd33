"""The only reader of the environment: every setting, its default, and the places of our data files."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values
from platformdirs import user_data_dir
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from verbind_bot.errors import SettingsError

PREFIX = "VERBIND_"
_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parents[1]


def in_checkout() -> bool:
    """Whether this package runs from a checkout of the project rather than from an installed wheel."""
    return (_CHECKOUT / "pyproject.toml").is_file() and (_CHECKOUT / "corpus").is_dir()


def shipped(name: str) -> Path:
    """The folder `name` (corpus, prompts) of the checkout, or the copy inside the installed package."""
    return _CHECKOUT / name if in_checkout() else _PACKAGE / "data" / name


def _default_data_dir() -> Path:
    return _CHECKOUT / ".data" if in_checkout() else Path(user_data_dir("verbind-bot", appauthor=False))


class Settings(BaseSettings):
    """Every setting of the assistant; each can be set as `VERBIND_<NAME>` or in a `.env` file."""

    # An empty value, as compose and `.env` files leave them, means that nothing is set.
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    data_dir: Path = Field(default_factory=_default_data_dir, description="Index, database en modelcache")
    corpus_dir: Path = Field(default_factory=lambda: shipped("corpus"), description="Map met het corpus")
    prompts_dir: Path = Field(default_factory=lambda: shipped("prompts"), description="Map met de sjablonen")
    host: str = Field("127.0.0.1", description="Adres waarop de server luistert")
    port: int = Field(8000, ge=0, le=65535, description="Poort waarop de server luistert")
    public_url: str | None = Field(None, description="Adres van de webpagina zoals gebruikers het zien")
    database_url: str | None = Field(None, description="SQLAlchemy-URL; standaard SQLite in VERBIND_DATA_DIR")
    chroma_url: str | None = Field(None, description="URL van een Chroma-server; standaard een lokale map")
    chroma_token: str | None = Field(None, repr=False, description="Sleutel voor de Chroma-server")
    chroma_tenant: str | None = Field(None, description="Tenant op de Chroma-server (Chroma Cloud)")
    chroma_database: str | None = Field(None, description="Database op de Chroma-server (Chroma Cloud)")
    watch_seconds: float = Field(
        10, ge=0, le=86400, description="Om de hoeveel seconden een server kijkt of het corpus veranderde (0: nooit)"
    )
    max_source_mb: int = Field(50, ge=1, le=2000, description="Grootste bestand dat als bron opgenomen wordt, in MB")
    source_seconds: int = Field(120, ge=1, le=3600, description="Langste tijd voor het lezen van één bron, in seconden")
    embedding_model: str | None = Field(None, description="Naam of pad van een ander embeddingmodel")
    reranker_model: str | None = Field(None, description="Naam of pad van een cross-encoder")
    llm_base_url: str | None = Field(None, description="URL van een OpenAI-compatibel eindpunt")
    llm_model: str | None = Field(None, description="Naam van het taalmodel")
    llm_api_key: str | None = Field(None, repr=False, description="Sleutel voor het taalmodel")
    llm_timeout_seconds: float = Field(60, gt=0, le=600, description="Langste tijd voor één antwoord van het taalmodel")
    llm_first_token_seconds: float = Field(20, gt=0, le=600, description="Langste stilte van het taalmodel")
    llm_max_tokens: int = Field(800, ge=50, le=8000, description="Langste antwoord van het taalmodel in tokens")
    llm_retries: int = Field(2, ge=0, le=10, description="Nieuwe pogingen als het taalmodel niet reageert")
    llm_price_in: float = Field(0, ge=0, description="Prijs in euro van een miljoen tokens in de vraag")
    llm_price_out: float = Field(0, ge=0, description="Prijs in euro van een miljoen tokens in het antwoord")
    slack_bot_token: str | None = Field(None, repr=False, description="Slack bot token (xoxb-…)")
    slack_signing_secret: str | None = Field(None, repr=False, description="Slack signing secret")
    slack_client_id: str | None = Field(None, description="Slack client-id, voor meer werkruimtes (OAuth)")
    slack_client_secret: str | None = Field(None, repr=False, description="Slack client secret (OAuth)")
    slack_app_token: str | None = Field(None, repr=False, description="Slack app token (xapp-…)")
    slack_api_url: str | None = Field(None, description="Andere Slack Web API, bijvoorbeeld een nagebootste")
    admin_token: str | None = Field(None, repr=False, description="Toegang tot de beheerpagina")
    admin_header: str | None = Field(None, description="Kop waarin een vertrouwde proxy de beheerder noemt")
    trusted_proxies: str = Field("127.0.0.1", description="Adressen van proxy's waarvan de koppen gelden")
    api_key: str | None = Field(None, repr=False, description="Sleutel die /api vraagt van wie geen browser is")
    questions_per_minute: int = Field(60, ge=0, description="Vragen per minuut per adres (0: geen grens)")
    max_question_chars: int = Field(1000, ge=10, le=20000, description="Langste vraag in tekens")
    history_turns: int = Field(5, ge=0, le=50, description="Aantal eerdere vragen dat meetelt in een gesprek")
    history_days: int = Field(30, ge=0, description="Dagen dat (gemaskeerde) vragen bewaard blijven")
    log_format: Literal["text", "json"] = Field("text", description="Vorm van de logregels: text of json")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Laagste niveau in het log")
    log_questions: bool = Field(False, description="Ook de (gemaskeerde) vraag in het logboek zetten")
    otel_endpoint: str | None = Field(None, description="OpenTelemetry-collector (OTLP over HTTP) voor traces")
    shutdown_seconds: int = Field(30, ge=1, le=600, description="Hoe lang lopende antwoorden bij het stoppen krijgen")

    @property
    def index_dir(self) -> Path:
        """Where the vectors and the word index live."""
        return self.data_dir / "index"

    @property
    def resolved_database_url(self) -> str:
        """The database that conversations are kept in."""
        return self.database_url or f"sqlite:///{self.data_dir / 'verbind.db'}"


def load_settings(env_file: str | Path | None = ".env") -> Settings:
    """Read the settings from the environment and `.env`.

    Raises SettingsError for an unknown `VERBIND_` name (with the nearest known one) or a wrong value.
    """
    _refuse_unknown_names(env_file)
    try:
        settings = Settings(_env_file=env_file)  # type: ignore[call-arg]
    except ValidationError as error:
        faults = "; ".join(f"{PREFIX}{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise SettingsError(f"Een instelling heeft een waarde die niet kan: {faults}. Pas die aan.") from error
    _refuse_half_a_language_model(settings)
    return settings


def _refuse_half_a_language_model(settings: Settings) -> None:
    url, model = settings.llm_base_url, settings.llm_model
    if bool(url) != bool(model):
        given, absent = ("LLM_BASE_URL", "LLM_MODEL") if url else ("LLM_MODEL", "LLM_BASE_URL")
        raise SettingsError(
            f"{PREFIX}{given} is ingevuld, maar {PREFIX}{absent} niet. Een taalmodel heeft allebei nodig: "
            f"vul {PREFIX}{absent} in, of haal {PREFIX}{given} weg."
        )
    if url and not url.lower().startswith(("http://", "https://")):
        raise SettingsError(
            f"{PREFIX}LLM_BASE_URL is geen webadres. Begin met http:// of https://, "
            "bijvoorbeeld http://127.0.0.1:11434/v1."
        )


def _refuse_unknown_names(env_file: str | Path | None) -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    given = set(os.environ) | set(dotenv_values(env_file) if env_file and Path(env_file).is_file() else {})
    for name in sorted(n for n in given if n.upper().startswith(PREFIX) and n.upper() not in known):
        near = difflib.get_close_matches(name.upper(), sorted(known), n=1, cutoff=0.0)[0]
        raise SettingsError(f"De instelling {name} bestaat niet. Bedoel je {near}? Verbeter of verwijder de naam.")
