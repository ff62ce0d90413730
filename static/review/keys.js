// Keyboard shortcuts. Single letters apply to a row or the page, never while someone types or a surface is open
// (surfaces.js). The server supplies them, as each person may remap them. Compared by event.key, for any layout.

import { commandsAct, closeSurface, lettersAct, openSurface, takesText } from "../surfaces.js";
import { fold } from "../viewer-words.js";
import { emit, grow, isCell } from "./elements.js";

const REPEATED = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "PageUp", "PageDown", "+", "-"];

export class Keys {
  constructor({ fields, answers, saving, drafts, panel, grids, ending }) {
    Object.assign(this, { fields, answers, saving, drafts, panel, grids, ending });
    this.letters = JSON.parse(document.getElementById("letters").textContent);
    document.addEventListener("keydown", (event) => this.pressed(event));
    document.addEventListener("input", (event) => {
      if (event.target.matches("textarea.value")) grow(event.target);
    });
    document.querySelector("[data-do-help]").addEventListener("click", () => this.help());
    this.prepareActions();
  }

  pressed(event) {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    // Auto-repeat is ignored, except for keys that move.
    if (event.repeat && !takesText(event.target) && !REPEATED.includes(event.key)) return event.preventDefault();
    const done = this.anywhere(event) || this.inInput(event) || this.onRow(event) || this.onPage(event);
    if (done) event.preventDefault();
  }

  anywhere(event) {
    if (!commandsAct(event)) return false;
    const command = (event.ctrlKey || event.metaKey) && !event.altKey;
    if (event.key === "F8") {
      this.fields.editAsking(event.shiftKey ? -1 : 1);
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

  // While typing, undo belongs to the browser.
  undo(verb) {
    const input = document.activeElement;
    const typing = takesText(input) && (!input.matches(".value") || input.value !== this.fields.saved.get(input));
    if (typing || this.fields.ended) return false;
    this.saving.send({ do: verb });
    return true;
  }

  inInput(event) {
    const input = event.target;
    if (!input.matches?.(".value") || event.ctrlKey || event.metaKey || event.altKey) return false;
    const row = input.closest("[data-row]");
    if (isCell(row) && this.grids.pressed(event, row)) return true;
    if (event.key === "Enter" && !event.shiftKey) {
      this.answers.confirmAndGoOn(row);
      return true;
    }
    if (event.key === "Escape") return this.escape(input, row);
    return false;
  }

  // Esc first reverts the text, then leaves the input for its row.
  escape(input, row) {
    const saved = this.fields.saved.get(input) ?? "";
    if (input.value !== saved) {
      input.value = saved;
      this.drafts.note(input);
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
    if (event.key === "Enter") this.answers.confirmAndGoOn(row);
    else if (event.key === "F2") this.fields.edit(row);
    else return false;
    return true;
  }

  // The fields above and below; for a cell, its column.
  rowsAround(row) {
    const column = [...(row.closest("[data-line]")?.querySelectorAll("[data-cell]") ?? [])].indexOf(row);
    const lines = [...(row.closest("tbody")?.querySelectorAll("[data-line]") ?? [])];
    const cells = lines.map((line) => line.querySelectorAll("[data-cell]")[column]).filter(Boolean);
    const rows = cells.length ? cells : [...document.querySelectorAll(".fields [data-row]")];
    return rows.filter((other) => other.offsetParent);
  }

  onPage(event) {
    if (!lettersAct(event)) return false;
    const what = { PageDown: "next-page", PageUp: "previous-page", "+": "zoom-in", "-": "zoom-out", 0: "fit" }[
      event.key
    ];
    if (what) {
      emit("viewer:do", { what });
      return true;
    }
    const code = this.letters[event.key.toLowerCase()];
    return code ? this.do(code) : false;
  }

  do(code) {
    const row = this.fields.current;
    const action = this.onPageActions[code] ?? (row ? this.onFieldActions[code] : null);
    action?.(row);
    return Boolean(action);
  }

  get onFieldActions() {
    const { fields, answers, panel } = this;
    return {
      edit: (row) => fields.edit(row),
      confirm: (row) => answers.confirmAndGoOn(row),
      absent: (row) => answers.answerAndGoOn(row, "absent"),
      illegible: (row) => answers.answerAndGoOn(row, "illegible"),
      revert: (row) => answers.answerAndGoOn(row, "revert"),
      place: (row) => panel.place(row),
      history: (row) => panel.history(row),
    };
  }

  get onPageActions() {
    const { fields, saving, ending } = this;
    return {
      postpone: () => fields.ended || ending.end("postpone"),
      reject: () => fields.ended || ending.askReason("reject"),
      after: () => this.go("after"),
      before: () => this.go("before"),
      comment: () => this.comment(),
      find: () => emit("viewer:do", { what: "find" }),
      help: () => this.help(),
      needy: () => fields.editAsking(1),
      approve: () => ending.approve(),
      undo: () => saving.send({ do: "undo" }),
      actions: () => this.openActions(),
      pages: () => emit("viewer:do", { what: "next-page" }),
      move: (row) => row?.focus(),
    };
  }

  go(way) {
    const link = document.querySelector(`[data-go="${way}"][href]`);
    if (link) this.ending.go(link.href);
  }

  comment() {
    openSurface(document.getElementById("comment"));
  }

  help() {
    openSurface(document.getElementById("keys-dialog"));
  }

  // The command palette

  prepareActions() {
    this.dialog = document.getElementById("actions-dialog");
    const search = this.dialog.querySelector("input");
    const buttons = [...this.dialog.querySelectorAll("[data-action]")];
    search.addEventListener("input", () => {
      const wanted = fold(search.value);
      for (const button of buttons) button.parentElement.hidden = !fold(button.textContent).includes(wanted);
    });
    this.dialog.addEventListener("keydown", (event) => {
      const shown = buttons.filter((button) => !button.parentElement.hidden);
      const at = shown.indexOf(document.activeElement);
      if (event.key === "ArrowDown") (shown[at + 1] ?? shown[0])?.focus();
      else if (event.key === "ArrowUp") (at > 0 ? shown[at - 1] : search).focus();
      else if (event.key === "Enter" && event.target === search) shown[0]?.click();
      else return;
      event.preventDefault();
    });
    for (const button of buttons) {
      button.addEventListener("click", () => {
        closeSurface(this.dialog);
        this.do(button.dataset.action);
      });
    }
  }

  openActions() {
    const search = this.dialog.querySelector("input");
    search.value = "";
    search.dispatchEvent(new Event("input"));
    openSurface(this.dialog);
  }
}
