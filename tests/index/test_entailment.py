import pytest
from tests.conftest import ROOT

from verbind_bot.errors import SettingsError
from verbind_bot.index.entailment import ENTAILMENT, Entailment

QUOTE = "De zorgplicht betekent dat de school een passende plek moet zoeken voor elke aangemelde leerling."


def test_without_a_file_there_is_no_judge_and_a_broken_one_is_named(tmp_path):
    assert Entailment.load(tmp_path / ENTAILMENT) is None
    whole = (ROOT / "corpus" / ENTAILMENT).read_bytes()
    for broken in (b"kapot", b"", whole[: len(whole) // 2]):
        (tmp_path / ENTAILMENT).write_bytes(broken)
        with pytest.raises(SettingsError, match=r"entailment\.npz"):
            Entailment.load(tmp_path / ENTAILMENT)


@pytest.mark.model
def test_the_shipped_judge_tells_a_sentence_in_other_words_from_one_about_something_else(corpus):
    judge = Entailment.load(ROOT / "corpus" / ENTAILMENT)
    assert 0 < judge.bars.enough <= judge.bars.sure <= judge.bars.certain
    assert all(judge.knows(passage.text) for passage in corpus.passages)
    said = judge.support("Voor ieder kind dat zich aanmeldt, zoekt de school een geschikte plek.", QUOTE)
    other = judge.support("De gemeente betaalt het vervoer van leerlingen die ver weg wonen.", QUOTE)
    assert other < 0.5 < said
