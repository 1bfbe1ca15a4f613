"""One lock after the other.

misconception: M10
feedback: Short sections, and nobody holds two locks: so no circle. But in between the key is on and there is no user,
  and who looks under `kvm_lock` sees it.
"""

order = ["b", "c", "e", "d", "f", "a"]
