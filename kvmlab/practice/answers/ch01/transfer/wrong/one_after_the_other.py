"""Each account by itself.

misconception: M10
feedback: Short sections, and no task waits while it holds a lock: so no deadlock. But between the two the money is
  nowhere, and the audit counts too little.
"""


def transfer(giver, taker, amount):
    with giver.lock:
        giver.balance -= amount
    with taker.lock:
        taker.balance += amount
