/* The five tasks of benchmarks/kvm5.py for Spin. With -DFIXED the walker follows the rule.
 *
 * A lock is a bit; a condition is a mask of the waiting processes beside its lock, and notify_all clears it.
 * What happens under a lock is left as single steps, as in Python.
 */

bool kvm_lock, slots_lock;

bool srcu_lock, grace_period;
byte srcu_idx, srcu_readers[2];
byte srcu_waits;

bool rwsem_lock, rwsem_writer;
byte rwsem_readers;
byte rwsem_waits;

inline acquire(lock)     { atomic { !lock -> lock = true } }
inline release(lock)     { lock = false }
inline wait(lock, waits) { atomic { waits = waits | (1 << _pid); lock = false };
                           atomic { !(waits & (1 << _pid)) && !lock -> lock = true } }
inline notify_all(waits) { waits = 0 }

inline srcu_read_lock(idx) {
    acquire(srcu_lock);
    idx = srcu_idx;
    srcu_readers[idx]++;
    release(srcu_lock)
}

inline srcu_read_unlock(idx) {
    acquire(srcu_lock);
    srcu_readers[idx]--;
    if
    :: srcu_readers[idx] == 0 -> notify_all(srcu_waits)
    :: else
    fi;
    release(srcu_lock)
}

inline synchronize_srcu(idx) {
    acquire(grace_period);
    acquire(srcu_lock);
    idx = srcu_idx;
    srcu_idx = 1 - idx;
    do
    :: srcu_readers[idx] > 0 -> wait(srcu_lock, srcu_waits)
    :: else -> break
    od;
    release(srcu_lock);
    release(grace_period)
}

inline rwsem_read_lock() {
    acquire(rwsem_lock);
    do
    :: rwsem_writer -> wait(rwsem_lock, rwsem_waits)
    :: else -> break
    od;
    rwsem_readers++;
    release(rwsem_lock)
}

inline rwsem_read_unlock() {
    acquire(rwsem_lock);
    rwsem_readers--;
    if
    :: rwsem_readers == 0 -> notify_all(rwsem_waits)
    :: else
    fi;
    release(rwsem_lock)
}

inline rwsem_write_lock() {
    acquire(rwsem_lock);
    do
    :: rwsem_writer -> wait(rwsem_lock, rwsem_waits)
    :: else -> break
    od;
    rwsem_writer = true;
    do
    :: rwsem_readers > 0 -> wait(rwsem_lock, rwsem_waits)
    :: else -> break
    od;
    release(rwsem_lock)
}

inline rwsem_write_unlock() {
    acquire(rwsem_lock);
    rwsem_writer = false;
    notify_all(rwsem_waits);
    release(rwsem_lock)
}

active proctype vcpu_run() {
    byte idx;
    srcu_read_lock(idx);
    rwsem_read_lock();
    rwsem_read_unlock();
    srcu_read_unlock(idx)
}

active proctype set_memory_region() {
    byte idx;
    acquire(slots_lock);
    synchronize_srcu(idx);
    release(slots_lock)
}

active proctype nx_walk() {
    acquire(kvm_lock);
#ifdef FIXED
    release(kvm_lock);
    acquire(slots_lock);
    release(slots_lock)
#else
    acquire(slots_lock);
    release(slots_lock);
    release(kvm_lock)
#endif
}

active proctype cpufreq_notifier() {
    rwsem_read_lock();
    acquire(kvm_lock);
    release(kvm_lock);
    rwsem_read_unlock()
}

active proctype cpu_hotplug() {
    rwsem_write_lock();
    rwsem_write_unlock()
}
