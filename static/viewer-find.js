// Find in document: the search bar, the number of hits, and moving between them.

import { closeSurface, openSurface } from "./surfaces.js";
import { layer, rectangle } from "./viewer-places.js";
import { linesOf, search } from "./viewer-words.js";

export class Finding {
  constructor(viewer) {
    this.viewer = viewer;
    this.bar = viewer.section.querySelector(".viewer-find");
    this.input = this.bar.querySelector("input");
    this.count = this.bar.querySelector(".viewer-count");
    this.hits = [];
    this.at = -1;
    this.actions = {
      find: () => this.open(),
      "find-previous": () => this.step(-1),
      "find-close": () => closeSurface(this.bar),
    };
    this.bar.addEventListener("surface:close", () => {
      this.clear();
      this.count.textContent = "";
    });
    this.input.addEventListener("input", () => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.look(), 120);
    });
    this.bar.addEventListener("submit", (event) => {
      event.preventDefault();
      this.enter(1);
    });
    this.bar.addEventListener("keydown", (event) => this.pressed(event));
  }

  pressed(event) {
    if (event.key === "Enter" && event.shiftKey) {
      event.preventDefault();
      this.enter(-1);
    }
  }

  open() {
    openSurface(this.bar);
    this.input.select();
    if (this.input.value) this.look();
  }

  // Enter may arrive before the debounced search has run.
  async enter(by) {
    clearTimeout(this.typing);
    if (this.wanted === this.input.value) this.step(by);
    else await this.look();
  }

  async look() {
    const wanted = this.input.value;
    this.wanted = wanted;
    const pages = await this.viewer.words();
    if (wanted !== this.input.value) return;
    this.clear();
    if (!wanted.trim()) return this.showCount();
    if (!Object.keys(pages).length) {
      this.count.textContent = this.count.dataset.unread;
      return;
    }
    const numbers = this.viewer.sheets.map((sheet) => sheet.dataset.page);
    for (const { number, words } of search(pages, numbers, wanted)) this.mark(this.viewer.sheet(Number(number)), words);
    this.step(1);
  }

  mark(sheet, words) {
    const rects = linesOf(words).map((box) => rectangle(sheet, box, sheet.dataset.width / 700));
    layer(sheet, "hits").append(...rects);
    this.hits.push(rects);
  }

  step(by) {
    if (this.at >= 0) for (const rect of this.hits[this.at]) rect.classList.remove("current");
    const count = this.hits.length;
    // Start from the page in view.
    if (this.at < 0 && count)
      this.at = Math.max(
        0,
        this.hits.findIndex(([rect]) => this.fromHere(rect)),
      );
    else if (count) this.at = (this.at + by + count) % count;
    if (count) {
      for (const rect of this.hits[this.at]) rect.classList.add("current");
      this.viewer.places.bring(this.hits[this.at][0]);
    }
    this.showCount();
  }

  fromHere(rect) {
    return Number(rect.closest(".sheet").dataset.page) >= this.viewer.number;
  }

  showCount() {
    const { found, nothing } = this.count.dataset;
    const words = found.replace("{n}", this.at + 1).replace("{all}", this.hits.length);
    this.count.textContent = this.hits.length ? words : this.input.value.trim() ? nothing : "";
  }

  clear() {
    for (const rect of this.hits.flat()) rect.remove();
    this.hits = [];
    this.at = -1;
  }
}
