"""Three hints per task, each inside the one before: they open one at a time, without a script."""

from __future__ import annotations

from kvmlab.practice.look import STYLE, inline
from kvmlab.practice.task import Task, task

NUMBERS = ("First", "Second", "Third")


class Hints:
    """The hints of a task.

    A notebook or a page shows the first one closed; inside it is the second one, closed, and so on. Its text is only
    how to get at them, so that printing it gives nothing away.
    """

    def __init__(self, of: Task) -> None:
        self.of = of

    def __getitem__(self, number: int) -> str:
        """Hint `number`, from 1 to 3."""
        if number not in (1, 2, 3):
            raise IndexError(f"{self.of.id} has hints 1, 2 and 3, not {number!r}")
        return self.of.hints[number - 1]

    def __repr__(self) -> str:
        return f'Three hints for {self.of.id}. Without pictures: print(hints("{self.of.id}")[1]), then [2], then [3].'

    def _repr_html_(self) -> str:
        return self.page()

    def page(self) -> str:
        """The hints as HTML that needs neither a kernel nor a script."""
        inner = ""
        for number in (2, 1, 0):
            said = f'<p class="kl-said">{inline(self.of.hints[number])}</p>'
            inner = f"<details><summary>{NUMBERS[number]} hint</summary>{said}{inner}</details>"
        return f'{STYLE}<div class="kl-practice kl-hints">{inner}</div>'


def hints(task_id: str) -> Hints:
    """The three hints for a task, such as ``"09.walk"``; they open one at a time.

    Raises:
        ScenarioError: there is no such task.
    """
    return Hints(task(task_id))
