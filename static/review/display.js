// Renders the state of fields as the server reports it: text, badge, place and errors.

import { emit, inputOf, isCell } from "./elements.js";

export class Display {
  constructor({ fields, counters, saving, panel, grids, sameInvoices }) {
    Object.assign(this, { fields, counters, saving, panel, grids, sameInvoices });
  }

  take(answer) {
    for (const [path, entry] of Object.entries(answer.entries ?? {})) this.redraw(path, entry);
    if (answer.change) this.saving.change = answer.change;
    this.showApprovals(answer);
    this.counters.count();
    if (answer.identity) this.sameInvoices.reload();
  }

  // Whether a second reviewer is required depends on the values; changing one withdraws an approval.
  showApprovals({ second, withdrawn }) {
    const badge = document.getElementById("second");
    if (second !== undefined) {
      badge.hidden = !second;
      badge.querySelector(".badge-word").textContent = second;
    }
    if (!withdrawn) return;
    const banner = document.getElementById("withdrawn");
    banner.querySelector(".banner-text").textContent = withdrawn;
    banner.hidden = false;
  }

  redraw(path, entry) {
    const { badge, text, was, mark, asks, state, removed, ...facts } = entry;
    const { fields } = this;
    fields.facts[path] = facts;
    const row = fields.rows.get(path);
    if (!row) return;
    this.setText(row, path, text, facts);
    fields.setAsks(row, asks);
    this.setMark(row, mark);
    const shown = row.querySelector(".row-badge");
    if (shown) shown.innerHTML = badge;
    const past = row.querySelector(".row-was");
    if (past) past.textContent = was;
    if (isCell(row)) this.grids.lineWord(row, badge, mark);
    if (row === fields.current) {
      this.panel.fill(row);
      if (facts.page) fields.show(path);
    }
    emit("place:state", { path, state });
    if (removed) this.grids.reload();
  }

  setText(row, path, text, facts) {
    const { saved, form } = this.fields;
    const input = inputOf(row);
    // While a later answer to the same field is pending, the field shows that answer.
    if (!this.saving.awaits(path)) {
      // Keep what was typed since the last save.
      if (input.value === saved.get(input)) input.value = text;
      saved.set(input, text);
    }
    input.removeAttribute("aria-invalid");
    input.placeholder = facts.answer ? form.dataset.none : "";
  }

  setMark(row, mark) {
    row.querySelector(".row-error")?.remove();
    for (const kind of ["need", "broke", "edited"]) {
      row.classList.toggle(`row-${kind}`, mark === kind);
      if (isCell(row)) row.classList.toggle(`cell-${kind}`, mark === kind);
    }
    this.fields.setMark(row, mark);
  }

  refuse(path, sentence, since = performance.now()) {
    const row = this.fields.rows.get(path);
    if (!row) return;
    inputOf(row).setAttribute("aria-invalid", "true");
    row.querySelector(".row-error")?.remove();
    const line = document.createElement("span");
    line.className = "row-error";
    line.setAttribute("role", "alert");
    line.textContent = sentence;
    row.append(line);
    this.fields.setAsks(row, true);
    this.counters.count();
    this.fields.comeBack(row, since);
  }
}
