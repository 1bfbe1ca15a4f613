"""Definitions are found in C source as the kernel writes it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from csource import Source, squeezed, without_comments  # noqa: E402  the tools are scripts, not a package

KERNEL = r"""
#include <linux/kvm_host.h>

static void zap(struct kvm *kvm);            /* declared here { defined below */
DEFINE_MUTEX(kvm_lock);
LIST_HEAD(vm_list);
DEFINE_PER_CPU(struct kvm_vcpu *, running_vcpu);
static struct kvm_stats stats __read_mostly = { .name = "a } in a string" };
static DEFINE_PER_CPU_READ_MOSTLY(int, hits);
unsigned long max_huge_pages __ro_after_init;

#define for_each_vm(kvm)                        \
	list_for_each_entry(kvm, &vm_list, vm_list) \
		if ((kvm)->alive)

#ifdef CONFIG_SMP
static void kick(struct kvm *kvm)
{
	if (kvm->online > 1) {
#else
static void kick(struct kvm *kvm)
{
	if (kvm->online) {
#endif
		send_ipi(kvm);
	}
}

/* Takes kvm_lock. */
static int __must_check walk(struct kvm *kvm, int (*visit)(struct kvm *))
	__must_hold(&kvm->lock)
{
	char brace = '{';   // and a comment with a }
	mutex_lock(&kvm_lock); /* see zap() */
	zap(kvm);
	return brace;
}

static inline void zap(struct kvm *kvm) { kvm->zapped = "} {"[0]; }

SYSCALL_DEFINE3(ioctl, unsigned int, fd, unsigned int, cmd, unsigned long, arg)
{
	return walk(NULL, NULL);
}
EXPORT_SYMBOL_GPL(walk);

struct kvm {
	struct mutex lock;
	struct { int a; } inner;
};

typedef struct kvm kvm_t;
"""

SOURCE = Source(KERNEL)


def test_a_function_ends_with_its_own_brace() -> None:
    (body,) = SOURCE.functions("walk")
    assert body.startswith("static int __must_check walk(")
    assert body.endswith("return brace;\n}")


def test_the_comment_above_a_function_is_not_part_of_it() -> None:
    assert "Takes kvm_lock" not in SOURCE.functions("walk")[0]


def test_a_declaration_and_a_call_are_no_definition() -> None:
    (body,) = SOURCE.functions("zap")
    assert body.startswith("static inline void zap(struct kvm *kvm) {")
    assert SOURCE.functions("send_ipi") == []


def test_both_heads_of_an_ifdef_are_definitions_and_the_rest_stays_in_balance() -> None:
    assert len(SOURCE.functions("kick")) == 2
    assert SOURCE.depths[-1] == 0


def test_a_system_call_is_found_by_its_name() -> None:
    (body,) = SOURCE.functions("ioctl")
    assert body.startswith("SYSCALL_DEFINE3(ioctl")
    assert "walk(NULL, NULL)" in body


def test_a_macro_has_all_its_lines() -> None:
    (text,) = SOURCE.macros("for_each_vm")
    assert squeezed(text).endswith("if ((kvm)->alive)")


def test_a_struct_is_found_with_and_without_that_word() -> None:
    for name in ("kvm", "struct kvm"):
        (text,) = SOURCE.types(name)
        assert text.startswith("struct kvm {")
        assert text.endswith("inner;\n}")
    assert SOURCE.types("union kvm") == []


@pytest.mark.parametrize(
    "name",
    ["kvm_lock", "vm_list", "running_vcpu", "stats", "hits", "max_huge_pages", "kvm_t", "walk", "for_each_vm", "ioctl"],
)
def test_the_file_defines(name: str) -> None:
    assert SOURCE.defines(name)


@pytest.mark.parametrize("name", ["brace", "inner", "kvm_put_kvm", "mutex_lock", "CONFIG_SMP", "kvm_loc"])
def test_the_file_does_not_define(name: str) -> None:
    assert not SOURCE.defines(name)


def test_comments_are_left_out_and_strings_stay() -> None:
    assert squeezed(without_comments('a /* b */ "/* c */" // d\ne')) == 'a "/* c */" e'
