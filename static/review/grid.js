// The tables in the drawer, as in a spreadsheet: arrows, Enter, F2, paste of several cells, rows added and taken out.

import { drawerState, emit, inputOf, keepDrawerState, openDrawer, pathOf } from "./elements.js";

const LONGEST_HOLD = 2000; // milliseconds
const pause = (time) => new Promise((wake) => setTimeout(wake, time));
const trimmed = (text) => text.trim();

export class Grids {
  constructor({ fields, counters, saving, answers, panel }) {
    Object.assign(this, { fields, counters, saving, answers, panel });
    this.drawer = document.getElementById("drawer");
    if (!this.drawer) return;
    this.drawer.addEventListener("click", (event) => this.clicked(event));
    this.drawer.addEventListener("paste", (event) => this.pasted(event));
    this.drawer.addEventListener("focusin", (event) => {
      if (event.target.matches(".value")) this.editing = false;
    });
    this.dragEdge();
    const { height, open } = drawerState();
    if (height) this.drawer.style.setProperty("--drawer", height);
    this.start();
    openDrawer(open ?? false, { keep: false });
  }

  start() {
    for (const button of this.drawer.querySelectorAll("[data-drawer], [data-grid-do=paste]")) button.hidden = false;
    // One stop for Tab in a table; the arrows do the rest.
    for (const input of this.drawer.querySelectorAll("td .value")) input.tabIndex = -1;
    for (const grid of this.drawer.querySelectorAll(".grid")) {
      const first = grid.querySelector("td .value");
      if (first) first.tabIndex = 0;
      this.sum(grid);
    }
  }

  clicked(event) {
    if (event.target.closest("[data-drawer=toggle]")) {
      event.preventDefault();
      return openDrawer(this.drawer.classList.contains("drawer-closed"));
    }
    const button = event.target.closest("[data-grid-do]");
    if (!button && event.target.closest(".grid-head")) return this.openAt(event.target.closest(".grid"));
    if (!button || this.fields.ended) return;
    event.preventDefault();
    const grid = button.closest(".grid");
    if (button.dataset.gridDo === "add") this.add(grid);
    if (button.dataset.gridDo === "remove") this.remove(button.closest("[data-line]"));
    if (button.dataset.gridDo === "paste") this.fromClipboard(grid);
  }

  openAt(grid) {
    openDrawer(true);
    grid.scrollIntoView({ block: "nearest" });
  }

  // Until the row is there, what is typed has no place to go to.
  async add(grid) {
    openDrawer(true);
    const names = JSON.parse(grid.dataset.names);
    emit("keys:hold");
    await Promise.race([this.saving.send({ do: "add", path: grid.dataset.grid, names }), pause(LONGEST_HOLD)]);
    emit("keys:release");
  }

  remove(line) {
    return this.saving.send({ do: "remove", path: line.dataset.line });
  }

  // After rows came or went the server draws the tables anew.
  // `added`: the list that has a new row, to which the cursor goes unless a key was pressed after `since`.
  async reload(added = null, since = performance.now()) {
    if (!this.drawer) return;
    const address = new URL(location.href);
    address.search = "?part=grids";
    const response = await fetch(address).catch(() => null);
    if (!response?.ok || response.redirected) return;
    const template = document.createElement("template");
    template.innerHTML = await response.text();
    const focused = document.activeElement?.closest?.("[data-cell]");
    const path = focused && pathOf(focused);
    this.replace(template.content.querySelector("#grids"));
    const lines = added === null ? [] : this.drawer.querySelectorAll(`[data-grid="${CSS.escape(added)}"] [data-line]`);
    const fresh = [...lines].at(-1)?.querySelector("[data-cell]");
    const untouched = added !== null && this.fields.keyPressedAt <= since;
    const goal = untouched ? fresh : path && this.fields.rows.get(path);
    if (goal) this.fields.edit(goal);
  }

  // What is typed in a cell and not saved yet stays in it.
  replace(grids) {
    const { fields } = this;
    const typed = fields.dirty().filter((row) => this.drawer.contains(row));
    const texts = typed.map((row) => [pathOf(row), inputOf(row).value]);
    this.panel.element.remove();
    document.getElementById("grids").replaceWith(grids);
    fields.collect();
    this.learn();
    for (const [path, text] of texts) if (fields.rows.has(path)) inputOf(fields.rows.get(path)).value = text;
    for (const row of this.drawer.querySelectorAll("[data-row]")) row.tabIndex = -1;
    this.start();
    this.counters.count();
  }

  // What the new cells are, and which of the old ones are gone with their places on the pages.
  learn() {
    const { facts } = this.fields;
    const given = JSON.parse(document.getElementById("facts-grids")?.textContent ?? "{}");
    const grids = [...this.drawer.querySelectorAll("[data-grid]")].map((grid) => `${grid.dataset.grid}[`);
    for (const path of Object.keys(facts)) {
      if (!grids.some((start) => path.startsWith(start))) continue;
      emit("place:gone", { path, gone: !(path in given) });
    }
    for (const [path, { boxes, ...rest }] of Object.entries(given)) {
      facts[path] = boxes.length ? { ...rest, boxes } : rest;
    }
  }

  // Keys of a cell; answers whether it was one.
  pressed(event, cell) {
    const input = inputOf(cell);
    const arrows = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const whole = input.selectionStart === 0 && input.selectionEnd === input.value.length;
    if (event.key in arrows) {
      const sideways = arrows[event.key][1];
      if (sideways && this.editing && !whole) return false;
      return this.step(cell, ...arrows[event.key]);
    }
    if (event.key === "F2") {
      this.editing = true;
      input.setSelectionRange(input.value.length, input.value.length);
      return true;
    }
    if (event.key === "Enter") {
      this.answers.save(cell, "set");
      if (!this.step(cell, event.shiftKey ? -1 : 1, 0)) this.fields.moveOn(this.fields.nextAsking(cell));
      return true;
    }
    if (event.key.length === 1) this.editing = true;
    if (event.key === "Tab") return this.step(cell, 0, event.shiftKey ? -1 : 1);
    return false;
  }

  step(cell, down, right) {
    const line = cell.closest("[data-line]");
    const lines = [...line.parentElement.querySelectorAll("[data-line]")];
    const cells = [...line.querySelectorAll("[data-cell]")];
    const target = lines[lines.indexOf(line) + down]?.querySelectorAll("[data-cell]")[cells.indexOf(cell) + right];
    if (target) this.fields.edit(target);
    return Boolean(target);
  }

  pasted(event) {
    const cell = event.target.closest("[data-cell]");
    const text = event.clipboardData.getData("text/plain");
    if (!cell || this.fields.ended || !/[\t\n]/.test(text.trimEnd())) return;
    event.preventDefault();
    this.fill(cell, text);
  }

  async fromClipboard(grid) {
    const text = await navigator.clipboard.readText().catch(() => "");
    if (!text.trim()) return;
    openDrawer(true);
    const focused = document.activeElement?.closest?.("[data-cell]");
    const cell = focused && grid.contains(focused) ? focused : grid.querySelector("[data-cell]");
    if (cell) await this.fill(cell, text);
    else await this.send(grid, grid.dataset.next, 0, text);
  }

  // From this cell to the right and down; rows that are missing are added with them.
  async fill(cell, text) {
    const path = pathOf(cell);
    const line = cell.closest("[data-line]");
    const column = [...line.querySelectorAll("[data-cell]")].indexOf(cell);
    const since = performance.now();
    await this.send(cell.closest(".grid"), line.dataset.line, column, text);
    this.fields.comeBack(this.fields.rows.get(path), since);
  }

  async send(grid, row, column, text) {
    const block = text
      .replace(/\r\n?/g, "\n")
      .replace(/\n+$/, "")
      .split("\n")
      .map((line) => line.split("\t").map(trimmed));
    const names = JSON.parse(grid.dataset.names);
    const sent = this.saving.send({ do: "paste", row, column: names[column], names, block });
    const words = document.getElementById("grids").dataset.pasting;
    this.saving.showSentence(
      words.replace(
        "{n}",
        block.reduce((sum, line) => sum + line.length, 0),
      ),
    );
    grid.setAttribute("aria-busy", "true");
    await sent;
    grid.removeAttribute("aria-busy");
  }

  // The word at the end of the line, and the counts of its table.
  lineWord(cell, badge, mark) {
    const line = cell.closest("[data-line]");
    const open = (word) => word === "need" || word === "broke";
    const others = [...line.querySelectorAll("[data-cell]")].map((other) => this.fields.mark(other));
    const place = line.querySelector("[data-line-word]");
    if (open(mark)) {
      place.innerHTML = badge;
      place.querySelector(".badge-word")?.prepend(`${inputOf(cell).getAttribute("aria-label")}: `);
    } else if (!others.some(open)) place.innerHTML = badge;
    this.sum(cell.closest(".grid"));
  }

  sum(grid) {
    const needs = [...grid.querySelectorAll("[data-cell]")].filter((cell) => this.fields.asks(cell)).length;
    const badge = grid.querySelector("[data-grid-needs]");
    badge.hidden = !needs;
    const words = (needs === 1 ? badge.dataset.one : badge.dataset.many).replace("{n}", needs);
    badge.querySelector(".badge-word").textContent = words;
    const rows = grid.querySelector("[data-grid-rows]");
    const count = grid.querySelectorAll("[data-line]").length;
    rows.textContent = (count === 1 ? rows.dataset.one : rows.dataset.many).replace("{n}", count);
    const list = this.fields.form.querySelector(`[data-list="${CSS.escape(grid.dataset.grid)}"]`);
    if (!list) return;
    list.querySelector(".row-value a").textContent = rows.textContent;
    const listed = list.querySelector("[data-list-needs]");
    if (listed) {
      listed.hidden = !needs;
      listed.querySelector(".badge-word").textContent = words;
    }
  }

  dragEdge() {
    const edge = document.getElementById("drawer-edge");
    edge.hidden = false;
    edge.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      edge.setPointerCapture(event.pointerId);
    });
    edge.addEventListener("pointermove", (event) => {
      if (!edge.hasPointerCapture(event.pointerId)) return;
      const foot = document.querySelector(".foot").offsetHeight;
      const height = Math.min(70, Math.max(12, (100 * (innerHeight - foot - event.clientY)) / innerHeight));
      this.drawer.style.setProperty("--drawer", `${height}vh`);
    });
    edge.addEventListener("lostpointercapture", () => {
      keepDrawerState({ height: this.drawer.style.getPropertyValue("--drawer") });
    });
  }
}
