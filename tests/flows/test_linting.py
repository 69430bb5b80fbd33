import pytest
import yaml
from tests.flows.conftest import SMALL

from verbind_bot.corpus.library import load_corpus
from verbind_bot.errors import FlowError
from verbind_bot.flows.linting import lint
from verbind_bot.flows.loading import load_flow, load_flows
from verbind_bot.flows.model import Flow


def faults(small_corpus, old="", new=""):
    assert old in SMALL
    flow = Flow.model_validate(yaml.safe_load(SMALL.replace(old, new, 1) if old else SMALL))
    return lint(flow, load_corpus(small_corpus).by_id, {flow.name: flow})


def test_a_sound_flow_has_no_faults(small_corpus):
    assert faults(small_corpus) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("when: {step: hoogte, at_least: 10}", "when: {step: hoogte, at_least: 51}",
         "stap wind: de voorwaarde kan nooit"),
        ("when: {step: wind, at_least: 4}", "when: {all: [{step: wind, at_least: 4}, {step: plek, is: [tuin]}]}",
         "regel waait: de voorwaarde kan nooit"),
        ("step: plek, unknown: true", "step: plek, at_least: 3", "past niet bij stap 'plek'"),
        ("step: plek, unknown: true", "step: plek, is: [kelder]", "geen optie 'kelder'"),
        ("step: plek, unknown: true", "step: plaats, unknown: true", "noemt stap 'plaats'"),
        ("when: {step: plek, is: [dak]}", "when: {step: wens, unknown: true}", "later komt"),
        ('passage: "1:jaar"', 'passage: "1:maand"', "'1:maand' bestaat niet"),
        ("says: oogst de honing in juli", "says: oogst de honing in mei", "in geen enkele zin"),
        ("side: stap", "side: gevaar", "regel kies: geen onderdeel"),
        ("about: spaarkast, weight: 3", "about: korf, weight: 3", "regel waait: geen onderdeel"),
        ("steps: [wind]", "steps: [storm]", "stap 'storm' is er niet"),
        ("id: wens, kind: text", "id: wind, kind: text", "twee stappen"),
        ("id: kies, when", "id: laag, when", "twee regels"),
        ("step: plek, unknown: true", "all: [{step: dieren, is: [geen]}, {step: dieren, is: [bij]}]",
         "regel kies: de voorwaarde kan nooit"),
        ("kind: text, short: Wens", "takes: honing.plek, kind: text, short: Wens", "'honing.plek'"),
    ],
)  # fmt: skip
def test_each_fault_is_named(small_corpus, old, new, said):
    found = faults(small_corpus, old, new)
    assert any(said in fault for fault in found), found


def test_a_step_without_a_source_is_a_fault(small_corpus):
    data = yaml.safe_load(SMALL)
    data["steps"][0]["why"] = {"text": "Zomaar."}
    found = lint(Flow.model_validate(data), load_corpus(small_corpus).by_id, {})
    assert found == ["stap plek: de bron ontbreekt"]


def test_the_shipped_flows_are_sound(flows, corpus):
    assert {name: lint(flow, corpus.by_id, flows) for name, flow in flows.items()} == {name: [] for name in flows}
    assert set(flows) == {"wijkanalyse", "schoolmodel", "samenwerkingsscan", "spelregeltoets"}


@pytest.mark.parametrize(
    ("change", "marker", "said"),
    [
        (lambda t: t.replace("minutes: 5", "minuten: 5"), "name: bijen", "minutes"),
        (lambda t: t.replace("minutes: 5", "minutes: lang"), "minutes: lang", "minutes"),
        (lambda t: t.replace("kind: scale", "kind: schaal"), "kind: schaal", "kind"),
        (lambda t: t.replace("minutes: 5", "minutes: 5\nminutes: 6"), "minutes: 6", "'minutes' staat er twee keer"),
        (lambda t: t.replace("id: dak,", "id: dak, alone: true,"), "id: plek", "'alone' past alleen"),
        (lambda t: t.replace("[{text: Welkom.}]", "[{text: Welkom.}"), None, "YAML"),
        (lambda t: t.replace("step: plek, unknown: true", "step: plek"), "{step: plek}", "precies één toets"),
    ],
)
def test_a_fault_in_the_file_names_the_line(tmp_path, change, marker, said):
    path = tmp_path / "bijen.yaml"
    path.write_text(change(SMALL), encoding="utf-8")
    with pytest.raises(FlowError, match=said) as error:
        load_flow(path)
    assert str(path) in str(error.value)
    lines = change(SMALL).splitlines()
    assert marker is None or marker in lines[error.value.line - 1]


def test_a_flow_is_named_after_its_file(tmp_path):
    (tmp_path / "honing.yaml").write_text(SMALL, encoding="utf-8")
    with pytest.raises(FlowError, match="bijen"):
        load_flows(tmp_path)
    with pytest.raises(FlowError, match="bestaat niet"):
        load_flows(tmp_path / "weg")
