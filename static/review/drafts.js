// Unsaved text is stored on every keystroke, sent on unload, and offered again if it did not arrive.

import { drop, keep, keptAt } from "../kept.js";
import { offer } from "../kept-offers.js";
import { openSurface } from "../surfaces.js";
import { emit, inputOf, pathOf } from "./elements.js";

const VALUE = "value:";
const LATECOMERS = 700; // milliseconds

export class Drafts {
  constructor({ fields, saving, answers, display }) {
    Object.assign(this, { fields, saving, answers, display });
    this.place = `review/${fields.form.dataset.key}`;
    this.offered = new Map(); // name → closes its offer
    document.addEventListener("input", (event) => this.note(event.target));
    document.addEventListener("value:restored", (event) => this.note(event.detail.input));
    window.addEventListener("pagehide", () => this.flush(true));
    document.addEventListener("visibilitychange", () => document.hidden && this.flush(false));
    this.offerAll();
  }

  // After a reload the last save may arrive later than the page itself.
  async offerAll() {
    const left = keptAt(this.place).filter(([name]) => name !== "answers");
    if (!left.length) return;
    await new Promise((wake) => setTimeout(wake, LATECOMERS));
    for (const [name, facts] of left) {
      if (name.startsWith(VALUE)) await this.compare(name, facts);
      else this.offerText(name, facts);
    }
  }

  // "5" may be stored as "5.00": let the server compare.
  async compare(name, facts) {
    const path = name.slice(VALUE.length);
    const response = await this.saving.post({ do: "compare", path, text: facts.text });
    const reply = response?.ok ? await response.json().catch(() => null) : null;
    if (reply) this.display.take({ entries: reply.entries });
    if (reply?.same) this.forget(name);
    else this.offerValue(name, facts);
  }

  // Called whenever text may have changed, by typing or by a reply.
  note(input) {
    const { fields } = this;
    if (input.dataset?.kept) {
      const verb = input.form.querySelector("[name=do]").value;
      if (input.value.trim()) return keep(this.place, input.dataset.kept, { text: input.value, verb });
      return this.forget(input.dataset.kept);
    }
    const row = input.matches?.(".value") ? input.closest("[data-row]") : null;
    if (!row || fields.ended) return undefined;
    const path = pathOf(row);
    if (!fields.isDirty(row)) return this.forget(VALUE + path);
    return keep(this.place, VALUE + path, {
      text: input.value,
      version: fields.versionOf(path),
      label: fields.label(path),
    });
  }

  forget(name) {
    drop(this.place, name);
    this.offered.get(name)?.();
    this.offered.delete(name);
  }

  // The server confirmed an answer for this value. Text typed since stays stored.
  arrived(path) {
    const row = this.fields.rows.get(path);
    if (row && !this.saving.awaits(path)) this.note(inputOf(row));
  }

  // Store it and offer it at once: the field shows another value.
  refused({ path, text, version }) {
    const facts = { text, version, label: this.fields.label(path) };
    keep(this.place, VALUE + path, facts);
    this.offerValue(VALUE + path, facts);
  }

  flush(gone) {
    for (const row of this.fields.dirty()) {
      this.note(inputOf(row));
      this.answers.save(row, "leave", { unasked: true });
    }
    if (gone) this.saving.hurry();
  }

  offerValue(name, { text, version, label }) {
    const { fields } = this;
    const path = name.slice(VALUE.length);
    if (this.saving.awaits(path)) return;
    const row = fields.rows.get(path);
    const input = row && inputOf(row);
    if (input && input.value === text) return this.forget(name);
    const changed = input && fields.versionOf(path) !== version;
    const use = input && !fields.ended ? () => this.use(row, text) : null;
    this.show(name, { label: input ? fields.label(path) : label, text, now: changed ? input.value : "" }, use);
  }

  // Replaces the current text, which the person has just read.
  use(row, text) {
    inputOf(row).value = text;
    this.fields.edit(row);
    this.note(inputOf(row));
  }

  offerText(name, { text, verb }) {
    const box = document.querySelector(`[data-kept="${CSS.escape(name)}"]`);
    const comments = [...document.querySelectorAll(".comment-text")].map((comment) => comment.innerText.trim());
    const sent = name === "comment" && comments.includes(text.trim());
    if (!box || sent || (name === "reason" && this.fields.ended)) return this.forget(name);
    const label = box.getAttribute("aria-label") ?? box.labels[0]?.textContent ?? name;
    this.show(name, { label, text }, () => {
      box.value = text;
      if (name === "reason") emit("reason:ask", { verb });
      else openSurface(box.closest("[data-surface]"));
    });
  }

  show(name, facts, use) {
    this.offered.get(name)?.();
    this.offered.set(name, offer(facts, { use, discard: () => this.forget(name) }));
  }
}
