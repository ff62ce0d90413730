// The panel of the current field: reason, crop, answers, history. A single panel that moves with the focus.

import { emit, inputOf, isCell, pathOf } from "./elements.js";

export class Panel {
  constructor(fields, answers) {
    this.fields = fields;
    this.answers = answers;
    const pattern = document.getElementById("panel-pattern");
    this.element = document.getElementById("panel") ?? pattern.content.querySelector("#panel").cloneNode(true);
    this.crop = this.element.querySelector(".opened-crop");
    this.image = this.crop.querySelector("img");
    this.image.addEventListener("error", () => {
      this.crop.hidden = true;
    });
  }

  part(name) {
    return this.element.querySelector(`[data-verb="${name}"]`);
  }

  show(row) {
    const cell = isCell(row);
    // For a cell it stands above the table, and only if the cell needs an answer.
    this.element.hidden = this.fields.ended || (cell && !this.fields.asks(row));
    const home = cell ? row.closest(".grid").querySelector(".grid-opened") : row;
    if (this.element.parentElement !== home) home.append(this.element);
    this.close();
    this.fill(row);
  }

  fill(row) {
    const facts = this.fields.facts[pathOf(row)] ?? {};
    const reason = this.element.querySelector(".opened-reason");
    reason.hidden = !facts.reason;
    reason.classList.toggle("opened-need", this.fields.mark(row) === "need");
    reason.querySelector("span").textContent = facts.reason ?? "";
    const description = this.element.querySelector(".opened-description");
    description.hidden = !facts.description;
    description.textContent = facts.description ?? "";
    const use = this.part("use");
    use.hidden = !facts.suggestion;
    use.querySelector("b").textContent = facts.suggestion ?? "";
    use.classList.toggle("button-primary", Boolean(facts.suggestion));
    this.part("revert").hidden = !facts.version;
    this.part("confirm").hidden = !this.fields.asks(row);
    this.showCrop(facts);
  }

  showCrop({ page, position, version = 0 }) {
    this.crop.hidden = !page;
    if (!page) return this.image.removeAttribute("src");
    // A changed place needs a new crop.
    const address = `${this.fields.form.dataset.crop.replace("/0/", `/${position}/`)}?p=${page}-${version}`;
    if (this.image.getAttribute("src") !== address) this.image.src = address;
    return undefined;
  }

  // Runs the action of the button `name` on the field.
  do(name, row) {
    if (name === "history") return this.history(row);
    if (this.fields.ended) return undefined;
    if (name === "use") inputOf(row).value = this.fields.facts[pathOf(row)].suggestion;
    if (name === "use" || name === "confirm") return this.answers.confirmAndGoOn(row);
    return this.answers.answerAndGoOn(row, name);
  }

  async history(row) {
    const more = this.element.querySelector("#opened-more");
    if (!more.hidden) return this.close();
    const address = `${this.fields.form.dataset.history}?path=${encodeURIComponent(pathOf(row))}`;
    const response = await fetch(address, { headers: { "X-Part": "1" } }).catch(() => null);
    if (!response?.ok) return undefined;
    more.innerHTML = await response.text();
    more.hidden = false;
    row.scrollIntoView({ block: "nearest" });
    return undefined;
  }

  close() {
    const more = this.element.querySelector("#opened-more");
    more.hidden = true;
    more.replaceChildren();
  }

  place(row) {
    emit("panes:turn", { view: "document" });
    this.fields.show(pathOf(row));
  }
}
