"""Taking kvm_lock again.

misconception: M5
feedback: Taking `kvm_lock` again is right: no other lock is held there. What comes after it is not.
"""

faulty_lines = {4, 8, 9}
