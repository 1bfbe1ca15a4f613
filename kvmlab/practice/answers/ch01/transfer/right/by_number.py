"""Smaller number first."""


def transfer(giver, taker, amount):
    if giver is taker:
        return
    first, second = sorted((giver, taker), key=lambda account: account.number)
    with first.lock, second.lock:
        giver.balance -= amount
        taker.balance += amount
