// Marking a place: drag a box over words, or click the first and the last one. Shift works without the tool.

import { copyText } from "./clipboard.js";
import { layer, rectangle } from "./viewer-places.js";
import { linesOf } from "./viewer-words.js";

const SMALLEST = 5;

export class Drawing {
  constructor(viewer) {
    this.viewer = viewer;
    this.button = viewer.tools.querySelector('[data-do="draw"]');
    this.note = viewer.section.querySelector(".viewer-taken");
    this.on = false;
    this.first = null;
    this.actions = {
      draw: () => this.turn(!this.on),
      "copy-taken": () => this.copy(),
      "forget-taken": () => this.forget(),
    };
    viewer.desk.addEventListener("pointerdown", (event) => this.begin(event));
    viewer.section.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || (!this.on && this.note.hidden)) return;
      event.stopPropagation();
      this.turn(false);
      this.forget();
    });
  }

  turn(on) {
    this.on = on;
    this.first = null;
    this.button.setAttribute("aria-pressed", String(on));
    this.viewer.desk.classList.toggle("drawing", on);
    if (on) this.viewer.words();
  }

  begin(event) {
    const sheet = event.target.closest(".sheet[data-page]");
    if (!sheet || event.button !== 0 || !(this.on || event.shiftKey)) return;
    event.preventDefault();
    this.viewer.panned = true; // the click at the end must not select a value
    const from = this.at(sheet, event);
    const start = { x: event.clientX, y: event.clientY };
    let far = false;
    const move = (moved) => {
      far ||= Math.hypot(moved.clientX - start.x, moved.clientY - start.y) >= SMALLEST;
      if (far) this.sketch(sheet, [spanned(from, this.at(sheet, moved))]);
    };
    const end = (ended) => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", end);
      window.removeEventListener("pointercancel", end);
      if (ended.type === "pointercancel") return this.forget();
      if (far) this.take(sheet, spanned(from, this.at(sheet, ended)));
      else this.pick(sheet, from);
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", end);
    window.addEventListener("pointercancel", end);
  }

  // Coordinates on the unrotated page, as fractions.
  at(sheet, { clientX, clientY }) {
    const box = sheet.getBoundingClientRect();
    const u = clamp((clientX - box.left) / box.width);
    const v = clamp((clientY - box.top) / box.height);
    return [
      [u, v],
      [v, 1 - u],
      [1 - u, 1 - v],
      [1 - v, u],
    ][this.viewer.turn];
  }

  async take(sheet, box) {
    const words = (await this.viewer.words())[sheet.dataset.page] ?? [];
    const within = words.filter(([x0, y0, x1, y1]) => holds(box, [(x0 + x1) / 2, (y0 + y1) / 2]));
    this.offer(sheet, within, box);
  }

  // The first click takes a word, the next one all words up to it.
  async pick(sheet, point) {
    const words = (await this.viewer.words())[sheet.dataset.page] ?? [];
    const found = words.findIndex((word) => holds(word, point));
    if (found < 0) return this.forget();
    const again = this.first?.sheet === sheet && this.first.found !== found;
    const [from, to] = again ? [this.first.found, found].sort((a, b) => a - b) : [found, found];
    this.first = again ? null : { sheet, found };
    this.offer(sheet, words.slice(from, to + 1), words[found].slice(0, 4));
  }

  offer(sheet, words, box) {
    const boxes = words.length ? linesOf(words) : [box];
    this.sketch(sheet, boxes);
    const text = words.map((word) => word[4]).join(" ");
    const detail = { page: Number(sheet.dataset.page), box: around(boxes), boxes, text };
    const drawn = new CustomEvent("place:drawn", { detail, cancelable: true });
    if (!document.dispatchEvent(drawn)) {
      this.turn(false);
      this.forget();
      return;
    }
    const line = this.note.querySelector("p");
    line.textContent = text || line.dataset.empty;
    this.text = text;
    this.note.querySelector('[data-do="copy-taken"]').hidden = !text;
    this.note.hidden = false;
  }

  sketch(sheet, boxes) {
    this.wipe();
    layer(sheet, "marks").append(...boxes.map((box) => rectangle(sheet, box, 2)));
  }

  async copy() {
    await copyText(this.text);
    this.forget();
  }

  forget() {
    this.wipe();
    this.first = null;
    this.note.hidden = true;
  }

  wipe() {
    for (const rect of this.viewer.section.querySelectorAll(".marks rect")) rect.remove();
  }
}

const clamp = (value) => Math.min(1, Math.max(0, value));

const holds = ([x0, y0, x1, y1], [x, y]) => x0 <= x && x <= x1 && y0 <= y && y <= y1;

const spanned = ([ax, ay], [bx, by]) => [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)];

const around = (boxes) => [
  Math.min(...boxes.map((box) => box[0])),
  Math.min(...boxes.map((box) => box[1])),
  Math.max(...boxes.map((box) => box[2])),
  Math.max(...boxes.map((box) => box[3])),
];
