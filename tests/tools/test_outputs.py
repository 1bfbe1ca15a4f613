"""What is committed of a notebook: its text outputs, in one form."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import outputs  # noqa: E402  the tools are scripts, not a package

v4 = nbformat.v4


def notebook(*sources: str) -> Any:
    """Return a notebook with a code cell for each source."""
    return v4.new_notebook(cells=[v4.new_code_cell(source) for source in sources])


def saved(path: Path, *sources: str) -> Path:
    """Write such a notebook to `path`."""
    nbformat.write(notebook(*sources), path)
    return path


def test_rich_forms_are_left_out_and_the_text_stays() -> None:
    rich = v4.new_output("execute_result", {"text/plain": "a -> b", "text/html": "<svg/>"}, execution_count=1)
    assert outputs.text_only(rich, "here").data == {"text/plain": "a -> b"}


def test_an_output_without_words_is_refused() -> None:
    drawing = v4.new_output("display_data", {"text/html": "<svg/>"})
    with pytest.raises(outputs.NotFit, match="cell 3, shows text/html without a text form: give the object a __repr__"):
        outputs.text_only(drawing, "a.ipynb, cell 3,")


def test_a_traceback_keeps_its_last_line() -> None:
    error = v4.new_output("error", ename="ValueError", evalue="no", traceback=["File x.py", "line 2"])
    assert outputs.text_only(error, "here").traceback == ["ValueError: no"]


def test_ids_come_from_the_source_and_stay_apart() -> None:
    one, two = outputs.normal_form(notebook("x", "y", "x"), "a"), outputs.normal_form(notebook("x", "y", "x"), "a")
    ids = [cell.id for cell in one.cells]
    assert ids == [cell.id for cell in two.cells]
    assert len(set(ids)) == 3
    assert ids[2] == ids[0] + "-2"


def test_an_id_given_by_hand_stays() -> None:
    book = notebook("x")
    book.cells[0].id = "predict-one"
    assert outputs.normal_form(book, "a").cells[0].id == "predict-one"


def test_times_and_widget_state_go_and_tags_stay() -> None:
    book = notebook("x")
    book.metadata.widgets = {"state": {}}
    book.cells[0].metadata = {"execution": {"start": "now"}, "tags": ["hide-input"]}
    normal = outputs.normal_form(book, "a")
    assert "widgets" not in normal.metadata
    assert normal.cells[0].metadata == {"tags": ["hide-input"]}


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.ipynb", "print('once')", "{'b': 2}")
    assert outputs.renew(path)
    assert not outputs.renew(path)
    assert outputs.is_normal(path)


def test_a_failing_notebook_is_left_as_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = saved(tmp_path / "a.ipynb", "1 / 0")
    before = path.read_text()
    assert outputs.main([str(path)]) == 1
    assert path.read_text() == before
    assert "a cell failed and nothing was written" in capsys.readouterr().err


def test_a_missing_notebook_gets_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert outputs.main(["nowhere.ipynb"]) == 1
    assert capsys.readouterr().err == "There is no notebook nowhere.ipynb.\n"
