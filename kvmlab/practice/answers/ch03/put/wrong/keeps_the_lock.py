"""Takes the lock twice.

feedback: The second `lock` waits for the first. One hold of `kvm_lock`, around the change of the list.
"""

order = ["e", "b", "d", "b", "g", "a", "c"]
