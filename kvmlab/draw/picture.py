"""A picture that is also text: what every drawing function returns."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from kvmlab.draw.layout import NoGraphviz
from kvmlab.draw.markup import element, quote
from kvmlab.draw.sheet import Sheet


class Picture:
    """A drawing with its text equivalent. In a notebook it shows itself; printed, it is the text.

    Args:
        text: says in words, mostly a table, all that the drawing shows.
        draw: makes the drawing; called when it is looked at for the first time.
        caption: a sentence below the drawing.

    Attributes:
        text: the text equivalent.
        caption: the caption; None if there is none.
    """

    def __init__(self, text: str, draw: Callable[[], Sheet], caption: str | None = None) -> None:
        self.text = text
        self.caption = caption
        self._draw = draw

    @cached_property
    def svg(self) -> str:
        """The drawing, an ``<svg>`` element that needs nothing from outside.

        Raises:
            NoGraphviz: it needs Graphviz and there is none; `text` still says it all.
        """
        return self._draw().svg(_spoken(self.text))

    @property
    def _title(self) -> str:
        return self.caption or self.text.split("\n", 1)[0].rstrip(".:")

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__

    def _repr_html_(self) -> str:
        caption = element("figcaption", quote(self.caption)) if self.caption else ""
        try:
            shown = element(
                "div", self.svg, class_="kl-scroll", style="overflow-x:auto", tabindex="0", role="group",
                aria_label=self._title,
            )  # fmt: skip
        except NoGraphviz as missing:
            shown = element("pre", "\n".join(map(quote, self.text.split("\n")))) + element("p", quote(str(missing)))
        return element("figure", shown, caption, class_="kl-figure", style="margin:0")


def _spoken(text: str) -> str:
    """`text` as running sentences: every line ends in a mark, and columns need no room."""
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return " ".join(line if line.endswith((".", ":")) else f"{line}." for line in lines)
