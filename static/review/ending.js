// Approving, rejecting or leaving the document. Pending saves finish first; keys are held meanwhile, and Esc cancels.

import { closeSurface, openSurface } from "../surfaces.js";
import { emit } from "./elements.js";

export class Ending {
  constructor({ fields, answers, saving, drafts }) {
    Object.assign(this, { fields, answers, saving, drafts });
    this.form = document.getElementById("end-form");
    this.dialog = document.getElementById("reason-dialog");
    this.busy = false;
    this.wish = 0; // identifies the latest attempt to leave; Esc starts a new one
    document.addEventListener("keys:escape", () => this.callOff());
    document.addEventListener("keys:dropped", () => this.busy || saving.showState("dropped"));
    document.addEventListener("reason:ask", (event) => this.askReason(event.detail.verb));
    window.addEventListener("pageshow", (event) => event.persisted && this.release());
    for (const form of [this.form, this.dialog.querySelector("form")]) {
      form.addEventListener("submit", (event) => this.submitted(event));
    }
    this.on("#why", () => this.showNextAsking() || document.querySelector("#same-reason")?.focus());
    this.on("#override", () => this.askReason("approve"));
    this.on("[data-do-reject]", () => this.askReason("reject"));
    this.on("#approve", (event) => event.detail > 1 || this.approve());
    for (const closes of document.querySelectorAll("[data-close]")) {
      closes.addEventListener("click", () => closeSurface(closes.closest("dialog")));
    }
  }

  on(selector, action) {
    document.querySelector(selector)?.addEventListener("click", (event) => {
      event.preventDefault();
      action(event);
    });
  }

  submitted(event) {
    if (event.submitter?.hasAttribute("formaction")) return;
    event.preventDefault();
    this.send(new FormData(event.target, event.submitter));
  }

  // Resolves once everything is saved: true to proceed, false if Esc was pressed meanwhile.
  async saved() {
    if (this.busy) return false;
    const { fields, saving } = this;
    this.busy = true;
    this.wish += 1;
    const { wish } = this;
    emit("keys:hold");
    if (fields.current) this.answers.leave(fields.current);
    if (saving.waiting.length) saving.showState("ending");
    await saving.quiet();
    return wish === this.wish;
  }

  callOff() {
    if (!this.busy || this.sending) return;
    this.wish += 1;
    this.release();
    this.saving.showState(this.saving.failures ? "unsaved" : "saving");
  }

  release() {
    this.busy = false;
    this.sending = false;
    emit("keys:release");
  }

  async go(address) {
    if (await this.saved()) location.assign(address);
  }

  async approve() {
    if (this.fields.ended || !(await this.saved())) return;
    if (!document.getElementById("approve").getAttribute("aria-disabled")) return this.deliver(this.dataFor("approve"));
    this.release();
    if (!this.showNextAsking()) return this.askReason("approve");
    this.saving.showSentence(document.getElementById("why").dataset.blocked);
  }

  showNextAsking() {
    const next = this.fields.nextAsking(null);
    if (next) this.fields.edit(next);
    return Boolean(next);
  }

  end(verb) {
    return this.send(this.dataFor(verb));
  }

  dataFor(verb) {
    const data = new FormData(this.form);
    data.set("do", verb);
    return data;
  }

  async send(data) {
    if (await this.saved()) await this.deliver(data);
  }

  async deliver(data) {
    const { saving } = this;
    this.sending = true;
    const headers = { "X-Part": "1" };
    const response = await fetch(this.form.action, { method: "POST", body: data, headers }).catch(() => null);
    const reply = response && !response.redirected ? await response.json().catch(() => null) : null;
    if (reply?.to) {
      saving.leaving = true;
      this.drafts.forget("reason");
      this.sending = false;
      location.assign(reply.to);
      return;
    }
    this.release();
    if (!reply?.error) return saving.showFailure();
    if (this.dialog.open) closeSurface(this.dialog);
    saving.showSentence(reply.error);
    emit("review:outdated");
  }

  askReason(verb) {
    const { dialog } = this;
    const said = verb === "approve" ? dialog.dataset.open : verb; // what is open; only the sentence has words for each
    for (const part of dialog.querySelectorAll("[data-reject]")) {
      part.textContent = part.dataset[said] ?? part.dataset[verb];
    }
    dialog.querySelector('[name="do"]').value = verb;
    openSurface(dialog);
  }
}
