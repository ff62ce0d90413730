// Find in the document: a line for the words, how many there are, and the way from one to the next.

import { layer, rectangle } from "./viewer-places.js";

const ACCENTS = /\p{M}/gu;
const fold = (text) => text.normalize("NFKD").replace(ACCENTS, "").toLowerCase();

export class Finding {
  constructor(viewer) {
    this.viewer = viewer;
    this.bar = viewer.section.querySelector(".viewer-find");
    this.input = this.bar.querySelector("input");
    this.told = this.bar.querySelector(".viewer-count");
    this.hits = [];
    this.at = -1;
    this.deeds = {
      find: () => this.open(),
      "find-previous": () => this.step(-1),
      "find-close": () => this.close(),
    };
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
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    }
    if (event.key === "Enter" && event.shiftKey) {
      event.preventDefault();
      this.enter(-1);
    }
  }

  open() {
    this.bar.hidden = false;
    this.input.focus();
    this.input.select();
    if (this.input.value) this.look();
  }

  close() {
    this.bar.hidden = true;
    this.clear();
    this.told.textContent = "";
    this.viewer.desk.focus({ preventScroll: true });
  }

  // Enter may come before the words of the last key stroke were looked for.
  async enter(by) {
    clearTimeout(this.typing);
    if (this.asked === this.input.value) this.step(by);
    else await this.look();
  }

  async look() {
    const asked = this.input.value;
    this.asked = asked;
    const wanted = fold(asked).trim().replace(/\s+/g, " ");
    const pages = await this.viewer.words();
    if (asked !== this.input.value) return;
    this.clear();
    if (!wanted) return this.tell();
    if (!Object.keys(pages).length) {
      this.told.textContent = this.told.dataset.unread;
      return;
    }
    this.search(pages, wanted, " ");
    // "1284,50" is also what stands there as "1 284,50".
    if (!this.hits.length) this.search(pages, wanted.replaceAll(" ", ""), "");
    this.step(1);
  }

  search(pages, wanted, between) {
    for (const sheet of this.viewer.sheets) {
      const words = pages[sheet.dataset.page] ?? [];
      const starts = [];
      let text = "";
      for (const word of words) {
        starts.push(text.length);
        text += (between ? fold(word[4]) : fold(word[4]).replace(/\s/g, "")) + between;
      }
      for (let from = text.indexOf(wanted); from >= 0; from = text.indexOf(wanted, from + wanted.length)) {
        const to = from + wanted.length;
        const found = words.filter((word, n) => starts[n] < to && (starts[n + 1] ?? Infinity) - between.length > from);
        if (found.length) this.mark(sheet, found);
      }
    }
  }

  mark(sheet, words) {
    const rects = lines(words).map((box) => rectangle(sheet, box, sheet.dataset.width / 700));
    layer(sheet, "hits").append(...rects);
    this.hits.push(rects);
  }

  step(by) {
    if (this.at >= 0) for (const rect of this.hits[this.at]) rect.classList.remove("current");
    const count = this.hits.length;
    // The first one is looked for from the page that is seen.
    if (this.at < 0 && count) this.at = Math.max(0, this.hits.findIndex(([rect]) => this.fromHere(rect)));
    else if (count) this.at = (this.at + by + count) % count;
    if (count) {
      for (const rect of this.hits[this.at]) rect.classList.add("current");
      this.viewer.places.bring(this.hits[this.at][0]);
    }
    this.tell();
  }

  fromHere(rect) {
    return Number(rect.closest(".sheet").dataset.page) >= this.viewer.number;
  }

  tell() {
    const { found, nothing } = this.told.dataset;
    const words = found.replace("{n}", this.at + 1).replace("{all}", this.hits.length);
    this.told.textContent = this.hits.length ? words : this.input.value.trim() ? nothing : "";
  }

  clear() {
    for (const rect of this.hits.flat()) rect.remove();
    this.hits = [];
    this.at = -1;
  }
}

// One box a line: words that follow each other at the same height belong together.
export function lines(words) {
  const found = [];
  for (const [x0, y0, x1, y1] of words) {
    const last = found.at(-1);
    const same = last && Math.min(last[3], y1) - Math.max(last[1], y0) > 0.5 * Math.min(last[3] - last[1], y1 - y0);
    if (same && x0 >= last[0]) {
      last[1] = Math.min(last[1], y0);
      last[2] = Math.max(last[2], x1);
      last[3] = Math.max(last[3], y1);
    } else found.push([x0, y0, x1, y1]);
  }
  return found;
}
