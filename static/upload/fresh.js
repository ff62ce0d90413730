// What can be chosen, anew while the page stands there: the schemas of a service that is still starting, and presets that
// somebody saves in another tab. What is chosen stays chosen.

import { form, page } from "./rows.js";

const PAUSE = 3000; // milliseconds between looks for schemas
const SOON = 1500; // within these, one look for presets is enough
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
    const answer = await fetch(page.dataset.url);
    const told = new DOMParser().parseFromString(await answer.text(), "text/html");
    return told.getElementById("upload-form") ? told : null;
  } catch {
    return null; // no connection: the next look tells
  }
}

async function lookForSchemas() {
  const told = document.hidden ? null : await ask();
  if (!told || notice(told)) return setTimeout(lookForSchemas, PAUSE);
  for (const name of ["schema", "classifier", "server"]) choose(form.elements[name], told.getElementById(`id_${name}`));
  const voice = document.getElementById("live-voice");
  voice.textContent = notice(document).dataset.over;
  const usual = told.querySelector("#upload-form > .upload-usual");
  if (usual) notice(document).replaceWith(document.adoptNode(usual));
  else notice(document).remove();
  form.dispatchEvent(new Event("change"));
}

function lookForPresets() {
  planned ??= setTimeout(showPresets, Math.max(0, looked + SOON - Date.now()));
}

async function showPresets() {
  planned = null;
  if (document.hidden) return;
  looked = Date.now();
  const told = await ask();
  const there = document.getElementById("upload-presets");
  const fresh = told?.getElementById("upload-presets");
  if (fresh && there) choose(there.querySelector("select"), fresh.querySelector("select"));
  else if (fresh) document.getElementById("upload-options").prepend(document.adoptNode(fresh));
  else if (told && there) there.remove();
}

// What is chosen stays chosen, and a list without news is left alone.
function choose(select, fresh) {
  if (offers(select) === offers(fresh)) return;
  const chosen = select.options.length > 1 ? select.value : fresh.value;
  select.replaceChildren(...[...fresh.options].map((one) => document.adoptNode(one)));
  select.value = chosen;
  if (select.selectedIndex < 0) select.value = "";
}

const offers = (select) => [...select.options].map((one) => `${one.value} ${one.label} ${one.dataset.options ?? ""}`).join("\n");
