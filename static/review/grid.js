// The tables in the drawer, as in a spreadsheet: arrows, Enter, F2, paste of several cells, rows added and taken out.

import { inputOf } from "./review.js";

const KEPT = "review-drawer";

export class Grids {
  constructor(review) {
    this.review = review;
    this.drawer = document.getElementById("drawer");
    if (!this.drawer) return;
    this.drawer.addEventListener("click", (event) => this.clicked(event));
    this.drawer.addEventListener("paste", (event) => this.pasted(event));
    this.drawer.addEventListener("focusin", (event) => {
      if (event.target.matches(".value")) this.editing = false;
    });
    this.dragEdge();
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    if (kept.height) this.drawer.style.setProperty("--drawer", kept.height);
    this.start();
    this.openDrawer(kept.open ?? false, false);
  }

  start() {
    for (const one of this.drawer.querySelectorAll("[data-drawer], [data-grid-do=paste]")) one.hidden = false;
    // One stop for Tab in a table; the arrows do the rest.
    for (const input of this.drawer.querySelectorAll("td .value")) input.tabIndex = -1;
    for (const grid of this.drawer.querySelectorAll(".grid")) {
      const first = grid.querySelector("td .value");
      if (first) first.tabIndex = 0;
      this.sum(grid);
    }
  }

  openDrawer(open, keep = true) {
    if (!this.drawer) return;
    this.drawer.classList.toggle("drawer-closed", !open);
    for (const toggle of this.drawer.querySelectorAll("[data-drawer=toggle]")) {
      toggle.setAttribute("aria-expanded", String(open));
    }
    if (!keep) return;
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    localStorage.setItem(KEPT, JSON.stringify({ ...kept, open }));
  }

  clicked(event) {
    if (event.target.closest("[data-drawer=toggle]")) {
      event.preventDefault();
      return this.openDrawer(this.drawer.classList.contains("drawer-closed"));
    }
    const deed = event.target.closest("[data-grid-do]");
    if (!deed || this.review.ended) return undefined;
    event.preventDefault();
    const grid = deed.closest(".grid");
    if (deed.dataset.gridDo === "add") this.add(grid);
    if (deed.dataset.gridDo === "remove") this.remove(deed.closest("[data-line]"));
    if (deed.dataset.gridDo === "paste") this.fromClipboard(grid);
    return undefined;
  }

  add(grid) {
    this.openDrawer(true);
    const names = grid.dataset.names.split(" ").filter(Boolean);
    return this.review.saving.send({ do: "add", path: grid.dataset.grid, names });
  }

  remove(line) {
    const path = line.querySelector("[data-cell]").dataset.path;
    return this.review.saving.send({ do: "remove", path: path.slice(0, path.lastIndexOf("]") + 1) });
  }

  // After rows came or went the server draws the tables anew.
  async reload(toNew = false) {
    if (!this.drawer) return;
    const address = new URL(location.href);
    address.search = "?part=grids";
    const answer = await fetch(address).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const focused = document.activeElement?.closest?.("[data-cell]")?.dataset.path;
    const held = document.createElement("template");
    held.innerHTML = await answer.text();
    this.review.panel.element.remove();
    document.getElementById("grids").replaceWith(held.content.querySelector("#grids"));
    this.review.collect();
    for (const row of this.drawer.querySelectorAll("[data-row]")) row.tabIndex = -1;
    this.start();
    this.review.count();
    const last = [...this.drawer.querySelectorAll("[data-line]")].at(-1)?.querySelector("[data-cell]");
    const again = toNew ? last : focused && this.review.rows.get(focused);
    if (again) this.review.edit(again);
  }

  // A cell of the same line that has a place: where to look for one that has none.
  beside(path) {
    const cells = [...(this.review.rows.get(path)?.closest("[data-line]")?.querySelectorAll("[data-cell]") ?? [])];
    return cells.map((cell) => cell.dataset.path).find((one) => this.review.facts[one]?.page);
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
      this.review.save(cell, "set");
      if (!this.step(cell, event.shiftKey ? -1 : 1, 0)) this.review.moveOn(this.review.nextAsking(cell));
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
    if (target) this.review.edit(target);
    return Boolean(target);
  }

  pasted(event) {
    const cell = event.target.closest("[data-cell]");
    const text = event.clipboardData.getData("text/plain");
    if (!cell || this.review.ended || !/[\t\n]/.test(text.trimEnd())) return;
    event.preventDefault();
    this.fill(cell, text);
  }

  async fromClipboard(grid) {
    const text = await navigator.clipboard.readText().catch(() => "");
    if (!text.trim()) return;
    this.openDrawer(true);
    const focused = document.activeElement?.closest?.("[data-cell]");
    const cell = focused && grid.contains(focused) ? focused : grid.querySelector("[data-cell]");
    if (cell) await this.fill(cell, text);
  }

  // From this cell to the right and down; rows that are missing are added first.
  async fill(cell, text) {
    const path = cell.dataset.path;
    const grid = cell.closest(".grid");
    const block = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "").split("\n").map((line) => line.split("\t"));
    const lines = () => [...this.drawer.querySelectorAll(`[data-grid="${CSS.escape(grid.dataset.grid)}"] [data-line]`)];
    const line = lines().indexOf(cell.closest("[data-line]"));
    const column = [...cell.closest("[data-line]").querySelectorAll("[data-cell]")].indexOf(cell);
    const missing = line + block.length - lines().length;
    for (let count = 0; count < missing; count += 1) {
      const names = grid.dataset.names.split(" ").filter(Boolean);
      await this.review.saving.send({ do: "add", path: grid.dataset.grid, names });
    }
    const cells = [];
    block.forEach((texts, down) => {
      const there = lines()[line + down]?.querySelectorAll("[data-cell]") ?? [];
      texts.forEach((one, right) => {
        const target = there[column + right];
        if (target) cells.push({ path: target.dataset.path, text: one.trim() });
      });
    });
    await this.review.saving.send({ do: "cells", cells });
    this.review.edit(this.review.rows.get(path));
  }

  // The word at the end of the line, and the counts of its table.
  lineWord(cell, badge, mark) {
    const line = cell.closest("[data-line]");
    const asking = line.querySelector('[data-mark="need"], [data-mark="broke"]');
    const place = line.querySelector("[data-line-word]");
    if (mark === "need" || mark === "broke") {
      place.innerHTML = badge;
      place.querySelector(".badge-word")?.prepend(`${inputOf(cell).getAttribute("aria-label")}: `);
    } else if (!asking) place.innerHTML = badge;
    this.sum(cell.closest(".grid"));
  }

  sum(grid) {
    const needs = grid.querySelectorAll("[data-asks]").length;
    const badge = grid.querySelector("[data-grid-needs]");
    badge.hidden = !needs;
    const words = (needs === 1 ? badge.dataset.one : badge.dataset.many).replace("{n}", needs);
    badge.querySelector(".badge-word").textContent = words;
    const rows = grid.querySelector("[data-grid-rows]");
    const count = grid.querySelectorAll("[data-line]").length;
    rows.textContent = (count === 1 ? rows.dataset.one : rows.dataset.many).replace("{n}", count);
    const list = this.review.form.querySelector(`[data-list="${CSS.escape(grid.dataset.grid)}"]`);
    if (!list) return;
    list.querySelector(".row-value a").textContent = rows.textContent;
    const told = list.querySelector("[data-list-needs]");
    if (told) {
      told.hidden = !needs;
      told.querySelector(".badge-word").textContent = words;
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
      const kept = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
      localStorage.setItem(KEPT, JSON.stringify({ ...kept, height: this.drawer.style.getPropertyValue("--drawer") }));
    });
  }
}
