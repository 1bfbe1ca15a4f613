"""Only the writer has moved.

misconception: M2
feedback: The writer alone does no harm. As long as the loader has not got `kvm_lock`, the thread can have it first,
  and the writer goes on.
"""

stepper = "1-1"
