// Each deed is sent by itself, one after the other, and kept in the browser until the server has it. No connection: it is
// tried again, also after a reload.

const PAUSES = [1000, 2000, 5000, 10000];

export class Saving {
  constructor(review) {
    this.review = review;
    this.state = document.getElementById("state");
    this.name = `review:${review.form.dataset.key}`;
    this.token = review.form.querySelector("[name=csrfmiddlewaretoken]").value;
    this.settling = new Set();
    this.waiting = [];
    this.failures = 0;
    this.working = Promise.resolve();
    for (const deed of JSON.parse(localStorage.getItem(this.name) ?? "[]")) this.send(deed);
    window.addEventListener("beforeunload", (event) => {
      if (this.waiting.length && this.failures && !this.leaving) event.preventDefault();
    });
    window.addEventListener("online", () => this.wake?.());
  }

  send(deed) {
    this.waiting.push(deed);
    this.keep();
    this.tell("saving");
    this.working = this.working.then(() => this.one(deed));
    return this.working;
  }

  // Resolves when nothing is on its way any more.
  quiet() {
    return this.working;
  }

  async one(deed) {
    const path = deed.path;
    if (path) this.settling.add(path);
    // A deed that waited behind another one of the same value builds on what that one made.
    if (path && "version" in deed) deed.version = Math.max(deed.version, this.review.facts[path]?.version ?? 0);
    const answer = await this.insist(deed);
    this.waiting.shift();
    this.keep();
    this.settling.delete(path);
    await this.digest(deed, answer);
  }

  async insist(deed) {
    for (;;) {
      const answer = await fetch(this.review.form.dataset.value, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": this.token },
        body: JSON.stringify({ ...deed, change: Number(this.review.form.dataset.change) }),
      }).catch(() => null);
      if (answer && answer.status < 500 && !answer.redirected) {
        this.failures = 0;
        return answer;
      }
      this.tell("unsaved");
      const pause = PAUSES[Math.min(this.failures, PAUSES.length - 1)];
      this.failures += 1;
      await new Promise((wake) => {
        this.wake = wake;
        setTimeout(wake, pause);
      });
    }
  }

  async digest(deed, answer) {
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) {
      this.review.take(told);
      if (told.grids || deed.do === "undo" || deed.do === "redo") await this.review.grids.reload(deed.do === "add");
      if (deed.do === "undo" || deed.do === "redo") this.review.goTo(Object.keys(told.entries)[0]);
      if (!this.waiting.length) this.tell("saved", told.saved);
      // What was typed may stand elsewhere than what was extracted; looking for it holds up no saving.
      const typed = deed.do === "set" || deed.do === "leave";
      if (typed && told.entries?.[deed.path]?.was && told.entries[deed.path].text) this.send({ do: "seek", path: deed.path });
      return;
    }
    if (told.clash) return this.clash(deed, told.clash);
    if (told.error && deed.path) {
      this.review.refuse(deed.path, told.error);
      this.told(told.error);
      return;
    }
    this.told(told.error ?? told.closed ?? `${answer.status}`);
  }

  tell(word, time = "") {
    const line = this.state.querySelector("span");
    line.textContent = this.state.dataset[word].replace("{time}", time);
    this.state.dataset.state = word;
  }

  told(sentence) {
    this.state.querySelector("span").textContent = sentence;
    this.state.dataset.state = "told";
  }

  keep() {
    if (this.waiting.length) localStorage.setItem(this.name, JSON.stringify(this.waiting));
    else localStorage.removeItem(this.name);
  }

  // Somebody else changed the same value: both are shown, and the person decides.
  clash(deed, clash) {
    const dialog = document.getElementById("clash-dialog");
    const words = { ...clash, label: this.review.label(deed.path), mine: clash.mine || deed.do };
    const filled = (text) => text.replace(/\{(\w+)\}/g, (whole, name) => words[name] ?? whole);
    for (const part of dialog.querySelectorAll("[data-words]")) part.textContent = filled(part.dataset.words);
    this.review.facts[deed.path].version = clash.version;
    dialog.onclose = () => this.review.take({ entries: dialog.returnValue === "mine" ? {} : clash.entries });
    for (const button of dialog.querySelectorAll("[data-clash]")) {
      button.onclick = () => {
        const choice = button.dataset.clash;
        dialog.close(choice);
        if (choice === "mine") this.send({ ...deed, version: clash.version });
        if (choice === "extracted") this.send({ do: "revert", path: deed.path, version: clash.version });
        if (choice === "theirs") this.tell("saved", "");
      };
    }
    dialog.showModal();
  }
}
