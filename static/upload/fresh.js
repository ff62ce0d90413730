// What can be chosen, anew while the page stands there: the schemas of a service that is still starting, and presets that
// somebody saves in another tab. What is chosen stays chosen.

import { form, page } from "./rows.js";

const PAUSE = 3000; // milliseconds between looks for schemas
const SOON = 2000; // within these, one look for presets is enough
const notice = (where) => where.querySelector("#upload-form > .upload-notice");
let looked = 0;

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

async function lookForPresets() {
  if (document.hidden || Date.now() - looked < SOON) return;
  looked = Date.now();
  const told = await ask();
  const there = document.getElementById("upload-presets");
  const fresh = told?.getElementById("upload-presets");
  if (fresh && there) choose(there.querySelector("select"), fresh.querySelector("select"));
  else if (fresh) document.getElementById("upload-options").prepend(document.adoptNode(fresh));
  else if (told && there) there.remove();
}

// One that is open or has the focus is not touched while it would change under somebody's eyes.
function choose(select, fresh) {
  const before = select.value;
  const same = [...select.options].map((one) => one.outerHTML.replace(/ selected(="")?/, "")).join("");
  if (same === [...fresh.options].map((one) => one.outerHTML.replace(/ selected(="")?/, "")).join("")) return;
  const first = select.options.length > 1 || before;
  const chosen = first ? before : fresh.value;
  select.replaceChildren(...[...fresh.options].map((one) => document.adoptNode(one)));
  select.value = chosen;
  if (select.selectedIndex < 0) select.value = "";
}
