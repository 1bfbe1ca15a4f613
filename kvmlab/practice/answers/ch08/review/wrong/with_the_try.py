"""The try, too.

misconception: M7
feedback: Line 10 tries. If the lock is taken, it goes on without. It leaves no arrow, and rightly: it does not wait.
"""

unheard_lines = {7, 9, 10, 14}
