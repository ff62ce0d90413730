// The fields and cells of the document: their facts, which one is current, which ones still need an answer.

import { topSurface } from "../surfaces.js";
import { emit, inputOf, isCell, openDrawer, pathOf } from "./elements.js";
import { following, inOrderOfWork } from "./order.js";

export const ROW = "[data-row]";
const BREATH = 400; // milliseconds; someone typing has pressed the next key by then

export class Fields {
  constructor(form) {
    this.form = form;
    this.ended = "ended" in form.dataset;
    this.rows = new Map(); // path → row
    this.current = null;
    this.keyPressedAt = 0;
    this.saved = new WeakMap(); // input → the text last saved
    this.states = new WeakMap(); // row → {mark, asks}
    this.collect();
    this.facts = this.readFacts();
    document.addEventListener(
      "keydown",
      () => {
        this.keyPressedAt = performance.now();
      },
      { capture: true, passive: true },
    );
  }

  collect() {
    this.rows.clear();
    for (const row of document.querySelectorAll(ROW)) {
      const input = inputOf(row);
      this.rows.set(pathOf(row), row);
      if (!this.saved.has(input)) this.saved.set(input, input.value);
      if (!this.states.has(row)) this.states.set(row, { mark: row.dataset.mark, asks: "asks" in row.dataset });
    }
  }

  // In page order; a position or page equal to what follows from the previous entry is omitted.
  readFacts() {
    const given = JSON.parse(document.getElementById("facts").textContent);
    const facts = {};
    let position = -1;
    let page = 0;
    for (const [index, path] of [...this.rows.keys()].entries()) {
      position = given[index].position ?? position + 1;
      page = given[index].page ?? page;
      facts[path] = { ...given[index], position, page };
    }
    return facts;
  }

  // Facts about a field

  versionOf(path) {
    return this.facts[path]?.version ?? 0;
  }

  label(path) {
    const row = this.rows.get(path);
    return (row && inputOf(row).getAttribute("aria-label")) ?? path;
  }

  mark(row) {
    return this.states.get(row)?.mark;
  }

  setMark(row, mark) {
    this.states.get(row).mark = mark;
  }

  asks(row) {
    return Boolean(this.states.get(row)?.asks);
  }

  setAsks(row, asks) {
    this.states.get(row).asks = asks;
  }

  isDirty(row) {
    return inputOf(row).value !== this.saved.get(inputOf(row));
  }

  // Fields with unsaved text.
  dirty() {
    return this.ended ? [] : [...this.rows.values()].filter((row) => this.isDirty(row));
  }

  // Moving between fields

  edit(row) {
    if (!row) return;
    if (isCell(row)) openDrawer(true);
    row.closest("details")?.setAttribute("open", "");
    const input = inputOf(row);
    input.focus({ preventScroll: true });
    input.select?.();
    row.scrollIntoView({ block: "nearest" });
  }

  goTo(path, since) {
    const row = this.rows.get(path);
    if (!row) return;
    emit("panes:turn", { view: "fields" });
    if (since === undefined) this.edit(row);
    else this.comeBack(row, since);
  }

  // A late reply must not steal focus from someone who has gone on typing.
  comeBack(row, since) {
    setTimeout(() => {
      if (row?.isConnected && this.keyPressedAt <= since && !topSurface()) this.edit(row);
    }, BREATH);
  }

  moveOn(row) {
    if (row) this.edit(row);
    else document.getElementById("approve")?.focus();
  }

  asking() {
    const rows = [...this.rows.values()].filter((row) => this.asks(row) && row.isConnected);
    return inOrderOfWork(rows, (row) => this.mark(row) === "broke");
  }

  nextAsking(row, step = 1) {
    return following(row, this.asking(), [...this.rows.values()], (other) => this.mark(other) === "broke", step);
  }

  // With a single row left, return to it from anywhere.
  editAsking(step) {
    this.edit(this.nextAsking(this.current, step) ?? this.asking()[0]);
  }

  // The place on the page

  show(path) {
    const { page, boxes } = this.facts[path] ?? {};
    // Deferred until the viewer has started.
    if (!page) return setTimeout(() => emit("place:dim", { near: this.beside(path) }));
    return setTimeout(() => emit("place:show", { path, page, label: this.label(path), ...(boxes && { boxes }) }));
  }

  // The nearest located cell of the same line, for a cell without a place.
  beside(path) {
    const cells = [...(this.rows.get(path)?.closest("[data-line]")?.querySelectorAll("[data-cell]") ?? [])];
    return cells.map(pathOf).find((other) => this.facts[other]?.page);
  }
}
