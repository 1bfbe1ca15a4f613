"""Sends it inside kvm_lock.

misconception: M5
feedback: Holding only one lock would be safe if `send` took none. It may need memory, and to get memory somebody may
  take `kvm_lock`: that somebody is you.
"""


def report(w):
    with w.kvm_lock:
        names = [vm.name for vm in w.vm_list.each()]
        w.send(names, w.how_many())
