"""How the components look: one small style sheet, and the little markup that their texts may use.

The colours are the site's custom properties (book/_css/site.css), then JupyterLab's own, then a colour that is legible
on white.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

STYLE = """<style>
.kl-practice { --line: var(--kl-line, var(--jp-border-color2, #ccd2d9)); max-width: 46rem; line-height: 1.5;
  color: var(--kl-ink, var(--jp-content-font-color1, inherit)); }
.kl-practice .kl-question { margin: 0 0 .6rem; font-weight: 600; }
.kl-practice details { margin: 0; border-top: 1px solid var(--line); }
.kl-practice details:last-of-type { border-bottom: 1px solid var(--line); }
.kl-practice details details:last-of-type { border-bottom: 0; }
.kl-practice summary { padding: .45rem .2rem; cursor: pointer; }
.kl-practice summary .kl-verdict { color: var(--kl-muted, var(--jp-content-font-color2, #56606d)); }
.kl-practice .kl-said { margin: 0 0 .3rem; padding: .1rem .2rem .5rem 1.25rem; }
.kl-practice .kl-right { color: var(--kl-ok, inherit); }
.kl-practice .kl-wrong { color: var(--kl-wait, inherit); }
.kl-practice .kl-hint { margin: .5rem 0 0; font-size: .88em;
  color: var(--kl-muted, var(--jp-content-font-color2, #56606d)); }
.kl-practice pre { margin: 0; padding: .2rem .2rem .6rem 1.25rem; overflow-x: auto; border: 0; background: none;
  font-size: .86rem; line-height: 1.5; color: inherit; }
</style>"""
"""Given with every component, so that it looks the same wherever it is shown alone."""


def inline(text: str) -> str:
    """`text` as HTML; what stands between backquotes is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))


def plain(text: str) -> str:
    """`text` without backquotes."""
    return text.replace("`", "")


def bundle(text: str, page: str, widget: Any) -> dict[str, Any]:
    """The three forms of a component: its text, its HTML for a page, and its widget for a live notebook."""
    live: Mapping[str, Any] = widget._repr_mimebundle_() or {}
    return {**live, "text/plain": text, "text/html": page}
