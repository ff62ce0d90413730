// Refreshes the choices of an open page: schemas of a service that is still starting, presets saved in another tab.

import { form, page } from "./rows.js";

const PAUSE = 3000; // milliseconds between polls for schemas
const SOON = 1500; // milliseconds; presets are fetched at most once within
const notice = (where) => where.querySelector("#upload-form > .upload-notice");
let looked = 0;
let planned = null;

export function watchChoices() {
  if (notice(document)) setTimeout(lookForSchemas, PAUSE);
  document.addEventListener("visibilitychange", lookForPresets);
  window.addEventListener("focus", lookForPresets);
  if (!("BroadcastChannel" in window)) return;
  new BroadcastChannel("news").addEventListener("message", (event) => event.data === "page" && lookForPresets());
}

async function ask() {
  try {
    const response = await fetch(page.dataset.url);
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    return fresh.getElementById("upload-form") ? fresh : null;
  } catch {
    return null; // offline: the next poll will do
  }
}

async function lookForSchemas() {
  const fresh = document.hidden ? null : await ask();
  if (!fresh || notice(fresh)) return setTimeout(lookForSchemas, PAUSE);
  for (const name of ["schema", "classifier", "server"]) {
    const offered = fresh.getElementById(`id_${name}`);
    if (offered) choose(form.elements[name], offered); // the embedded engine is one server and offers no choice
  }
  const voice = document.getElementById("live-voice");
  voice.textContent = notice(document).dataset.over;
  const usual = fresh.querySelector("#upload-form > .upload-usual");
  if (usual) notice(document).replaceWith(document.adoptNode(usual));
  else notice(document).remove();
  form.dispatchEvent(new Event("change"));
}

function lookForPresets() {
  if (planned === null) planned = setTimeout(showPresets, Math.max(0, looked + SOON - Date.now()));
}

async function showPresets() {
  planned = null;
  if (document.hidden) return;
  looked = Date.now();
  const fresh = await ask();
  const shown = document.getElementById("upload-presets");
  const presets = fresh?.getElementById("upload-presets");
  if (presets && shown) choose(shown.querySelector("select"), presets.querySelector("select"));
  else if (presets) document.getElementById("upload-options").prepend(document.adoptNode(presets));
  else if (fresh && shown) shown.remove();
}

// Keeps the selection, and leaves an unchanged list alone.
function choose(select, fresh) {
  if (offers(select) === offers(fresh)) return;
  const chosen = select.options.length > 1 ? select.value : fresh.value;
  select.replaceChildren(...[...fresh.options].map((option) => document.adoptNode(option)));
  select.value = chosen;
  if (select.selectedIndex < 0) select.value = "";
}

const offers = (select) =>
  [...select.options].map(({ value, label, dataset }) => `${value} ${label} ${dataset.options ?? ""}`).join("\n");
