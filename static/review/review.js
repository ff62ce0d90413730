// The review screen. Without JavaScript the same page is a form with one button per answer. Each part depends only on
// those constructed before it.

import { Answers } from "./answers.js";
import { startComments } from "./comments.js";
import { Counters } from "./counters.js";
import { Display } from "./display.js";
import { Drafts } from "./drafts.js";
import { grow, inputOf, openDrawer, pathOf } from "./elements.js";
import { Ending } from "./ending.js";
import { Fields, ROW } from "./fields.js";
import { Grids } from "./grid.js";
import { Keys } from "./keys.js";
import { Panel } from "./panel.js";
import { Presence } from "./presence.js";
import { Replies } from "./replies.js";
import { SameInvoices } from "./same-invoices.js";
import { Saving } from "./saving.js";
import { Words } from "./words.js";

const form = document.getElementById("review-form");
if (form) start(form);

function start(form) {
  const parts = { fields: new Fields(form), saving: new Saving(form) };
  const { fields, saving } = parts;
  parts.counters = new Counters(fields);
  parts.sameInvoices = new SameInvoices(parts.counters);
  parts.answers = new Answers(fields, parts.counters, saving);
  parts.panel = new Panel(fields, parts.answers);
  parts.words = new Words(fields, parts.answers);
  parts.grids = new Grids(parts);
  parts.display = new Display(parts);
  parts.drafts = new Drafts(parts);
  parts.replies = new Replies(parts);
  parts.ending = new Ending(parts);
  parts.keys = new Keys(parts);
  parts.presence = new Presence(parts);
  startComments(parts);
  listen(parts);
  show(parts);
}

function listen({ fields, saving, answers, panel, presence }) {
  const { form } = fields;
  const drawer = document.getElementById("drawer");
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.(ROW);
    if (row && row !== fields.current) open(row, { fields, panel, presence });
  });
  document.addEventListener("focusout", (event) => {
    const row = event.target.matches?.(".value") ? event.target.closest(ROW) : null;
    if (row) answers.leave(row);
  });
  for (const area of [form, drawer]) {
    area?.addEventListener("click", (event) => clicked(event, { fields, panel }));
    area?.addEventListener("submit", (event) => event.preventDefault());
  }
  document.addEventListener("place:chosen", (event) => fields.goTo(event.detail.path));
  document.addEventListener("place:drawn", (event) => {
    const row = fields.current;
    if (!row || fields.ended) return;
    event.preventDefault();
    answers.place(row, event.detail);
    inputOf(row).focus({ preventScroll: true });
  });
  document.querySelector('[data-verb="undo"]')?.addEventListener("click", (event) => {
    event.preventDefault();
    saving.send({ do: "undo" });
  });
}

function show({ fields, counters }) {
  document.body.classList.add("review-live");
  document.getElementById("filter").hidden = false;
  for (const row of fields.rows.values()) row.tabIndex = -1;
  for (const area of document.querySelectorAll("textarea.value")) grow(area);
  counters.count();
  const first =
    fields.form.querySelector(".row-current") ?? fields.nextAsking(null) ?? fields.rows.values().next().value;
  // A finished review is read-only: focus a row, not an input.
  if (first && fields.ended) first.focus();
  else if (first) fields.edit(first);
}

function open(row, { fields, panel, presence }) {
  fields.current?.classList.remove("row-current");
  fields.current = row;
  row.classList.add("row-current");
  row.closest("details")?.setAttribute("open", "");
  panel.show(row);
  fields.show(pathOf(row));
  presence.at(pathOf(row));
}

function clicked(event, { fields, panel }) {
  const button = event.target.closest("[data-verb]");
  if (button && fields.current) {
    event.preventDefault();
    panel.do(button.dataset.verb, fields.current);
    return;
  }
  if (event.target.closest('[data-drawer="open"]')) {
    event.preventDefault();
    openDrawer(true);
    return;
  }
  const row = event.target.closest(ROW);
  if (row && !event.target.closest("input, textarea, button, a, .opened")) fields.edit(row);
}
