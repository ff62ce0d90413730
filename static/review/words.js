// Typing ahead: what the page says near what was typed, or the choices of the field. Taking one sets value and place.

import { inputOf } from "./review.js";

const MOST = 8;
const LONGEST = 6; // words in a row
const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

export class Words {
  constructor(review) {
    this.review = review;
    this.list = document.createElement("ul");
    this.list.className = "ahead";
    this.list.id = "ahead";
    this.list.setAttribute("role", "listbox");
    this.list.hidden = true;
    document.body.append(this.list);
    document.addEventListener("input", (event) => event.target.matches?.(".value") && this.look(event.target));
    document.addEventListener("focusout", (event) => event.target.matches?.(".value") && this.close());
    document.addEventListener("keydown", (event) => this.pressed(event), true);
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const item = event.target.closest("li");
      if (item) this.take(Number(item.dataset.at));
    });
  }

  pages() {
    this.fetched ??= fetch(this.review.form.dataset.words)
      .then((answer) => (answer.ok ? answer.json() : { pages: {} }))
      .then(({ pages }) => pages)
      .catch(() => ({}));
    return this.fetched;
  }

  async look(input, all = false) {
    const typed = fold(input.value.trim());
    if (this.review.ended || (!typed && !all)) return this.close();
    const found = input.dataset.choices ? this.choices(input, all ? "" : typed) : await this.onPages(typed);
    if (document.activeElement !== input) return undefined;
    this.found = found;
    this.input = input;
    this.at = -1;
    this.draw();
    return undefined;
  }

  choices(input, typed) {
    return input.dataset.choices
      .split("|")
      .filter((one) => fold(one).includes(typed))
      .map((text) => ({ text }));
  }

  async onPages(typed) {
    if (typed.length < 2) return [];
    const pages = await this.pages();
    const near = Number(this.review.facts[this.review.current?.dataset.path]?.page) || 1;
    const numbers = Object.keys(pages).sort((a, b) => Math.abs(a - near) - Math.abs(b - near));
    const found = new Map();
    for (const page of numbers) {
      for (const one of runs(pages[page], typed)) {
        if (!found.has(one.text)) found.set(one.text, { ...one, page: Number(page) });
        if (found.size >= MOST) return [...found.values()];
      }
    }
    return [...found.values()];
  }

  draw() {
    this.list.replaceChildren(
      ...(this.found ?? []).map(({ text, page }, at) => {
        const item = document.createElement("li");
        item.setAttribute("role", "option");
        item.id = `ahead-${at}`;
        item.dataset.at = at;
        item.setAttribute("aria-selected", String(at === this.at));
        item.textContent = text;
        if (page) {
          const where = document.createElement("span");
          where.textContent = page;
          item.append(where);
        }
        return item;
      }),
    );
    this.list.hidden = !this.found?.length;
    if (this.list.hidden) return;
    const box = this.input.getBoundingClientRect();
    const below = innerHeight - box.bottom > 200;
    this.list.style.left = `${Math.min(box.left, innerWidth - 240)}px`;
    this.list.style.minWidth = `${Math.min(box.width, 420)}px`;
    this.list.style.top = below ? `${box.bottom + 3}px` : "auto";
    this.list.style.bottom = below ? "auto" : `${innerHeight - box.top + 3}px`;
    if (this.at >= 0) this.input.setAttribute("aria-activedescendant", `ahead-${this.at}`);
    else this.input.removeAttribute("aria-activedescendant");
  }

  pressed(event) {
    const input = event.target;
    if (!input.matches?.(".value") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.list.hidden) {
      const cell = input.closest("[data-cell]");
      if (event.key !== "ArrowDown" || cell || input.matches("textarea")) return;
      event.preventDefault();
      this.offer(input);
      return;
    }
    const count = this.found.length;
    if (event.key === "ArrowDown") this.at = (this.at + 1) % count;
    else if (event.key === "ArrowUp") this.at = (this.at - 1 + count) % count;
    else if (event.key === "Escape") return this.stop(event, () => this.close());
    else if (event.key === "Enter" && this.at >= 0) return this.stop(event, () => this.take(this.at));
    else return;
    this.stop(event, () => this.draw());
  }

  // The suggestion of the open field first, then what the page says like it.
  async offer(input) {
    const suggestion = this.review.facts[input.closest("[data-row]").dataset.path]?.suggestion;
    if (suggestion) {
      this.input = input;
      this.found = [{ text: suggestion }];
      this.at = 0;
      return this.draw();
    }
    await this.look(input, true);
    if (this.found?.length) {
      this.at = 0;
      this.draw();
    }
    return undefined;
  }

  stop(event, deed) {
    event.preventDefault();
    event.stopImmediatePropagation();
    deed();
  }

  take(at) {
    const { text, page, boxes } = this.found[at];
    const row = this.input.closest("[data-row]");
    const input = inputOf(row);
    input.value = text;
    this.close();
    if (!page) return this.review.confirmAndGoOn(row);
    const path = row.dataset.path;
    const next = this.review.nextAsking(row);
    this.review.before.set(input, text);
    row.removeAttribute("data-asks");
    this.review.saving.send({ do: "place", path, page, boxes, text, version: this.review.facts[path]?.version ?? 0 });
    this.review.count();
    this.review.moveOn(next);
    return undefined;
  }

  close() {
    this.list.hidden = true;
    this.found = [];
    this.input?.removeAttribute("aria-activedescendant");
  }
}

// Words in a row whose text begins as was typed, at the start of a word; short ones before long ones.
function* runs(words, typed) {
  const squeezed = typed.replace(/\s/g, "");
  for (let first = 0; first < words.length; first += 1) {
    let text = "";
    for (let last = first; last < Math.min(words.length, first + LONGEST); last += 1) {
      if (last > first && Math.abs(words[last][1] - words[first][1]) > (words[first][3] - words[first][1])) break;
      text += `${text ? " " : ""}${words[last][4]}`;
      const flat = fold(text).replace(/\s/g, "");
      if (!squeezed.startsWith(flat) && !flat.startsWith(squeezed)) break;
      if (flat.startsWith(squeezed)) {
        const boxes = words.slice(first, last + 1).map((word) => word.slice(0, 4));
        yield { text: trimmed(text), boxes };
        break;
      }
    }
  }
}

const trimmed = (text) => text.replace(/^[\s:;,]+|[\s:;,.]+$/g, "");
