/* The reader is the scheduler. A classic script, for file://. Its data are JSON in a child <script>, or
 * come from the kernel (see `live`). Its other children, a schedule as a table, are printed. */
(() => {
const TAG = "lock-stepper"; // Python adds a version
const STYLE = ""; // Python puts stepper.css here
if (customElements.get(TAG)) return;

/* Markup: what is put in is escaped, unless it is markup itself. */
class Markup extends String {}
const put = (value) => value instanceof Markup ? value : Array.isArray(value) ? value.map(put).join("")
  : value === false || value == null ? "" : String(value).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt()};`);
const html = (fixed, ...values) => new Markup(fixed.reduce((all, part, at) => all + put(values[at - 1]) + part));
const coded = (text) => text.split("`").map((part, at) => (at % 2 ? html`<code>${part}</code>` : part));
const grouped = (number) => number.toLocaleString("en");

/* All states, from the rules: what a task does next depends on its place and on one lock's value. They are met and
 * numbered as Python did. */
function derive({ tasks, locks, spots, places, moves: rules, failed, cut, check }) {
  const spot = (row, task) => spots[places[task][row[task]]];
  const rows = [[...tasks, ...locks].fill(0)], numbers = new Map([[`${rows[0]}`, 0]]);
  const moves = [], kinds = [], parents = [[]], ahead = [], dead = [], left = [], shortest = [], ill = new Set(failed), late = new Set(cut);
  for (let at = 0; at < rows.length && at <= check[0]; at++) {
    const row = rows[at], ends = tasks.map((_, task) => spot(row, task)[5]), stopped = ill.has(at) || ends.includes("failed");
    moves.push(ends.map((_, task) => {
      const lock = spot(row, task)[1], leads = !stopped && rules[task][row[task]][row[lock]], next = row.slice();
      if (!leads) return -1;
      [next[task], next[lock]] = leads;
      if (!numbers.has(`${next}`)) numbers.set(`${next}`, rows.push(next) - 1), parents.push([at, task]);
      return numbers.get(`${next}`);
    }));
    kinds.push(stopped ? "failed" : Math.max(...moves[at]) >= 0 ? "open" : late.has(at) ? "cut" : ends.every(Boolean) ? "done" : "dead");
  }
  // How many schedules go on from a state, and how many of them deadlock: beyond 2^53, so BigInt. How long they get.
  for (let at = kinds.length - 1; at >= 0; at--) {
    const next = moves[at].filter((to) => to >= 0), sum = (counts) => next.reduce((all, to) => all + counts[to], 0n);
    ahead[at] = next.length ? sum(ahead) : 1n;
    dead[at] = next.length ? sum(dead) : BigInt(kinds[at] === "dead");
    left[at] = Math.max(0, ...next.map((to) => left[to] + 1));
  }
  if (`${[rows.length, ahead[0], dead[0]]}` !== `${check}`) throw Error("the counts do not agree");
  for (let at = kinds.indexOf("dead"); at > 0; at = parents[at][0]) shortest.unshift(parents[at][1]);
  return { rows, moves, kinds, ahead, dead, shortest, spot, longest: left[0] };
}

/* Schedules as strings: task numbers from 1; more than three in a row are folded, 2x5. */
function fold(way) {
  return way.join("-").replace(/\b(\d+)(-\1\b)*/g, (run, task) => {
    const count = run.split("-").length;
    return count > 3 ? `${+task + 1}x${count}` : Array(count).fill(+task + 1).join("-");
  });
}

function unfold(text, longest) {
  const way = [];
  for (const part of text.trim() ? text.split("-") : []) {
    const [, task, times = 1] = /^([1-9]\d{0,3})(?:x([1-9]\d{0,3}))?$/.exec(part.trim()) || [];
    if (!task) throw RangeError(`“${part}” is no task: write numbers of tasks, such as 2-1-1.`);
    if (way.push(...Array(+times).fill(task - 1)) > longest) throw RangeError(`No schedule has more than ${longest} operations.`);
  }
  return way;
}

/* The tasks of a shortest circle, given by task whom it waits for; empty if there is none. */
function circle(ahead) {
  let best = [];
  ahead.forEach((_, start) => {
    const before = {}, queue = [start], way = [start];
    for (const task of queue) for (const next of ahead[task] || []) if (!(next in before)) before[next] = task, queue.push(next);
    if (!(start in before)) return;
    while (before[way[0]] !== start) way.unshift(before[way[0]]);
    if (!best.length || way.length < best.length) best = [start, ...way.slice(0, -1)];
  });
  return best;
}

class LockStepper extends HTMLElement {
  connectedCallback() {
    // What follows the data is there: so are they.
    if (this.model || document.readyState !== "loading" || this.querySelector("script + *")) this.start();
    else document.addEventListener("DOMContentLoaded", () => this.start(), { once: true });
  }

  disconnectedCallback() { this.pause(); }

  start() {
    if (this.shadowRoot) return;
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    this.guard(() => {
      this.data = JSON.parse(this.model ? this.model.get("data") : this.querySelector("script").textContent);
      if (this.data.form !== 2) throw Error("data of another form");
      this.graph = derive(this.data);
      root.innerHTML = `<style>${STYLE}</style>${this.data.shell}<slot></slot>`; // escaped by Python
      this.build(root.querySelector(".box"));
    });
  }

  /* Do what looks at the data: their damage may show late. A RangeError is the reader's. */
  guard(act) {
    try {
      act();
    } catch (error) {
      if (error instanceof RangeError) return this.show(error.message);
      this.pause();
      this.shadowRoot.innerHTML = `<style>${STYLE}</style><p class="damaged" role="status">The stepper cannot be shown: its data are
        damaged. Reload the page, or run the cell again.</p><slot></slot>`;
      console.warn(error);
    }
  }

  /* The front end of the widget: data, schedule and answer are traits of the model. */
  static live({ model, el }) {
    const stepper = Object.assign(document.createElement(TAG), { model, id: model.get("anchor"), className: "lock-stepper" });
    const driven = () => model.get("schedule") !== stepper.schedule && stepper.drive(model.get("schedule"));
    el.append(stepper);
    model.on("change:schedule", driven);
    return () => model.off("change:schedule", driven);
  }

  build(box) {
    for (let at = 2, id = this.id; (document.getElementById(this.id) || this) !== this; at++) this.id = `${id}-${at}`;
    this.dataset.lmSuppressShortcuts = "true"; // JupyterLab's keys are not ours
    Object.assign(this, {
      box, $: (what) => box.querySelector(what), $$: (what) => [...box.querySelectorAll(what)],
      way: [], // the schedule, with what Redo would do
      trail: [0], // the states along it
      at: 0, // how much of it has happened
      given: {}, store: `lock-stepper ${this.id} ${this.data.check}`, // answers, and where they are kept
    });
    if (this.model) this.$("[data-do=link]").remove();
    box.onclick = ({ target }) => {
      const { do: name, to } = target.closest("button")?.dataset ?? {};
      if (name) this.act(name, +to);
    };
    box.onkeydown = (event) => this.key(event);
    this.$("[type=text]").onchange = () => this.act("go");
    this.$("select").onchange = () => this.timer && this.play(this.way);
    this.load((this.model?.get("schedule") ?? this.dataset.start) || "");
    this.follow();
  }

  get state() { return this.trail[this.at]; }
  get kind() { return this.graph.kinds[this.state]; }
  get schedule() { return fold(this.way.slice(0, this.at)); }

  /* Where a task stands: operation, lock node, block and line of its program, functions between, its end. */
  spot(task, state = this.state) { return this.graph.spot(this.graph.rows[state], task); }

  can(task, state = this.state) { return this.graph.moves[state][task] >= 0; }

  /* What a task waits for: the lock, a sentence, and whom. */
  wait(task, state = this.state) {
    const { waits, reasons } = this.data, row = this.graph.rows[state], lock = this.spot(task, state)[1];
    const reason = waits[task][row[task]][row[lock]];
    if (reason === undefined || this.graph.kinds[state] === "failed") return;
    const [says, whom] = reasons[reason];
    return { lock, whom, says: says + (this.can(task, state) ? " It can move: its time is up." : "") };
  }

  waits(state = this.state) { return this.data.tasks.map((_, task) => this.wait(task, state)); }

  refusal(task, state = this.state) {
    const name = this.data.tasks[task];
    return name ? this.wait(task, state)?.says ?? `${name} cannot move any more.` : `There is no task ${task + 1}.`;
  }

  /* The states along a schedule; an error where it does not fit. */
  walk(way) {
    const trail = [0];
    for (const task of way) {
      const state = trail.at(-1);
      if (!this.can(task, state)) throw RangeError(`The schedule stops fitting at operation ${trail.length}. ${this.refusal(task, state)}`);
      trail.push(this.graph.moves[state][task]);
    }
    return trail;
  }

  act(name, to) {
    if (name !== "play" && name !== "choose") this.pause();
    this.guard({
      step: () => this.step(to), undo: () => this.jump(this.at - 1), redo: () => this.jump(this.at + 1), to: () => this.jump(to),
      restart: () => this.jump(0), choose: () => this.choose?.(to), go: () => this.load(this.$("[type=text]").value),
      copy: () => this.copy(this.schedule, "Schedule copied."),
      link: () => this.copy((location.hash = `${this.id}=${this.schedule}`, location.href), "Link copied."),
      play: () => {
        if (this.timer) this.pause(), this.show();
        else if (this.graph.shortest.length) this.ask(null, () => this.play(this.graph.shortest));
      },
    }[name]);
  }

  key(event) {
    const { target } = event, key = event.key.toLowerCase(), number = key[1] ? -1 : (this.choose ? "abcde" : "123456789").indexOf(key);
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches("[type=text]")) return;
    const name = this.choose && (number >= 0 || key === "escape") ? "choose" : number >= 0 ? "step"
      : { u: event.shiftKey ? "redo" : "undo", r: "restart", p: "play", " ": !target.matches("button, input, select") && "play" }[key];
    if (!name) return;
    this.act(name, number);
    event.preventDefault();
    event.stopPropagation();
  }

  step(task) {
    if (!this.can(task)) return this.show(`No step. ${this.refusal(task)}`);
    this.ask(task, () => {
      if (this.way[this.at] !== task) {
        this.trail = [...this.trail.slice(0, this.at + 1), this.graph.moves[this.state][task]];
        this.way = [...this.way.slice(0, this.at), task];
      }
      this.jump(this.at + 1);
    });
  }

  jump(at) {
    this.at = Math.max(0, Math.min(at, this.way.length));
    this.show();
  }

  load(text) {
    this.guard(() => {
      const way = unfold(text, this.graph.longest);
      this.trail = this.walk(way);
      this.way = way;
      this.jump(way.length);
    });
  }

  /* Go along `way`, from here if this is on it, else from the start. */
  play(way, driven) {
    this.pause();
    this.driven = driven;
    this.trail = this.walk(way);
    if (this.at >= way.length || fold(way.slice(0, this.at)) !== this.schedule) this.at = 0;
    this.way = way;
    const tick = () => {
      if (this.at + 1 >= way.length) this.pause();
      this.jump(this.at + 1);
    };
    this.timer = setInterval(tick, this.$("select").value);
    tick();
  }

  pause() {
    clearInterval(this.timer);
    this.timer = this.driven = 0;
  }

  /* Follow a schedule that Python has set; the steps on the way are not told. */
  drive(text) {
    this.pause();
    if (!text || matchMedia("(prefers-reduced-motion: reduce)").matches) this.load(text);
    else this.play(unfold(text), true);
  }

  async copy(text, said) {
    try {
      await navigator.clipboard.writeText(text);
      this.show(said);
    } catch {
      this.show(`Copy it by hand: ${text}`);
    }
  }

  /* Go where the address says: #id=2-1-1. */
  follow() {
    const [id, text] = location.hash.slice(1).split("=");
    if (this.model || id !== this.id || (text ?? this.schedule) === this.schedule) return;
    this.load(text);
    this.scrollIntoView();
  }

  kept() {
    try { return { ...JSON.parse(localStorage.getItem(this.store)), ...this.given }; } catch { return this.given; }
  }

  /* Have `act` happen: the step of a task, or play (null); first a question if there is one to ask. */
  ask(task, act) {
    const { question, tasks, outcomes } = this.data, first = question && !this.skipped && !this.kept().question;
    if (!first && (task === null || !this.$("[type=checkbox]").checked)) return act();
    const back = this.shadowRoot.activeElement ?? this.box, key = first ? "question" : `${this.state}:${task}`;
    const text = first ? question.text : `what about ${tasks[task]}, after ${this.spot(task)[0]}?`;
    const choices = first ? question.choices : outcomes.slice(0, this.graph.kinds.includes("failed") ? 5 : 4);
    this.choose = (at) => {
      if (at >= choices.length) return;
      this.skipped = true;
      if (at >= 0) {
        this.given[key] = choices[at];
        try { localStorage.setItem(this.store, JSON.stringify(this.kept())); } catch { /* not kept */ }
        if (first) this.tell("answer", choices[at]);
      }
      back.focus();
      act();
    };
    this.$(".question").innerHTML = html`<fieldset><legend><b>Predict:</b> ${coded(text)}</legend>${choices.map((choice, at) =>
      html`<button data-do="choose" data-to="${at}"><kbd aria-hidden="true">${"ABCDE"[at]}</kbd>${coded(choice)}</button>`)}
      <button data-do="choose" data-to="-1">Skip</button></fieldset>`;
    this.$(".question").scrollIntoView({ block: "nearest" });
    this.$("fieldset button").focus({ preventScroll: true });
  }

  /* What was predicted. */
  predicted() {
    const { question, outcomes } = this.data, { at, kind } = this, kept = this.kept(), task = this.way[at - 1];
    const step = kept[`${this.trail[at - 1]}:${task}`], choice = question && kind !== "open" && kept.question;
    const say = (guess, right, more) => html`<span>You predicted: ${coded(guess)}. <b>${right ? "Right." : "Not so."}</b> ${more}</span>`;
    const came = step && outcomes[{ dead: 3, failed: 4 }[kind] ?? (this.spot(task)[5] ? 2 : this.wait(task) ? 1 : 0)];
    return [step && say(step, step === came, step !== came && `${came}.`),
      choice && say(choice, choice === question.right, coded(question.said[choice] || ""))];
  }

  tell(trait, value) {
    this.model?.set(trait, value);
    this.model?.save_changes();
  }

  show(note) {
    this.guard(() => {
      this.choose = null;
      this.$(".question").replaceChildren();
      const waits = this.waits(), round = circle(waits.map((wait) => wait?.whom));
      this.showStatus(note, waits, round);
      this.showTasks(waits, round);
      this.showLocks();
      this.showGraph(waits, round);
      this.showSchedule();
      for (const frame of this.$$(".code, .scroll")) { // keep in sight what is now
        const now = frame.querySelector(".now, [aria-current=step]")?.getBoundingClientRect(), { top, bottom } = frame.getBoundingClientRect();
        if (now && (now.top < top + 20 || now.bottom > bottom)) frame.scrollTop += (now.top + now.bottom - top - bottom) / 2;
      }
      if (this.model && !this.driven && this.model.get("schedule") !== this.schedule) this.tell("schedule", this.schedule);
    });
  }

  showStatus(note, waits, round) {
    const { tasks, check, ends, faults } = this.data, { ahead, dead, shortest } = this.graph, { at, kind, state } = this;
    const names = (list, sign = ", ") => list.map((each) => tasks[each]).join(sign), news = [];
    if (at) {
      const task = this.way[at - 1], past = this.trail[at - 1], before = this.waits(past), every = [...tasks.keys()];
      const over = every.filter((each) => before[each] && !waits[each] && each !== task);
      const fresh = every.filter((each) => !before[each] && waits[each] && kind === "open");
      news.push(`${at}. ${tasks[task]}: ${this.spot(task, past)[0]}.`);
      if (fresh.length) news.push(`${fresh.length > 1 || fresh[0] !== task ? names(fresh) : "It"} wait${fresh.length > 1 ? "" : "s"} now.`);
      if (over.length) news.push(`${names(over)} can go on again.`);
      if (kind === "failed") news.push(faults[state] ?? `replay(…, "${this.schedule}") says what went wrong.`);
    } else news.push(ends.start);
    if (kind === "dead" && round.length) news.push(`The circle: ${names([...round, round[0]], " → ")}.`);
    const status = this.$("[role=status]"), all = grouped(ahead[state]), some = dead[state];
    status.className = kind;
    status.innerHTML = note ? put(note) : html`${ends[kind] && html`<b class="verdict">${ends[kind]} </b>`}${news.join(" ")}${this.predicted()}`;
    this.$(".ahead").innerHTML = check[2] === "0" ? html`None of the ${grouped(BigInt(check[1]))} schedules deadlocks.` : kind !== "open" ? ""
      : some === 0n ? "From here no schedule deadlocks any more."
      : some === ahead[state] ? html`From here <b>${some === 1n ? "the only schedule deadlocks" : `all ${all} schedules deadlock`}</b>.`
      : html`From here <b>${grouped(some)}</b> of ${all} schedules deadlock${some === 1n && "s"}.`;
    const able = { play: shortest.length, undo: at, restart: at, redo: at < this.way.length };
    for (const name in able) this.$(`[data-do=${name}]`).setAttribute("aria-disabled", !able[name]);
    this.$(".play").textContent = this.timer ? "Pause" : "Play the shortest deadlock";
    if (!note) this.$("[type=text]").value = this.schedule;
  }

  showTasks(waits, round) {
    const reached = this.way.slice(0, this.at).map((task, at) => `${task}/${this.spot(task, this.trail[at]).slice(2, 4).join(":")}`);
    this.$$(".card").forEach((card, task) => {
      const [call, , block, line, via, end] = this.spot(task), wait = waits[task], code = card.querySelector(".code");
      card.className = `card ${end} ${wait ? "wait" : ""} ${round.includes(task) ? "cycle" : ""}`;
      card.querySelector(".step").setAttribute("aria-disabled", !this.can(task));
      for (const each of code.children) {
        const at = each.dataset.at, now = at === `${block}:${line}`;
        each.className = `line ${now ? "now" : ""} ${reached.includes(`${task}/${at}`) ? "reached" : ""}`;
      }
      card.querySelector(".next").innerHTML = wait ? put(wait.says) : end || html`next: <code>${call}</code>${via}`;
    });
  }

  showLocks() {
    const { rows } = this.graph, row = rows[this.state], past = rows[this.trail[this.at - 1] ?? 0];
    for (const each of this.$$("[data-lock]")) {
      const node = each.dataset.lock;
      each.innerHTML = this.data.values[node][row[node]][0];
      each.className = row[node] === past[node] ? "" : "changed";
    }
  }

  /* Who is what to a lock: pairs of a role and a task. */
  roles(node, state = this.state) { return this.data.values[node][this.graph.rows[state][node]][1]; }

  /* All arrows are there; those that hold now are shown, and a circle stands out. */
  showGraph(waits, round) {
    const on = new Set(), used = {}, said = [];
    for (const node in this.data.values) this.roles(node).forEach(([role, task]) => role !== "synchronizer" && on.add(`${node}-${task}-${role}`));
    waits.forEach((wait, task) => {
      if (wait) on.add(`${task}-${wait.lock}-wait`);
      for (const whom of wait?.whom || []) {
        const [role] = this.roles(wait.lock).find(([, each]) => each === whom) || ["unknown"];
        on.add(`${wait.lock}-${whom}-${role}`);
      }
    });
    const thick = round.flatMap((task, at) => [`${task}-${waits[task].lock}`, `${waits[task].lock}-${round[(at + 1) % round.length]}`]);
    for (const each of this.$$("[data-edge]")) {
      const [tail, head] = each.dataset.edge.split("-"), cycle = thick.includes(`${tail}-${head}`), is = on.has(each.dataset.edge);
      each.classList.toggle("on", is);
      each.classList.toggle("cycle", cycle);
      if (is) said.push(`${each.textContent}.`), used[tail] ||= cycle, used[head] ||= cycle;
    }
    for (const { classList, dataset: { node } } of this.$$("[data-node]")) {
      classList.toggle("idle", !(node in used));
      classList.toggle("cycle", !!used[node]);
    }
    this.$("svg").setAttribute("aria-label", said.join(" ") || "Nobody holds anything, nobody waits.");
  }

  /* The schedule as a chart: a column per task, time downward; also what Redo would do. */
  showSchedule() {
    const { tasks, values } = this.data, body = this.$("tbody"), inside = body.contains(this.shadowRoot.activeElement);
    body.innerHTML = put(this.trail.map((state, at) => {
      const mover = this.way[at - 1], holders = Object.keys(values).flatMap((node) => this.roles(node, state).map(([, task]) => task));
      const lanes = tasks.map((_, task) => {
        const how = this.spot(task, state)[5] || (this.wait(task, state) ? "waits" : holders.includes(task) ? "holds" : "free");
        return html`<td class="lane ${how}" style="--hue:var(--task-${(task % 6) + 1})">${task === mover && html`<b>${task + 1}</b>`}<span class="hidden">${how}</span></td>`;
      });
      return html`<tr class="${at > this.at && "later"}"><th scope="row"><button data-do="to" data-to="${at}" aria-label="Go to operation ${at}"
        aria-current="${at === this.at ? "step" : "false"}">${at}</button></th>${lanes}<td class="what">${at
        ? html`<span class="hidden">${tasks[mover]}: </span>${new Markup(put(this.spot(mover, this.trail[at - 1])[0]).replaceAll("(", "(<wbr>"))}` : "start"}</td></tr>`;
    }));
    if (inside) this.$("[aria-current=step]").focus({ preventScroll: true });
  }
}

// Light or dark, as the site or JupyterLab is; elsewhere as the system.
document.head.insertAdjacentHTML("beforeend", `<style>${["light", "dark"].map((mode) =>
  `:is([data-theme=${mode}],[data-jp-theme-light=${mode === "light"}]) ${TAG}{color-scheme:${mode}}`).join("")}</style>`);
customElements.define(TAG, LockStepper);
addEventListener("hashchange", () => document.querySelectorAll(TAG).forEach((stepper) => stepper.box && stepper.follow()));
})();
