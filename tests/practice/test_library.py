"""The whole library is judged: right answers pass, wrong ones are rejected with their own feedback."""

from __future__ import annotations

import json

import pytest

from kvmlab.practice.check import checked
from kvmlab.practice.library import Answer, answers, everything, read, shapes, written
from kvmlab.practice.task import CODE_KINDS, Task, tasks

ALL = list(everything())
ids = [answer.where for _, answer in ALL]


@pytest.mark.parametrize(("task", "answer"), ALL, ids=ids)
def test_answer_gets_what_it_deserves(task: Task, answer: Answer) -> None:
    result = checked(task, answer.namespace(), record=False, seconds=None)
    if answer.right:
        assert (result.outcome, [finding.sentence for finding in result.findings]) == ("correct", [])
        return
    assert result.findings, f"{answer.where} passes: it is right, or the judge lacks a case"
    whole, first = shapes(result.findings)
    kept = written(task.chapter).get(task.name, {}).get(answer.name)
    assert kept == {"source": answer.digest, "all": whole, "first": first}, (
        f"run: .venv/bin/python -m kvmlab.practice {task.chapter}"
    )
    assert result.outcome == "not yet"
    assert result.feedback == answer.feedback, f"{answer.where} shows as another answer; give the judge one more case"


@pytest.mark.parametrize("task", tasks(), ids=lambda task: task.id)
def test_every_task_has_answers_enough(task: Task) -> None:
    assert len(answers(task.id, right=False)) >= 3
    assert len(answers(task.id, right=True)) >= (2 if task.kind in CODE_KINDS else 1)


@pytest.mark.parametrize("task", tasks(), ids=lambda task: task.id)
def test_the_file_of_shapes_names_nothing_that_is_gone(task: Task) -> None:
    kept = written(task.chapter)
    assert set(kept) <= {one.name for one in tasks(task.chapter)}
    assert set(kept[task.name]) == {one.name for one in answers(task.id, right=False)}


def test_the_rule_has_a_dozen_wrong_walks() -> None:
    assert len(answers("09.walk", right=False)) >= 12


def test_no_two_tasks_share_an_id() -> None:
    every = [one.id for one in tasks()]
    assert len(every) == len(set(every))


def test_an_answer_without_feedback_is_refused(tmp_path: object) -> None:
    path = tmp_path / "bad.py"  # type: ignore[operator]
    path.write_text('"""A title."""\nwho = 1\n')
    with pytest.raises(Exception, match="feedback"):
        read("09.last", path, right=False)


def test_a_program_that_has_changed_since_it_was_judged_gives_no_feedback(monkeypatch: pytest.MonkeyPatch) -> None:
    from kvmlab.practice import library

    stale = json.loads(json.dumps(written("09")))
    stale["last"]["nobody"]["source"] = "0" * 16
    monkeypatch.setattr(library, "_known", lambda chapter: stale)
    (task,) = [one for one in tasks("09") if one.name == "last"]
    (answer,) = [one for one in answers("09.last", right=False) if one.name == "nobody"]
    assert checked(task, answer.namespace(), record=False).feedback == ""
