"""What went wrong, told to the one who did it: at the prompt the task is "you", and "you unlocks" is no English."""

from __future__ import annotations

import re

YOU = "you"
"""The name of whoever operates on a lock outside of any task."""

SAID = (
    (r"\{task\} (\w+)s\b", r"{task} \1"),
    (r"\byou holds\b", "you hold"),
    (r"\b(that|while) it holds\b", r"\1 you hold"),
    (r"\b(but|and) does not\b", r"\1 do not"),
    (r"\bbut is not\b", "but are not"),
    (r"\bbut it is not a reader\b", "but you are not a reader"),
    (r"\bbut it entered\b", "but you entered"),
)
"""Turns of phrase of the errors, and what they are in the second person."""


def to_you(text: str) -> str:
    """The text of an error, with ``{task}`` in it, as it is said to "you"."""
    for pattern, said in SAID:
        text = re.sub(pattern, said, text)
    return text
