"""Claims are looked up in a kernel tree: what holds, what does not and why, and what has changed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import check_claims  # noqa: E402  the tools are scripts, not a package
from claims import Claim, claim_of  # noqa: E402

MMU = """
/* set_nx() takes kvm_lock. */
static int set_nx(const char *val)
{
	mutex_lock(&kvm_lock);
	list_for_each_entry(kvm, &vm_list, vm_list) {
		mutex_lock(&kvm->slots_lock);
		zap(kvm);   /* may
			sleep */
		mutex_unlock(&kvm->slots_lock);
	}
	mutex_unlock(&kvm_lock);
}
#ifdef CONFIG_X
static void both(void) { a(); }
#else
static void both(void) { b(); }
#endif
"""


def kernel(folder: Path, version: str, files: dict[str, str]) -> Path:
    """Write a kernel tree of that version."""
    major, minor, sub = version.split(".")
    makefile = f"# SPDX\nVERSION = {major}\nPATCHLEVEL = {minor}\nSUBLEVEL = {sub}\nEXTRAVERSION =\n"
    for name, text in {"Makefile": makefile, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def tree(tmp_path: Path) -> check_claims.Tree:
    """A kernel with one file."""
    return check_claims.Tree(kernel(tmp_path / "linux-6.12", "6.12.117", {"mmu.c": MMU}))


def claim(*checks: dict[str, Any], **values: Any) -> Claim:
    """Return a claim about that file."""
    data = {"id": "a", "says": "So.", "file": "mmu.c", "versions": ["6.12"], "check": list(checks), **values}
    return claim_of(data, "test")


def judged(tree: check_claims.Tree, *checks: dict[str, Any], **values: Any) -> tuple[str, str]:
    """Return what becomes of such a claim."""
    return tuple(check_claims.judge(claim(*checks, **values), tree, "6.12"))


def test_the_version_is_read_from_the_makefile(tree: check_claims.Tree) -> None:
    assert (tree.version, tree.release) == ("6.12", "6.12.117")


def test_a_folder_that_is_no_kernel_is_refused(tmp_path: Path) -> None:
    with pytest.raises(check_claims.BadClaim, match="is no kernel tree: its Makefile names no VERSION"):
        check_claims.Tree(tmp_path)


@pytest.mark.parametrize(
    "check",
    [
        {"has": "zap(kvm)"},
        {"in": "set_nx", "has": ["mutex_lock(&kvm_lock)", "zap(kvm)"]},
        {"in": "set_nx", "has": "/* may sleep */"},
        {"in": "set_nx", "lacks": "kvm_get_kvm"},
        {"in": "set_nx", "lacks": "may sleep", "comments": False},
        {"in": "set_nx", "lacks": "takes kvm_lock"},
        {"in": "set_nx", "order": ["mutex_lock(&kvm_lock)", "mutex_lock(&kvm->slots_lock)", "mutex_unlock(&kvm_lock)"]},
        {"in": "both", "has": "b();"},
        {"in": "both", "lacks": "c();"},
        {"defines": ["set_nx", "both"]},
        {"missing": True, "file": "gone.c"},
    ],
)
def test_holds(tree: check_claims.Tree, check: dict[str, Any]) -> None:
    assert judged(tree, check) == ("holds", "")


@pytest.mark.parametrize(
    ("check", "why"),
    [
        ({"has": "kvm_get_kvm"}, "mmu.c does not have 'kvm_get_kvm'"),
        ({"in": "set_nx", "lacks": "zap(kvm)"}, "set_nx() of mmu.c has 'zap(kvm)'"),
        (
            {"in": "set_nx", "order": ["mutex_lock(&kvm->slots_lock)", "mutex_lock(&kvm_lock)"]},
            "set_nx() of mmu.c does not have 'mutex_lock(&kvm_lock)' after 'mutex_lock(&kvm->slots_lock)'",
        ),
        ({"in": "both", "lacks": "b();"}, "both() of mmu.c has 'b();'"),
        ({"in": "set_nx_huge_pages", "has": "x"}, "mmu.c does not define set_nx_huge_pages"),
        ({"defines": "zap"}, "mmu.c does not define zap"),
        ({"missing": True}, "mmu.c exists"),
        ({"has": "x", "file": "x86.c"}, "x86.c does not exist"),
        ({"has": "x", "file": {"7.0": "mmu.c"}}, "no path is given for 6.12; the claim has one for 7.0"),
    ],
)
def test_does_not_hold_and_why(tree: check_claims.Tree, check: dict[str, Any], why: str) -> None:
    assert judged(tree, check) == ("does not hold", why)


ARCH = {
    "arch/x86/kvm/x86.c": "mutex_lock(&kvm_lock);",
    "arch/s390/kvm/kvm.c": "mutex_lock(&kvm_lock);",
    "arch/arm64/kvm/arm.c": "kvm_lock_all_vcpus(kvm); /* not under kvm_lock */",
    "arch/arm64/kvm/arm.o": "kvm_lock",
}


@pytest.mark.parametrize(
    ("check", "why"),
    [
        ({"nowhere": "vm_list"}, ""),
        ({"nowhere": "kvm_lock", "but": ["arch/s390", "arch/x86/kvm/x86.c"], "comments": False}, ""),
        ({"nowhere": "kvm_lock", "but": ["arch/s390", "arch/x86"]}, "arch/arm64/kvm/arm.c has 'kvm_lock'"),
        ({"nowhere": ["vm_list", "kvm_lock"], "comments": False}, "arch/s390/kvm/kvm.c has 'kvm_lock'"),
        ({"nowhere": "kvm_lock", "but": ["arch"], "comments": False, "file": "arch/x86/kvm"}, ""),
        (
            {"nowhere": "kvm_lock", "but": ["arch/s390", "arch/x86", "arch/arm64"], "comments": False},
            "arch/arm64 does not have 'kvm_lock'",
        ),
        ({"nowhere": "kvm_lock", "file": "arch/mips"}, "arch/mips is no folder"),
    ],
)
def test_a_word_is_only_where_it_is_said_to_be(tmp_path: Path, check: dict[str, Any], why: str) -> None:
    linux = check_claims.Tree(kernel(tmp_path, "6.12.117", ARCH))
    assert judged(linux, check, file="arch") == ("does not hold" if why else "holds", why)


def test_all_checks_of_a_claim_must_hold(tree: check_claims.Tree) -> None:
    assert judged(tree, {"has": "zap"}, {"has": "x86"}, {"has": "arm"}) == (
        "does not hold",
        "mmu.c does not have 'x86'; mmu.c does not have 'arm'",
    )


def test_the_path_is_that_of_the_version(tree: check_claims.Tree) -> None:
    assert judged(tree, {"has": "zap"}, file={"6.1": "gone.c", "6.12": "mmu.c"})[0] == "holds"
    assert judged(tree, {"has": "zap"}, file={"6.1": "mmu.c", "7.3": "gone.c"})[0] == "holds"


def test_not_checked_and_why(tree: check_claims.Tree) -> None:
    assert judged(tree, {"has": "x"}, versions=["6.1", "7.3"]) == ("not checked", "claimed for 6.1, 7.3")
    assert judged(tree, {"has": "x", "versions": ["6.1"]}, versions=["6.1", "6.12"])[0] == "not checked"
    mail = claim_of({"id": "a", "says": "b.", "unchecked": "a mail"}, "x")
    assert check_claims.judge(mail, tree, "7.3") == ("not checked", "a mail")


def test_a_check_of_another_version_does_not_count(tree: check_claims.Tree) -> None:
    said = judged(tree, {"has": "gone", "versions": ["6.1"]}, {"has": "zap"}, versions=["6.1", "6.12"])
    assert said == ("holds", "")


def test_a_newer_kernel_is_held_against_the_newest_claims(tmp_path: Path) -> None:
    newer = check_claims.Tree(kernel(tmp_path, "7.4.0", {"mmu.c": MMU}))
    current, old = claim({"has": "x86"}, versions=["6.12"]), claim({"has": "x86"}, versions=["6.1"])
    assert check_claims.judge(current, newer, "6.12").outcome == "does not hold"
    assert check_claims.judge(old, newer, "6.12").outcome == "not checked"


def claims_file(path: Path, *values: dict[str, Any]) -> str:
    """Write a file of claims, each about mmu.c in 6.12 unless it says otherwise."""
    base = {"says": "So.", "file": "mmu.c", "versions": ["6.12"]}
    full = [value if "unchecked" in value else {**base, **value} for value in values]
    path.write_text(yaml.safe_dump(full), encoding="utf-8")
    return str(path)


def test_the_exit_code_and_the_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    linux = str(kernel(tmp_path / "linux", "6.12.117", {"mmu.c": MMU}))
    good = claims_file(tmp_path / "good.yml", {"id": "a", "check": [{"has": "zap"}]})
    bad = claims_file(tmp_path / "bad.yml", {"id": "b", "check": [{"has": "zip"}]})
    wrong = claims_file(tmp_path / "wrong.yml", {"id": "c", "check": "zip"})
    assert check_claims.main(["--claims", good, linux]) == 0
    assert "Linux 6.12.117: 1 holds, 0 do not hold, 0 not checked" in capsys.readouterr().out
    assert check_claims.main(["--claims", good, "--claims", bad, linux]) == 1
    said = capsys.readouterr().out
    assert "does not hold: b\n      So.\n      Found: mmu.c does not have 'zip'." in said
    assert check_claims.main(["--claims", wrong, linux]) == 2
    assert "wrong.yml: c: check is 'zip'" in capsys.readouterr().err
    assert check_claims.main(["--claims", good, str(tmp_path)]) == 2


def test_what_changed_since_the_previous_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    two = claims_file(
        tmp_path / "a.yml", {"id": "a", "check": [{"has": "zap"}]}, {"id": "b", "check": [{"has": "set"}]}
    )
    before, after = str(tmp_path / "before.json"), str(tmp_path / "after.json")
    old = str(kernel(tmp_path / "old", "6.12.117", {"mmu.c": MMU}))
    new = str(kernel(tmp_path / "new", "6.13.1", {"mmu.c": MMU.replace("zap", "zip")}))
    assert check_claims.main(["--claims", two, "--json", before, old]) == 0
    assert json.loads(Path(before).read_text())["trees"]["6.12"]["claims"]["a"] == {"outcome": "holds", "why": ""}
    assert check_claims.main(["--claims", two, "--previous", before, "--json", after, new]) == 1
    said = capsys.readouterr().out
    assert "This is newer than the book. What it says of 6.12 was looked up here." in said
    assert "6.13, against 6.12: a: holds -> does not hold (mmu.c does not have 'zap')" in said
    assert "b: holds" not in said
    assert check_claims.main(["--claims", two, "--previous", after, new]) == 1
    assert "Nothing changed since the previous report." in capsys.readouterr().out


def test_a_claim_that_came_or_went_is_a_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    linux = str(kernel(tmp_path / "linux", "6.12.117", {"mmu.c": MMU}))
    report = str(tmp_path / "report.json")
    check_claims.main(
        ["--claims", claims_file(tmp_path / "a.yml", {"id": "a", "check": [{"has": "x"}]}), "--json", report, linux]
    )
    check_claims.main(
        [
            "--claims",
            claims_file(tmp_path / "b.yml", {"id": "b", "check": [{"has": "set"}]}),
            "--previous",
            report,
            linux,
        ]
    )
    said = capsys.readouterr().out
    assert "6.12: a is gone" in said
    assert "6.12: b is new" in said


def test_a_file_that_is_no_report_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.json").write_text("[]")
    assert check_claims.main(["--claims", claims_file(tmp_path / "a.yml"), "--previous", str(tmp_path / "a.json")]) == 2
    assert "holds no report" in capsys.readouterr().err
