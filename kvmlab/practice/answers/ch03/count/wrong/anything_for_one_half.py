"""Up and down, for half of the reason.

misconception: M1
feedback: It is what happens. But neither of the two takes `kvm_lock`, so the count does not only fall.
"""

second = "d"
second_because = "4"
