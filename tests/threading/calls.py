"""Calls that do not block, on every object of `threading`: the twins have to do as the standard library does."""

from __future__ import annotations

import threading as real
import warnings
from typing import Any

from kvmlab import Scenario, explore, run, threading

Outcome = tuple[str, str]


def outcome(made: str, does: str, names: Any) -> Outcome:
    """What the expression `does` gives for ``it``, made by `made`: the type and text of a result or an exception."""
    space = {"threading": names}
    try:
        space["it"] = eval(f"threading.{made}", space)
        result = eval(does, space)
    except Exception as error:
        return type(error).__name__, str(error)
    return type(result).__name__, repr(result)


def in_a_task(made: str, does: str) -> tuple[Outcome, Outcome]:
    """What it gives in a task that is explored, and in one that runs on a thread."""
    outcomes: list[Outcome] = []
    scenario = Scenario(object, lambda w: outcomes.append(outcome(made, does, threading)))
    explore(scenario, "traces")
    explored = outcomes[-1]
    run(scenario)
    return explored, outcomes[-1]


def check(made: str, does: str) -> None:
    """It gives the same with the standard library, and with the twins outside a scenario and in a task."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of the old names
        expected = outcome(made, does, real)
    assert outcome(made, does, threading) == expected
    assert in_a_task(made, does) == (expected, expected)
