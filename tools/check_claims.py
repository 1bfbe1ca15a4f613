"""Look up in unpacked kernel trees what the book says about kernel source.

Usage: python tools/check_claims.py [options] [KERNEL...]

    KERNEL            the top folder of an unpacked kernel; its version is read from its Makefile
    --claims PATH     a file of claims or a folder of such files; without it, all claims of the book
    --json FILE       write the report to FILE
    --previous FILE   say what has changed since the report in FILE
    --verbose         also list the claims that hold

Without a KERNEL only the form of the claims is checked. A tree newer than every version that the book names is held
against the claims made for the newest of those. The exit code is 0 when every claim that could be checked holds, 1 when
one does not, 2 when the claims or the tree cannot be read.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))
from claims import (  # the tools are scripts, not a package
    BadClaim,
    Check,
    Claim,
    Files,
    all_claims,
    key,
    merged,
    read,
)
from csource import Source, squeezed, without_comments

SOURCES = (".c", ".h", ".S")
HOLDS, FAILS, UNCHECKED = "holds", "does not hold", "not checked"


class Finding(NamedTuple):
    """What became of a claim in one tree, and why."""

    outcome: str
    why: str = ""


@functools.lru_cache(maxsize=256)
def _source(path: Path) -> Source:
    return Source(path.read_text(encoding="utf-8", errors="replace"))


class Tree:
    """An unpacked kernel.

    Raises:
        BadClaim: the folder is no kernel tree.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        makefile = root / "Makefile"
        text = makefile.read_text(encoding="utf-8", errors="replace") if makefile.is_file() else ""
        number = {
            name: found[1]
            for name in ("VERSION", "PATCHLEVEL", "SUBLEVEL")
            if (found := re.search(rf"^{name}[ \t]*=[ \t]*(\d+)[ \t]*$", text, re.MULTILINE))
        }
        if not {"VERSION", "PATCHLEVEL"} <= set(number):
            raise BadClaim(
                f"{root} is no kernel tree: its Makefile names no VERSION and PATCHLEVEL. "
                "Give the folder that linux-source-6.12.tar.xz unpacks to."
            )
        self.version = f"{number['VERSION']}.{number['PATCHLEVEL']}"
        self.release = f"{self.version}.{number.get('SUBLEVEL', '0')}"

    def path_of(self, files: Files) -> str:
        """Return the path that `files` gives for this version: its own, else that of the nearest older one."""
        if isinstance(files, str):
            return files
        older = [version for version in files if key(version) <= key(self.version)]
        return files[max(older, key=key)] if older else ""

    def problem(self, check: Check, files: Files) -> str:
        """Return why `check` does not hold here, or nothing."""
        name = self.path_of(check.file or files)
        if not name:
            return f"no path is given for {self.version}; the claim has one for {', '.join(check.file or files)}"
        path = self.root / name
        if check.how == "missing":
            return f"{name} exists" if path.exists() else ""
        if check.how == "nowhere":
            return self._somewhere(check, name)
        if not path.is_file():
            return f"{name} does not exist"
        source = _source(path)
        if check.how == "defines":
            absent = [each for each in check.what if not source.defines(each)]
            return f"{name} does not define {absent[0]}" if absent else ""
        texts = source.bodies(check.within) if check.within else [source.text]
        if not texts:
            return f"{name} does not define {check.within}"
        place = f"{check.within}() of {name}" if check.within else name
        texts = [squeezed(text if check.comments else without_comments(text)) for text in texts]
        wanted = [squeezed(each) for each in check.what]
        said = [_lacks(text, wanted) if check.how == "lacks" else _order(text, wanted, check.how) for text in texts]
        # Of several definitions (one for each #if) each must lack a text, and one must have it.
        wrong = [each for each in said if each]
        fails = bool(wrong) if check.how == "lacks" else len(wrong) == len(said)
        return f"{place} {wrong[0]}" if fails else ""

    def _somewhere(self, check: Check, folder: str) -> str:
        """Return where the words of `check` are in `folder` but should not be, or are not but should be; or nothing."""
        if not (self.root / folder).is_dir():
            return f"{folder} is no folder"
        word = re.compile(rf"\b(?:{'|'.join(map(re.escape, check.what))})\b")
        lacking = list(check.but)
        for path, text in self._sources(folder):
            if not any(each in text for each in check.what):  # the usual case, at C's speed
                continue
            found = word.search(text if check.comments else without_comments(text))
            places = [each for each in check.but if path.is_relative_to(each)]
            if found and not places:
                return f"{path} has {found[0]!r}"
            lacking = [each for each in lacking if not found or each not in places]
        return f"{lacking[0]} does not have {' or '.join(map(repr, check.what))}" if lacking else ""

    def _sources(self, folder: str) -> Iterator[tuple[Path, str]]:
        """Yield the C and assembly files under `folder`: the path inside the tree, and the text."""
        for top, folders, files in os.walk(self.root / folder):
            folders.sort()
            for name in sorted(files):
                path = Path(top, name)
                if path.suffix in SOURCES and path.is_file():
                    yield path.relative_to(self.root), path.read_text(encoding="utf-8", errors="replace")


def _lacks(text: str, unwanted: list[str]) -> str:
    found = [each for each in unwanted if each in text]
    return f"has {found[0]!r}" if found else ""


def _order(text: str, wanted: list[str], how: str) -> str:
    place = 0
    for number, each in enumerate(wanted):
        found = text.find(each, place)
        if found < 0:
            later = f" after {wanted[number - 1]!r}" if how == "order" and number and each in text else ""
            return f"does not have {each!r}{later}"
        place = found + len(each) if how == "order" else 0
    return ""


def judge(claim: Claim, tree: Tree, newest: str) -> Finding:
    """Return what becomes of `claim` in `tree`, when the newest version that the book names is `newest`."""
    if claim.unchecked:
        return Finding(UNCHECKED, claim.unchecked)
    ahead = key(tree.version) > key(newest) and newest in claim.versions
    if tree.version not in claim.versions and not ahead:
        return Finding(UNCHECKED, f"claimed for {', '.join(claim.versions)}")
    as_version = newest if ahead else tree.version
    checks = [check for check in claim.checks if not check.versions or as_version in check.versions]
    if not checks:
        return Finding(UNCHECKED, f"no check is given for {as_version}")
    problems = [problem for check in checks if (problem := tree.problem(check, claim.file))]
    return Finding(FAILS, "; ".join(problems)) if problems else Finding(HOLDS)


def newest_of(claims: list[Claim]) -> str:
    """Return the newest version that a claim is made for."""
    return max((version for claim in claims for version in claim.versions), key=key, default="0.0")


Report = dict[str, dict[str, Finding]]


def changes(before: Report, after: Report) -> list[str]:
    """Say what differs between two reports, by version; a version that is new is held against the nearest older one."""
    said = []
    for version, findings in after.items():
        older = [other for other in before if key(other) <= key(version)]
        if not older:
            said.append(f"{version}: no earlier report to compare with")
            continue
        than = max(older, key=key)
        name = version if than == version else f"{version}, against {than}"
        for claim in sorted(set(before[than]) | set(findings)):
            old, new = before[than].get(claim), findings.get(claim)
            if old is None or new is None:
                said.append(f"{name}: {claim} is {'new' if old is None else 'gone'}")
            elif old.outcome != new.outcome:
                said.append(f"{name}: {claim}: {old.outcome} -> {new.outcome}{f' ({new.why})' if new.why else ''}")
    return said


def to_json(report: Report, releases: dict[str, str]) -> str:
    """Return `report` as it is kept in a file."""
    trees = {
        version: {
            "release": releases.get(version, version),
            "claims": {name: {"outcome": each.outcome, "why": each.why} for name, each in findings.items()},
        }
        for version, findings in report.items()
    }
    return json.dumps({"trees": trees}, indent=1, ensure_ascii=False) + "\n"


def from_json(path: Path) -> Report:
    """Return the report in the file at `path`.

    Raises:
        BadClaim: the file holds no report.
    """
    try:
        trees = json.loads(path.read_text(encoding="utf-8"))["trees"]
        return {
            version: {name: Finding(each["outcome"], each["why"]) for name, each in tree["claims"].items()}
            for version, tree in trees.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadClaim(f"{path} holds no report ({type(error).__name__}); write one with --json.") from None


def told(tree: Tree, claims: list[Claim], findings: dict[str, Finding], newest: str, verbose: bool) -> str:
    """Return the report of one tree in words."""
    count = Counter(each.outcome for each in findings.values())
    lines = [
        f"Linux {tree.release}: "
        + ", ".join(f"{count[word]} {_verb(word, count[word])}" for word in (HOLDS, FAILS, UNCHECKED))
    ]
    if key(tree.version) > key(newest):
        lines.append(f"  This is newer than the book. What it says of {newest} was looked up here.")
    for claim in claims:
        outcome, why = findings[claim.id]
        if outcome == FAILS:
            lines += [f"  does not hold: {claim.id}", f"      {claim.says}", f"      Found: {why}."]
        elif outcome == HOLDS and verbose:
            lines.append(f"  holds: {claim.id}")
        elif outcome == UNCHECKED and verbose:
            lines.append(f"  not checked: {claim.id} ({why})")
    reasons = Counter(
        each.why if each.why.startswith("claimed for") else "no source to look it up in"
        for each in findings.values()
        if each.outcome == UNCHECKED
    )
    if not verbose:
        lines += [f"  not checked: {number}, {why}" for why, number in sorted(reasons.items())]
    return "\n".join(lines)


def _verb(word: str, number: int) -> str:
    return word if number == 1 or word == UNCHECKED else {HOLDS: "hold", FAILS: "do not hold"}[word]


def main(arguments: list[str]) -> int:
    """Do as the command line says; return the exit code."""
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n", 1)[1].removeprefix("Usage: "), add_help=True)
    parser.add_argument("kernels", nargs="*", type=Path)
    parser.add_argument("--claims", action="append", type=Path, default=[])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--previous", type=Path)
    parser.add_argument("--verbose", "-v", action="store_true")
    asked = parser.parse_args(arguments)
    try:
        claims = (
            merged((each, path.name) for path in asked.claims for each in read(path)) if asked.claims else all_claims()
        )
        newest = newest_of(claims)
        trees = [Tree(path) for path in asked.kernels]
        before = from_json(asked.previous) if asked.previous else None
    except BadClaim as problem:
        print(problem, file=sys.stderr)
        return 2
    unchecked = sum(bool(claim.unchecked) for claim in claims)
    print(f"{len(claims)} claims, {unchecked} of them not about source and so not checked.")
    report: Report = {}
    for tree in trees:
        report[tree.version] = {claim.id: judge(claim, tree, newest) for claim in claims}
        print(told(tree, claims, report[tree.version], newest, asked.verbose))
    if before is not None:
        said = changes(before, report)
        print("Changed since the previous report:" if said else "Nothing changed since the previous report.")
        print(*(f"  {line}" for line in said), sep="\n", end="\n" if said else "")
    if asked.json:
        asked.json.write_text(to_json(report, {tree.version: tree.release for tree in trees}), encoding="utf-8")
    return int(any(each.outcome == FAILS for findings in report.values() for each in findings.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
