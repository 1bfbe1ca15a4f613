"""Tries the lock and gives up.

misconception: M7
feedback: `trylock` never waits, and it would do if a report might be left out. Nobody is told here that there is
  none.
"""


def report(w):
    if not w.kvm_lock.trylock():
        return
    names = [vm.name for vm in w.vm_list.each()]
    active = w.how_many()
    w.kvm_lock.unlock()
    w.send(names, active)
