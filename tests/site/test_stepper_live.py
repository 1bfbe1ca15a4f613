"""The stepper in JupyterLab: what the reader clicks Python sees, what Python plays the reader sees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import nbformat
import pytest

from .lab import PATIENCE, jupyterlab

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MAKE = """\
from kvmlab import Mutex, Scenario
from kvmlab.stepper import step

class World:
    def __init__(self):
        self.a = Mutex()
        self.b = Mutex()

def ab(w):
    with w.a, w.b:
        pass

def ba(w):
    with w.b, w.a:
        pass

stepper = step(Scenario(World, ab, ba))
stepper"""
ASK = "print('seen', stepper.schedule, stepper.state.kind)"
PLAY = "stepper.play('2-1').kind"

READY = """() => {
    const panel = window.jupyterapp?.shell.currentWidget;
    return panel?.content?.widgets?.length === 3 && panel.sessionContext.session?.kernel?.status === "idle";
}"""
RUN = """async (cell) => {
    jupyterapp.shell.currentWidget.content.activeCellIndex = cell;
    await jupyterapp.commands.execute("notebook:run-cell");
}"""


def notebook() -> Any:
    """A notebook that makes a stepper, asks it, and drives it."""
    cells = [nbformat.v4.new_code_cell(source) for source in (MAKE, ASK, PLAY)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=kernel)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab with its own settings, and `live.ipynb` in it."""
    root = tmp_path_factory.mktemp("lab")
    nbformat.write(notebook(), root / "live.ipynb")
    with jupyterlab(root, tmp_path_factory.mktemp("own")) as address:
        yield address


def test_the_reader_and_python_share_one_stepper(browser: Any, lab: str) -> None:
    """A click in the widget is seen by Python, and Python's schedule by the reader; JupyterLab's keys stay quiet."""
    context = browser.new_context(viewport={"width": 1400, "height": 1200}, reduced_motion="reduce")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.route(
        "**/*",
        lambda route: route.continue_() if route.request.url.startswith((lab, "data:", "blob:")) else route.abort(),
    )
    page.set_default_timeout(PATIENCE)
    page.goto(f"{lab}lab/tree/live.ipynb?reset")
    page.wait_for_function(READY)

    def run(cell: int) -> str:
        """Run a cell and return what it says in text."""
        page.evaluate(RUN, cell)
        output = page.locator(".jp-Notebook .jp-CodeCell").nth(cell).locator(".jp-OutputArea-output pre")
        return str(output.last.inner_text()).strip() if cell else ""

    def seen(wanted: str) -> bool:
        """Whether Python comes to say `wanted`: a widget sends a state once the kernel has taken the one before."""
        return any(run(1) == wanted or page.wait_for_timeout(200) for _ in range(50))

    run(0)
    stepper = page.locator(".jp-Notebook .jp-CodeCell").first.locator(".lock-stepper")
    stepper.get_by_role("button", name="Step ab", exact=True).click()
    assert stepper.get_by_role("status").inner_text().startswith("1. ab: lock(a).")
    assert seen("seen 1 open")

    stepper.get_by_role("button", name="Step ba", exact=True).focus()
    page.keyboard.press("2")
    assert "Deadlock" in stepper.get_by_role("status").inner_text()
    for key in ("r", "1", "y", "m"):
        page.keyboard.press(key)
    assert page.locator(".jp-Notebook .jp-CodeCell").count() == 3
    assert page.locator(".jp-Notebook .jp-Cell").count() == 3
    assert seen("seen 1 open")

    assert run(2) == "'dead'"
    stepper.get_by_text("Deadlock: nobody can move.").wait_for()
    assert stepper.get_by_label("Replay").input_value() == "2-1"
    assert stepper.get_by_role("button", name="Copy link").count() == 0
    assert seen("seen 2-1 dead")
    assert errors == []
    context.close()
