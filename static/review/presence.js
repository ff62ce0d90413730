// Heartbeat: who else is here, how long our lease lasts, and what others changed. The first heartbeat of a visible page
// claims the document; loading the page does not.

import { closeSurface, openSurface, topSurface } from "../surfaces.js";

const EVERY = 15000;
const ENDING = 120; // seconds before the end of the lease

export class Presence {
  constructor({ fields, saving, display, grids, ending }) {
    Object.assign(this, { fields, saving, display, grids, ending });
    this.path = "";
    this.active = true;
    this.left = Number(fields.form.dataset.left) || 0;
    this.others = document.getElementById("others");
    this.lease = document.getElementById("lease");
    this.dialog = document.getElementById("lease-dialog");
    for (const kind of ["keydown", "pointerdown", "wheel"]) {
      document.addEventListener(kind, () => this.wake(), { passive: true, capture: true });
    }
    this.dialog.querySelector("[data-keep]").addEventListener("click", () => {
      closeSurface(this.dialog);
      this.wake();
      this.beat();
    });
    document.addEventListener("review:outdated", () => this.beat());
    this.beat();
    setInterval(() => this.beat(), EVERY);
    setInterval(() => this.tick(), 1000);
    for (const [target, seen] of [
      [document, "visibilitychange"],
      [document, "prerenderingchange"],
      [window, "pageshow"],
    ]) {
      target.addEventListener(seen, (event) => this.seen(event));
    }
  }

  wake() {
    this.active = true;
  }

  seen(event) {
    if (document.hidden || (event.type === "pageshow" && !event.persisted)) return;
    this.active = true;
    this.beat();
  }

  at(path) {
    this.path = path;
  }

  async beat() {
    if (document.hidden || document.prerendering) return;
    const body = { path: this.path, active: this.active, change: this.saving.change };
    this.active = false;
    const response = await fetch(this.fields.form.dataset.here, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.saving.token },
      body: JSON.stringify(body),
    }).catch(() => null);
    if (response?.status === 404) document.dispatchEvent(new Event("page:outdated"));
    if (!response?.ok || response.redirected) return;
    const news = await response.json();
    this.left = news.mine ? news.left : 0;
    this.showHolder(news);
    // Pending answers bring their own updates.
    if (!this.saving.waiting.length) {
      this.display.take(news);
      if (news.grids) this.grids.reload();
    }
    this.showOthers(news.others);
    if (news.newer) this.showNewer(news.newer);
    if (news.ended && !this.fields.ended && !this.saving.leaving && !this.inWork()) location.reload();
    this.tick();
  }

  // Do not reload the page while someone is typing.
  inWork() {
    return Boolean(topSurface()) || this.ending.busy || this.fields.dirty().length > 0;
  }

  showHolder({ mine, holder, until }) {
    this.lease.hidden = !mine;
    document.getElementById("give-back").hidden = !mine;
    const banner = document.getElementById("held");
    if (!banner) return;
    const others = !mine && holder;
    if (others && banner.hidden) {
      const words = banner.dataset.words.replace("{who}", holder).replace("{until}", until);
      banner.querySelector(".banner-text").textContent = words;
    }
    banner.hidden = !others;
  }

  showOthers(others) {
    this.others.replaceChildren(
      ...others.map(({ name, initials }) => {
        const person = document.createElement("span");
        const avatar = document.createElement("span");
        avatar.className = "avatar";
        avatar.textContent = initials;
        avatar.setAttribute("aria-hidden", "true");
        person.append(avatar, this.others.dataset.words.replace("{name}", name));
        return person;
      }),
    );
    for (const row of document.querySelectorAll("[data-with]")) delete row.dataset.with;
    for (const { name, path } of others) {
      const row = this.fields.rows.get(path);
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
    if (this.left > 0 && this.left <= ENDING && !this.active && !topSurface()) openSurface(this.dialog);
  }
}
