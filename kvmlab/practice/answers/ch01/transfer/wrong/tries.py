"""Tries the second lock and gives up.

misconception: M7
feedback: Nobody waits for ever. But when the second account is busy the money stays where it is, and nobody is told:
  the transfer has not been made.
"""


def transfer(giver, taker, amount):
    if giver is taker:
        return
    with giver.lock:
        if taker.lock.acquire(blocking=False):
            giver.balance -= amount
            taker.balance += amount
            taker.lock.release()
