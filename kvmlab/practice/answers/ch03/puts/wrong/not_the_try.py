"""All but the one that tries.

misconception: M7
feedback: It would be right if the try failed whenever the put is the last. It works when `kvm_lock` is free, and then
  you hold what the last put needs.
"""

can_go_wrong = {"b", "c", "f"}
