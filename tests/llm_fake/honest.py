"""What a model writes: an honest one, which quotes its passages literally, and ones that go wrong in one way."""

from __future__ import annotations

import json
import re

from verbind_bot.index.dutch import content_terms

PASSAGE = re.compile(r'<passage n="(\d+)" locator="([^"]*)" title="([^"]*)">\n(.*?)\n</passage>', re.DOTALL)
ASKED = re.compile(r"<vraag>(.*?)</vraag>", re.DOTALL)
LAST = re.compile(r"<laatste>(.*?)</laatste>", re.DOTALL)
_SENTENCE = re.compile(r"[^.!?\n]{15,}[.!?]")
_NUMBER = re.compile(r"\d+")


def prompt(body):
    """All that was sent to the model, as one text."""
    return "\n".join(str(message.get("content", "")) for message in body.get("messages", []))


def passages(body):
    """The numbered passages of the prompt: {number: text}."""
    return {int(n): text for n, _, _, text in PASSAGE.findall(prompt(body))}


def sentences(text):
    """The whole sentences of a passage, literally."""
    return [match.group().strip() for match in _SENTENCE.finditer(text)]


def draft(body, count=2):
    """The first sentence of the first passages, with itself as the quote."""
    found = []
    for number, text in passages(body).items():
        for sentence in sentences(text)[:1]:
            found.append({"text": sentence, "sources": [{"passage": number, "quote": sentence}]})
    return {"sentences": found[:count], "complete": bool(found)}


def attentive(body):
    """Quotes the five sentences of the passages that share most words with the question."""
    if LAST.search(prompt(body)):
        return honest(body)
    asked = set(content_terms(ASKED.findall(prompt(body))[-1]))
    found = [(n, s) for n, text in passages(body).items() for s in sentences(text)]
    best = sorted(found, key=lambda one: -len(asked & set(content_terms(one[1]))))[:5]
    kept = [{"text": s, "sources": [{"passage": n, "quote": s}]} for n, s in found if (n, s) in best]
    return written({"sentences": kept, "complete": True})


def written(answer):
    """An answer as a model writes it."""
    return json.dumps(answer, ensure_ascii=False)


def honest(body):
    """Quotes literally; a question to be rewritten comes back as it is."""
    if last := LAST.search(prompt(body)):
        return written({"question": last.group(1).strip()})
    return written(draft(body))


def fenced(body):
    """The honest answer in a code fence, with words around it."""
    return f"Natuurlijk! Hier is het antwoord:\n```json\n{honest(body)}\n```\nIk hoop dat dit helpt."


def broken_json(body):
    """The honest answer without its last quarter."""
    text = honest(body)
    return text[: len(text) * 3 // 4]


def wrong_schema(body):
    """Other names than those of the schema."""
    return written({"antwoord": [s["text"] for s in draft(body)["sentences"]], "bronnen": [1]})


def invented_citation(body):
    """A true quote at a passage number that does not exist."""
    answer = draft(body)
    for sentence in answer["sentences"]:
        sentence["sources"][0]["passage"] = max(passages(body)) + 90
    return written(answer)


def altered_number(body):
    """A sentence with a number of which one digit is another, in text and quote alike."""
    for number, text in passages(body).items():
        for sentence in sentences(text):
            if _NUMBER.search(sentence):
                other = _NUMBER.sub(lambda m: str(int(m.group()) + 1), sentence, count=1)
                return written(
                    {"sentences": [{"text": other, "sources": [{"passage": number, "quote": other}]}], "complete": True}
                )
    raise AssertionError("no sentence of these passages has a number")


def misread_number(body):
    """A literal quote, and a sentence that gives another number than the quote."""
    answer = json.loads(altered_number(body))
    source = answer["sentences"][0]["sources"][0]
    for sentence in sentences(passages(body)[source["passage"]]):
        if _NUMBER.search(sentence):
            source["quote"] = sentence
            return written(answer)
    raise AssertionError("no sentence of these passages has a number")


def unsupported_claim(body):
    """A literal quote behind a sentence that it does not support."""
    answer = draft(body, count=1)
    answer["sentences"][0]["text"] = "Alle scholen moeten vanaf volgend jaar elke week een huisbezoek afleggen."
    return written(answer)


def one_in_two(body):
    """One honest sentence and one that its quote does not support."""
    good = draft(body, count=1)["sentences"]
    return written({"sentences": good + json.loads(unsupported_claim(body))["sentences"], "complete": True})


def nothing(body):
    """The model says that the passages do not answer the question."""
    return written({"sentences": [], "complete": False})


def refusing(body):
    """A refusal as plain text, the way small models do it."""
    return "Sorry, daar kan ik je niet mee helpen."
