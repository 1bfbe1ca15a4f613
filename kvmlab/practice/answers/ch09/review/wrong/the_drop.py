"""Dropping kvm_lock inside the walk.

misconception: M1
feedback: Dropping the lock in the middle of a walk looks bold, but the rule asks for just that. What has to come with
  it is missing elsewhere.
"""

faulty_lines = {5}
