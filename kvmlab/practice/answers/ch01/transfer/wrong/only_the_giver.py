"""Only the lock of the account that it takes from.

misconception: M1
feedback: Adding money changes a balance, too. The taker's lock protects the taker's balance.
"""


def transfer(giver, taker, amount):
    with giver.lock:
        giver.balance -= amount
        taker.balance += amount
