"""What a claim must look like, and that every citation in the book has its claim and every claim its citation."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import claims  # noqa: E402  the tools are scripts, not a package

GOOD = {"id": "a", "says": "It says so.", "file": "kernel/a.c", "versions": ["6.12"], "check": [{"has": "x"}]}


def changed(**values: Any) -> dict[str, Any]:
    """Return a good claim with some keys changed; None takes a key away."""
    return {name: value for name, value in {**GOOD, **values}.items() if value is not None}


def test_a_claim_is_read() -> None:
    claim = claims.claim_of(GOOD, "ch01.yml")
    assert (claim.id, claim.versions, claim.checks[0].how, claim.checks[0].what) == ("a", ("6.12",), "has", ("x",))


def test_a_claim_that_cannot_be_checked_says_why() -> None:
    assert claims.claim_of({"id": "a", "says": "b.", "unchecked": "a mail"}, "x").unchecked == "a mail"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (changed(id="A Name"), "the id 'A Name' cannot be linked to"),
        (changed(id=None), "is no claim; each begins with"),
        (changed(says=" "), "x: a: says is ' '; write the statement as a sentence"),
        (changed(versions=[6.1]), r"versions is \[6.1\]; write a list like"),
        (changed(versions=["6.12.3"]), "versions is"),
        (changed(versions="6.12"), "versions is '6.12'"),
        (changed(file="/usr/src/a.c"), "file is '/usr/src/a.c'; write a path inside the kernel tree"),
        (changed(file={6.1: "a.c"}), "file is"),
        (changed(file=None), "file is missing; give file, versions and check, or unchecked"),
        (changed(check=[]), r"check is \[\]"),
        (changed(check=[{"contains": "x"}]), "a check has 'contains'; known are"),
        (changed(check=[{"in": "f"}]), "a check has nothing to look for"),
        (changed(check=[{"has": "x", "lacks": "y"}]), "exactly one of"),
        (changed(check=[{"order": ["x"]}]), "order is"),
        (changed(check=[{"has": 3}]), "has is 3; write a text in quotes"),
        (changed(check=[{"missing": False}]), "missing is False"),
        (
            changed(check=[{"nowhere": "x", "in": "f"}]),
            "in is 'f'; leave it out, nowhere looks at all files",
        ),
        (changed(check=[{"has": "x", "but": ["b.c"]}]), r"but is \['b.c'\]; leave it out, it goes with nowhere only"),
        (changed(check=[{"nowhere": "x", "but": []}]), r"but is \[\]; write a text in quotes"),
        (changed(cheque=[]), "'cheque' is unknown; known are"),
        (changed(unchecked="why"), "it has unchecked and check; keep the one or the other"),
        ({"id": "a", "says": "b.", "unchecked": ""}, "say why it cannot be checked"),
    ],
)
def test_a_wrong_claim_is_named_with_its_value(value: dict[str, Any], says: str) -> None:
    with pytest.raises(claims.BadClaim, match=says):
        claims.claim_of(value, "x")


def test_a_word_that_is_nowhere_else_is_said_so() -> None:
    claim = claims.claim_of(changed(file="arch", check=[{"nowhere": "x", "but": ["arch/a", "arch/b.c"]}]), "x")
    assert claim.checks[0].words() == "no file in the folder has the word `x`, except in `arch/a` and `arch/b.c`"


def put(path: Path, *values: Any) -> Path:
    """Write a file of claims."""
    path.write_text(yaml.safe_dump(list(values)), encoding="utf-8")
    return path


def test_one_claim_in_two_files_is_one(tmp_path: Path) -> None:
    put(tmp_path / "a.yml", GOOD)
    put(tmp_path / "b.yml", GOOD, changed(id="b"))
    assert [claim.id for claim in claims.read(tmp_path)] == ["a", "b"]


def test_one_id_for_two_claims_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "a.yml", GOOD)
    put(tmp_path / "b.yml", changed(says="Something else."))
    with pytest.raises(claims.BadClaim, match=r"a says one thing in a\.yml and another in b\.yml; rename one"):
        claims.read(tmp_path)


def test_an_id_twice_in_one_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(claims.BadClaim, match="the id 'a' is there twice"):
        claims.read(put(tmp_path / "a.yml", GOOD, GOOD))


def test_a_file_that_is_no_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("id: a\n")
    with pytest.raises(claims.BadClaim, match="holds a dict; write a list of claims"):
        claims.read(tmp_path / "a.yml")


def test_what_is_written_is_read_back_the_same(tmp_path: Path) -> None:
    full = changed(
        file={"6.1": "a.c", "6.12": "b.c"},
        versions=["6.12", "6.1"],
        check=[
            {"in": "f", "order": ["a: b", "#c"]},
            {"missing": True, "file": "d.c", "versions": ["6.12"]},
            {"nowhere": "x", "file": "e", "but": ["e/f", "e/g.c"]},
        ],
    )
    first = [claims.claim_of(full, "x"), claims.claim_of({"id": "b", "says": "c.", "unchecked": "d: e"}, "x")]
    path = tmp_path / "a.yml"
    path.write_text(claims.written(first), encoding="utf-8")
    assert claims.read(path) == first
    assert claims.written(claims.read(path)) == path.read_text(encoding="utf-8")


def test_every_citation_has_its_claim() -> None:
    known = {claim.id for claim in claims.all_claims()}
    lost = {name: [page.name for page in places] for name, places in claims.cited().items() if name not in known}
    assert lost == {}


def test_every_claim_is_cited() -> None:
    cited = claims.cited()
    assert [claim.id for claim in claims.all_claims() if claim.id not in cited] == []


def test_a_citation_names_its_source() -> None:
    """The text of such a link says where: a file, a function, a document; never "here" or "source"."""
    bare = re.compile(r"\[(here|this|source|link|claim)\]\((?:\./)?claims\.md", re.IGNORECASE)
    assert [page.name for page in claims.pages() if bare.search(claims.prose(page))] == []
