"""The statements about kernel source that the book makes: their form, where they are kept, and what cites them.

They are kept in book/claims.yml, and while chapters are being written also in book/claims.d/*.yml. Run as a script it
merges the parts into the one file, in the order of the chapters that cite them:

    python tools/claims.py merge
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "book"
ONE_FILE, PARTS = BOOK / "claims.yml", BOOK / "claims.d"

ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
VERSION = re.compile(r"\d+\.\d+")
LINK = re.compile(r"\]\((?:\./)?claims\.md#([^)\s]*)\)")
HOW = ("has", "lacks", "order", "defines", "missing", "nowhere")
CLAIM_KEYS = {"id", "says", "file", "versions", "check", "unchecked"}
CHECK_KEYS = {*HOW, "in", "but", "file", "versions", "comments"}

Files = str | dict[str, str]


class BadClaim(Exception):
    """What is wrong with a claim or with the file that holds it, in one sentence."""


@dataclass(frozen=True)
class Check:
    """One thing that must be found in a file, or must not be.

    Attributes:
        how: ``has``, ``lacks``, ``order``, ``defines``, ``missing`` or ``nowhere``. The last is about a folder: none of
            the C and assembly files below it has the words.
        what: the texts that are meant (for ``missing`` none; for ``nowhere`` whole words).
        but: for ``nowhere``, the folders and files that do have the words, every one of them.
        within: the function, macro or type whose text is looked at; "" for the whole file.
        file: its own path when it is another one than the claim's.
        versions: the versions it is made for when it is not made for all of the claim's.
        comments: whether comments count as text.
    """

    how: str
    what: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    within: str = ""
    file: Files | None = None
    versions: tuple[str, ...] = ()
    comments: bool = True

    def words(self) -> str:
        """Say the check as a reader would."""
        named = isinstance(self.file, str)
        place = f"`{self.within}`" if self.within else f"`{self.file}`" if named else "the file"
        code = [f"`{each}`" for each in self.what]
        said = {
            "has": f"{place} has {' and '.join(code)}",
            "lacks": f"{place} does not have {' or '.join(code)}",
            "order": f"in {place}, in this order: {', '.join(code)}",
            "defines": f"{place} defines {' and '.join(code)}",
            "missing": "there is no such file",
            "nowhere": f"no file in the folder has the word {' or '.join(code)}",
        }[self.how]
        said += f", except in {' and '.join(f'`{each}`' for each in self.but)}" if self.but else ""
        said += f" (in `{self.file}`)" if named and place not in said else ""
        return said + (f" (in {', '.join(self.versions)})" if self.versions else "")


@dataclass(frozen=True)
class Claim:
    """A statement about kernel source: checked in `file`, in each of `versions`, or `unchecked` with the reason."""

    id: str
    says: str
    file: Files = ""
    versions: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    unchecked: str = ""
    data: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


def key(version: str) -> tuple[int, ...]:
    """Return what versions are sorted by: 6.9 comes before 6.12."""
    return tuple(int(part) for part in version.split("."))


def _texts(value: Any, claim: str, name: str) -> tuple[str, ...]:
    many = value if isinstance(value, list) else [value]
    if not many or not all(isinstance(each, str) and each.strip() for each in many):
        raise BadClaim(f"{claim}: {name} is {value!r}; write a text in quotes, or a list of such texts.")
    return tuple(many)


def _versions(value: Any, claim: str) -> tuple[str, ...]:
    wrong = [each for each in value if not (isinstance(each, str) and VERSION.fullmatch(each))] if value else [value]
    if not isinstance(value, list) or wrong:
        raise BadClaim(f'{claim}: versions is {value!r}; write a list like ["6.12", "7.3"], each in quotes.')
    return tuple(sorted(value, key=key))


def _files(value: Any, claim: str) -> Files:
    named = list(value.values()) if isinstance(value, dict) else [value]
    keys = list(value) if isinstance(value, dict) else []
    bad_path = [each for each in named if not isinstance(each, str) or not each or each.startswith("/") or ".." in each]
    bad_key = [each for each in keys if not isinstance(each, str) or not VERSION.fullmatch(each)]
    if bad_path or bad_key or not named:
        raise BadClaim(
            f"{claim}: file is {value!r}; write a path inside the kernel tree, or a map like "
            '{"6.12": arch/x86/kvm/x86.c}.'
        )
    return value  # type: ignore[no-any-return]


def _check(value: Any, claim: str) -> Check:
    if not isinstance(value, dict):
        raise BadClaim(f"{claim}: a check is {value!r}; write one of {', '.join(HOW)} with its text.")
    unknown = sorted(set(value) - CHECK_KEYS)
    if unknown:
        raise BadClaim(f"{claim}: a check has {unknown[0]!r}; known are {', '.join(sorted(CHECK_KEYS))}.")
    how = [each for each in HOW if each in value]
    if len(how) != 1:
        raise BadClaim(f"{claim}: a check has {how or 'nothing to look for'}; give exactly one of {', '.join(HOW)}.")
    within = value.get("in", "")
    if "in" in value and (not isinstance(within, str) or not within):
        raise BadClaim(f"{claim}: in is {within!r}; write the name of a function, a macro or a struct.")
    if how[0] == "nowhere" and "in" in value:
        raise BadClaim(f"{claim}: in is {within!r}; leave it out, nowhere looks at all files of a folder.")
    if how[0] != "nowhere" and "but" in value:
        raise BadClaim(f"{claim}: but is {value['but']!r}; leave it out, it goes with nowhere only.")
    if how[0] == "missing" and value["missing"] is not True:
        raise BadClaim(f"{claim}: missing is {value['missing']!r}; write true, or leave it out.")
    if how[0] == "order" and not (isinstance(value["order"], list) and len(value["order"]) > 1):
        raise BadClaim(f"{claim}: order is {value['order']!r}; write a list of two texts or more.")
    return Check(
        how=how[0],
        what=() if how[0] == "missing" else _texts(value[how[0]], claim, how[0]),
        but=_texts(value["but"], claim, "but") if "but" in value else (),
        within=within,
        file=_files(value["file"], claim) if "file" in value else None,
        versions=_versions(value["versions"], claim) if "versions" in value else (),
        comments=value.get("comments", True) is not False,
    )


def claim_of(value: Any, where: str) -> Claim:
    """Return the claim that `value`, read from `where`, stands for.

    Raises:
        BadClaim: its form is wrong; the text names the claim, the value and what to write.
    """
    if not isinstance(value, dict) or not isinstance(value.get("id"), str):
        raise BadClaim(f"{where}: {str(value)[:80]!r} is no claim; each begins with '- id: a-name'.")
    name, claim = value["id"], f"{where}: {value['id']}"
    if not ID.fullmatch(name):
        raise BadClaim(f"{where}: the id {name!r} cannot be linked to; write lower case, digits and single hyphens.")
    unknown = sorted(set(value) - CLAIM_KEYS)
    if unknown:
        raise BadClaim(f"{claim}: {unknown[0]!r} is unknown; known are {', '.join(sorted(CLAIM_KEYS))}.")
    says = value.get("says")
    if not isinstance(says, str) or not says.strip():
        raise BadClaim(f"{claim}: says is {says!r}; write the statement as a sentence.")
    says = " ".join(says.split())
    if "unchecked" in value:
        reason, also = value["unchecked"], sorted({"file", "versions", "check"} & set(value))
        if not isinstance(reason, str) or not reason.strip():
            raise BadClaim(f"{claim}: unchecked is {reason!r}; say why it cannot be checked in a source tree.")
        if also:
            raise BadClaim(f"{claim}: it has unchecked and {also[0]}; keep the one or the other.")
        return Claim(name, says, unchecked=" ".join(reason.split()), data=value)
    missing = [each for each in ("file", "versions", "check") if each not in value]
    if missing:
        raise BadClaim(
            f"{claim}: {missing[0]} is missing; give file, versions and check, or unchecked with the reason."
        )
    checks = value["check"]
    if not isinstance(checks, list) or not checks:
        raise BadClaim(f"{claim}: check is {checks!r}; write a list of what must be found.")
    return Claim(
        id=name,
        says=says,
        file=_files(value["file"], claim),
        versions=_versions(value["versions"], claim),
        checks=tuple(_check(each, claim) for each in checks),
        data=value,
    )


def read(path: Path) -> list[Claim]:
    """Return the claims in the file at `path`, or in all files of the folder at `path`; an id stands for one claim.

    Raises:
        BadClaim: a claim has a wrong form, or one id stands for two different claims.
    """
    files = sorted(path.glob("*.yml")) if path.is_dir() else [path]
    return merged((each, file.name) for file in files for each in _in_file(file))


def _in_file(path: Path) -> list[Claim]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise BadClaim(f"{path} cannot be read: {' '.join(str(error).split())}.") from None
    if values is not None and not isinstance(values, list):
        raise BadClaim(f"{path} holds a {type(values).__name__}; write a list of claims, each beginning with '- id:'.")
    found = [claim_of(value, path.name) for value in values or []]
    for claim in found:
        if sum(other.id == claim.id for other in found) > 1:
            raise BadClaim(f"{path.name}: the id {claim.id!r} is there twice; give each claim its own.")
    return found


def merged(claims: Iterable[tuple[Claim, str]]) -> list[Claim]:
    """Return the claims of several files, each given with the name of its file; the same claim in two files is one."""
    kept: dict[str, tuple[Claim, str]] = {}
    for claim, where in claims:
        other = kept.setdefault(claim.id, (claim, where))
        if other[0] != claim:
            raise BadClaim(f"{claim.id} says one thing in {other[1]} and another in {where}; rename one of the two.")
    return [claim for claim, _ in kept.values()]


def all_claims(one_file: Path = ONE_FILE, parts: Path = PARTS) -> list[Claim]:
    """Return every claim of the book."""
    files = [one_file] if one_file.exists() else []
    files += sorted(parts.glob("*.yml")) if parts.is_dir() else []
    return merged((claim, file.name) for file in files for claim in _in_file(file))


def prose(path: Path) -> str:
    """Return the text of a page: all of a Markdown file, the Markdown cells of a notebook."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    cells = json.loads(text)["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def pages(book: Path = BOOK) -> list[Path]:
    """Return the pages of the book, chapters first, in order; the page of claims itself is none of them."""
    found = [*sorted(book.glob("[0-9]*.ipynb")), *sorted(book.glob("*.md")), *sorted(book.glob("[a-z]*.ipynb"))]
    return [page for page in found if page.name != "claims.md"]


def cited(book: Path = BOOK) -> dict[str, list[Path]]:
    """Return the pages that cite each id, in the order in which a reader meets them."""
    places: dict[str, list[Path]] = {}
    for page in pages(book):
        for name in dict.fromkeys(LINK.findall(prose(page))):
            places.setdefault(name, []).append(page)
    return places


class _Flow(list[str]):
    """A list that is written on one line."""


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(_Flow, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, True))


def written(claims: list[Claim]) -> str:
    """Return the text of the file that holds `claims`."""
    blocks = []
    for claim in claims:
        data = {
            name: claim.data[name]
            for name in ("id", "says", "file", "versions", "check", "unchecked")
            if name in claim.data
        }
        data["says"] = claim.says
        if "versions" in data:
            data["versions"] = _Flow(claim.versions)
        if "check" in data:
            data["check"] = [
                {
                    name: _Flow(value) if isinstance(value, list) else value
                    for name, value in sorted(each.items(), key=_check_order)
                }
                for each in data["check"]
            ]
        blocks.append(yaml.dump([data], Dumper=_Dumper, sort_keys=False, width=116, allow_unicode=True))
    return "\n".join(blocks)


def _check_order(item: tuple[str, Any]) -> int:
    return ("file", "in", *HOW, "but", "comments", "versions").index(item[0])


HEADER = """\
# Every statement about kernel source that the book makes. The text cites a claim as [source](claims.md#id), and
# `make check-claims KERNEL=path` looks it up in an unpacked kernel tree. The form is described in tools/claims.py;
# the order is that of the pages that cite them. Written by `python tools/claims.py merge`.

"""


def main(arguments: list[str]) -> int:
    """Merge the parts into the one file; return the exit code."""
    if arguments != ["merge"]:
        print(__doc__)
        return 2
    try:
        claims = all_claims()
    except BadClaim as problem:
        print(problem, file=sys.stderr)
        return 2
    order = {name: number for number, name in enumerate(cited())}
    claims.sort(key=lambda claim: (order.get(claim.id, len(order)), claim.id))
    ONE_FILE.write_text(HEADER + written(claims), encoding="utf-8")
    print(f"{ONE_FILE.relative_to(ROOT)}: {len(claims)} claims. The parts in {PARTS.relative_to(ROOT)} can go.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
