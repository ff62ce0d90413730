// Comments are posted in the background; the text stays in its box until the server confirms it.

import { closeSurface } from "../surfaces.js";
import { pathOf } from "./elements.js";

let busy = false;

export function startComments({ fields, saving, drafts }) {
  const composer = document.getElementById("comment");
  composer.addEventListener("toggle", () => composer.open && offerField(composer, fields));
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("#comments form")) return;
    event.preventDefault();
    send(event.target, { saving, drafts });
  });
}

// A comment is about the current field, unless the writer unticks it.
function offerField(composer, fields) {
  const about = composer.querySelector(".comments-about");
  const row = fields.current;
  about.hidden = !row;
  const choice = about.querySelector("input");
  choice.checked = Boolean(row);
  choice.value = row ? pathOf(row) : "";
  about.querySelector("[data-about]").textContent = row ? fields.label(pathOf(row)) : "";
}

async function send(form, { saving, drafts }) {
  if (busy) return;
  busy = true;
  const text = form.elements.text.value;
  const data = new FormData(form);
  data.set("do", "comment");
  const request = { method: "POST", body: data, headers: { "X-Part": "1" }, keepalive: true };
  const response = await fetch(form.action, request).catch(() => null);
  busy = false;
  if (!response?.ok || response.redirected) return saving.showFailure();
  // Text typed since then is a new comment.
  if (form.elements.text.value === text) {
    form.elements.text.value = "";
    closeSurface(document.getElementById("comment"));
  }
  drafts.note(form.elements.text);
  await redraw();
}

async function redraw() {
  const response = await fetch(`${location.pathname}?part=comments`).catch(() => null);
  if (!response?.ok || response.redirected) return;
  const template = document.createElement("template");
  template.innerHTML = await response.text();
  const composer = document.getElementById("comment");
  const fresh = template.content.querySelector("#comments");
  const shown = document.getElementById("comments");
  // Leave the composer in place: it may have focus.
  for (const part of [...shown.children]) if (part !== composer) part.remove();
  for (const part of [...fresh.children]) if (part.id !== "comment") composer.before(part);
}
