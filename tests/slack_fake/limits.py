"""Slack's limits on what an app sends (docs.slack.dev/reference/block-kit/blocks), checked on every outgoing block."""

from __future__ import annotations

import json

MESSAGE, VIEW, VIEW_BYTES, MESSAGE_CHARS = 50, 100, 250_000, 13_000
ELEMENTS = {"actions": 25, "context": 10, "context_actions": 5}
KINDS = {"section", "header", "context", "actions", "context_actions", "input", "divider", "markdown"}


def faults(blocks, most=MESSAGE):
    """Everything that Slack would refuse in these blocks."""
    found = [f"{len(blocks)} blocks, at most {most}"] if len(blocks) > most else []
    seen = set()
    for block in blocks:
        found += _block(block)
        name = block.get("block_id")
        if name is not None and (name in seen or len(name) > 255):
            found.append(f"block_id {name!r} twice or too long")
        seen.add(name)
    return found


def view_faults(view):
    """Everything that Slack would refuse in a modal or a home tab."""
    found = faults(view.get("blocks", []), VIEW)
    if len(json.dumps(view)) > VIEW_BYTES:
        found.append("view too large")
    for name in ("title", "submit", "close"):
        if name in view:
            found += _text(view[name], 24, name, {"plain_text"})
    if view.get("type") == "modal" and "title" not in view:
        found.append("a modal needs a title")
    if (
        any(b["type"] == "input" for b in view.get("blocks", []))
        and view.get("type") == "modal"
        and "submit" not in view
    ):
        found.append("a modal with an input needs submit")
    if len(view.get("private_metadata", "")) > 3000:
        found.append("private_metadata too long")
    return found


def _block(block):
    kind = block.get("type")
    if kind not in KINDS:
        return [f"unknown block {kind}"]
    if kind == "section":
        found = _text(block["text"], 3000, "section") if "text" in block else ["a section needs text"]
        return found + (_element(block["accessory"]) if "accessory" in block else [])
    if kind == "header":
        return _text(block["text"], 150, "header", {"plain_text"})
    if kind == "input":
        hint = _text(block["hint"], 2000, "hint", {"plain_text"}) if "hint" in block else []
        return hint + _text(block["label"], 2000, "label", {"plain_text"}) + _element(block["element"])
    if kind in ELEMENTS:
        return _row(block, kind)
    return []


def _row(block, kind):
    elements = block.get("elements", [])
    found = [] if 1 <= len(elements) <= ELEMENTS[kind] else [f"{len(elements)} elements in {kind}"]
    names = [e.get("action_id") for e in elements if "action_id" in e]
    if len(set(names)) < len(names):
        found.append(f"the same action_id twice in one block: {names}")
    for element in elements:
        found += _text(element, 3000, "context") if kind == "context" else _element(element)
    return found


def _element(element):
    kind = element["type"]
    found = []
    if len(element.get("action_id", "")) > 255:
        found.append("action_id too long")
    if kind == "button":
        found += _text(element["text"], 75, "button", {"plain_text"})
        if len(element.get("value", "")) > 2000 or len(element.get("url", "")) > 3000:
            found.append("button value or url too long")
        if element.get("style") not in (None, "primary", "danger"):
            found.append("unknown style")
        if "confirm" in element:
            found += _text(element["confirm"]["title"], 100, "confirm") + _text(
                element["confirm"]["text"], 300, "confirm"
            )
    elif kind in ("static_select", "checkboxes", "radio_buttons"):
        most = 100 if kind == "static_select" else 10
        options = element["options"]
        if not 1 <= len(options) <= most:
            found.append(f"{len(options)} options in {kind}")
        for option in options:
            found += _text(option["text"], 75, "option")
            if len(option["value"]) > 150:
                found.append("option value too long")
    elif kind == "feedback_buttons":
        for name in ("positive_button", "negative_button"):
            found += _text({"type": "plain_text", "text": element[name]["text"]["text"]}, 75, "feedback")
    elif kind == "plain_text_input":
        if element.get("max_length", 1) > 3000 or len(element.get("initial_value", "")) > 3000:
            found.append("text input too long")
    else:
        found.append(f"unknown element {kind}")
    return found


def _text(text, most, where, kinds=frozenset({"plain_text", "mrkdwn"})):
    value = text.get("text", "")
    if text.get("type") not in kinds:
        return [f"{where} has text of kind {text.get('type')}"]
    return [] if 1 <= len(value) <= most else [f"{where} has {len(value)} characters, at most {most}"]
