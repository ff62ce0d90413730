// Who else is here, how long the document is ours, and what others changed meanwhile.

const EVERY = 15000;
const ENDING = 120; // seconds before the end of the lease

export class Presence {
  constructor(review) {
    this.review = review;
    this.path = "";
    this.active = true;
    this.left = Number(review.form.dataset.left) || 0;
    this.others = document.getElementById("others");
    this.lease = document.getElementById("lease");
    this.dialog = document.getElementById("lease-dialog");
    for (const kind of ["keydown", "pointerdown", "wheel"]) {
      document.addEventListener(kind, () => (this.active = true), { passive: true, capture: true });
    }
    this.dialog.querySelector("[data-keep]").addEventListener("click", () => {
      this.dialog.close();
      this.active = true;
      this.beat();
    });
    this.beat();
    setInterval(() => this.beat(), EVERY);
    setInterval(() => this.tick(), 1000);
    document.addEventListener("visibilitychange", () => document.hidden || this.beat());
  }

  at(path) {
    this.path = path;
  }

  async beat() {
    if (document.hidden || document.prerendering) return;
    const body = { path: this.path, active: this.active, change: Number(this.review.form.dataset.change) };
    this.active = false;
    const answer = await fetch(this.review.form.dataset.here, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.review.saving.token },
      body: JSON.stringify(body),
    }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const told = await answer.json();
    this.left = told.mine ? told.left : 0;
    this.lease.hidden = !told.mine;
    // What is on its way brings its own news.
    if (!this.review.saving.waiting.length) {
      this.review.take(told);
      if (told.grids) this.review.grids.reload();
    }
    this.showOthers(told.others);
    if (told.newer) this.showNewer(told.newer);
    if (told.ended && !this.review.ended && !this.review.saving.leaving) location.reload();
    this.tick();
  }

  showOthers(others) {
    this.others.replaceChildren(
      ...others.map(({ name, initials }) => {
        const one = document.createElement("span");
        const avatar = document.createElement("span");
        avatar.className = "avatar";
        avatar.textContent = initials;
        avatar.setAttribute("aria-hidden", "true");
        one.append(avatar, this.others.dataset.words.replace("{name}", name));
        return one;
      }),
    );
    for (const row of document.querySelectorAll("[data-with]")) delete row.dataset.with;
    for (const { name, path } of others) {
      const row = this.review.rows.get(path);
      if (row) row.dataset.with = name;
    }
  }

  showNewer(address) {
    const banner = document.getElementById("newer");
    banner.hidden = false;
    banner.querySelector("a").href = address;
  }

  tick() {
    if (!this.left) return;
    this.left = Math.max(0, this.left - (this.ticked ? 1 : 0));
    this.ticked = true;
    const words = this.lease.dataset.words.replace("{n}", Math.max(1, Math.ceil(this.left / 60)));
    const line = this.lease.querySelector("span");
    if (line.textContent !== words) line.textContent = words;
    if (this.left > 0 && this.left <= ENDING && !this.active && !this.dialog.open) this.dialog.showModal();
  }
}
