"""YAML files -> flows; a fault names the file and the line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from verbind_bot.errors import FlowError
from verbind_bot.flows.model import Flow


def load_flows(folder: Path) -> Mapping[str, Flow]:
    """Every flow of the folder by its name. Raises FlowError with file and line."""
    if not folder.is_dir():
        raise FlowError("de map met vragenlijsten bestaat niet. Controleer VERBIND_PROMPTS_DIR.", str(folder))
    flows: dict[str, Flow] = {}
    for path in sorted(folder.glob("*.yaml")):
        flow = load_flow(path)
        if flow.name != path.stem:
            raise FlowError(f"'name' is {flow.name}, maar het bestand heet {path.stem}. Maak ze gelijk.", str(path))
        flows[flow.name] = flow
    return flows


def load_flow(path: Path) -> Flow:
    """One flow. Raises FlowError with file and line."""
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        return Flow.model_validate(yaml.load(text, Loader=_Loader))  # noqa: S506 - a SafeLoader
    except (OSError, UnicodeDecodeError) as error:
        raise FlowError(f"dit bestand is niet te lezen: {error}", str(path)) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise FlowError(f"dit is geen geldige YAML: {error.problem}", str(path), line) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = " → ".join(str(part) for part in first["loc"]) or "het bestand"
        raise FlowError(f"{where}: {first['msg']}", str(path), _line(node, first["loc"])) from error


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice in one mapping, where YAML's last one would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if str(key.value) in seen:
                raise yaml.constructor.ConstructorError(None, None, f"'{key.value}' staat er twee keer", key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def _line(node: yaml.Node | None, place: tuple[int | str, ...]) -> int | None:
    """The line of the deepest node that the place leads to."""
    for part in place:
        if isinstance(node, yaml.MappingNode):
            found = next((value for key, value in node.value if key.value == str(part)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = node.value[part]
        else:
            found = None
        if found is None:
            break
        node = found
    return node.start_mark.line + 1 if node else None
