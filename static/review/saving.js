// A queue of answers, sent one at a time and stored in the browser until the server confirms them. Failed requests are
// retried with backoff, also after a reload. replies.js handles the responses.

import { drop, keep, kept } from "../kept.js";
import { newKey } from "../new-key.js";

const PAUSES = [1000, 2000, 5000, 10000];

const IDEMPOTENT = ["set", "leave", "confirm", "illegible", "absent", "revert", "place", "cells", "seek"];
const LOOKUP = "seek"; // changes no answer, so people need not hear of it
const LARGEST_KEPT_ALIVE = 60_000; // bytes; browsers limit all pending keepalive requests to 64 KiB
const KEPT = "answers";

export class Saving {
  constructor(form) {
    this.form = form;
    this.line = document.getElementById("state");
    this.place = `review/${form.dataset.key}`;
    this.token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    this.change = Number(form.dataset.change); // the latest change of the document known to this page
    this.waiting = [];
    this.made = new Map(); // path → the version created by this page's latest answer
    this.failures = 0;
    this.leaving = false;
    this.working = Promise.resolve();
    window.addEventListener("beforeunload", (event) => {
      if (this.waiting.length && this.failures && !this.leaving) event.preventDefault();
    });
    window.addEventListener("online", () => this.wake?.());
  }

  // `onReply(answer, response, since)` is awaited before the next answer is sent.
  start(onReply) {
    this.onReply = onReply;
    for (const answer of kept(this.place, KEPT)?.answers ?? []) this.send(answer);
  }

  send(answer) {
    // The id makes a retry idempotent.
    const sent = IDEMPOTENT.includes(answer.do) ? answer : { id: newKey(), ...answer };
    this.waiting.push(sent);
    this.keep();
    if (sent.do !== LOOKUP) this.showState("saving");
    const since = performance.now();
    this.working = this.working.then(() => this.deliver(sent, since));
    return this.working;
  }

  // Whether an answer for this value is still pending.
  awaits(path) {
    return this.waiting.some((answer) => answer.path === path);
  }

  // Whether every answer has been saved.
  get isDone() {
    return this.waiting.every((answer) => answer.do === LOOKUP);
  }

  // Resolves when the queue is empty.
  quiet() {
    return this.working;
  }

  async deliver(answer, since) {
    const path = answer.path;
    // A queued answer builds on the version created by our previous answer to the same value, never on someone else's.
    if (path && "version" in answer) answer.version = Math.max(answer.version, this.made.get(path) ?? 0);
    const response = await this.insist(answer);
    this.waiting.shift();
    this.keep();
    await this.onReply(answer, response, since);
  }

  async insist(answer) {
    for (;;) {
      // With the keepalive quota used up, a keepalive request fails at once: retry without.
      const response = (await this.post(answer)) ?? (await this.post(answer, { outlive: false }));
      if (response && response.status < 500 && !response.redirected) {
        this.failures = 0;
        return response;
      }
      this.showState("unsaved");
      const pause = PAUSES[Math.min(this.failures, PAUSES.length - 1)];
      this.failures += 1;
      await new Promise((wake) => {
        this.wake = wake;
        setTimeout(wake, pause);
      });
    }
  }

  // keepalive lets the request outlive the page, within the quota.
  post({ unasked, ...answer }, { outlive = true } = {}) {
    const body = JSON.stringify({ ...answer, change: this.change });
    const size = new Blob([body]).size;
    return fetch(this.form.dataset.value, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.token },
      body,
      keepalive: outlive && size < LARGEST_KEPT_ALIVE,
    }).catch(() => null);
  }

  // The page is unloading: send what is queued, one answer per value, in parallel with the pending request.
  hurry() {
    this.keep();
    const [first, ...rest] = this.waiting;
    const paths = new Set([first?.path]);
    for (const answer of rest) {
      if (!IDEMPOTENT.includes(answer.do) || !answer.path || paths.has(answer.path)) continue;
      paths.add(answer.path);
      this.post(answer);
    }
  }

  showState(state, time = "") {
    this.write(this.line.dataset[state].replace("{time}", time), { warns: state === "unsaved" });
  }

  showSentence(sentence) {
    this.write(sentence, { warns: true });
  }

  showFailure() {
    this.showSentence(this.line.dataset.failed);
  }

  write(sentence, { warns }) {
    this.line.querySelector("span").textContent = sentence;
    this.line.classList.toggle("foot-state-warns", warns);
  }

  // Text saved on unload is not an answer; drafts.js stores it. A lookup that is lost does no harm.
  keep() {
    const answers = this.waiting.filter((answer) => !answer.unasked && answer.do !== LOOKUP);
    if (answers.length) keep(this.place, KEPT, { answers });
    else drop(this.place, KEPT);
  }
}
