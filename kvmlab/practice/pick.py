"""Variants of one thing, to pick from and compare."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from kvmlab.explore import explore
from kvmlab.practice.look import STYLE, bundle, inline, plain
from kvmlab.verdict import Exploration, table


class Pick:
    """Variants by name, and what `show` says of each.

    In a live notebook one is picked from a list. On a page without a kernel each opens to its result, without a script.
    The text form is a table of verdicts.

    Args:
        variants: what to choose from, by name; code between backquotes.
        show: says something about a variant; its result has a text form whose first line is its verdict.
        title: what the choice is about, for those who do not see it.

    Raises:
        ValueError: there is nothing to pick from.
    """

    def __init__(
        self, variants: Mapping[str, Any], show: Callable[[Any], Any] = explore, *, title: str = "Variants"
    ) -> None:
        if not variants:
            raise ValueError('Pick needs at least one variant: Pick({"readers only": scenario})')
        self.variants = dict(variants)
        self.show = show
        self.title = title

    @cached_property
    def results(self) -> dict[str, Any]:
        """What `show` says, by name."""
        return {name: self.show(variant) for name, variant in self.variants.items()}

    @property
    def verdicts(self) -> dict[str, str]:
        """The verdict by name: the result's own, or the first line of its text."""
        return {name: getattr(result, "verdict", None) or _headline(result) for name, result in self.results.items()}

    def __getitem__(self, name: str) -> Any:
        """The result of the variant called `name`."""
        if name not in self.variants:
            raise KeyError(f"no variant is called {name!r}; the variants are {', '.join(self.variants)}")
        return self.results[name]

    def __repr__(self) -> str:
        return table([(plain(name), _headline(result)) for name, result in self.results.items()])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return bundle(repr(self), self.page(), self.widget)

    def page(self) -> str:
        """All variants as HTML that needs neither a kernel nor a script."""
        parts = [STYLE, f'<div class="kl-practice kl-pick" role="group" aria-label="{html.escape(self.title)}">']
        for name, result in self.results.items():
            verdict = f'<span class="kl-verdict">{html.escape(_headline(result), quote=False)}</span>'
            parts.append(f"<details><summary>{inline(name)}: {verdict}</summary>{_body(result)}</details>")
        parts.append("</div>")
        return "\n".join(parts)

    @cached_property
    def widget(self) -> Any:
        """The choice as a widget."""
        import ipywidgets

        first = next(iter(self.variants))
        names = ipywidgets.Dropdown(
            options=[(plain(name), name) for name in self.variants],
            value=first,
            description=self.title,
            style={"description_width": "initial"},
            layout=ipywidgets.Layout(width="auto", max_width="46rem"),
        )
        shown = ipywidgets.HTML(self._shown(first))

        def choose(change: Any) -> None:
            shown.value = self._shown(change["new"])

        names.observe(choose, "value")
        return ipywidgets.VBox([names, shown])

    def _shown(self, name: str) -> str:
        return f'{STYLE}<div class="kl-practice" role="status">{_body(self.results[name])}</div>'


def _headline(result: Any) -> str:
    """The verdict of `result` in one line: its own first line, or less for an exploration that counted schedules."""
    if isinstance(result, Exploration) and result.schedules is not None and result.verdict in {"proven", "deadlock"}:
        share = "all" if result.verdict == "proven" else f"{result.deadlocked:,} of"
        return f"{result.verdict}, in {share} {result.schedules:,} schedules"
    first = next(iter(str(result).splitlines()), "")
    scenario = getattr(result, "scenario", None)
    return first.removeprefix(f"{scenario}: ") if isinstance(scenario, str) else first


def _body(result: Any) -> str:
    rich = getattr(result, "_repr_html_", None)
    shown = rich() if callable(rich) else None
    return str(shown) if shown else f'<pre tabindex="0">{html.escape(str(result), quote=False)}</pre>'
