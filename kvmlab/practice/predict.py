"""A question to answer before the answer is shown."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from kvmlab.practice.look import STYLE, bundle, inline, plain
from kvmlab.practice.misconceptions import MISCONCEPTIONS, SPAN


class Predict:
    """A question with choices. Whoever makes a choice gets the feedback written for it.

    In a live notebook the choices are radio buttons and the answer is kept in `answer`. On a page without a kernel
    each choice opens to its feedback, without a script. The text form shows the question and the choices only.

    Args:
        question: one question; code between backquotes.
        choices: the feedback by choice. Feedback for a wrong choice says under which model it would be right.
        right: the right choice.
        tag: the misconception that the wrong choices show, ``M1`` to ``M11``.
        label: what stands before the question.

    Attributes:
        answer: the choice made in the live notebook; None before.

    Raises:
        ValueError: fewer than two choices, a right one that is not among them, or no such tag.
    """

    def __init__(
        self, question: str, choices: Mapping[str, str], *, right: str, tag: str | None = None, label: str = "Predict"
    ) -> None:
        if len(choices) < 2:
            raise ValueError(f"a prediction needs at least two choices, not {list(choices)}")
        if right not in choices:
            raise ValueError(f"the right choice {right!r} is not one of the choices: {', '.join(map(repr, choices))}")
        if tag is not None and tag not in MISCONCEPTIONS:
            raise ValueError(f"there is no misconception {tag!r}: use {SPAN}, or leave the tag out")
        self.question = question
        self.choices = dict(choices)
        self.right = right
        self.tag = tag
        self.label = label
        self.answer: str | None = None

    @property
    def correct(self) -> bool | None:
        """Whether the answer is right; None before there is one."""
        return None if self.answer is None else self.answer == self.right

    def __repr__(self) -> str:
        return "\n".join(
            [f"{self.label}: {plain(self.question)}", *(f"  ( ) {plain(choice)}" for choice in self.choices)]
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return bundle(repr(self), self.page(), self.widget)

    def page(self) -> str:
        """The question as HTML that needs neither a kernel nor a script."""
        group = "predict-" + hashlib.sha256(self.question.encode()).hexdigest()[:8]
        parts = [STYLE, f'<div class="kl-practice kl-predict" role="group" aria-label="{_quoted(self.question)}">']
        parts.append(f'<p class="kl-question">{self._asked()}</p>')
        for choice in self.choices:
            parts.append(f'<details name="{group}"><summary>{inline(choice)}</summary>')
            parts.append(f'<p class="kl-said">{self._said(choice)}</p></details>')
        parts.append('<p class="kl-hint">Choose first; each choice opens to what it would mean.</p></div>')
        return "\n".join(parts)

    @cached_property
    def widget(self) -> Any:
        """The question as a widget."""
        import ipywidgets

        buttons = ipywidgets.RadioButtons(
            options=[(plain(choice), choice) for choice in self.choices],
            index=None,
            layout=ipywidgets.Layout(width="auto"),
        )
        said = ipywidgets.HTML()

        def choose(change: Any) -> None:
            self.answer = change["new"]
            said.value = "" if self.answer is None else self._spoken(self.answer)

        buttons.observe(choose, "value")
        head = f'{STYLE}<div class="kl-practice"><p class="kl-question">{self._asked()}</p></div>'
        return ipywidgets.VBox([ipywidgets.HTML(head), buttons, said])

    def _asked(self) -> str:
        return f"{inline(self.label)}: {inline(self.question)}"

    def _spoken(self, choice: str) -> str:
        return f'<div class="kl-practice" role="status"><p class="kl-said">{self._said(choice)}</p></div>'

    def _said(self, choice: str) -> str:
        word = '<b class="kl-right">Right.</b>' if choice == self.right else '<b class="kl-wrong">Not so.</b>'
        return f"{word} {inline(self.choices[choice])}"


def _quoted(text: str) -> str:
    return plain(text).replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
