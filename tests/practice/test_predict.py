"""A prediction: one text for everybody, a page without a script, a widget that remembers."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from kvmlab.practice import Predict


def question(**options: object) -> Predict:
    return Predict(
        "Does a reader of `srcu` wait?",
        {"Yes": "Right for a mutex; `srcu_read_lock()` never waits.", "No": "It counts itself in and goes on."},
        right="No",
        **options,  # type: ignore[arg-type]
    )


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.opened: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opened.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_text_shows_question_and_choices_and_not_the_answer() -> None:
    assert repr(question()) == "Predict: Does a reader of srcu wait?\n  ( ) Yes\n  ( ) No"


def test_label_says_what_kind_of_question_it_is() -> None:
    asked = question(label="Recall")
    assert repr(asked).startswith("Recall: Does")
    assert "Recall: Does a reader of <code>srcu</code> wait?" in asked.page()


def test_bundle_has_text_for_the_record_html_for_the_page_and_a_widget_for_the_notebook() -> None:
    bundle = question()._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"}
    assert bundle["text/plain"] == repr(question())


def test_page_gives_every_choice_its_feedback_without_a_script() -> None:
    page = question().page()
    assert "<script" not in page
    assert "onclick" not in page
    tags = Tags(page)
    assert tags.open == []
    assert [tag for tag, _ in tags.opened].count("details") == 2
    assert "<code>srcu_read_lock()</code> never waits." in page
    assert page.index("Not so.") < page.index("Right.")


def test_choices_of_one_question_close_each_other_and_not_those_of_another() -> None:
    groups = [attrs["name"] for tag, attrs in Tags(question().page()).opened if tag == "details"]
    assert len(set(groups)) == 1
    other = Predict("Another one?", {"a": "", "b": ""}, right="a")
    assert groups[0] not in {attrs.get("name") for _, attrs in Tags(other.page()).opened}


def test_page_is_the_same_every_time() -> None:
    assert question().page() == question().page()


def test_markup_in_the_texts_is_shown_and_not_obeyed() -> None:
    page = Predict('<b>"x"</b>?', {"<i>": "a & b", "c": "d"}, right="c").page()
    Tags(page)
    assert "<b>" not in page.replace('<b class="kl-', "")
    assert "&lt;i&gt;" in page
    assert "a &amp; b" in page


def test_widget_keeps_the_answer_and_says_what_it_would_mean() -> None:
    asked = question()
    _, buttons, said = asked.widget.children
    assert (asked.answer, asked.correct, said.value) == (None, None, "")
    buttons.value = "Yes"
    assert (asked.answer, asked.correct) == ("Yes", False)
    assert "Not so." in said.value
    assert "Right for a mutex" in said.value
    buttons.value = "No"
    assert (asked.answer, asked.correct) == ("No", True)
    assert "Right." in said.value


def test_nothing_is_chosen_for_the_reader() -> None:
    assert question().widget.children[1].value is None


def test_showing_it_twice_shows_one_widget() -> None:
    asked = question()
    kind = "application/vnd.jupyter.widget-view+json"
    assert asked._repr_mimebundle_()[kind] == asked._repr_mimebundle_()[kind]


def test_tag_names_a_misconception_of_the_book() -> None:
    assert question(tag="M11").tag == "M11"
    for tag in ("M0", "M12", "m4", "readers"):
        with pytest.raises(ValueError, match=f"no misconception '{tag}'"):
            question(tag=tag)


def test_a_right_choice_that_is_no_choice_is_an_error() -> None:
    with pytest.raises(ValueError, match="the right choice 'Maybe' is not one of the choices: 'Yes', 'No'"):
        Predict("?", {"Yes": "", "No": ""}, right="Maybe")


def test_one_choice_is_no_choice() -> None:
    with pytest.raises(ValueError, match="at least two choices"):
        Predict("?", {"Yes": ""}, right="Yes")
