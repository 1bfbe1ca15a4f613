"""The reference of the API: Sphinx's autodoc and napoleon, set up for docstrings as this house writes them."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

SETTINGS = {
    "autodoc_member_order": "bysource",
    "autodoc_typehints": "none",  # a signature shows names and defaults; the text says what they are
    "autodoc_class_signature": "mixed",
    "autodoc_preserve_defaults": True,
    "napoleon_numpy_docstring": False,
    "napoleon_use_rtype": False,
    "add_module_names": False,
    "default_role": "code",  # one backtick in a docstring means code
    "python_display_short_literal_types": True,
}


def settle(app: Sphinx, config: Any) -> None:
    """Set what the reference needs; its types link to nothing, and that is meant."""
    for name, value in SETTINGS.items():
        config[name] = value
    config.nitpick_ignore_regex = [*config.nitpick_ignore_regex, (r"py:.*", r".*")]


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the above to Sphinx."""
    app.setup_extension("sphinx.ext.autodoc")
    app.setup_extension("sphinx.ext.napoleon")
    app.connect("config-inited", settle, priority=100)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
