"""Hotplug lock outside, kvm_lock inside."""

order = ["b", "d", "c", "f", "a", "e"]
