"""The built site, served on this machine, and a Chromium to read it with."""

from __future__ import annotations

import functools
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# The index that Sphinx always writes (ours would be empty), the page that forwards to the landing page, and the one for
# an address that does not exist, which is read at other addresses than its own.
NOT_READ = {"genindex.html", "index.html", "404.html"}


def pages() -> list[str]:
    """Return every page of the built site, relative to its root."""
    found = (path.relative_to(HTML) for path in HTML.rglob("*.html"))
    return sorted(str(path) for path in found if path.parts[0] != "_static" and str(path) not in NOT_READ)


def contents() -> list[str]:
    """Return the pages of the book as `_toc.yml` has them, the landing page first, without their suffixes."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))

    def files(entry: dict[str, Any]) -> Iterator[str]:
        yield from (str(entry[key]) for key in ("root", "file") if key in entry)
        for key in ("parts", "chapters", "sections"):
            for each in entry.get(key, ()):
                yield from files(each)

    return list(files(toc))


def source(name: str) -> Path:
    """Return the file that a page of `_toc.yml` is made from."""
    return next(path for suffix in (".ipynb", ".md") if (path := ROOT / f"{name}{suffix}").exists())


def chapters() -> list[str]:
    """Return the pages that are read as part of the book."""
    return [f"{name}.html" for name in contents()]


def notebooks() -> list[str]:
    """Return the pages that are made from a notebook."""
    return [f"{name}.html" for name in contents() if source(name).suffix == ".ipynb"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for name, values in (("page_path", pages), ("chapter_path", chapters), ("notebook_path", notebooks)):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, values())


@pytest.fixture(scope="session")
def html() -> Path:
    """The folder of the built site."""
    assert (HTML / "index.html").exists(), "The site is not built: run 'make book' first."
    return HTML


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *args: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    """A browser that leaves a page before it has all of it is no error."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@pytest.fixture(scope="session")
def address(html: Path) -> Iterator[str]:
    """Where the site is served, as `http://127.0.0.1:PORT/`."""
    server = Server(("127.0.0.1", 0), functools.partial(Quiet, directory=str(html)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()


def chromium() -> str | None:
    """Return the path of a Chromium on this machine."""
    names = [os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    return next((path for name in names if name and (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A Chromium; without one the test is skipped, and fails in CI."""
    path = chromium()
    if path is None:
        sentence = "No Chromium was found: install it (Debian: apt-get install chromium) or set CHROMIUM to its path."
        if os.environ.get("CI"):
            pytest.fail(sentence, pytrace=False)
        pytest.skip(sentence)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield running
        running.close()


@dataclass
class Visit:
    """A page that was opened, and what happened meanwhile."""

    page: Any
    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


Open = Callable[..., Visit]


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Open]:
    """Opens a page of the site: `visit(path, width=1280, dark=False)`."""
    contexts = []

    def open_page(path: str, width: int = 1280, dark: bool = False, **options: Any) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light", **options
        )
        contexts.append(context)
        page = context.new_page()
        seen = Visit(page)
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        page.on("console", lambda line: line.type == "error" and seen.errors.append(line.text))
        page.on("response", lambda got: got.status >= 400 and seen.missing.append(f"{got.status} {got.url}"))

        def gate(route: Any) -> None:
            if route.request.url.startswith((address, "data:", "blob:")):
                route.continue_()
            else:
                seen.elsewhere.append(route.request.url)
                route.abort()

        page.route("**/*", gate)
        page.goto(address + path, wait_until="load")
        return seen

    yield open_page
    for context in contexts:
        context.close()
