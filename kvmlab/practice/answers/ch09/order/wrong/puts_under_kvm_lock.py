"""Pins and puts in one hold.

misconception: M11
feedback: A pin that is put before `kvm_lock` is dropped keeps nothing afterwards.
"""

order = "b f h a c g e d i".split()
