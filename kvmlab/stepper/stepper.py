"""You are the scheduler: the tasks of a scenario, moved one operation at a time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Protocol

from kvmlab.errors import ScenarioError, shown
from kvmlab.graph import STATES, StateGraph, state_graph
from kvmlab.replay import numbers_of, read
from kvmlab.scenario import Scenario
from kvmlab.stepper.faults import faults
from kvmlab.stepper.page import as_json, page, trace
from kvmlab.stepper.programs import Programs
from kvmlab.stepper.rules import check_names
from kvmlab.stepper.values import named
from kvmlab.stepper.walk import State, operations, state_at, waiting, walk
from kvmlab.verdict import Schedule, place, plural, replay_string, table


class Question(Protocol):
    """A question with choices, each with what to say to whoever makes it; a `kvmlab.practice.Predict` is one."""

    @property
    def question(self) -> str:
        """The question; code between backquotes."""

    @property
    def choices(self) -> Mapping[str, str]:
        """What to say, by choice."""

    @property
    def right(self) -> str:
        """The right choice."""


class Stepper:
    """The tasks of a scenario, to be moved by hand; see `step`.

    A live notebook shows it as a widget, a page as the same without a kernel; its text is the shortest deadlock.

    Attributes:
        scenario: what is stepped.
        graph: its states.
        predict: the question that is asked first; None if there is none.
        answer: the reader's answer to it in the live notebook; None before.
        anchor: the name under which a link finds it on a page.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        predict: Question | None = None,
        anchor: str | None = None,
        max_states: int = STATES,
    ) -> None:
        if not isinstance(scenario, Scenario):
            raise ScenarioError(f"step takes a Scenario, not {shown(scenario)}: write step(Scenario(World, task))")
        self.scenario = scenario
        self.predict = predict
        self.answer: str | None = None
        self.anchor = anchor or "step-" + (re.sub(r"[^a-z0-9]+", "-", scenario.name.lower()).strip("-") or "tasks")
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]*", self.anchor):
            raise ScenarioError(f"an anchor is a letter, then letters, digits, '-', '_' or '.', not {self.anchor!r}")
        self.graph: StateGraph = named(state_graph(scenario, max_states=max_states), scenario)
        check_names(self.graph)
        self._way: list[int] = []

    @property
    def schedule(self) -> str:
        """The schedule so far, as the string that `replay` takes."""
        return replay_string(self._way)

    @property
    def state(self) -> State:
        """How things stand now."""
        return state_at(self.graph, walk(self.graph, self._way)[-1])

    @property
    def shortest(self) -> str:
        """The shortest schedule that deadlocks, as the string that `replay` takes; empty if there is none."""
        return replay_string(self._shortest)

    def play(self, schedule: str | Schedule) -> State:
        """Go along `schedule` from the start; the live stepper does so before the reader's eyes.

        Args:
            schedule: task numbers from 1 joined by ``-``, such as ``"3-1-1"`` (``"2x5"`` is five times task 2), or a
                `Schedule`. An empty one goes back to the start.

        Returns:
            How things stand at its end.

        Raises:
            ScenarioError: the string is malformed, or it moves a task that cannot move then; or the schedule was found
                with ``notify_order="any"``, and notify wakes somebody else here.
        """
        way, notify_order = read(schedule)
        if isinstance(schedule, Schedule) and notify_order != "fifo" and not self._does(way, schedule):
            raise ScenarioError(
                f'this schedule was found with notify_order="{notify_order}", and in the stepper notify wakes whoever '
                "has waited longest: draw.chart(schedule) shows it as it was"
            )
        walk(self.graph, way)
        self._way = way
        if "widget" in self.__dict__:
            self.widget.schedule = self.schedule
        return self.state

    def __repr__(self) -> str:
        graph, dead = self.graph, self.graph.nearest_deadlock
        names = [(str(number), name) for number, name in enumerate(graph.tasks, 1)]
        lines = [f"{self.scenario.name}: {plural(len(names), 'task')}, {plural(len(graph), 'state')}.", table(names)]
        if dead is None:
            return "\n".join([*lines, self._verdict.capitalize()])
        rows = [
            (f"{number}.", step.task, f"{step.operation}({step.resource})", place(step.location))
            for number, step in enumerate(operations(graph, self._shortest), 1)
        ]
        lines += [f"{self._verdict} The shortest, {self.shortest}:", table(rows)] if rows else [self._verdict]
        return "\n".join([*lines, "then nobody can move:", *(f"  {wait}" for wait in waiting(graph, dead).values())])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        live, _ = self.widget._repr_mimebundle_()
        return {**live, "text/plain": repr(self), "text/html": self.page()}

    def page(self) -> str:
        """The stepper as HTML that needs no kernel, at the schedule so far.

        Without JavaScript it is the shortest deadlock as a table.
        """
        caption = f"{self.scenario.name}: {self._verdict}"
        if self.graph.nearest_deadlock is None:
            return page(self.anchor, self._data, trace(caption, (), ()), self.schedule)
        caption += f" The shortest: {self.shortest}" if self.shortest else ""
        waits = waiting(self.graph, self.graph.nearest_deadlock).values()
        return page(
            self.anchor, self._data, trace(caption, operations(self.graph, self._shortest), waits), self.schedule
        )

    @cached_property
    def widget(self) -> Any:
        """The stepper as a widget."""
        from kvmlab.stepper.live import StepperWidget

        widget = StepperWidget(data=self._data, anchor=self.anchor, schedule=self.schedule)

        def follow(change: Any) -> None:
            way = numbers_of(change["new"])
            walk(self.graph, way)
            self._way = way

        def take(change: Any) -> None:
            self.answer = change["new"]

        widget.observe(follow, "schedule")
        widget.observe(take, "answer")
        return widget

    def _does(self, way: list[int], schedule: Schedule) -> bool:
        """Whether the operations along `way` are those of `schedule`."""
        try:
            steps = operations(self.graph, way)
        except ScenarioError:
            return False
        return [step[:2] for step in steps] == [step[:2] for step in schedule]

    @property
    def _shortest(self) -> list[int]:
        dead = self.graph.nearest_deadlock
        return [] if dead is None else self.graph.way_to(dead)

    @property
    def _verdict(self) -> str:
        schedules, dead = plural(self.graph.ahead[0], "schedule"), self.graph.dead_ahead[0]
        some = "; some fail" if "failed" in self.graph.kinds else ""
        return f"{f'{dead:,}' if dead else 'none'} of {schedules} deadlock{'' if dead > 1 else 's'}{some}."

    @cached_property
    def _data(self) -> str:
        from kvmlab.stepper.tables import tables  # what draws is loaded when there is something to look at

        asked = self.predict
        question = None
        if asked is not None:
            choices = list(asked.choices)
            question = {"text": asked.question, "choices": choices, "said": dict(asked.choices), "right": asked.right}
        data = tables(self.graph, Programs(self.scenario, self.graph), self.scenario.name)
        return as_json({**data, "faults": faults(self.scenario, self.graph), "question": question})


def step(
    scenario: Scenario, *, predict: Question | None = None, anchor: str | None = None, max_states: int = STATES
) -> Stepper:
    """Let the reader be the scheduler: the tasks of `scenario`, moved one operation at a time.

    Args:
        scenario: what to step; its tasks share nothing but locks and other resources.
        predict: a question to ask before the first step or before the shortest deadlock is played; `Predict` makes one.
        anchor: the name under which a link finds it on a page, ``#anchor=2-1-1``; ``step-`` and the scenario's name
            unless given.
        max_states: refuse anything larger.

    Raises:
        ScenarioError: not a scenario, one that `state_graph` cannot take, or one in which two locks have one name.
    """
    return Stepper(scenario, predict=predict, anchor=anchor, max_states=max_states)
