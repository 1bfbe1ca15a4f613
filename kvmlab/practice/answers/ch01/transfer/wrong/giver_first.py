"""The giver first, as the money goes.

misconception: M3
feedback: Giver first would be an order if everybody gave in the same direction. There and back it is two orders.
"""


def transfer(giver, taker, amount):
    with giver.lock:
        with taker.lock:
            giver.balance -= amount
            taker.balance += amount
