"""The index of functions and locks of the kernel, made from the pages each time the book is built.

The directive ``{kernel-index} functions`` lists every kernel function that a page names in code, with its file when a
claim looks it up; ``{kernel-index} locks`` lists the locks.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

# Of each lock its kind, and the file that defines it or the structure it is in (Linux 6.12 unless another is named).
LOCKS = {
    "cgroup_mutex": ("mutex", "kernel/cgroup/cgroup.c"),
    "cgroup_threadgroup_rwsem": ("per-CPU reader/writer semaphore", "kernel/cgroup/cgroup.c"),
    "config_lock": ("mutex in each VM, arm64", "arch/arm64/include/asm/kvm_host.h"),
    "cpu_hotplug_lock": ("per-CPU reader/writer semaphore", "kernel/cpu.c"),
    "group_lock": ("mutex in each VFIO group", "drivers/vfio/vfio.h"),
    "guests_lock": ("mutex of vfio-ap, s390", "drivers/s390/crypto/vfio_ap_private.h"),
    "its_lock": ("mutex in each ITS, arm64", "include/kvm/arm_vgic.h"),
    "jump_label_mutex": ("mutex", "kernel/jump_label.c"),
    "kvm->irq_srcu": ("SRCU domain in each VM", "include/linux/kvm_host.h"),
    "kvm->lock": ("mutex in each VM", "include/linux/kvm_host.h"),
    "kvm->mmu_lock": ("spinlock or rwlock in each VM", "include/linux/kvm_host.h"),
    "kvm->slots_arch_lock": ("mutex in each VM", "include/linux/kvm_host.h"),
    "kvm->slots_lock": ("mutex in each VM", "include/linux/kvm_host.h"),
    "kvm->srcu": ("SRCU domain in each VM", "include/linux/kvm_host.h"),
    "kvm_count_lock": ("raw spinlock, 6.1", "virt/kvm/kvm_main.c"),
    "kvm_lock": ("mutex", "virt/kvm/kvm_main.c"),
    "kvm_usage_lock": ("mutex", "virt/kvm/kvm_main.c"),
    "mdevs_lock": ("mutex of vfio-ap, s390", "drivers/s390/crypto/vfio_ap_private.h"),
    "mmu_setup_lock": ("mutex in each VM, powerpc", "arch/powerpc/include/asm/kvm_host.h"),
    "mp_state_lock": ("spinlock in each vCPU, arm64 and RISC-V", "arch/arm64/include/asm/kvm_host.h"),
    "param_lock": ("mutex in each module", "include/linux/module.h"),
    "slab_mutex": ("mutex", "mm/slab_common.c"),
    "srcu_gp_mutex": ("mutex in each SRCU domain", "include/linux/srcutree.h"),
    "vcpu->mutex": ("mutex in each vCPU", "include/linux/kvm_host.h"),
    "vendor_module_lock": ("mutex, x86", "arch/x86/kvm/x86.c"),
    "xen_lock": ("mutex in each VM, x86", "arch/x86/include/asm/kvm_host.h"),
}
# Words of ours and of Python that look like kernel functions in the text.
OURS = {"each_safe", "get_ident", "get_safe", "inc_not_zero", "read_lock", "read_unlock", "slow_inc", "dec_and_test"}
OURS |= {"slow_inc_cpuslocked"}
PLAIN = {"kzalloc", "down_read", "down_write"}

CODE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^(`{3,}|~{3,}).*?^\1", re.DOTALL | re.MULTILINE)
FUNCTION = re.compile(r"([a-z_]\w*)\(.*\)")


def in_code(text: str) -> list[str]:
    """Return what `text` has in code spans, fenced blocks left out."""
    return [found[1] for found in CODE.finditer(FENCE.sub("", text))]


def functions(spans: Iterable[str]) -> list[str]:
    """Return the kernel functions among `spans`."""
    names = [found[1] for span in spans if (found := FUNCTION.fullmatch(span))]
    return [name for name in names if name not in OURS and ("_" in name or name in PLAIN)]


def locks(spans: Iterable[str]) -> list[str]:
    """Return the locks of `LOCKS` among `spans`, also where the structure before the arrow is left out."""
    short = {name.split(">")[-1]: name for name in LOCKS if name.startswith("kvm->") and name != "kvm->lock"}
    named = [short.get(span, span) for span in spans]
    return [name for name in named if name in LOCKS]


def by_word(name: str) -> str:
    """Return what a name is sorted by."""
    return name.lstrip("_").lower()


def occurrences(book: Path, kind: str, but: str = "") -> dict[str, list[Path]]:
    """Return for each function or lock the pages that name it, in reading order, `but` for the page of the index."""
    import claims

    found: dict[str, list[Path]] = {}
    for page in claims.pages(book):
        if page.stem == but:
            continue
        names = (functions if kind == "functions" else locks)(in_code(claims.prose(page)))
        for name in dict.fromkeys(names):
            found.setdefault(name, []).append(page)
    return dict(sorted(found.items(), key=lambda item: (by_word(item[0]), item[0])))


def files_of(book: Path) -> dict[str, str]:
    """Return the file of each function that a claim looks up."""
    import claims

    files: dict[str, str] = {}
    for claim in claims.all_claims(book / "claims.yml", book / "claims.d"):
        for check in claim.checks:
            where = check.file or claim.file
            name = where if isinstance(where, str) else where[max(where, key=claims.key)]
            for each in [check.within] if check.within else check.what if check.how == "defines" else []:
                files.setdefault(each, name)
    return files


class KernelIndex(SphinxDirective):
    """Write a table of functions or of locks."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        kind = self.arguments[0]
        if kind not in ("functions", "locks"):
            raise self.error(f"{kind!r} is no index; write functions or locks.")
        book = Path(self.env.doc2path(self.env.docname)).parent
        sys.path.insert(0, str(book.parent / "tools"))
        try:
            found, files = occurrences(book, kind, Path(self.env.docname).name), files_of(book)
        finally:
            sys.path.pop(0)
        heads = (
            ["function", "file", "chapters"] if kind == "functions" else ["lock", "what it is, and where", "chapters"]
        )
        rows = []
        for name, pages in found.items():
            code = nodes.literal("", f"{name}()" if kind == "functions" else name)
            if kind == "functions":
                where: list[nodes.Node] = [nodes.literal("", files[name])] if name in files else []
            else:
                where = [nodes.Text(f"{LOCKS[name][0]}; "), nodes.literal("", LOCKS[name][1])]
            rows.append([[code], where, self.links(pages)])
        return [table(heads, rows)]

    def links(self, pages: list[Path]) -> list[nodes.Node]:
        """Return a link to each page: a chapter by its number, another page by its name."""
        said: list[nodes.Node] = []
        for page in pages:
            words = page.stem[:2].lstrip("0") if page.stem[:2].isdigit() else page.stem.replace("_", " ")
            target = "/" + str(Path(self.env.docname).parent / page.stem)
            said += [nodes.Text(", ")] if said else []
            said.append(
                pending_xref(
                    "",
                    nodes.inline("", words),
                    refdomain="std",
                    reftype="doc",
                    reftarget=target,
                    refexplicit=True,
                    refwarn=False,
                    refdoc=self.env.docname,
                )
            )
        return said


def table(heads: list[str], rows: list[list[list[nodes.Node]]]) -> nodes.table:
    """Return a table with these heads and cells."""
    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in heads), cols=len(heads))
    group += nodes.thead("", row([[nodes.Text(head)] for head in heads]))
    group += nodes.tbody("", *(row(cells) for cells in rows))
    return nodes.table("", group)


def row(cells: list[list[nodes.Node]]) -> nodes.row:
    """Return a row of a table."""
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", *cell)) for cell in cells))


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive."""
    app.add_directive("kernel-index", KernelIndex)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
