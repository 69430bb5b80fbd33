"""A small flow with every kind of step, and the flows that ship."""

from __future__ import annotations

import pytest
import yaml
from tests.conftest import ROOT

from verbind_bot.flows.loading import load_flows
from verbind_bot.flows.model import Flow

WHY = '{text: Daarom., cite: [{passage: "1:kast", says: Een bijenvolk woont in een kast}]}'
SMALL = f"""
name: bijen
title: Bijen houden
summary: Kies een kast.
minutes: 5
intro: [{{text: Welkom.}}]
subjects:
  - id: spaarkast
    label: Spaarkast
    description: {WHY}
steps:
  - {{id: plek, kind: single, short: Plek, question: "Waar?", why: {WHY},
     options: [{{id: tuin, label: Tuin}}, {{id: dak, label: Dak, also: [bovenop het huis]}}]}}
  - {{id: dieren, kind: multi, short: Dieren, question: "Wie?", why: {WHY},
     options: [{{id: bij, label: Bijen}}, {{id: wesp, label: Wespen}},
       {{id: egel, label: Egels, when: {{step: plek, is: [tuin]}}}}, {{id: geen, label: Geen, alone: true}}]}}
  - {{id: hoogte, kind: number, short: Hoogte, question: "Hoe hoog?", why: {WHY}, minimum: 0, maximum: 50, unit: meter,
     required: false, when: {{step: plek, is: [dak]}}}}
  - {{id: wind, kind: scale, short: Wind, question: "Hoe hard waait het?", why: {WHY}, minimum: 1, maximum: 5,
     labels: {{1: niet, 5: hard}}, who: de buren, when: {{step: hoogte, at_least: 10}}}}
  - {{id: wens, kind: text, short: Wens, question: "Wat wil je?", why: {WHY}, required: false}}
rules:
  - {{id: laag, when: {{step: plek, is: [tuin]}}, side: voor, about: spaarkast, weight: 1, text: Laag is goed.,
     cite: [{{passage: "1:kast", says: Een bijenvolk woont in een kast}}]}}
  - {{id: waait, when: {{step: wind, at_least: 4}}, side: tegen, about: spaarkast, weight: 3, text: Het waait.,
     cite: [{{passage: "1:jaar", says: oogst de honing in juli}}]}}
  - {{id: kies, when: {{step: plek, unknown: true}}, side: stap, text: Kies een plek.,
     cite: [{{passage: "1:kast", says: Een bijenvolk woont in een kast}}]}}
report:
  title: Advies over de kast
  sections:
    - {{title: Bekend, kind: answers}}
    - {{title: Onbekend, kind: unknown}}
    - {{title: Kasten, kind: comparison, subjects: [spaarkast], sides: {{voor: Ervoor, tegen: Ertegen}}}}
    - {{title: Stappen, kind: arguments, sides: {{stap: Stappen}}}}
    - {{title: Scores, kind: scores, steps: [wind]}}
"""


@pytest.fixture(scope="session")
def small_flow() -> Flow:
    """A flow of five steps with branches, an option that comes and goes, and every kind of section."""
    return Flow.model_validate(yaml.safe_load(SMALL))


@pytest.fixture(scope="session")
def flows():
    """The flows that ship."""
    return load_flows(ROOT / "prompts" / "flows")
