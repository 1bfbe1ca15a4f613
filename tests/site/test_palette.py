"""The colours of the visual language: legible in both modes, told apart without colour vision."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

CSS = (Path(__file__).resolve().parents[2] / "book" / "_css" / "site.css").read_text(encoding="utf-8")
INKS = [f"--kl-task-{n}" for n in range(1, 7)] + [
    f"--kl-{name}" for name in ("ink", "muted", "link", "hold", "wait", "deadlock", "ok")
]
# Where a hold, a wait, a cycle and a finished task are told apart by line and shape too, the colours still must differ.
MEANINGS = ["--kl-hold", "--kl-deadlock", "--kl-ok"]
# Linear RGB as a protanope and a deuteranope see it (Viénot, Brettel and Mollon 1999).
SEEN_BY = {
    "protan": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "deutan": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
}


def colours(mode: str) -> dict[str, str]:
    """Return the colour properties of `mode`."""
    block = re.search(rf'html\[data-theme="{mode}"\] \{{(.*?--kl-task-1.*?)\}}', CSS, re.DOTALL)
    assert block
    return dict(re.findall(r"(--kl-[\w-]+): (#[0-9a-f]{6});", block[1]))


def linear(colour: str) -> tuple[float, ...]:
    """Return the linear red, green and blue of `colour`, each from 0 to 1."""
    values = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return tuple(v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values)


def luminance(colour: str) -> float:
    """Return the relative luminance that WCAG defines."""
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the WCAG contrast ratio of two colours."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_ink_is_legible_on_every_ground(mode: str) -> None:
    """4.5 to 1 for text, on the page and on every panel."""
    has = colours(mode)
    grounds = [name for name in has if name == "--kl-bg" or name.endswith("panel")]
    poor = {
        (ink, ground): round(contrast(has[ink], has[ground]), 2)
        for ink in INKS
        for ground in grounds
        if contrast(has[ink], has[ground]) < 4.5
    }
    assert poor == {}


def test_both_modes_define_the_same_names() -> None:
    """No picture falls back to the other mode's colour."""
    assert colours("light").keys() == colours("dark").keys()


@pytest.mark.parametrize("kind", SEEN_BY)
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_meanings_differ_for_colour_blind_readers(mode: str, kind: str) -> None:
    """Hold, deadlock and ok stay apart as a colour-blind reader sees them."""
    has = colours(mode)

    def seen(name: str) -> tuple[float, ...]:
        rgb = linear(has[name])
        mixed = (sum(weight * value for weight, value in zip(row, rgb, strict=True)) for row in SEEN_BY[kind])
        return tuple(max(0.0, value) ** (1 / 2.4) for value in mixed)

    for one, other in itertools.combinations(MEANINGS, 2):
        apart = sum((a - b) ** 2 for a, b in zip(seen(one), seen(other), strict=True)) ** 0.5
        assert apart > 0.1, (one, other, apart)
