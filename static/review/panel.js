// The open field: the reason, the crop, the answers, the history. One panel, which moves to the field with the cursor.

import { inputOf, say } from "./review.js";

export class Panel {
  constructor(review) {
    this.review = review;
    const pattern = document.getElementById("panel-pattern");
    this.element = document.getElementById("panel") ?? pattern.content.querySelector("#panel").cloneNode(true);
    this.crop = this.element.querySelector(".opened-crop");
    this.image = this.crop.querySelector("img");
    this.image.addEventListener("error", () => (this.crop.hidden = true));
  }

  part(name) {
    return this.element.querySelector(`[data-deed="${name}"]`);
  }

  show(row) {
    const cell = row.hasAttribute("data-cell");
    // A cell's panel stands over its table, and only where there is something to answer.
    this.element.hidden = this.review.ended || (cell && !row.hasAttribute("data-asks"));
    const home = cell ? row.closest(".grid").querySelector(".grid-opened") : row;
    if (this.element.parentElement !== home) home.append(this.element);
    this.close();
    this.fill(row);
  }

  fill(row) {
    const facts = this.review.facts[row.dataset.path] ?? {};
    const reason = this.element.querySelector(".opened-reason");
    reason.hidden = !facts.reason;
    reason.classList.toggle("opened-need", row.dataset.mark === "need");
    reason.querySelector("span").textContent = facts.reason ?? "";
    const description = this.element.querySelector(".opened-description");
    description.hidden = !facts.description;
    description.textContent = facts.description ?? "";
    const use = this.part("use");
    use.hidden = !facts.suggestion;
    use.querySelector("b").textContent = facts.suggestion ?? "";
    use.classList.toggle("button-primary", Boolean(facts.suggestion));
    this.part("revert").hidden = !facts.version;
    this.part("confirm").hidden = !row.hasAttribute("data-asks");
    this.cut(facts);
  }

  cut({ page, position, version = 0 }) {
    const located = Boolean(page);
    this.crop.hidden = !located;
    if (!located) return this.image.removeAttribute("src");
    const address = this.review.form.dataset.crop.replace("/0/", `/${position}/`);
    // Another place asks for another picture.
    const whole = `${address}?p=${page}-${version}`;
    if (this.image.getAttribute("src") !== whole) this.image.src = whole;
  }

  deed(name, row) {
    if (name === "history") return this.history(row);
    if (this.review.ended) return undefined;
    if (name === "use") {
      inputOf(row).value = this.review.facts[row.dataset.path].suggestion;
      return this.review.confirmAndGoOn(row);
    }
    if (name === "confirm") return this.review.confirmAndGoOn(row);
    return this.review.answerAndGoOn(row, name);
  }

  async history(row) {
    const more = this.element.querySelector("#opened-more");
    if (!more.hidden) return this.close();
    const address = `${this.review.form.dataset.history}?path=${encodeURIComponent(row.dataset.path)}`;
    const answer = await fetch(address, { headers: { "X-Part": "1" } }).catch(() => null);
    if (!answer?.ok) return undefined;
    more.innerHTML = await answer.text();
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
    say("panes:turn", { view: "document" });
    this.review.show(row.dataset.path);
  }
}
