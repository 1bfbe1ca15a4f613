"""No lock at all.

misconception: M1
feedback: The lock of an account protects its balance, whoever touches it and by whatever code. Two lines that look
  quick are no exception.
"""


def transfer(giver, taker, amount):
    giver.balance -= amount
    taker.balance += amount
