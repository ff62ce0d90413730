// Handles the server's reply to an answer: accepted, refused, or in conflict with someone else's change.

import { closeSurface, openSurface } from "../surfaces.js";

export class Replies {
  constructor({ fields, saving, display, grids, drafts }) {
    Object.assign(this, { fields, saving, display, grids, drafts });
    saving.start((answer, response, since) => this.received(answer, response, since));
  }

  async received(answer, response, since) {
    const reply = await response.json().catch(() => ({}));
    if (response.ok) return this.accepted(answer, reply, since);
    if (reply.clash?.same) return this.display.take({ entries: reply.clash.entries });
    if (reply.clash) return this.clashed(answer, reply.clash);
    if (reply.error && answer.path) this.display.refuse(answer.path, reply.error, since);
    if (response.status === 404) {
      document.dispatchEvent(new Event("page:outdated"));
      return this.saving.showSentence(this.saving.line.dataset.gone);
    }
    return this.saving.showSentence(reply.error ?? reply.closed ?? `${response.status}`);
  }

  async accepted(answer, reply, since) {
    const { saving } = this;
    for (const path of [answer.path, ...(answer.cells ?? []).map((cell) => cell.path)]) {
      if (reply.entries?.[path]) saving.made.set(path, reply.entries[path].version);
    }
    this.display.take(reply);
    if (answer.path) this.drafts.arrived(answer.path);
    const back = answer.do === "undo" || answer.do === "redo";
    if (reply.grids || back) await this.grids.reload(answer.do === "add" ? answer.path : null, since);
    if (back) this.fields.goTo(Object.keys(reply.entries)[0], since);
    if (saving.isDone && answer.do !== "seek") saving.showState("saved", reply.saved);
    // The typed value may stand elsewhere on the page. Locating it must not delay saving.
    const typed = back || answer.do === "set" || answer.do === "leave";
    for (const [path, entry] of Object.entries(typed ? (reply.entries ?? {}) : {})) {
      const own = back || path === answer.path;
      if (own && entry.was && entry.text) saving.send({ do: "seek", path });
    }
    this.sayWhatStaysBroken(answer, reply);
  }

  // Confirming a value does not mend a rule that it breaks: without a word the key would seem to do nothing.
  sayWhatStaysBroken(answer, { entries, saved }) {
    const confirms = answer.do === "set" || answer.do === "confirm";
    if (!confirms || entries?.[answer.path]?.mark !== "broke") return;
    const words = this.saving.line.dataset;
    const sentence = words.broken.replace("{label}", this.fields.label(answer.path));
    this.saving.showSentence(`${words.saved.replace("{time}", saved)} · ${sentence}`);
  }

  // Someone else changed the same value: show both and let the person decide.
  clashed(answer, clash) {
    const dialog = document.getElementById("clash-dialog");
    dialog.returnValue = "";
    const words = { ...clash, label: this.fields.label(answer.path), mine: clash.mine || answer.do };
    const filled = (text) => text.replace(/\{(\w+)\}/g, (whole, name) => words[name] ?? whole);
    for (const part of dialog.querySelectorAll("[data-words]")) part.textContent = filled(part.dataset.words);
    if (this.fields.facts[answer.path]) this.fields.facts[answer.path].version = clash.version;
    dialog.onclose = () => this.settled(answer, clash, dialog.returnValue);
    for (const button of dialog.querySelectorAll("[data-clash]")) {
      button.onclick = () => this.settle(answer, clash, button.dataset.clash, dialog);
    }
    openSurface(dialog, { unasked: true });
  }

  settle(answer, { version }, choice, dialog) {
    dialog.returnValue = choice;
    closeSurface(dialog);
    if (choice === "mine") this.saving.send({ ...answer, version });
    if (choice === "extracted") this.saving.send({ do: "revert", path: answer.path, version });
    if (choice === "theirs") this.saving.showState("saved");
  }

  // Dismissing the dialog shows their value and offers mine.
  settled(answer, { entries }, choice) {
    if (choice !== "mine") this.display.take({ entries });
    if (choice === "theirs" || choice === "extracted") this.drafts.arrived(answer.path);
    else if (!choice && answer.text) this.drafts.refused(answer);
  }
}
