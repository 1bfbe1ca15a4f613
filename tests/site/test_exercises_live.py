"""An exercise in JupyterLab, as a reader does it: wrong first, then right; and what a check must not do to a kernel."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .conftest import ROOT
from .lab import PATIENCE, jupyterlab

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAME = "09_pin_drop_lock_put.ipynb"
READY = """() => {
    const panel = window.jupyterapp?.shell.currentWidget;
    return panel?.content?.widgets?.length > 1 && panel.sessionContext.session?.kernel?.status === "idle";
}"""
RUN = """async ([id, text]) => {
    const notebook = jupyterapp.shell.currentWidget.content;
    const at = notebook.widgets.findIndex((cell) => cell.model.id === id);
    if (text !== null) notebook.widgets[at].model.sharedModel.setSource(text);
    notebook.activeCellIndex = at;
    await jupyterapp.commands.execute("notebook:run-cell");
    return at;
}"""

FIRST_PATCH = """\
def walk(w):
    w.kvm_lock.lock()
    for vm in w.vm_list.each():
        get(vm)
        w.kvm_lock.unlock()
        with vm.slots_lock:
            w.zap(vm)
        w.kvm_lock.lock()
        put(w, vm)
    w.kvm_lock.unlock()
"""
RIGHT = """\
def walk(w):
    with w.kvm_lock:
        pinned = [vm for vm in w.vm_list.each() if get_safe(vm)]
    for vm in pinned:
        with vm.slots_lock:
            w.zap(vm)
        put(w, vm)
"""


@dataclass
class Desk:
    """An exercise that is open in JupyterLab."""

    page: Any
    folder: Path

    def run(self, cell: str, text: str | None = None) -> Any:
        """Run the cell of that id, with `text` in it if there is one; return where its output is."""
        at = self.page.evaluate(RUN, [cell, text])
        return self.page.locator(".jp-Notebook .jp-Cell").nth(at).locator(".jp-Cell-outputArea")


@pytest.fixture(scope="module")
def desk(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A copy of the exercises of chapter 9, its first cell run."""
    folder = tmp_path_factory.mktemp("my")
    shutil.copy(ROOT / "exercises" / NAME, folder)
    with jupyterlab(folder, tmp_path_factory.mktemp("own")) as address:
        context = browser.new_context(viewport={"width": 1300, "height": 1200}, reduced_motion="reduce")
        page = context.new_page()
        page.route(
            "**/*",
            lambda route: (
                route.continue_() if route.request.url.startswith((address, "data:", "blob:")) else route.abort()
            ),
        )
        page.set_default_timeout(PATIENCE)
        page.goto(f"{address}lab/tree/{NAME}?reset")
        page.wait_for_function(READY)
        made = Desk(page, folder)
        made.run("imports")
        yield made
        context.close()


def test_wrong_first_then_right(desk: Desk) -> None:
    """The starter is not attempted, the first patch not yet, a right walk correct; no traceback anywhere."""
    desk.run("walk-answer")
    said = desk.run("walk-check")
    said.get_by_text("Not attempted.").wait_for()
    assert "walk is still to be written" in said.inner_text()

    desk.run("walk-answer", FIRST_PATCH)
    said = desk.run("walk-check")
    said.get_by_text("Not yet.").wait_for()
    said.get_by_text("09.walk is not correct yet; the reasons are above.").wait_for()
    text = said.inner_text()
    assert "Deadlock: walk waits for kvm_lock" in text
    assert "dropping the lock keeps the object alive (M11)" in text
    assert "Traceback" not in text
    stepper = said.locator(".lock-stepper")
    stepper.get_by_role("button", name="Step walk", exact=True).click()
    assert stepper.get_by_role("status").inner_text().startswith("1. walk: lock(kvm_lock).")
    assert stepper.get_by_text("all_zapped").count() == 0

    desk.run("walk-answer", RIGHT)
    said = desk.run("walk-check")
    said.get_by_text("Correct.", exact=True).wait_for()
    assert "Checked against:" in said.inner_text()
    assert "not correct yet" not in said.inner_text()
    kept = json.loads((desk.folder / ".kvmlab-progress.json").read_text())
    assert kept["tasks"]["09.walk"] == {"outcome": "correct", "tries": 2}


def test_hints_open_one_at_a_time(desk: Desk) -> None:
    """Each hint is inside the one before it."""
    hints = desk.run("walk-hints")
    second = hints.get_by_text("Second hint")
    hints.get_by_text("First hint").wait_for()
    assert not second.is_visible()
    hints.get_by_text("First hint").click()
    second.click()
    assert hints.get_by_text("Third hint").is_visible()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        pytest.param("while True: print('x' * 500)", "does not come back", id="prints without end"),
        pytest.param("input('?')", "a check cannot ask you for input", id="asks for input"),
        pytest.param("exit()", "walk raised SystemExit", id="exits"),
    ],
)
def test_the_kernel_is_usable_afterwards(desk: Desk, body: str, says: str) -> None:
    """What would hang a kernel gets an answer, and the next cell runs."""
    desk.run("walk-answer", f"def walk(w):\n    {body}\n")
    said = desk.run("walk-check")
    said.get_by_text(says).first.wait_for()
    desk.run("last-answer", "who, who_because = 'b', '3'")
    desk.run("last-check").get_by_text("Correct.", exact=True).wait_for()


def test_another_error_is_shown_as_ever(desk: Desk) -> None:
    """Only a graded cell fails in one line."""
    desk.run("last-check")  # from here on the kernel has been told
    said = desk.run("walk-today", "assert 1 == 2, 'mine'")
    said.get_by_text("AssertionError: mine").wait_for()
    assert "Traceback" in said.inner_text()
