"""Every vcpu_mutex.

misconception: M6
feedback: In line 25 `vcpu_mutex` is taken inside `vm_lock`: that is the documented order.
"""

faulty_lines = {6, 20, 24, 25}
