"""Takes kvm_lock first.

misconception: M6
feedback: That would be an order as good as any, if everybody kept to it. `notify` takes them the other way, as the
  document says, and a writer makes one reader wait for the other.
"""

order = ["d", "b", "c", "f", "e", "a"]
