"""The schedule chart: a column per task, time downward, what each holds as bars, its waits as dashed lines."""

from __future__ import annotations

from kvmlab.draw.chart_columns import columns_of
from kvmlab.draw.chart_sheet import draw
from kvmlab.draw.picture import Picture
from kvmlab.draw.story import Moment, Story, Told, retell
from kvmlab.draw.words import wait_words
from kvmlab.verdict import abridged, plural, table


def chart(told: Told, *, caption: str | None = None) -> Picture:
    """The chart of a schedule: a column per task, time downward, a row per operation.

    A dot is an operation. A bar beside it shows how long the lock is held (hollow: the block flag is set, the readers
    have not left). The line of a task that cannot move is dashed.

    Args:
        told: what `explore` returned (its shortest counterexample is drawn), a `Run`, a `Deadlock`, a `Failure`, or a
            `Schedule`.
        caption: a sentence to stand below it.

    Raises:
        ScenarioError: there is no schedule in it, or none that can be repeated.
    """
    story = retell(told)
    return Picture(_text(story), lambda: draw(columns_of(story), len(story.schedule)), caption)


def _text(story: Story) -> str:
    if not story.schedule:
        lines = [f"{story.name}: nothing has happened."]
    else:
        told = zip(story.moments[:-1], story.schedule, story.moments[1:], strict=True)
        rows = [
            (f"{number}.", step.task, f"{step.operation}({step.resource})", _news(step.task, before, after))
            for number, (before, step, after) in enumerate(told, 1)
        ]
        lines = [f"{story.name}, {plural(len(story.schedule), 'operation')}:", table(abridged(rows))]
    lines += [f"  {task} raised {error}." for task, error in story.end.raised.items()]
    for task, ask in story.end.asks.items():
        if ask.blocked:
            lines.append(f"  {task} {wait_words(ask.operation, ask.role).phrase} {ask.lock}: {ask.reason}.")
        else:
            lines.append(f"  {task} can go on with {ask.operation}({ask.lock}).")
    return "\n".join(lines)


def _news(mover: str, before: Moment, after: Moment) -> str:
    """What an operation of `mover` changed: who holds what, who waits from now on, who can go on."""
    had, has = ({(hold.task, hold.lock): hold.role for hold in moment.holds} for moment in (before, after))
    news = []
    for (task, lock), role in has.items():
        if had.get((task, lock)) != role and role != "synchronizer":
            news.append((task, f"{'sets the block flag of' if role == 'pending' else 'holds'} {lock}"))
    news += [
        (task, f"lets go of {lock}")
        for (task, lock), role in had.items()
        if (task, lock) not in has and role != "synchronizer"
    ]
    news += [(task, "waits") for task in after.blocked if task not in before.blocked]
    news += [(task, "can go on") for task in before.blocked if task not in after.blocked and task != mover]
    news.sort(key=lambda entry: entry[0] != mover)
    return "; ".join(words if task == mover else f"{task} {words}" for task, words in news)
