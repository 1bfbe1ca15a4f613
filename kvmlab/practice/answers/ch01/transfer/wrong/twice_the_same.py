"""In order, but the same account twice.

misconception: M5
feedback: The order is right. But if giver and taker are the same account you ask for a lock that you hold, and a
  `Lock` is not recursive: you wait for yourself.
"""


def transfer(giver, taker, amount):
    first, second = sorted((giver, taker), key=lambda account: account.number)
    with first.lock:
        with second.lock:
            giver.balance -= amount
            taker.balance += amount
