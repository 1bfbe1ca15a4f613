"""A dictionary by number, so that one account is locked once."""


def transfer(giver, taker, amount):
    locks = {account.number: account.lock for account in (giver, taker)}
    for number in sorted(locks):
        locks[number].acquire()
    try:
        giver.balance -= amount
        taker.balance += amount
    finally:
        for lock in locks.values():
            lock.release()
