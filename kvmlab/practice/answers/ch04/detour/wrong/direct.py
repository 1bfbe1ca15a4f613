"""Only the lock around the wait.

misconception: M5
feedback: That is the letter of the rule: the lock that is held around `synchronize`. Whoever holds another lock and
  waits for that one is a detour to the same wait.
"""

forbidden = {"config_lock"}
