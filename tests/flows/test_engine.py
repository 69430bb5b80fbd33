import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from verbind_bot.errors import InputError
from verbind_bot.flows.engine import Back, Give, Pause, Restart, Skip, advance, course, current, migrate, taken_over
from verbind_bot.flows.model import Condition, Kind
from verbind_bot.flows.state import State
from verbind_bot.flows.values import options
from verbind_bot.flows.view import view


def fresh(flow):
    return State(flow.name, flow.version)


def after(flow, *moves, state=None):
    state = state or fresh(flow)
    for move in moves:
        state, _ = advance(flow, state, move)
    return state


def test_asks_only_the_steps_that_belong_to_the_answers(small_flow):
    state = after(small_flow, Give("plek", "tuin"), Give("dieren", ["bij"]))
    assert current(small_flow, state).id == "wens"
    state = after(small_flow, Give("plek", "dak"), Give("dieren", ["bij"]), Give("hoogte", 12))
    assert current(small_flow, state).id == "wind"


def test_a_changed_answer_keeps_what_still_makes_sense_and_asks_the_rest_again(small_flow):
    state = after(small_flow, Give("plek", "tuin"), Give("dieren", ["bij", "egel"]), Give("wens", "honing"))
    assert current(small_flow, state) is None
    state, reply = advance(small_flow, after(small_flow, Back("plek"), state=state), Give("plek", "dak"))
    assert reply.step.id == "dieren"  # egels are no option on a roof
    assert "Dieren" in reply.notice
    assert course(small_flow, state).answers == {"plek": "dak", "wens": "honing"}
    state = after(small_flow, Back("plek"), Give("plek", "tuin"), state=state)
    assert course(small_flow, state).answers["dieren"] == ("bij", "egel")
    assert current(small_flow, state) is None


def test_back_goes_one_step_and_then_on_to_the_first_open_one(small_flow):
    state = after(small_flow, Give("plek", "dak"), Give("dieren", ["bij"]), Back(), Back())
    assert current(small_flow, state).id == "plek"
    assert current(small_flow, after(small_flow, Give("plek", "dak"), state=state)).id == "hoogte"


@pytest.mark.parametrize(
    ("moves", "move", "said"),
    [
        ([], Give("plek", "kelder"), "tuin, dak"),
        ([], Give("plek", ["tuin"]), "geen optie"),
        ([], Give("wens", "iets"), "niet aan de beurt"),
        ([], Give("niets", "iets"), "bestaat niet"),
        ([], Skip("plek"), "niet overslaan"),
        ([], Back(), "eerste vraag"),
        ([], Back("wens"), "nog niet"),
        ([Give("plek", "dak")], Give("dieren", []), "Kies een of meer"),
        ([Give("plek", "dak")], Give("dieren", "bij"), "als lijst"),
        ([Give("plek", "dak")], Give("dieren", ["egel"]), "geen optie"),
        ([Give("plek", "dak")], Give("dieren", ["geen", "bij"]), "'Geen' gaat niet samen"),
        ([Give("plek", "dak"), Give("dieren", ["bij"])], Give("hoogte", 51), "van 0 tot en met 50"),
        ([Give("plek", "dak"), Give("dieren", ["bij"])], Give("hoogte", True), "getal"),
        ([Give("plek", "dak"), Give("dieren", ["bij"])], Give("hoogte", float("nan")), "getal"),
        ([Give("plek", "dak"), Give("dieren", ["bij"]), Give("hoogte", 20)], Give("wind", 2.5), "heel getal"),
        ([Give("plek", "tuin"), Give("dieren", ["bij"])], Give("wens", "x" * 100_000), "te lang"),
        ([Give("plek", "tuin"), Give("dieren", ["bij"])], Give("wens", " \n\u200b"), "leeg"),
        ([Give("plek", "tuin"), Give("dieren", ["bij"])], Give("wens", 3), "tekst"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_and_changes_nothing(small_flow, moves, move, said):
    state = after(small_flow, *moves)
    with pytest.raises(InputError, match=said):
        advance(small_flow, state, move)
    assert after(small_flow, *moves) == state


def test_not_knowing_is_an_answer_everywhere(flows):
    for flow in flows.values():
        state = fresh(flow)
        while step := current(flow, state):
            state = after(flow, Give(step.id, None), state=state)
        assert set(course(flow, state).answers.values()) == {None}


def test_an_older_version_goes_on_with_its_answers(small_flow):
    state = after(small_flow, Give("plek", "tuin"), Give("dieren", ["egel"]))
    steps = tuple(step for step in small_flow.steps if step.id != "plek")
    newer = small_flow.model_copy(update={"steps": steps, "title": "Nieuw"})
    del newer.__dict__["version"]
    moved, notice = migrate(newer, state)
    assert moved.answers == state.answers
    assert moved.flow_version == newer.version != small_flow.version
    assert "vernieuwd" in notice
    assert "2 antwoorden passen niet meer: die vragen zijn" in notice
    assert current(newer, moved).id == "dieren"
    assert migrate(newer, moved) == (moved, "")
    assert "1 antwoord past niet meer: die vraag is" in migrate(newer, after(small_flow, Give("plek", "tuin")))[1]


def test_options_in_another_order_keep_the_answer(small_flow):
    state = after(small_flow, Give("plek", "tuin"), Give("dieren", ["bij", "egel"]))
    steps = tuple(s.model_copy(update={"options": s.options[::-1]}) for s in small_flow.steps)
    turned = small_flow.model_copy(update={"steps": steps})
    assert course(turned, state).answers["dieren"] == ("egel", "bij")


def test_an_option_can_depend_on_a_step_that_is_ruled_out(small_flow):
    unless_high = Condition.model_validate({"not": {"step": "hoogte", "at_least": 10}})
    plek, dieren, hoogte, *rest = small_flow.steps
    only = tuple(option.model_copy(update={"when": unless_high}) for option in dieren.options)
    dieren = dieren.model_copy(update={"options": only})
    flow = small_flow.model_copy(update={"steps": (plek, hoogte, dieren, *rest)})
    state = after(flow, Give("plek", "tuin"), Give("dieren", ["bij"]))
    assert course(flow, state).answers["dieren"] == ("bij",)
    assert len(view(flow, after(flow, Give("plek", "tuin")), {}).step.options) == len(only)


def test_a_finished_wijkanalyse_is_taken_up(flows):
    source, flow = flows["wijkanalyse"], flows["schoolmodel"]
    state = after(source, Give("schooltype", "vo"), Give("ligging", None))
    assert taken_over(flow, source, state) == {"schooltype": "vo"}


def values(step, answers):
    possible = options(step, answers)
    chosen = [o.id for o in possible if not o.alone or step.kind is Kind.SINGLE]
    alone = [[o.id] for o in possible if o.alone]
    kinds = {
        Kind.SINGLE: lambda: st.sampled_from(chosen),
        Kind.MULTI: lambda: (
            st.lists(st.sampled_from(chosen), min_size=1, unique=True) | st.sampled_from(alone or [[chosen[0]]])
        ),
        Kind.SCALE: lambda: st.integers(int(step.minimum or 0), int(step.maximum or 0)),
        Kind.NUMBER: lambda: st.integers(int(step.minimum or 0), int(min(step.maximum or 90, 90))),
        Kind.TEXT: lambda: st.sampled_from(["een wens", "iets anders"]),
    }
    return st.none() | kinds[step.kind]()


def check_invariants(flow, state):
    """Nothing given is lost, a step is asked as long as one is open, and the state reads back the same."""
    way, asked = course(flow, state), current(flow, state)
    assert (asked is None) == (state.at is None and all(way.passed(step) for step in way.shown))
    assert way.answers.keys() <= state.answers.keys()
    assert State.from_json(json.loads(json.dumps(state.to_json()))) == state


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_any_course_loses_nothing_and_comes_to_an_end(small_flow, flows, data):
    flow = data.draw(st.sampled_from([small_flow, small_flow, *flows.values()]))
    state, given_values = fresh(flow), {}
    for _ in range(data.draw(st.integers(1, 30))):
        asked, way = current(flow, state), course(flow, state)
        passed = [step for step in way.shown if way.passed(step)]
        moves = ["restart", "pause", *(["give"] * 8 if asked else []), *(["back", "change", "jump"] if passed else [])]
        kind = data.draw(st.sampled_from(moves))
        if asked and not asked.required and data.draw(st.integers(0, 3)) == 0:
            kind = "skip"
        step = data.draw(st.sampled_from(passed)) if kind in ("change", "jump") else asked
        if kind in ("give", "change"):
            value = data.draw(values(step, way.answers))
            move = Give(step.id, value)
            given_values[step.id] = tuple(sorted(value)) if isinstance(value, list) else value
        else:
            move = {"restart": Restart(), "pause": Pause(), "skip": Skip(asked.id if asked else "")}.get(kind)
            move = move or Back(step.id if kind == "jump" else None)
        try:
            state, _ = advance(flow, state, move)
        except InputError:
            assert kind == "back"  # only going back from the first step is not possible here
        check_invariants(flow, state)
        kept = {**state.earlier, **state.answers}
        for name, value in given_values.items():
            assert (tuple(sorted(kept[name])) if isinstance(kept[name], tuple) else kept[name]) == value
    for _ in range(2 * len(flow.steps)):
        if (asked := current(flow, state)) is None:
            break
        state = after(flow, Give(asked.id, None), state=state)
    assert current(flow, state) is None
