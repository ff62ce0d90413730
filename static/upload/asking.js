// Questions to the portal from this page. Who was signed out and signs in again, in another tab, goes on here: the secret
// of the form is a new one then, and is fetched when an answer says that the old one no longer counts.

import { form, page } from "./rows.js";

const listeners = new Set();
let renewing = null;
let signedOut = false;

export async function ask(address, data, more = {}) {
  const answer = await posted(address, data, more);
  if (answer.status !== 403 || !(await renewed())) return answer;
  return posted(address, data, more);
}

function posted(address, data, more) {
  data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  return fetch(address, { method: "POST", body: data, headers: { "HX-Request": "true" }, ...more });
}

// Whether somebody is signed in; then the form has a secret that counts.
export function renewed() {
  renewing ??= renew().finally(() => (renewing = null));
  return renewing;
}

async function renew() {
  let found = null;
  try {
    const answer = await fetch(page.dataset.url);
    const told = new DOMParser().parseFromString(await answer.text(), "text/html");
    found = told.querySelector("#upload-form [name=csrfmiddlewaretoken]");
  } catch {
    return false; // no connection: somebody asks again later
  }
  signedOut = !found;
  if (found) form.elements.csrfmiddlewaretoken.value = found.value;
  return Boolean(found);
}

// Called when this page is looked at again after somebody signed in elsewhere.
export function whenSignedIn(listener) {
  listeners.add(listener);
}

document.addEventListener("visibilitychange", async () => {
  if (document.hidden || !signedOut || !(await renewed())) return;
  for (const listener of listeners) listener();
});
