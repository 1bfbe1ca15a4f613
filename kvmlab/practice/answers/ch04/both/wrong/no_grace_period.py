"""Nobody has begun to wait.

feedback: `saves` has the lock and stands before `synchronize`. Its wait begins with its next move, and that must come
  before `logs` enters.
"""

stepper = "2-1-3"
