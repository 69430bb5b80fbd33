import pytest

from verbind_bot.flows.conditions import holds
from verbind_bot.flows.model import Condition


def condition(**data):
    return Condition.model_validate(data)


ANSWERS = {"a": "x", "b": ("x", "y"), "n": 4, "weet": None}


@pytest.mark.parametrize(
    ("test", "verdict"),
    [
        ({"step": "a", "is": ["x", "z"]}, True),
        ({"step": "a", "is": ["z"]}, False),
        ({"step": "b", "is": ["y"]}, True),
        ({"step": "b", "count": 2}, True),
        ({"step": "b", "count": 3}, False),
        ({"step": "n", "at_least": 4}, True),
        ({"step": "n", "at_most": 3}, False),
        ({"step": "weet", "is": ["x"]}, None),
        ({"step": "later", "at_least": 4}, None),
        ({"step": "weet", "unknown": True}, True),
        ({"step": "a", "unknown": True}, False),
        ({"step": "later", "unknown": True}, None),
        ({"step": "weg", "is": ["x"]}, False),
        ({"not": {"step": "weet", "is": ["x"]}}, None),
        ({"not": {"step": "a", "is": ["x"]}}, False),
        ({"all": [{"step": "a", "is": ["x"]}, {"step": "weet", "is": ["x"]}]}, None),
        ({"all": [{"step": "a", "is": ["z"]}, {"step": "weet", "is": ["x"]}]}, False),
        ({"any": [{"step": "a", "is": ["x"]}, {"step": "weet", "is": ["x"]}]}, True),
        ({"any": [{"step": "a", "is": ["z"]}, {"step": "weet", "is": ["x"]}]}, None),
    ],
)
def test_three_values(test, verdict):
    assert holds(condition(**test), ANSWERS, frozenset({"weg"})) is verdict


@pytest.mark.parametrize("data", [{}, {"step": "a"}, {"step": "a", "is": ["x"], "count": 1}, {"is": ["x"]}])
def test_a_condition_has_exactly_one_test(data):
    with pytest.raises(ValueError, match="voorwaarde"):
        Condition.model_validate(data)
