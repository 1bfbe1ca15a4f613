"""Larger number first.

misconception: M6
feedback: That is an order, and among transfers it would do. But an order must be the same for everybody, and `audit`
  goes the other way.
"""


def transfer(giver, taker, amount):
    if giver is taker:
        return
    first, second = sorted((giver, taker), key=lambda account: -account.number)
    with first.lock, second.lock:
        giver.balance -= amount
        taker.balance += amount
