"""The page for teachers says how long each chapter takes, as the chapters and exercises say themselves."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = {"book": "reading and running", "solutions": "exercises"}
MINUTES = {"an hour": "60"}


@pytest.mark.parametrize("folder", ROWS)
def test_times_are_those_of_the_notebooks(folder: str) -> None:
    page = (ROOT / "book" / "for_teachers.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| {ROWS[folder]} \|(.*)\|$", page, re.MULTILINE)
    said = dict(enumerate((cell.strip() for cell in row.split("|")), 1))
    for path in sorted((ROOT / folder).glob("[01]*.ipynb")):
        card = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])
        found = re.search(r"\*\*Time:\*\* (an hour|\d+)", card)
        assert found, f"{path.name} does not say how long it takes"
        assert said[int(path.name[:2])] == MINUTES.get(found[1], found[1]), path.name
