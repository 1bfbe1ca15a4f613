"""Writes SVG: elements with escaped text, and how wide a text will be.

Nothing here measures a real font: the reader's is not known. Widths are those of common fonts, rounded up, so that the
same picture comes out on every machine and no text runs out of its box.
"""

from __future__ import annotations

import html
import unicodedata

MONO = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"
"""The font of names and code."""

SANS = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Liberation Sans', Arial, sans-serif"
"""The font of everything else."""

_NARROW = frozenset("fijlrtI.,:;'!|()[] ")
_WIDE = frozenset("mwMW@%…—")


def element(name: str, *children: str, **attributes: str | float | None) -> str:
    """An element with `children` (already markup) and `attributes`.

    An underscore in an attribute's name stands for a hyphen (``class_`` for ``class``); None leaves it out.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{quote(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{''.join(children)}</{name}>" if children else f"<{name}{written}/>"


def quote(value: str | float) -> str:
    """`value` as the text of an element or attribute: escaped, without characters that XML forbids."""
    if not isinstance(value, str):
        return number(value)
    legal = "".join("�" if _is_forbidden(char) else char for char in value)
    return html.escape(legal)


def _is_forbidden(char: str) -> bool:
    return char < " " or "\x7f" <= char < "\xa0" or "\ud800" <= char < "\ue000" or char in "\ufffe\uffff"


def number(value: float) -> str:
    """`value` to one decimal, as short as it can be written."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def label(
    lines: tuple[str, ...],
    x: float,
    y: float,
    size: float,
    *,
    mono: bool = False,
    anchor: str = "middle",
    bold: bool = False,
    class_: str | None = None,
) -> str:
    """`lines` of text around the point (x, y): centred vertically, aligned by `anchor`."""
    first = y - line_height(size) * (len(lines) - 1) / 2 + size * 0.35
    return "".join(
        element(
            "text", quote(line), x=x, y=first + line_height(size) * at, font_size=size, text_anchor=anchor,
            font_family=MONO if mono else None, font_weight="bold" if bold else None, class_=class_,
        )
        for at, line in enumerate(lines)
    )  # fmt: skip


def line_height(size: float) -> int:
    """The distance of two lines of text of `size`."""
    return round(size * 1.25)


def width(text: str, size: float, *, mono: bool = False) -> float:
    """How wide `text` is at most, in the unit of `size`."""
    return size * sum(_em(char, mono) for char in text)


def _em(char: str, mono: bool) -> float:
    if unicodedata.east_asian_width(char) in "WF":
        return 1.2
    if mono:
        return 0.62
    return 0.36 if char in _NARROW else 0.9 if char in _WIDE else 0.6


def shorten(text: str, limit: int = 26) -> str:
    """`text`, its middle left out when it is longer than `limit`: what tells names apart is often at their end."""
    if len(text) <= limit:
        return text
    tail = limit * 2 // 5
    return f"{text[: limit - tail - 1]}…{text[-tail:]}"
