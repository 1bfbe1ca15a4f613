"""The wrong fixes of the chapters: marked so that they can be found, each program apart from what is said about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvmlab.practice.fixes import NAME, Fix, fixes
from kvmlab.practice.misconceptions import MISCONCEPTIONS, SPAN

FIXES = list(fixes(Path(__file__).parents[2] / "book"))


@pytest.mark.parametrize("fix", FIXES, ids=lambda fix: fix.name)
def test_a_wrong_fix_is_well_marked(fix: Fix) -> None:
    assert NAME.fullmatch(fix.name), "the name is chNN/short_snake_name"
    assert fix.name[2:4] == fix.chapter[:2], f"it stands in {fix.chapter}"
    assert fix.misconception in ("", *MISCONCEPTIONS), f"a misconception is {SPAN}"
    compile(fix.program, fix.name, "exec")


def test_no_two_wrong_fixes_share_a_name() -> None:
    names = [fix.name for fix in FIXES]
    assert len(names) == len(set(names))


def test_the_program_is_told_from_what_is_said_about_it() -> None:
    source = "import x\n\n\ndef f(w):\n    pass\n\n\nfound = explore(f)\nassert found.verdict == 'deadlock'\n"
    fix = Fix("ch01/f", "M1", "01_two.ipynb", source)
    assert fix.program == "import x\n\n\ndef f(w):\n    pass"
