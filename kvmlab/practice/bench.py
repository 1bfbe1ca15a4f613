"""Where an answer is tried: explorations under one budget, and what they found wrong.

A judge gets a bench and the reader's answer. It never calls the reader's code itself: it has the bench explore it, or
`call` it, so that code which hangs, raises or prints is dealt with in one place. The budget is counted in states, runs
and operations, so that the same answer always gets the same verdict. A clock stops only what would take for ever.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from kvmlab.controlled import Controlled, Fiber, Observer, observed, watched
from kvmlab.diagnosis import Recorder
from kvmlab.errors import ScenarioError
from kvmlab.explore import explore
from kvmlab.practice.ending import Ends, Unmet, ending
from kvmlab.practice.rule import Breach, RuleWatch
from kvmlab.printing import captured
from kvmlab.replay import play
from kvmlab.scenario import Scenario
from kvmlab.verdict import Deadlock, Exploration, Failure, Run, place

STATES = 250_000
"""How many states one check may visit."""

RUNS = 4_000
"""How many runs the searches by traces of one check may make."""

OPERATIONS = 120
"""How many operations a task may do in one run."""

SECONDS = 8.0
"""After how many seconds a check ends, whatever it is doing."""


class OutOfTime(BaseException):
    """The check has taken too long; ends the task that is running."""


class Over(Exception):
    """Nothing more can be learnt from this answer."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with an answer.

    Attributes:
        kind: ``deadlock``; ``raised``, ``held``, ``endless``, ``stuck``, ``race``, ``not repeatable`` (see `Failure`);
            ``unmet``; ``rule``, ``reason`` (see `Breach`); ``wrong`` (an answer that is no program); ``cannot run``;
            ``not finished``, ``time``.
        sentence: what it is; code between backquotes.
        shape: the same without any name that a reader chose. Answers with equal shapes make the same mistake.
        case: the circumstances under which it was found; empty if there is nothing to say.
        exploration: the search that found it.
        evidence: the counterexample; None if there is none.
        scenario: whose schedule it is.
        lines: where, one line of text each.
    """

    kind: str
    sentence: str
    shape: tuple[Any, ...]
    case: str = ""
    exploration: Exploration | None = None
    evidence: Deadlock | Failure | Run | None = None
    scenario: Scenario | None = None
    lines: tuple[str, ...] = ()


class Bench:
    """Tries one answer.

    Attributes:
        findings: what is wrong, as found.
        checked: what was looked at, one phrase each: the case, and how many schedules it has.
        own_locks: whether the reader has named locks; then their names do not tell one mistake from another.
    """

    def __init__(self, states: int = STATES, runs: int = RUNS, seconds: float | None = SECONDS) -> None:
        self.findings: list[Finding] = []
        self.checked: list[str] = []
        self.own_locks = False
        self._states = states
        self._runs = runs
        self._deadline = None if seconds is None else time.monotonic() + seconds

    def prove(
        self,
        case: str,
        scenario: Scenario | Callable[[], Scenario],
        *,
        ends: Ends | None = None,
        rule: str | None = None,
    ) -> Exploration | None:
        """Look at every schedule of `scenario`; what goes wrong in any of them is a finding.

        Args:
            case: what is going on, such as ``two VMs, one is closed meanwhile``.
            scenario: a scenario, or a function that makes it, for worlds or tasks that a reader wrote.
            ends: what must hold at the end of every schedule, see `ending`.
            rule: the name of the lock inside which nothing may wait; None if there is no such rule.
        """
        watch = RuleWatch(rule) if rule else None
        found = self.look(case, scenario, ends=ends, watch=watch)
        if found is None:
            return None
        exploration, explored = found, self._explored
        failures = sorted(exploration.failures, key=lambda one: (_roles(explored)(one.task), len(one.schedule)))
        self._add(self._deadlock(case, exploration, explored, one) for one in exploration.deadlocks)
        self._add(self._failure(case, exploration, explored, one) for one in failures)
        if watch:
            self._add(self._breach(case, exploration, explored, watch, one) for one in watch.breaches.values())
        if exploration.unfinished and not (exploration.deadlocks or exploration.failures):
            self._over(
                "not finished",
                "The search did not come to an end, so nothing is proven. Your program does more operations, or has "
                "more tasks, than this task needs.",
                case,
            )
        if any(failure.kind in ("stuck", "endless") for failure in exploration.failures):
            raise Over
        return exploration

    def look(
        self,
        case: str,
        scenario: Scenario | Callable[[], Scenario],
        *,
        ends: Ends | None = None,
        watch: Observer | None = None,
        **options: Any,
    ) -> Exploration | None:
        """Look at every schedule and return what was found, without an opinion; None if the scenario cannot be made.

        Further arguments are those of `explore`.
        """
        try:
            made = scenario if isinstance(scenario, Scenario) else scenario()
            made = ending(made, ends) if ends else made
            limits = {"max_states": self._states, "max_runs": self._runs, "max_operations": OPERATIONS}
            clock = _Clock(self._deadline, watch)
            with observed(clock):
                found = explore(made, **{**limits, **options})
        except ScenarioError as error:
            self.findings.append(Finding("cannot run", f"{error}", ("cannot run", case), case))
            return None
        self._check_clock(clock, case)
        self._states = max(1, self._states - (found.states or 0))
        self._runs = max(1, self._runs - (found.runs or 0))
        self._explored = made
        self.checked.append(f"{case}: {found.size}" if found.size else case)
        return found

    def call(self, name: str, case: str, body: Callable[[], Any]) -> Any:
        """Call `body`, which calls what a reader wrote under `name`, and return what it returns.

        What goes wrong is a finding, and ends the check.
        """
        results: list[Any] = []

        def your_code(world: object) -> None:
            results.append(body())

        your_code.__name__ = name
        clock = _Clock(self._deadline, None)
        scenario = Scenario(object, your_code)
        with watched(), captured(), observed(clock), Controlled(scenario) as run:
            run.start_all()
            recorder = Recorder(run, OPERATIONS)
            fiber = run.fibers[0]
            while run.can_move(fiber) and fiber.operations < OPERATIONS:
                run.move(fiber, recorder.note)
            failure = recorder.fault(fiber)
            waits = None if fiber.ended else recorder.deadlock()
        self._check_clock(clock, case)
        if failure:
            self.findings.append(self._failure(case, None, scenario, failure))
        elif waits:
            self.findings.append(self._deadlock(case, None, scenario, waits))
        if failure or waits:
            raise Over
        self.checked.append(case)
        return results[-1]

    def expect(self, holds: object, code: str, sentence: str, *, case: str = "") -> bool:
        """A finding with `sentence` unless `holds`; `code` is the word by which wrong answers are told apart."""
        if not holds:
            self.findings.append(Finding("wrong", sentence, ("wrong", code), case))
        return bool(holds)

    def stop(self) -> None:
        """End the check here if anything was found: what would follow makes no sense then."""
        if self.findings:
            raise Over

    def _add(self, findings: Iterable[Finding]) -> None:
        """Keep `findings`, the first of each shape."""
        known = {one.shape for one in self.findings}
        for one in findings:
            if one.shape not in known:
                known.add(one.shape)
                self.findings.append(one)

    def _check_clock(self, clock: _Clock, case: str) -> None:
        if clock.late:
            self._over(
                "time",
                "The check took too long and was stopped: does your code compute for long, or sleep, or do many more "
                "operations than it needs?",
                case,
            )

    def _over(self, kind: str, sentence: str, case: str) -> None:
        self.findings.append(Finding(kind, sentence, (kind, case), case))
        raise Over

    def _deadlock(self, case: str, found: Exploration | None, scenario: Scenario, one: Deadlock) -> Finding:
        role, lock = _roles(scenario), self._locks()
        waits = tuple(
            (role(wait.task), one.operations[wait.task], lock(wait.resource), tuple(sorted(map(role, wait.holders))))
            for wait in sorted(one.waits, key=lambda wait: (role(wait.task), one.operations[wait.task], wait.resource))
        )
        if len(one.waits) == 1:
            wait = one.waits[0]
            sentence = f"Deadlock: `{wait.task}` waits for `{wait.resource}`: {one.reasons[wait.task]}."
        else:
            sentence = f"Deadlock: {len(one.waits)} tasks wait, and nobody is left to end it."
        lines = tuple(f"{wait.task} waits for {wait.resource}, {place(one.lines[wait.task])}" for wait in one.waits)
        return Finding("deadlock", sentence, ("deadlock", case, waits), case, found, one, scenario, lines)

    def _failure(self, case: str, found: Exploration | None, scenario: Scenario, one: Failure) -> Finding:
        error = one.error
        role = _roles(scenario)
        where = (place(one.location),) if one.location else ()
        if isinstance(error, Unmet):
            shape: tuple[Any, ...] = ("unmet", case, error.code)
            return Finding("unmet", str(error), shape, case, found, one, scenario)
        shape = (one.kind, case, role(one.task), type(error).__name__ if error else "", self._locks()(one.lock))
        sentence = one.message
        if one.kind == "endless":
            sentence = f"{one.task} has done {OPERATIONS} operations and has not ended. A check goes no further."
        return Finding(one.kind, sentence, shape, case, found, one, scenario, where)

    def _breach(self, case: str, found: Exploration, scenario: Scenario, watch: RuleWatch, one: Breach) -> Finding:
        shape = (one.kind, case, _roles(scenario)(one.task), one.operation, one.resource)
        run = self._way_to(scenario, one)
        return Finding(one.kind, in_words(one, watch.lock), shape, case, found, run, scenario, (place(one.location),))

    def _locks(self) -> Callable[[str | None], str | None]:
        """What to call locks in one shape: by name, or by number as they appear where a reader has named them."""
        numbers: dict[str, str] = {}
        if not self.own_locks:
            return lambda name: name
        return lambda name: name and numbers.setdefault(name, f"lock {len(numbers) + 1}")

    def _way_to(self, scenario: Scenario, breach: Breach) -> Run | None:
        """A run that ends where the task asks; None if it was not met in a run of its own."""
        with captured():
            try:
                return play(scenario, breach.way, operations=OPERATIONS)
            except (ScenarioError, KeyError):
                return None


class _Clock:
    """Ends a search that has taken too long, and passes on what it sees to a watch."""

    def __init__(self, deadline: float | None, watch: Observer | None) -> None:
        self.late = False
        self._deadline = deadline
        self._watch = watch

    def asks(self, fiber: Fiber) -> None:
        if self._deadline is not None and time.monotonic() > self._deadline:
            self.late = True
            raise OutOfTime
        if self._watch:
            self._watch.asks(fiber)

    def got(self, fiber: Fiber, result: Any) -> None:
        if self._watch:
            self._watch.got(fiber, result)


def in_words(one: Breach, lock: str) -> str:
    """What a breach is, for the learner."""
    asks = f"`{one.task}` asks for `{one.resource}` ({one.operation}) while it holds `{lock}`"
    if one.kind == "rule":
        return f"{asks}. That breaks the rule: inside `{lock}` take no other mutex."
    return f"{asks}. That is no mutex, and the letter of the rule is kept. Its reason is not: wait for nobody in there."


def _roles(scenario: Scenario) -> Callable[[str], str]:
    """Names of tasks that do not depend on what a reader called them."""
    numbers = {name: str(number) for number, name in enumerate(scenario.task_names, 1)}
    return lambda task: numbers.get(task, "started")
