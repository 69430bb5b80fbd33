"""The circuit breaker, with a clock that the test turns."""

from __future__ import annotations

import threading

import pytest

from verbind_bot.llm.breaker import Breaker


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return Breaker(failures=3, seconds=30, clock=clock)


def fail(breaker, times=3):
    for _ in range(times):
        assert breaker.enter()
        breaker.fail()


def test_it_opens_after_failures_in_a_row(breaker):
    fail(breaker, 2)
    assert breaker.state == "closed"
    fail(breaker, 1)
    assert breaker.state == "open"
    assert not breaker.enter()


def test_a_success_between_failures_starts_the_count_again(breaker):
    fail(breaker, 2)
    breaker.enter()
    breaker.succeed()
    fail(breaker, 2)
    assert breaker.state == "closed"


def test_it_lets_one_probe_through_after_its_time(breaker, clock):
    fail(breaker)
    clock.now += 29.9
    assert not breaker.enter()
    clock.now += 0.1
    assert breaker.state == "half-open"
    assert [breaker.enter() for _ in range(3)] == [True, False, False]


def test_a_good_probe_closes_it(breaker, clock):
    fail(breaker)
    clock.now += 30
    breaker.enter()
    breaker.succeed()
    assert breaker.state == "closed"
    assert [breaker.enter() for _ in range(3)] == [True, True, True]


def test_a_bad_probe_opens_it_for_the_whole_time_again(breaker, clock):
    fail(breaker)
    clock.now += 30
    breaker.enter()
    breaker.fail()
    clock.now += 29.9
    assert not breaker.enter()
    clock.now += 0.1
    assert breaker.enter()


def test_a_probe_that_says_nothing_makes_room_for_another(breaker, clock):
    fail(breaker)
    clock.now += 30
    breaker.enter()
    breaker.release()
    assert breaker.state == "half-open"
    assert breaker.enter()


def test_a_late_failure_from_before_does_not_end_the_probe_of_another(breaker, clock):
    breaker.enter()  # a slow call that started while all was well
    fail(breaker)
    clock.now += 30
    assert breaker.enter()
    breaker.fail()  # the slow one, only now
    assert breaker.state == "open"


def test_many_threads_get_one_probe(breaker, clock):
    fail(breaker)
    clock.now += 30
    together = threading.Barrier(8)
    got = []

    def ask():
        together.wait(10)
        got.append(breaker.enter())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(got) == [False] * 7 + [True]
