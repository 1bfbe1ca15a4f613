"""Build the site into _build/html: every notebook executed, every warning an error.

A notebook is executed again when its cells changed or when anything in kvmlab/ or the pins changed; pages are always
written anew, because an incremental Sphinx build ends well although a cell failed. With nothing changed since the last
good build, nothing is done.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "_build"
CACHE = BUILD / ".jupyter_cache"
HTML = BUILD / "html"
PINS = ("requirements.txt", "constraints.txt", "tools/build_book.py")
ENGINE = ("kvmlab",)
PAGES = ("book", "exercises", "solutions", "_config.yml", "_toc.yml", "README.md", "CONTRIBUTING.md", "kernel")


def files(names: tuple[str, ...]) -> list[Path]:
    """Return the files under `names`, sorted; caches and hidden files left out."""
    found: list[Path] = []
    for name in names:
        path = ROOT / name
        candidates = sorted(path.rglob("*")) if path.is_dir() else [path]
        found += [
            each
            for each in candidates
            if each.is_file()
            and each.suffix != ".pyc"
            and not any(part.startswith(".") or part == "__pycache__" for part in each.relative_to(ROOT).parts)
        ]
    return found


def digest(names: tuple[str, ...]) -> str:
    """Return a digest of the paths and contents of the files under `names`."""
    total = hashlib.sha256(sys.version.encode())
    for path in files(names):
        total.update(f"{path.relative_to(ROOT)}\0{path.stat().st_size}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def recorded(stamp: Path) -> str:
    """Return what `stamp` holds, or nothing when it is not there."""
    return stamp.read_text() if stamp.exists() else ""


def build() -> int:
    """Run jupyter-book on the repository, showing warnings and errors only; return its exit code."""
    jupyter_book = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]
    command = [*jupyter_book, "build", "--path-output", ".", "-W", "-n", "--keep-going", "-q", "."]
    env = {**os.environ, "JUPYTER_PREFER_ENV_PATH": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        print(done.stdout, file=sys.stderr)
    return done.returncode


def main() -> int:
    """Build what changed; print the page to open; return the exit code."""
    engine, everything = digest(ENGINE + PINS), digest(ENGINE + PINS + PAGES)
    engine_stamp, site_stamp = BUILD / "engine.sha256", BUILD / "site.sha256"
    page = HTML / "index.html"
    if recorded(site_stamp) == everything and page.exists():
        print(f"Nothing changed since the last build. Open {page}")
        return 0

    BUILD.mkdir(exist_ok=True)
    site_stamp.unlink(missing_ok=True)
    if recorded(engine_stamp) != engine:
        shutil.rmtree(CACHE, ignore_errors=True)
        engine_stamp.write_text(engine)
    for stale in (HTML, BUILD / ".doctrees"):
        shutil.rmtree(stale, ignore_errors=True)

    print("Building the book: executing the notebooks that changed, then writing the pages.", flush=True)
    code = build()
    if code or not page.exists():
        print("The book was not built: the lines above say which page or cell, and why.", file=sys.stderr)
        return code or 1
    (HTML / "root.html").replace(page)  # jupyter-book's own forwards without a word
    site_stamp.write_text(everything)
    print(f"The book is built. Open {page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
