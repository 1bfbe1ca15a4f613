// SPDX-License-Identifier: MIT
/*
 * Executes lock scenarios inside a User Mode Linux kernel, with the kernel's own primitives.
 *
 * The file named by `scenarios=` on the command line of the kernel has a line for each thing to do:
 *
 *	S name one_task_per_step	a scenario begins
 *	L number kind class		a lock of it
 *	E step event lock extra		an event of it
 *	.				execute it
 *
 * A line beginning with "KL " on the console says what became of it: "KL silent", "KL reported" or "KL stuck", with
 * the name and the number of the last event. What lockdep itself prints stands before that line. After a report
 * lockdep is off, and after a hang a task is stuck, so the kernel stops there and waits to be killed.
 */
#include <linux/debug_locks.h>
#include <linux/init.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/percpu-rwsem.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/version.h>
#include <linux/vmalloc.h>
#include <os.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
#define srcu_down_read srcu_read_lock_notrace
#define srcu_up_read srcu_read_unlock_notrace
#endif

#define MAX_LOCKS 64
#define MAX_EVENTS 4096
#define MAX_READERS 64
#define INPUT_SIZE (16 << 20)
#define PATIENCE 100 /* jiffies until a task counts as stuck */

enum kind { K_MUTEX, K_SPIN, K_RWLOCK, K_RWSEM, K_PERCPU, K_SRCU, K_RCU, K_PSEUDO };

struct one_lock {
	enum kind kind;
	struct mutex mutex;
	spinlock_t spin;
	rwlock_t rwlock;
	struct rw_semaphore rwsem;
	struct percpu_rw_semaphore percpu;
	struct srcu_struct srcu;
	struct lockdep_map map;
	int readers[MAX_READERS], depth;
};

struct event {
	int step, lock, extra;
	char name[32];
};

static struct one_lock *locks[MAX_LOCKS];
static struct lock_class_key *keys[MAX_LOCKS];
static char *class_names[MAX_LOCKS];
static struct event *events;
static char scenario[64], input[256];
static int nr_events, one_task_per_step, first_event, last_event;

static volatile int current_event, finished;

static int __init named_file(char *name)
{
	strscpy(input, name, sizeof(input));
	return 1;
}
__setup("scenarios=", named_file);

static struct lockdep_map *map_of(struct one_lock *l)
{
	switch (l->kind) {
	case K_MUTEX: return &l->mutex.dep_map;
	case K_SPIN: return &l->spin.dep_map;
	case K_RWLOCK: return &l->rwlock.dep_map;
	case K_RWSEM: return &l->rwsem.dep_map;
	case K_PERCPU: return &l->percpu.dep_map;
	case K_SRCU: return &l->srcu.dep_map;
	case K_RCU: return &rcu_lock_map;
	default: return &l->map;
	}
}

static void lock(struct one_lock *l)
{
	switch (l->kind) {
	case K_MUTEX: mutex_lock(&l->mutex); break;
	case K_SPIN: spin_lock(&l->spin); break;
	case K_RWLOCK: write_lock(&l->rwlock); break;
	case K_RWSEM: down_write(&l->rwsem); break;
	case K_PERCPU: percpu_down_write(&l->percpu); break;
	default: lock_map_acquire(&l->map);
	}
}

static void unlock(struct one_lock *l)
{
	switch (l->kind) {
	case K_MUTEX: mutex_unlock(&l->mutex); break;
	case K_SPIN: spin_unlock(&l->spin); break;
	case K_RWLOCK: write_unlock(&l->rwlock); break;
	case K_RWSEM: up_write(&l->rwsem); break;
	case K_PERCPU: percpu_up_write(&l->percpu); break;
	default: lock_map_release(&l->map);
	}
}

static int trylock(struct one_lock *l)
{
	switch (l->kind) {
	case K_MUTEX: return mutex_trylock(&l->mutex);
	case K_SPIN: return spin_trylock(&l->spin);
	case K_RWLOCK: return write_trylock(&l->rwlock);
	default: return down_write_trylock(&l->rwsem);
	}
}

static void lock_nested(struct one_lock *l, int subclass)
{
	switch (l->kind) {
	case K_MUTEX: mutex_lock_nested(&l->mutex, subclass); break;
	case K_SPIN: spin_lock_nested(&l->spin, subclass); break;
	default: down_write_nested(&l->rwsem, subclass);
	}
}

static void lock_nest_lock(struct one_lock *l, struct lockdep_map *outer)
{
	switch (l->kind) {
	case K_MUTEX: _mutex_lock_nest_lock(&l->mutex, outer); break;
	case K_SPIN: _raw_spin_lock_nest_lock(&l->spin.rlock, outer); break;
	default: _down_write_nest_lock(&l->rwsem, outer);
	}
}

static void read_lock_it(struct one_lock *l)
{
	switch (l->kind) {
	case K_RWLOCK: read_lock(&l->rwlock); break;
	case K_RWSEM: down_read(&l->rwsem); break;
	case K_PERCPU: percpu_down_read(&l->percpu); break;
	case K_SRCU: l->readers[l->depth++] = srcu_read_lock(&l->srcu); break;
	case K_RCU: rcu_read_lock(); break;
	default: lock_map_acquire_read(&l->map);
	}
}

static void read_unlock_it(struct one_lock *l)
{
	switch (l->kind) {
	case K_RWLOCK: read_unlock(&l->rwlock); break;
	case K_RWSEM: up_read(&l->rwsem); break;
	case K_PERCPU: percpu_up_read(&l->percpu); break;
	case K_SRCU: srcu_read_unlock(&l->srcu, l->readers[--l->depth]); break;
	case K_RCU: rcu_read_unlock(); break;
	default: lock_map_release(&l->map);
	}
}

static int read_trylock_it(struct one_lock *l)
{
	switch (l->kind) {
	case K_RWLOCK: return read_trylock(&l->rwlock);
	case K_RWSEM: return down_read_trylock(&l->rwsem);
	default: return percpu_down_read_trylock(&l->percpu);
	}
}

static void synchronize(struct one_lock *l)
{
	switch (l->kind) {
	case K_SRCU: synchronize_srcu(&l->srcu); break;
	case K_RCU: synchronize_rcu(); break;
	default: lock_map_sync(&l->map);
	}
}

static void might(struct one_lock *l)
{
	switch (l->kind) {
	case K_MUTEX: might_lock(&l->mutex); break;
	case K_SPIN: might_lock(&l->spin); break;
	case K_RWLOCK: might_lock(&l->rwlock); break;
	case K_RWSEM: might_lock(&l->rwsem); break;
	default: might_lock(&l->percpu);
	}
}

static void poll_grace_period(struct one_lock *l)
{
	unsigned long cookie = start_poll_synchronize_srcu(&l->srcu);

	while (!poll_state_synchronize_srcu(&l->srcu, cookie))
		schedule_timeout_uninterruptible(1);
}

static void execute(struct event *e)
{
	struct one_lock *l = locks[e->lock];
	int got = 1;

	if (!strcmp(e->name, "lock"))
		lock(l);
	else if (!strcmp(e->name, "unlock"))
		unlock(l);
	else if (!strcmp(e->name, "trylock"))
		got = trylock(l);
	else if (!strcmp(e->name, "lock_nested"))
		lock_nested(l, e->extra);
	else if (!strcmp(e->name, "lock_nest_lock"))
		lock_nest_lock(l, map_of(locks[e->extra]));
	else if (!strcmp(e->name, "read_lock"))
		read_lock_it(l);
	else if (!strcmp(e->name, "read_unlock"))
		read_unlock_it(l);
	else if (!strcmp(e->name, "read_trylock"))
		got = read_trylock_it(l);
	else if (!strcmp(e->name, "read_lock_notrace"))
		l->readers[l->depth++] = srcu_read_lock_notrace(&l->srcu);
	else if (!strcmp(e->name, "read_unlock_notrace"))
		srcu_read_unlock_notrace(&l->srcu, l->readers[--l->depth]);
	else if (!strcmp(e->name, "down_read_unowned"))
		l->readers[l->depth++] = srcu_down_read(&l->srcu);
	else if (!strcmp(e->name, "up_read_unowned"))
		srcu_up_read(&l->srcu, l->readers[--l->depth]);
	else if (!strcmp(e->name, "synchronize"))
		synchronize(l);
	else if (!strcmp(e->name, "poll_grace_period"))
		poll_grace_period(l);
	else if (!strcmp(e->name, "might_lock"))
		might(l);
	else if (!strcmp(e->name, "assert_held"))
		WARN_ON(!lock_is_held(map_of(l)));
	else
		got = 0;
	if (!got)
		printk("KL refused %s %s\n", scenario, e->name);
}

static int task(void *unused)
{
	int number;

	for (number = first_event; number < last_event && debug_locks; number++) {
		current_event = number;
		execute(&events[number]);
	}
	finished = 1;
	return 0;
}

/* Let a task perform its events and end; what became of it. */
static const char *perform(int step)
{
	int jiffy;

	finished = 0;
	kthread_run(task, NULL, "step%d", step);
	for (jiffy = 0; debug_locks && !finished && jiffy < PATIENCE; jiffy++)
		schedule_timeout_uninterruptible(1);
	schedule_timeout_uninterruptible(2);
	return !debug_locks ? "reported" : finished ? "silent" : "stuck";
}

static void new_lock(int number, enum kind kind, int class)
{
	struct one_lock *l = locks[number] = kzalloc(sizeof(*l), GFP_KERNEL);
	struct lock_class_key *key;
	char *name;

	if (!keys[class]) {
		keys[class] = kzalloc(sizeof(*key), GFP_KERNEL);
		lockdep_register_key(keys[class]);
		class_names[class] = kasprintf(GFP_KERNEL, "%s.class%d", scenario, class);
	}
	key = keys[class];
	name = class_names[class];
	l->kind = kind;
	switch (kind) {
	case K_MUTEX: __mutex_init(&l->mutex, name, key); break;
	case K_SPIN: __raw_spin_lock_init(&l->spin.rlock, name, key, LD_WAIT_CONFIG); break;
	case K_RWLOCK: __rwlock_init(&l->rwlock, name, key); break;
	case K_RWSEM: __init_rwsem(&l->rwsem, name, key); break;
	case K_PERCPU: __percpu_init_rwsem(&l->percpu, name, key); break;
	case K_SRCU: __init_srcu_struct(&l->srcu, name, key); break;
	case K_RCU: break; /* the kernel's own */
	case K_PSEUDO: lockdep_init_map(&l->map, name, key, 0); break;
	}
}

static void __init wait_for_the_end(void)
{
	for (;;)
		schedule_timeout_uninterruptible(1000);
}

static void __init run_scenario(void)
{
	const char *said = "silent";

	for (first_event = 0; first_event < nr_events && !strcmp(said, "silent"); first_event = last_event) {
		last_event = first_event;
		while (last_event < nr_events &&
		       (!one_task_per_step || events[last_event].step == events[first_event].step))
			last_event++;
		said = perform(one_task_per_step ? events[first_event].step : 0);
	}
	printk("KL %s %s %d\n", said, scenario, current_event);
	if (strcmp(said, "silent"))
		wait_for_the_end();
}

static void __init run_line(char *line)
{
	int number, kind, class;
	struct event *e = &events[nr_events];

	if (sscanf(line, "S %63s %d", scenario, &one_task_per_step) == 2) {
		nr_events = 0;
		memset(keys, 0, sizeof(keys));
		printk("KL begin %s\n", scenario);
	} else if (sscanf(line, "L %d %d %d", &number, &kind, &class) == 3) {
		new_lock(number, kind, class);
	} else if (sscanf(line, "E %d %31s %d %d", &e->step, e->name, &e->lock, &e->extra) == 4) {
		nr_events++;
	} else if (line[0] == '.') {
		run_scenario();
	}
}

static int __init run_file(void)
{
	char *text, *rest, *line;
	int file, length = 0, more;

	if (!input[0])
		return 0;
	file = os_open_file(input, of_read(OPENFLAGS()), 0);
	if (file < 0)
		printk("KL cannot open %s\n", input);
	rest = text = vmalloc(INPUT_SIZE);
	events = kcalloc(MAX_EVENTS, sizeof(*events), GFP_KERNEL);
	while (file >= 0 && length < INPUT_SIZE - 65536 && (more = os_read_file(file, text + length, 65536)) > 0)
		length += more;
	text[length] = 0;
	while ((line = strsep(&rest, "\n")))
		run_line(line);
	printk("KL end\n");
	wait_for_the_end();
	return 0;
}
late_initcall(run_file);
