// Autocomplete from the words of the pages or the choices of the field. Accepting one sets value and place.

import { fold } from "../viewer-words.js";
import { inputOf, isCell, pathOf } from "./elements.js";
import { lookAhead } from "./lookahead.js";

const MOST = 8;
const SHORTEST = 2; // letters before the pages are searched

export class Words {
  constructor(fields, answers) {
    this.fields = fields;
    this.answers = answers;
    this.found = [];
    this.at = -1;
    this.list = document.createElement("ul");
    this.list.className = "ahead";
    this.list.id = "ahead";
    this.list.setAttribute("role", "listbox");
    this.list.hidden = true;
    document.body.append(this.list);
    document.addEventListener("input", ({ target }) => target.matches?.(".value") && this.look(target));
    document.addEventListener("focusout", ({ target }) => target.matches?.(".value") && this.close());
    document.addEventListener("keydown", (event) => this.pressed(event), true);
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const item = event.target.closest("li");
      if (item) this.take([...this.list.children].indexOf(item));
    });
  }

  pages() {
    this.fetched ??= fetch(this.fields.form.dataset.words)
      .then((response) => (response.ok ? response.json() : { pages: {} }))
      .then(({ pages }) => pages)
      .catch(() => ({}));
    return this.fetched;
  }

  async look(input, all = false) {
    const typed = fold(input.value.trim());
    if (this.fields.ended || (!typed && !all)) return this.close();
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
      .filter((choice) => fold(choice).includes(typed))
      .map((text) => ({ text }));
  }

  async onPages(typed) {
    if (typed.length < SHORTEST) return [];
    const { current, facts } = this.fields;
    const near = Number(current && facts[pathOf(current)]?.page) || 1;
    return lookAhead(await this.pages(), typed, { near, most: MOST });
  }

  draw() {
    this.list.replaceChildren(
      ...this.found.map(({ text, page }, at) => {
        const item = document.createElement("li");
        item.setAttribute("role", "option");
        item.id = `ahead-${at}`;
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
    this.list.hidden = !this.found.length;
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
      if (event.key !== "ArrowDown" || isCell(input.closest("[data-row]")) || input.matches("textarea")) return;
      event.preventDefault();
      this.offer(input);
      return;
    }
    const count = this.found.length;
    if (event.key === "ArrowDown") this.at = (this.at + 1) % count;
    else if (event.key === "ArrowUp") this.at = (this.at - 1 + count) % count;
    else if (event.key === "Escape") return this.consume(event, () => this.close());
    else if (event.key === "Enter" && this.at >= 0) return this.consume(event, () => this.take(this.at));
    else return;
    this.consume(event, () => this.draw());
  }

  // The suggestion for the current field, else completions from the pages.
  async offer(input) {
    const suggestion = this.fields.facts[pathOf(input.closest("[data-row]"))]?.suggestion;
    if (suggestion) {
      this.input = input;
      this.found = [{ text: suggestion }];
      this.at = 0;
      return this.draw();
    }
    await this.look(input, true);
    if (this.found.length) {
      this.at = 0;
      this.draw();
    }
    return undefined;
  }

  consume(event, action) {
    event.preventDefault();
    event.stopImmediatePropagation();
    action();
  }

  take(at) {
    const { text, page, boxes } = this.found[at];
    const row = this.input.closest("[data-row]");
    inputOf(row).value = text;
    this.close();
    if (page) this.answers.placeAndGoOn(row, { page, boxes, text });
    else this.answers.confirmAndGoOn(row);
  }

  close() {
    this.list.hidden = true;
    this.found = [];
    this.input?.removeAttribute("aria-activedescendant");
  }
}
