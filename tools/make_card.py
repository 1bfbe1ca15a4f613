"""Draw the card that others show for a link to the book: book/images/card.png, from book/images/circle.svg.

Run it when the picture changes, and commit what it writes: Chromium is needed for it, and not for building the site.

Usage: python tools/make_card.py
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from make_pdf import FLAGS, NotMade, chromium

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "book" / "images" / "circle.svg"
CARD = ROOT / "book" / "images" / "card.png"
SIZE = {"width": 1200, "height": 630}

PAGE = """<!DOCTYPE html><meta charset="utf-8"><style>
  body { display: grid; grid-template: auto 1fr / 1fr; box-sizing: border-box; width: 1200px; height: 630px; margin: 0;
    padding: 34px 48px 26px; background: #fff; color: #1a1f26;
    font-family: system-ui, "Segoe UI", "Noto Sans", "Liberation Sans", sans-serif; }
  h1 { margin: 0; font-size: 50px; letter-spacing: -0.012em; }
  code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-weight: 600; }
  p { margin: 4px 0 10px; color: #56606d; font-size: 25px; }
  img { justify-self: center; height: 440px; }
</style><header><h1>Nothing Under <code>kvm_lock</code></h1>
<p>Build the deadlock, look at every schedule, prove it gone</p>
</header><img src="PICTURE">"""


def main() -> int:
    """Draw the card; return the exit code."""
    from playwright.sync_api import sync_playwright

    try:
        path = chromium()
    except NotMade as reason:
        print(reason, file=sys.stderr)
        return 1
    page_file = ROOT / "_build" / "card.html"
    page_file.parent.mkdir(exist_ok=True)
    page_file.write_text(PAGE.replace("PICTURE", PICTURE.as_uri()), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        page = browser.new_page(viewport=SIZE, color_scheme="light")
        page.goto(page_file.as_uri(), wait_until="load")
        page.screenshot(path=CARD)
        browser.close()
    page_file.unlink()
    print(f"{CARD.relative_to(ROOT)}: {CARD.stat().st_size / 1000:.0f} KB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
