"""Taking slots_lock.

misconception: M10
feedback: Taking `slots_lock` there is the point of the patch: `kvm_lock` has been dropped.
"""

faulty_lines = {4, 6, 9}
