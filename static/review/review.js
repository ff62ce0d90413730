// The review screen: which field is open, what is saved, what the counters say. Without it the same page is a form with
// one button for each answer.

import { Grids } from "./grid.js";
import { Keys } from "./keys.js";
import { Panel } from "./panel.js";
import { Presence } from "./presence.js";
import { Saving } from "./saving.js";
import { Words } from "./words.js";

const ROW = "[data-row]";

class Review {
  constructor(form) {
    this.form = form;
    this.ended = "ended" in form.dataset;
    this.drawer = document.getElementById("drawer");
    this.rows = new Map();
    this.current = null;
    this.before = new WeakMap(); // input → its text when it was saved last
    this.shown = new Set();
    this.collect();
    this.facts = this.readFacts();
    this.saving = new Saving(this);
    this.panel = new Panel(this);
    this.words = new Words(this);
    this.grids = new Grids(this);
    this.keys = new Keys(this);
    this.presence = new Presence(this);
    this.listen();
    this.start();
  }

  collect() {
    this.rows.clear();
    for (const row of document.querySelectorAll(ROW)) {
      const input = inputOf(row);
      row.dataset.path ??= input.name.slice("value:".length);
      this.rows.set(row.dataset.path, row);
      if (!this.before.has(input)) this.before.set(input, input.value);
    }
  }

  // They come in the order of the page, and leave out what follows from the one before.
  readFacts() {
    const told = JSON.parse(document.getElementById("facts").textContent);
    const facts = {};
    let position = -1;
    let page = 0;
    [...this.rows.keys()].forEach((path, at) => {
      position = told[at].position ?? position + 1;
      page = told[at].page ?? page;
      facts[path] = { ...told[at], position, page };
    });
    return facts;
  }

  listen() {
    document.addEventListener("focusin", (event) => {
      const row = event.target.closest?.(ROW);
      if (row && row !== this.current) this.open(row);
    });
    document.addEventListener("focusout", (event) => {
      const row = event.target.matches?.(".value") ? event.target.closest(ROW) : null;
      if (row) this.leave(row);
    });
    this.form.addEventListener("click", (event) => this.clicked(event));
    this.drawer?.addEventListener("click", (event) => this.clicked(event));
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.drawer?.addEventListener("submit", (event) => event.preventDefault());
    document.getElementById("filter").addEventListener("change", (event) => this.filter(event.target.value));
    document.addEventListener("place:chosen", (event) => this.goTo(event.detail.path));
    document.addEventListener("place:drawn", (event) => this.drawn(event));
    document.getElementById("why")?.addEventListener("click", (event) => {
      event.preventDefault();
      this.askReason("approve");
    });
    document.querySelector("[data-do-reject]")?.addEventListener("click", (event) => {
      event.preventDefault();
      this.askReason("reject");
    });
    document.getElementById("approve")?.addEventListener("click", (event) => {
      event.preventDefault();
      this.approve();
    });
    document.querySelector("[data-do-help]").addEventListener("click", () => this.keys.help());
    document.querySelector('[data-deed="undo"]')?.addEventListener("click", (event) => {
      event.preventDefault();
      this.saving.send({ do: "undo" });
    });
    for (const closes of document.querySelectorAll("[data-close]")) {
      closes.addEventListener("click", () => closes.closest("dialog").close());
    }
  }

  start() {
    document.body.classList.add("review-live");
    document.getElementById("filter").hidden = false;
    for (const row of this.rows.values()) row.tabIndex = -1;
    for (const area of document.querySelectorAll("textarea.value")) grow(area);
    this.count();
    const first = this.form.querySelector(".row-current") ?? this.nextAsking(null) ?? this.rows.values().next().value;
    // Where nothing can be changed any more, the cursor is on a row and in no input.
    if (first && this.ended) first.focus();
    else if (first) this.edit(first);
  }

  // Fields

  open(row) {
    this.current?.classList.remove("row-current");
    this.current = row;
    row.classList.add("row-current");
    row.closest("details")?.setAttribute("open", "");
    this.panel.show(row);
    this.show(row.dataset.path);
    this.presence.at(row.dataset.path);
  }

  show(path) {
    const { page, boxes } = this.facts[path] ?? {};
    // Dispatched when the viewer had its chance to start.
    if (!page) return setTimeout(() => say("place:dim", { near: this.grids.beside(path) }));
    setTimeout(() => say("place:show", { path, page, label: this.label(path), ...(boxes && { boxes }) }));
  }

  label(path) {
    return inputOf(this.rows.get(path))?.getAttribute("aria-label") ?? path;
  }

  edit(row) {
    if (!row) return;
    if (row.hasAttribute("data-cell")) this.openDrawer(true);
    row.closest("details")?.setAttribute("open", "");
    const input = inputOf(row);
    input.focus({ preventScroll: true });
    input.select?.();
    row.scrollIntoView({ block: "nearest" });
  }

  goTo(path) {
    const row = this.rows.get(path);
    if (!row) return;
    say("panes:turn", { view: "fields" });
    this.edit(row);
  }

  leave(row) {
    const input = inputOf(row);
    if (this.ended || input.value === this.before.get(input) || this.saving.settling.has(row.dataset.path)) return;
    this.save(row, "leave");
  }

  // `how`: "set" confirms, "leave" only saves.
  save(row, how) {
    const input = inputOf(row);
    const path = row.dataset.path;
    this.before.set(input, input.value);
    return this.saving.send({ do: how, path, text: input.value, version: this.facts[path]?.version ?? 0 });
  }

  answer(row, word) {
    const input = inputOf(row);
    input.value = this.before.get(input);
    const path = row.dataset.path;
    return this.saving.send({ do: word, path, version: this.facts[path]?.version ?? 0 });
  }

  confirmAndGoOn(row) {
    if (this.ended) return;
    const next = this.nextAsking(row);
    row.removeAttribute("data-asks");
    this.save(row, "set");
    this.count();
    this.moveOn(next);
  }

  answerAndGoOn(row, word) {
    if (this.ended) return;
    const next = this.nextAsking(row);
    if (word !== "revert") row.removeAttribute("data-asks");
    this.answer(row, word);
    this.count();
    this.moveOn(word === "revert" ? row : next);
  }

  moveOn(row) {
    if (row) return this.edit(row);
    const approve = document.getElementById("approve");
    approve?.focus();
  }

  asking() {
    const rows = [...this.rows.values()].filter((row) => row.hasAttribute("data-asks") && row.isConnected);
    // What is unsure first, then what breaks a rule; each in the order of the screen.
    return [...rows.filter((row) => row.dataset.mark !== "broke"), ...rows.filter((row) => row.dataset.mark === "broke")];
  }

  // The only one that asks is gone back to from wherever the cursor is.
  editAsking(by) {
    this.edit(this.nextAsking(this.current, by) ?? this.asking()[0]);
  }

  nextAsking(row, by = 1) {
    const rows = this.asking().filter((one) => one !== row);
    if (!rows.length) return null;
    if (!row) return by > 0 ? rows[0] : rows.at(-1);
    const all = [...this.rows.values()];
    const here = all.indexOf(row);
    const same = rows.filter((one) => (one.dataset.mark === "broke") === (row.dataset.mark === "broke"));
    const beyond = same.filter((one) => (all.indexOf(one) - here) * by > 0);
    return (by > 0 ? beyond[0] : beyond.at(-1)) ?? (by > 0 ? rows[0] : rows.at(-1));
  }

  clicked(event) {
    const deed = event.target.closest("[data-deed]");
    if (deed && this.current) {
      event.preventDefault();
      return this.panel.deed(deed.dataset.deed, this.current);
    }
    if (event.target.closest('[data-drawer="open"]')) {
      event.preventDefault();
      return this.openDrawer(true);
    }
    const row = event.target.closest(ROW);
    if (row && !event.target.closest("input, textarea, button, a, .opened")) this.edit(row);
  }

  openDrawer(open) {
    this.grids.openDrawer(open);
  }

  drawn(event) {
    if (!this.current || this.ended) return;
    event.preventDefault();
    const { page, boxes, text } = event.detail;
    const path = this.current.dataset.path;
    const input = inputOf(this.current);
    if (text) {
      input.value = text;
      this.before.set(input, text);
    }
    this.saving.send({ do: "place", path, page, boxes, text, version: this.facts[path]?.version ?? 0 });
    input.focus({ preventScroll: true });
  }

  // What the server answered

  take(answer) {
    for (const [path, entry] of Object.entries(answer.entries ?? {})) this.redraw(path, entry);
    if (answer.change) this.form.dataset.change = answer.change;
    this.count();
  }

  redraw(path, entry) {
    const { badge, text, was, mark, asks, state, removed, ...facts } = entry;
    this.facts[path] = facts;
    const row = this.rows.get(path);
    if (!row) return;
    const input = inputOf(row);
    // What somebody is typing at this moment stays.
    if (document.activeElement !== input || input.value === this.before.get(input)) input.value = text;
    this.before.set(input, text);
    input.removeAttribute("aria-invalid");
    input.placeholder = facts.answer ? this.form.dataset.none : "";
    row.toggleAttribute("data-asks", asks);
    row.querySelector(".row-error")?.remove();
    for (const word of ["need", "broke", "edited"]) {
      row.classList.toggle(`row-${word}`, mark === word);
      if (row.hasAttribute("data-cell")) row.classList.toggle(`cell-${word}`, mark === word);
    }
    if (mark) row.dataset.mark = mark;
    else delete row.dataset.mark;
    const shown = row.querySelector(".row-badge");
    if (shown) shown.innerHTML = badge;
    const past = row.querySelector(".row-was");
    if (past) past.textContent = was;
    if (row.hasAttribute("data-cell")) this.grids.lineWord(row, badge, mark);
    if (row === this.current) {
      this.panel.fill(row);
      if (facts.page) this.show(path);
    }
    say("place:state", { path, state });
    if (removed) this.grids.reload();
  }

  refuse(path, sentence) {
    const row = this.rows.get(path);
    if (!row) return;
    const input = inputOf(row);
    input.setAttribute("aria-invalid", "true");
    row.querySelector(".row-error")?.remove();
    const line = document.createElement("span");
    line.className = "row-error";
    line.setAttribute("role", "alert");
    line.textContent = sentence;
    row.append(line);
    if (row.hasAttribute("data-cell")) this.saving.told(sentence);
    this.edit(row);
  }

  count() {
    const rows = [...this.rows.values()];
    const broken = rows.filter((row) => row.dataset.mark === "broke");
    const needs = rows.filter((row) => row.dataset.mark === "need" && row.hasAttribute("data-asks"));
    const sure = (row) => (row.hasAttribute("data-cell") ? inputOf(row).value : row.querySelector(".row-badge .badge"));
    const open = (row) => row.dataset.mark === "need" || row.dataset.mark === "broke";
    this.write("needs", needs.length);
    this.write("broken", broken.length);
    this.write("confirmed", rows.filter((row) => sure(row) && !open(row)).length);
    const red = [...needs, ...broken];
    for (const one of document.querySelectorAll('[data-count="red"]')) one.textContent = red.length || "";
    const why = document.getElementById("why");
    const approve = document.getElementById("approve");
    if (!why || !approve) return;
    why.hidden = !red.length;
    const names = red.slice(0, 2).map((row) => inputOf(row).getAttribute("aria-label"));
    if (red.length > 2) names.push(why.dataset.more.replace("{n}", red.length - 2));
    const words = (red.length === 1 ? why.dataset.one : why.dataset.many).replace("{n}", red.length);
    why.textContent = `${words}: ${names.join(", ")}`;
    if (red.length) approve.setAttribute("aria-disabled", "true");
    else approve.removeAttribute("aria-disabled");
    this.none();
  }

  write(name, count) {
    const place = document.querySelector(`[data-count="${name}"]`);
    place.textContent = (count === 1 ? place.dataset.one : place.dataset.many).replace("{n}", count);
    if (name !== "confirmed") place.closest(".badge").hidden = !count;
  }

  filter(which) {
    this.form.dataset.filter = which;
    // What was shown stays until the filter is chosen again, so that nothing jumps away under the cursor.
    for (const row of this.form.querySelectorAll(".row")) {
      const list = row.classList.contains("row-list") && row.querySelector(".badge-need:not([hidden])");
      const fits = { all: true, asks: row.hasAttribute("data-asks") || list, edited: row.dataset.mark === "edited" }[which];
      row.hidden = !fits;
    }
    for (const title of this.form.querySelectorAll(".rows-title")) {
      title.hidden = ![...title.nextElementSibling.children].some((row) => !row.hidden);
    }
    this.none();
  }

  none() {
    const filtered = this.form.dataset.filter && this.form.dataset.filter !== "all";
    const empty = filtered && ![...this.form.querySelectorAll(".row")].some((row) => !row.hidden);
    document.getElementById("rows-none").hidden = !empty;
  }

  // The end

  async approve() {
    if (this.ended) return;
    this.current && this.leave(this.current);
    await this.saving.quiet();
    if (document.getElementById("approve").getAttribute("aria-disabled")) {
      const next = this.nextAsking(null);
      return next ? this.edit(next) : this.askReason("approve");
    }
    this.end("approve");
  }

  async end(verb) {
    await this.saving.quiet();
    this.saving.leaving = true;
    const form = document.getElementById("end-form");
    const told = document.createElement("input");
    Object.assign(told, { type: "hidden", name: "do", value: verb });
    form.append(told);
    form.submit();
  }

  async askReason(verb) {
    await this.saving.quiet();
    const dialog = document.getElementById("reason-dialog");
    for (const part of dialog.querySelectorAll("[data-reject]")) part.textContent = part.dataset[verb];
    dialog.querySelector('[name="do"]').value = verb;
    dialog.showModal();
    const reason = dialog.querySelector("textarea");
    reason.focus();
    reason.onkeydown = (event) => {
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      event.stopPropagation();
      if (reason.reportValidity()) dialog.querySelector('[name="do"]').click();
    };
  }
}

export function inputOf(row) {
  return row.querySelector(".value");
}

export function say(name, detail = {}) {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

export function grow(area) {
  // Where style sheets do it, it follows every change of width, too.
  if (CSS.supports("field-sizing", "content")) return;
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}

const form = document.getElementById("review-form");
if (form) window.review = new Review(form);
