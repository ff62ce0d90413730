// The keys. Single letters work on a row or on the page, never while somebody types; they come from the server, which
// knows what this person changed. Keys are compared by the letter they make, so that every keyboard layout works.

import { grow, say } from "./review.js";

const TYPING = "input, textarea, select, [contenteditable]";

export class Keys {
  constructor(review) {
    this.review = review;
    this.letters = JSON.parse(document.getElementById("letters").textContent);
    document.addEventListener("keydown", (event) => this.pressed(event));
    document.addEventListener("input", (event) => {
      if (event.target.matches("textarea.value")) grow(event.target);
    });
    this.prepareActions();
  }

  pressed(event) {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    const done = this.anywhere(event) || this.inInput(event) || this.onRow(event) || this.onPage(event);
    if (done) event.preventDefault();
  }

  anywhere(event) {
    if (event.key === "Escape" && event.target.closest?.("#comments")) {
      this.review.current?.focus();
      return true;
    }
    const command = (event.ctrlKey || event.metaKey) && !event.altKey;
    if (event.key === "F8") {
      this.review.editAsking(event.shiftKey ? -1 : 1);
      return true;
    }
    if (!command) return false;
    const key = event.key.toLowerCase();
    if (key === "enter") return this.do("approve");
    if (key === "k") return this.do("actions");
    if (key === "z") return this.undo(event.shiftKey ? "redo" : "undo");
    if (key === "y") return this.undo("redo");
    return false;
  }

  // In a text that is being typed the browser undoes by itself.
  undo(verb) {
    const input = document.activeElement;
    const typing = input?.matches?.(TYPING) && (!input.matches(".value") || input.value !== this.review.before.get(input));
    if (typing || this.review.ended) return false;
    this.review.saving.send({ do: verb });
    return true;
  }

  inInput(event) {
    const input = event.target;
    if (!input.matches?.(".value") || event.ctrlKey || event.metaKey || event.altKey) return false;
    const row = input.closest("[data-row]");
    if (row.hasAttribute("data-cell") && this.review.grids.pressed(event, row)) return true;
    if (event.key === "Enter" && !event.shiftKey) {
      this.review.confirmAndGoOn(row);
      return true;
    }
    if (event.key === "Escape") return this.escape(input, row);
    return false;
  }

  // First back to the text before this edit, then to the row.
  escape(input, row) {
    const before = this.review.before.get(input) ?? "";
    if (input.value !== before) {
      input.value = before;
      input.select?.();
    } else row.focus({ preventScroll: true });
    return true;
  }

  onRow(event) {
    const row = event.target;
    if (!row.matches?.("[data-row]") || event.ctrlKey || event.metaKey || event.altKey) return false;
    const rows = this.rowsAround(row);
    const at = rows.indexOf(row);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to !== undefined && at >= 0) {
      rows[Math.min(rows.length - 1, Math.max(0, to))].focus();
      return true;
    }
    if (event.key === "Enter") this.review.confirmAndGoOn(row);
    else if (event.key === "F2") this.review.edit(row);
    else return false;
    return true;
  }

  // The fields above and below; of a cell, its column.
  rowsAround(row) {
    const column = [...(row.closest("[data-line]")?.querySelectorAll("[data-cell]") ?? [])].indexOf(row);
    const lines = [...(row.closest("tbody")?.querySelectorAll("[data-line]") ?? [])];
    const cells = lines.map((line) => line.querySelectorAll("[data-cell]")[column]).filter(Boolean);
    const rows = cells.length ? cells : [...document.querySelectorAll(".fields [data-row]")];
    return rows.filter((one) => one.offsetParent);
  }

  onPage(event) {
    if (event.target.matches?.(TYPING) || event.ctrlKey || event.metaKey || event.altKey) return false;
    const what = { PageDown: "next-page", PageUp: "previous-page", "+": "zoom-in", "-": "zoom-out", 0: "fit" }[event.key];
    if (what) {
      say("viewer:do", { what });
      return true;
    }
    const code = this.letters[event.key.toLowerCase()];
    return code ? this.do(code) : false;
  }

  do(code) {
    const { review } = this;
    const row = review.current;
    const onField = {
      edit: () => review.edit(row),
      confirm: () => review.confirmAndGoOn(row),
      absent: () => review.answerAndGoOn(row, "absent"),
      illegible: () => review.answerAndGoOn(row, "illegible"),
      revert: () => review.answerAndGoOn(row, "revert"),
      place: () => review.panel.place(row),
      history: () => review.panel.history(row),
    };
    const onPage = {
      postpone: () => review.ended || review.end("postpone"),
      reject: () => review.ended || review.askReason("reject"),
      after: () => this.go("after"),
      before: () => this.go("before"),
      comment: () => this.comment(),
      find: () => say("viewer:do", { what: "find" }),
      help: () => this.help(),
      needy: () => review.editAsking(1),
      approve: () => review.approve(),
      undo: () => review.saving.send({ do: "undo" }),
      actions: () => this.openActions(),
      pages: () => say("viewer:do", { what: "next-page" }),
      move: () => row?.focus(),
    };
    const deed = onPage[code] ?? (row ? onField[code] : null);
    deed?.();
    return Boolean(deed);
  }

  async go(way) {
    await this.review.saving.quiet();
    const link = document.querySelector(`[data-go="${way}"][href]`);
    if (link) location.assign(link.href);
  }

  comment() {
    const comments = document.getElementById("comments");
    comments.open = true;
    comments.querySelector("textarea").focus();
  }

  help() {
    document.getElementById("keys-dialog").showModal();
  }

  // Every action by name

  prepareActions() {
    this.dialog = document.getElementById("actions-dialog");
    const search = this.dialog.querySelector("input");
    const buttons = [...this.dialog.querySelectorAll("[data-action]")];
    const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
    search.addEventListener("input", () => {
      for (const one of buttons) one.parentElement.hidden = !fold(one.textContent).includes(fold(search.value));
    });
    this.dialog.addEventListener("keydown", (event) => {
      const shown = buttons.filter((one) => !one.parentElement.hidden);
      const at = shown.indexOf(document.activeElement);
      if (event.key === "ArrowDown") (shown[at + 1] ?? shown[0])?.focus();
      else if (event.key === "ArrowUp") (at > 0 ? shown[at - 1] : search).focus();
      else if (event.key === "Enter" && event.target === search) shown[0]?.click();
      else return;
      event.preventDefault();
    });
    for (const one of buttons) {
      one.addEventListener("click", () => {
        this.dialog.close();
        this.do(one.dataset.action);
      });
    }
  }

  openActions() {
    const search = this.dialog.querySelector("input");
    search.value = "";
    search.dispatchEvent(new Event("input"));
    this.dialog.showModal();
    search.focus();
  }
}
