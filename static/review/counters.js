// The counters above the fields, the reason why the document cannot be approved yet, and the filter.

import { inputOf, isCell } from "./elements.js";

const worded = (element, count) => (count === 1 ? element.dataset.one : element.dataset.many).replace("{n}", count);

export class Counters {
  constructor(fields) {
    this.fields = fields;
    this.form = fields.form;
    this.chosen = "all";
    document.getElementById("filter").addEventListener("change", (event) => this.filter(event.target.value));
  }

  count() {
    const { fields } = this;
    const rows = [...fields.rows.values()];
    const broken = rows.filter((row) => fields.mark(row) === "broke");
    const needs = rows.filter((row) => fields.mark(row) === "need" && fields.asks(row));
    const open = (row) => fields.mark(row) === "need" || fields.mark(row) === "broke";
    const answered = (row) => (isCell(row) ? inputOf(row).value : row.querySelector(".row-badge .badge"));
    this.write("needs", needs.length);
    this.write("broken", broken.length);
    this.write("confirmed", rows.filter((row) => answered(row) && !open(row)).length);
    this.explain([...needs, ...broken]);
    this.showWhetherEmpty();
  }

  write(name, count) {
    const place = document.querySelector(`[data-count="${name}"]`);
    place.textContent = worded(place, count);
    if (name !== "confirmed") place.closest(".badge").hidden = !count;
  }

  explain(red) {
    for (const place of document.querySelectorAll('[data-count="red"]')) place.textContent = red.length || "";
    const why = document.getElementById("why");
    const approve = document.getElementById("approve");
    if (!why || !approve) return;
    const same = Boolean(document.querySelector("#same-invoices[data-blocks]"));
    const blocked = red.length > 0 || same;
    why.hidden = !blocked;
    document.getElementById("override").hidden = !blocked;
    const names = red.slice(0, 2).map((row) => inputOf(row).getAttribute("aria-label"));
    if (red.length > 2) names.push(why.dataset.more.replace("{n}", red.length - 2));
    why.textContent = red.length
      ? `${worded(why, red.length)}${why.dataset.colon}${names.join(", ")}`
      : why.dataset.same;
    const sentence = red.length ? "both" : "same";
    document.getElementById("reason-dialog").dataset.open = same ? sentence : "approve";
    if (blocked) approve.setAttribute("aria-disabled", "true");
    else approve.removeAttribute("aria-disabled");
  }

  // Applied only when chosen, so that a row does not vanish while it is being edited.
  filter(chosen) {
    this.chosen = chosen;
    const { fields } = this;
    for (const row of this.form.querySelectorAll(".row")) {
      const list = row.classList.contains("row-list") && row.querySelector(".badge-need:not([hidden])");
      const fits = { all: true, asks: fields.asks(row) || list, edited: fields.mark(row) === "edited" }[chosen];
      row.hidden = !fits;
    }
    for (const title of this.form.querySelectorAll(".rows-title")) {
      title.hidden = ![...title.nextElementSibling.children].some((row) => !row.hidden);
    }
    this.showWhetherEmpty();
  }

  showWhetherEmpty() {
    const empty = this.chosen !== "all" && ![...this.form.querySelectorAll(".row")].some((row) => !row.hidden);
    document.getElementById("rows-none").hidden = !empty;
  }
}
