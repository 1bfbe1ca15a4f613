"""A directive that puts a stepper on a page: made by the engine when the book is built, so it cannot disagree with it.

    ```{stepper} kl_circle:circle
    :anchor: circle
    :start: shortest
    ```

The argument names a `Scenario` as ``module:name``. ``start`` is the schedule that has happened when the page opens;
``shortest`` is the shortest deadlock. The directive's content is shown in its place where there is no JavaScript, above
the schedule as a table.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class StepperDirective(SphinxDirective):
    """``{stepper} module:name``."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {"anchor": directives.unchanged_required, "start": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Return the stepper as HTML."""
        from kvmlab import Scenario, step

        module, _, name = self.arguments[0].partition(":")
        try:
            scenario = getattr(import_module(module), name)
        except (ImportError, AttributeError) as error:
            raise self.error(f"stepper: there is no {self.arguments[0]}: {error}") from error
        if not isinstance(scenario, Scenario):
            raise self.error(f"stepper: {self.arguments[0]} is {scenario!r}, not a Scenario")
        stepper = step(scenario, anchor=self.options.get("anchor"))
        start = self.options.get("start", "")
        stepper.play(stepper.shortest if start == "shortest" else start)
        html = nodes.raw("", stepper.page(), format="html", classes=["kl-stepper"])
        if not self.content:
            return [html]
        begin, end = nodes.raw("", "<noscript>", format="html"), nodes.raw("", "</noscript>", format="html")
        return [begin, *self.parse_content_to_nodes(), end, html]


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive."""
    app.add_directive("stepper", StepperDirective)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
