"""Run notebooks and write back what is committed of them: their text outputs, nothing else.

Usage: python tools/outputs.py [--check] NOTEBOOK...

Drawings, widgets, times and counters of a run are left out, cells get ids made from their source, and a file is written
only when it changes. With --check nothing is run or written: it says which files are not in this form.
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parent.parent
KEPT_METADATA = {"tags", "nbgrader", "slideshow", "mystnb", "kvmlab", "editable", "deletable", "jupyter"}
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
TIMEOUT = 120
MADE_ID = re.compile(r"[0-9a-f]{6,32}|[0-9a-f-]{36}|c-[0-9a-f]{8}(-\d+)?")  # by nbformat, by JupyterLab, by us
DROPPED = {"widgets", "kernelspec", "language_info"}


class NotFit(Exception):
    """What keeps a notebook from being committed, in one sentence."""


def text_only(output: Any, where: str) -> Any:
    """Return `output` with its text form only; an output that has none raises NotFit."""
    if output.output_type == "stream":
        return nbformat.v4.new_output("stream", name=output.name, text=output.text)
    if output.output_type == "error":
        short = f"{output.ename}: {output.evalue}"
        return nbformat.v4.new_output("error", ename=output.ename, evalue=output.evalue, traceback=[short])
    if "text/plain" not in output.data:
        raise NotFit(f"{where} shows {', '.join(sorted(output.data))} without a text form: give the object a __repr__.")
    kept = {"text/plain": output.data["text/plain"]}
    if output.output_type == "execute_result":
        return nbformat.v4.new_output("execute_result", kept, execution_count=output.execution_count)
    return nbformat.v4.new_output("display_data", kept)


def normal_form(notebook: Any, name: str) -> Any:
    """Return `notebook` as it is committed."""
    ids: set[str] = set()
    for number, cell in enumerate(notebook.cells, 1):
        made = "c-" + hashlib.sha256(f"{cell.cell_type}\0{cell.source}".encode()).hexdigest()[:8]
        given = cell.get("id", "")
        wanted = made if not given or given in ids or MADE_ID.fullmatch(given) else given
        unique, copy = wanted, 2
        while unique in ids:
            unique, copy = f"{wanted}-{copy}", copy + 1
        ids.add(unique)
        cell.id = unique
        cell.metadata = {key: value for key, value in cell.metadata.items() if key in KEPT_METADATA}
        if cell.cell_type == "code":
            cell.outputs = [text_only(output, f"{name}, cell {number},") for output in cell.outputs]
    notebook.metadata = {
        **{key: value for key, value in notebook.metadata.items() if key not in DROPPED},
        "kernelspec": KERNEL,
        "language_info": {"name": "python"},
    }
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def written(notebook: Any) -> str:
    """Return the text of the file that holds `notebook`."""
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"


def read(path: Path) -> Any:
    """Return the notebook at `path`; one that cannot be read raises NotFit."""
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise NotFit(f"There is no notebook {path}.") from None
    except Exception as error:
        raise NotFit(f"{path} cannot be read as a notebook: {error}.") from None


def renew(path: Path) -> bool:
    """Run the notebook at `path` and write its normal form; return whether the file changed."""
    notebook = read(path)
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.resolve().parent)}},
        coalesce_streams=True,
        record_timing=False,
    )
    try:
        client.execute()
    except CellExecutionError as error:
        raise NotFit(f"{path}: a cell failed and nothing was written.\n{error}") from None
    after, before = written(normal_form(notebook, str(path))), path.read_text(encoding="utf-8")
    if after != before:
        path.write_text(after, encoding="utf-8")
    return after != before


def is_normal(path: Path) -> bool:
    """Return whether the file at `path` is already in the form that is committed."""
    return written(normal_form(read(path), str(path))) == path.read_text(encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Renew or check the notebooks on the command line; return the exit code."""
    check, code = "--check" in arguments, 0
    for name in (name for name in arguments if name != "--check"):
        path = Path(name)
        try:
            if not check:
                print(f"{name}: {'written' if renew(path) else 'unchanged'}", flush=True)
            elif not is_normal(path):
                raise NotFit(f"{name} holds more than its text outputs: run 'make outputs NB={name}'.")
        except NotFit as reason:
            print(reason, file=sys.stderr)
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
