"""What tasks print: muted in a search, shown once with the counterexample."""

from __future__ import annotations

import sys
import threading

import pytest

from kvmlab import Mutex, Scenario, explore, replay, run, state_graph
from kvmlab.printing import captured


class World:
    def __init__(self) -> None:
        print("a world")
        self.a = Mutex()
        self.b = Mutex()


def ab(w: World) -> None:
    print("ab begins")
    with w.a:
        print("ab has a")
        with w.b:
            print("ab has both")


def ba(w: World) -> None:
    with w.b, w.a:
        print("ba has both")


def fine(w: World) -> None:
    print("fine")


SCENARIO = Scenario(World, ab, ba)


@pytest.mark.parametrize("by", ["states", "traces"])
def test_a_search_prints_nothing_and_keeps_what_was_printed_on_the_way_to_its_counterexample(
    by: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = explore(SCENARIO, by=by)
    assert capsys.readouterr().out == ""
    assert found.output == "a world\nab begins\nab has a\n"
    assert str(found).count("ab has a\n") == 1
    assert "The tasks printed:\n  a world\n  ab begins\n  ab has a\n" in str(found)


def test_of_several_counterexamples_only_the_first_one_speaks() -> None:
    def fails(w: World) -> None:
        print("fails")
        w.a.unlock()

    found = explore(Scenario(World, ab, ba, fails))
    assert len(found.deadlocks) + len(found.failures) > 1
    assert found.output.count("a world") == 1


def test_a_proof_has_nothing_to_print(capsys: pytest.CaptureFixture[str]) -> None:
    assert explore(Scenario(World, fine)).output == ""
    assert state_graph(Scenario(World, fine))
    assert capsys.readouterr().out == ""


def test_a_replay_and_a_live_run_keep_what_was_printed(capsys: pytest.CaptureFixture[str]) -> None:
    schedule = "1x4-2x4"
    everything = "a world\nab begins\nab has a\nab has both\nba has both\n"
    assert replay(SCENARIO, schedule).output == everything
    assert run(SCENARIO, schedule).output == everything
    assert capsys.readouterr().out == ""


def test_whoever_is_no_task_prints_on(capsys: pytest.CaptureFixture[str]) -> None:
    """Jupyter's own threads, for one."""
    with captured() as kept:
        print("from outside")
        thread = threading.Thread(target=print, args=("from another thread",))
        thread.start()
        thread.join()
    assert kept.getvalue() == ""
    assert capsys.readouterr().out == "from outside\nfrom another thread\n"


def test_the_real_stdout_is_back_after_an_error() -> None:
    before = sys.stdout
    with pytest.raises(KeyboardInterrupt):
        explore(Scenario(World, interrupts))
    assert sys.stdout is before


def interrupts(w: World) -> None:
    raise KeyboardInterrupt
