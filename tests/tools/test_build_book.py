"""Building: nothing is done twice, nothing stale stays, and a failing cell fails the build."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


class Book:
    """A small copy of the project: the same tools, settings and look, a landing page and two notebooks."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("requirements.txt", "constraints.txt", "_config.yml"):
            shutil.copy(ROOT / name, root / name)
        for name in ("tools", "book/_ext", "book/_css", "book/images"):
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        (root / "kvmlab").mkdir()
        (root / "kvmlab" / "__init__.py").write_text("")
        contents = ["format: jb-book", "root: book/index", "chapters:", "- file: book/01_a", "- file: book/02_b"]
        (root / "_toc.yml").write_text("\n".join(contents))
        (root / "book" / "index.md").write_text("# A book\n")
        self.write("01_a", "print('one')")
        self.write("02_b", "print('two')")

    def write(self, name: str, source: str) -> None:
        """Write a notebook that notes each of its runs in a file."""
        note = f"with open({str(self.root / 'runs')!r}, 'a') as runs:\n    print({name!r}, file=runs)\n"
        cells = [nbformat.v4.new_markdown_cell(f"# {name}"), nbformat.v4.new_code_cell(note + source)]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), self.root / "book" / f"{name}.ipynb")

    def build(self) -> subprocess.CompletedProcess[str]:
        """Run the build."""
        command = [sys.executable, "tools/build_book.py"]
        return subprocess.run(command, cwd=self.root, capture_output=True, text=True, timeout=200, check=False)

    def runs(self) -> list[str]:
        """Return the notebooks that ran since this was last asked, sorted."""
        note = self.root / "runs"
        found = sorted(note.read_text().split()) if note.exists() else []
        note.unlink(missing_ok=True)
        return found


def test_a_book_through_its_life(tmp_path: Path) -> None:
    """First build, no change, a changed notebook, a changed package, a failing cell, a broken link, mended again."""
    book = Book(tmp_path)
    first = book.build()
    assert first.returncode == 0, first.stderr
    assert "Open " in first.stdout
    assert book.runs() == ["01_a", "02_b"]

    again = book.build()
    assert (again.returncode, book.runs()) == (0, [])
    assert again.stdout.startswith("Nothing changed")

    book.write("02_b", "print('changed')")
    assert (book.build().returncode, book.runs()) == (0, ["02_b"])

    (tmp_path / "kvmlab" / "new.py").write_text("x = 1\n")
    assert (book.build().returncode, book.runs()) == (0, ["01_a", "02_b"])

    book.write("02_b", "1 / 0")
    failed = book.build()
    assert failed.returncode != 0
    assert "ZeroDivisionError" in failed.stderr
    assert failed.stderr.strip().endswith("which page or cell, and why.")
    assert book.build().returncode != 0, "a failure is not forgotten by building again"

    book.write("02_b", "print('mended')")
    (tmp_path / "book" / "index.md").write_text("# A book\n\n[nowhere](nowhere.md)\n")
    warned = book.build()
    assert warned.returncode != 0
    assert "nowhere" in warned.stderr

    (tmp_path / "book" / "index.md").write_text("# A book\n")
    assert book.build().returncode == 0
