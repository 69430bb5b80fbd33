"""Everything that the assistant says, as templates and word lists in `prompts/`, checked when loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound, UndefinedError
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from verbind_bot.errors import PromptError

SOURCE_NAME = "NJi-notitie over het verbinden van school en wijk"


class Phrase(BaseModel):
    """One kind of small talk: what people type (whole messages), and the template that answers it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    messages: tuple[str, ...]
    template: str


class Prompts:
    """The templates of one folder; a variable that a template needs and does not get is an error."""

    def __init__(self, folder: Path) -> None:
        """Raises PromptError when the folder is missing or a template in it is broken."""
        if not folder.is_dir():
            raise PromptError(f"De map met sjablonen {folder} bestaat niet. Controleer VERBIND_PROMPTS_DIR.")
        self._folder = folder
        # Templates make Markdown; whatever shows it escapes for its own medium.
        self._environment = Environment(  # noqa: S701
            loader=FileSystemLoader(folder), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        for name in self._environment.list_templates(extensions=["j2"]):
            self._template(name)

    def render(self, name: str, **values: Any) -> str:
        """The text of template `name`. Raises PromptError when the template is missing or lacks a variable."""
        template = self._template(name)
        try:
            return str(template.render(**values)).strip()
        except UndefinedError as error:
            raise PromptError(
                f"Het sjabloon {self._folder / name} gebruikt een variabele die er niet is: {error}. "
                f"Beschikbaar zijn: {', '.join(sorted(values)) or 'geen'}."
            ) from error

    def phrases(self) -> tuple[Phrase, ...]:
        """The small talk of `praatjes.yaml`."""
        path = self._folder / "praatjes.yaml"
        try:
            data = yaml.safe_load(path.read_text(encoding="utf-8"))
            return TypeAdapter(tuple[Phrase, ...]).validate_python(data)
        except (OSError, yaml.YAMLError, ValidationError) as error:
            raise PromptError(f"{path} kan niet gelezen worden: {error}") from error

    def _template(self, name: str) -> Any:
        try:
            return self._environment.get_template(name)
        except TemplateNotFound as error:
            raise PromptError(f"Het sjabloon {self._folder / name} ontbreekt. Zet het terug.") from error
        except TemplateError as error:
            line = getattr(error, "lineno", None)
            raise PromptError(f"Het sjabloon {self._folder / name}, regel {line}, is stuk: {error}.") from error
