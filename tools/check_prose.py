"""Hold the book's prose to its words: one word for one thing, short sentences, each term linked where it is used first.

Usage: python tools/check_prose.py [--link] [--stats] [PAGE...]

What counts as prose: the Markdown cells of the notebooks and the Markdown pages of book/; code, formulas and links'
addresses do not. The words are in book/terms.yml, their definitions in book/glossary.md. With --link the missing links
to the glossary are written into the pages.

Our own check, because none that we found fits: Vale's package on PyPI fetches a binary when it is first run, so a test
would need the network; proselint has no rules of one's own and needs a compiled regex library; textstat, for a reading
level, brings all of nltk. A second-language reader is served by short sentences, so their length is the statistic.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "book"
LONGEST = 40  # words in a sentence
LONG = 25  # a reader notices these

FENCE = re.compile(r"^([ \t]*)(`{3,}|~{3,}|:{3,}).*?^\1\2[ \t]*$", re.DOTALL | re.MULTILINE)
# What is not prose, wherever it stands: comments, HTML, code, formulas, targets, roles, addresses.
NOT_PROSE = re.compile(
    r"<!--.*?-->|<(?:style|script|svg)\b.*?</(?:style|script|svg)>|</?[a-zA-Z][^<>\n]*>|(?P<code>`+).+?(?P=code)"
    r"|\$\$.*?\$\$|\$[^$\n]+\$|^\([\w-]+\)=$|\{[\w:-]+\}(?=`)|https?://\S+",
    re.DOTALL | re.MULTILINE,
)
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^()\s]*)(?:\s+\"[^\"]*\")?\)")
ENDS = re.compile(r"(?<=[.!?])[\"”'’*_)\]]*\s+(?=[\"“'‘*_(\[]*[A-Z0-9¤①-⑳])")
# Where the places of shortened words end is no end of a sentence.
NO_END = re.compile(r"\b(?:vs|Dr|St|No|pp|Fig|[A-Z])\.$")


class Problem(NamedTuple):
    """What is wrong on a page."""

    page: str
    line: int
    says: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.says}"


class Avoid(NamedTuple):
    """A word that is not said, what to say instead, and what in its sentence excuses it."""

    word: re.Pattern[str]
    say: str
    unless: re.Pattern[str] | None


class Terms(NamedTuple):
    """The words of the book: the forms of each term, what is avoided, and phrases in which a form has another sense."""

    forms: dict[str, list[str]]
    avoid: list[Avoid]
    other: dict[str, list[str]]


def read_terms(path: Path = BOOK / "terms.yml") -> Terms:
    """Return the terms in the file at `path`."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    avoid = [
        Avoid(
            re.compile(rf"(?<![\w-])(?:{rule['word']})(?![\w-])", re.IGNORECASE),
            rule["say"],
            re.compile(rule["unless"]) if "unless" in rule else None,
        )
        for rule in data["avoid"]
    ]
    forms = {str(term): [str(form) for form in forms] for term, forms in data["terms"].items()}
    return Terms(forms, avoid, data["other"])


def anchor(heading: str) -> str:
    """Return the anchor that MyST and GitHub give to a heading: ``Grace period`` is at ``#grace-period``."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def blank(text: str) -> str:
    """Return `text` with every character but line ends as a space."""
    return re.sub(r"[^\n]", " ", text)


def masked(text: str, code: str = "¤") -> str:
    """Return `text`, as long as before, with what is not prose blanked out; a code span begins with `code`."""
    text = FENCE.sub(lambda found: blank(found[0]), text)

    def sign(found: re.Match[str]) -> str:
        return code + blank(found[0])[1:] if found["code"] else blank(found[0])

    text = NOT_PROSE.sub(sign, text)

    def words(found: re.Match[str]) -> str:
        start = found.start(2) - found.start()
        return " " * start + found[2] + blank(found[0][start + len(found[2]) :])

    return LINK.sub(words, LINK.sub(words, text))


def blocks(text: str) -> Iterator[tuple[int, str]]:
    """Yield the paragraphs, list items, headings and cells of `text`, masked, each with the place where it begins."""
    clear = masked(text)
    row = re.compile(r"^[ \t>]*\|.*\|[ \t]*$")
    mark = re.compile(r"^[ \t>]*(?:[-*+]|\d+[.)]|#{1,6})[ \t]+|^[ \t>]+")
    start, kept, heading = 0, list[str](), False
    place = 0
    for line in [*clear.splitlines(keepends=True), "\n"]:
        begins = bool(re.match(r"^[ \t>]*(?:[-*+]|\d+[.)]|#{1,6})[ \t]", line))
        if kept and (not line.strip() or begins or heading or row.match(line)):
            yield start, "".join(kept)
            kept = []
        heading = line.lstrip().startswith("#")
        if row.match(line):
            for cell in re.finditer(r"[^|\n]+", line):
                if cell[0].strip(" :-"):
                    yield place + cell.start(), cell[0]
        elif line.strip():
            start = place if not kept else start
            kept.append(mark.sub(lambda found: " " * len(found[0]), line) if begins or not kept else line)
        place += len(line)


def sentences(block: str) -> Iterator[tuple[int, str]]:
    """Yield the sentences of a block, each with its place in the block."""
    start = 0
    for end in [*(found for found in ENDS.finditer(block) if not NO_END.search(block[: found.start()])), None]:
        sentence = block[start : end.end() if end else None]
        if sentence.strip():
            yield start + len(sentence) - len(sentence.lstrip()), " ".join(sentence.split())
        start = end.end() if end else start


def words(sentence: str) -> int:
    """Return the number of words; a code span is one."""
    return len(re.findall(r"[\w¤][\w¤'’.,-]*", sentence))


def line_of(text: str, place: int) -> int:
    """Return the number of the line at `place`."""
    return text.count("\n", 0, place) + 1


class Part(NamedTuple):
    """A stretch of Markdown: a whole page, or a cell of a notebook."""

    name: str
    text: str


def parts(page: Path) -> list[Part]:
    """Return the prose of a page in its parts."""
    text = page.read_text(encoding="utf-8")
    if page.suffix != ".ipynb":
        return [Part(page.name, text)]
    cells = json.loads(text)["cells"]
    return [
        Part(f"{page.name}, cell {number}", "".join(cell["source"]))
        for number, cell in enumerate(cells, 1)
        if cell["cell_type"] == "markdown"
    ]


def wrong_words(part: Part, terms: Terms) -> Iterator[Problem]:
    """Yield the avoided words and the long sentences of a part."""
    for start, block in blocks(part.text):
        for place, sentence in sentences(block):
            line = line_of(part.text, start + place)
            if (count := words(sentence)) > LONGEST:
                yield Problem(
                    part.name, line, f"{count} words in one sentence, {LONGEST} are the most: {sentence[:60]}…"
                )
            for rule in terms.avoid:
                found = rule.word.search(sentence)
                if found and not (rule.unless and rule.unless.search(sentence)):
                    yield Problem(part.name, line, f"{found[0]!r}: say {rule.say}. In: {sentence[:80]}")


def linkable(text: str) -> str:
    """Return `text`, as long as before, with all blanked out that cannot become a link: headings, links, code."""
    for kind in (FENCE, LINK, NOT_PROSE):  # links first: without its address none is seen to be one
        text = kind.sub(lambda found: blank(found[0]), text)
    return re.sub(r"^[ \t]*#.*$", lambda found: blank(found[0]), text, flags=re.MULTILINE)


def any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern for any of some phrases, the longest one first, in any case and over the ends of lines."""
    longest_first = (re.escape(phrase).replace(r"\ ", r"\s+") for phrase in sorted(phrases, key=len, reverse=True))
    return re.compile(rf"(?<![\w/-])(?:{'|'.join(longest_first)})(?![\w-])", re.IGNORECASE)


def first_uses(text: str, terms: Terms) -> list[tuple[int, int, str]]:
    """Return where each term is used first and could be linked: start, end, term. A longer term hides a shorter one."""
    text = linkable(text)
    forms = {form.lower(): term for term, all_forms in terms.forms.items() for form in all_forms}
    other = {
        (term, place)
        for term, phrases in terms.other.items()
        for phrase in any_of(phrases).finditer(text)
        for place in range(*phrase.span())
    }
    found: dict[str, tuple[int, int, str]] = {}
    for match in any_of(forms).finditer(text):
        said = " ".join(match[0].split())
        term = forms[said.lower()]
        if (term, match.start()) in other:
            continue
        if said in terms.forms[term] or said[0].lower() + said[1:] in terms.forms[term]:
            found.setdefault(term, (match.start(), match.end(), term))
    return sorted(found.values())


def linked(text: str) -> dict[str, int]:
    """Return the terms' anchors that `text` links to, each with its first place."""
    places: dict[str, int] = {}
    for found in LINK.finditer(FENCE.sub(lambda fence: blank(fence[0]), text)):
        if re.fullmatch(r"(?:\./)?glossary\.md#\S+", found[3]):
            places.setdefault(found[3].split("#")[1], found.start())
    return places


def unlinked(text: str, terms: Terms) -> list[tuple[int, int, str]]:
    """Return the first uses in `text` that should be links and are none."""
    have = linked(text)
    return [use for use in first_uses(text, terms) if have.get(anchor(use[2]), len(text)) > use[0]]


def with_links(text: str, terms: Terms) -> str:
    """Return `text` with a link at the first use of each term; a link further on is taken off."""
    for start, end, term in reversed(unlinked(text, terms)):
        later = re.compile(rf"\[([^\[\]]*)\]\((?:\./)?glossary\.md#{re.escape(anchor(term))}\)")
        rest = later.sub(r"\1", text[end:])
        text = f"{text[:start]}[{text[start:end]}](glossary.md#{anchor(term)}){rest}"
    return text


SEAM = "\n\n\x00\n\n"
"""What joins the cells of a notebook so that they can be looked at as one text."""


def whole(page: Path) -> str:
    """Return the prose of a page as one text, its cells joined by `SEAM`."""
    return SEAM.join(part.text for part in parts(page))


def is_chapter(page: Path) -> bool:
    """Return whether a page is a chapter: there each term is linked where it is used first."""
    return bool(re.match(r"\d\d_", page.name))


def write_links(page: Path, terms: Terms) -> bool:
    """Write the missing links into a chapter; return whether it changed."""
    before = whole(page)
    after = with_links(before, terms)
    if after == before:
        return False
    import nbformat

    sys.path.insert(0, str(ROOT / "tools"))
    from outputs import normal_form, written

    notebook = nbformat.read(page, as_version=4)
    texts = iter(after.split(SEAM))
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = next(texts)
    page.write_text(written(normal_form(notebook, page.name)), encoding="utf-8")
    return True


def pages() -> list[Path]:
    """Return the pages of the book."""
    return [*sorted(BOOK.glob("*.ipynb")), *sorted(BOOK.glob("*.md"))]


def statistic(page: Path) -> tuple[int, int, int, int]:
    """Return the words of a page, its sentences, the long ones among them, and the words of the longest."""
    counts = [
        count
        for part in parts(page)
        for _, block in blocks(part.text)
        for _, sentence in sentences(block)
        if (count := words(sentence)) > 2
    ]
    return sum(counts), len(counts), sum(count > LONG for count in counts), max(counts, default=0)


def stats(chosen: list[Path]) -> str:
    """Return the statistic of some pages as a table."""
    lines = [f"{'page':32}{'words':>7}{'a sentence':>12}{'over 25':>9}{'longest':>9}"]
    total = [0, 0, 0, 0]
    for page in chosen:
        count = statistic(page)
        total = [*(have + more for have, more in zip(total[:3], count[:3], strict=True)), max(total[3], count[3])]
        lines.append(_row(page.name, count))
    return "\n".join([*lines, _row("all", tuple(total))])


def _row(name: str, count: tuple[int, ...]) -> str:
    every, number, long, longest = count
    mean = f"{every / number:.1f}" if number else "-"
    return f"{name:32}{every:7}{mean:>12}{(f'{100 * long / number:.0f}%' if number else '-'):>9}{longest:9}"


def main(arguments: list[str]) -> int:
    """Check the pages, or write their links; return the exit code."""
    link, table = "--link" in arguments, "--stats" in arguments
    named = [Path(name) for name in arguments if not name.startswith("--")]
    chosen, terms = named or pages(), read_terms()
    if link:
        for page in chosen:
            if is_chapter(page) and page.suffix == ".ipynb" and write_links(page, terms):
                print(f"{page.name}: linked")
    problems = [problem for page in chosen for part in parts(page) for problem in wrong_words(part, terms)]
    for page in chosen:
        if is_chapter(page) and (lacking := [use[2] for use in unlinked(whole(page), terms)]):
            problems.append(Problem(page.name, 1, f"not linked at first use: {', '.join(lacking)}; run with --link"))
    print(*problems, sep="\n", end="\n" if problems else "", file=sys.stderr)
    counts = [statistic(page) for page in chosen]
    every, number, long = (sum(count[place] for count in counts) for place in range(3))
    if table:
        print(stats(chosen))
    elif number:
        print(f"Prose: {every:,} words, {every / number:.1f} a sentence, {long / number:.0%} of sentences over {LONG}.")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
