// POST requests of this page. After signing in again in another tab this page goes on: a 403 fetches a new CSRF token
// and retries.

import { form, page } from "./rows.js";

const listeners = new Set();
let renewing = null;
let signedOut = false;

export async function ask(address, data, more = {}) {
  const response = await posted(address, data, more);
  if (response.status !== 403 || !(await renewed())) return response;
  return posted(address, data, more);
}

function posted(address, data, more) {
  data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  return fetch(address, { method: "POST", body: data, headers: { "HX-Request": "true" }, ...more });
}

// Whether someone is signed in; if so, the form has a valid CSRF token.
export function renewed() {
  if (renewing === null) {
    renewing = renew().finally(() => {
      renewing = null;
    });
  }
  return renewing;
}

async function renew() {
  let found = null;
  try {
    const response = await fetch(page.dataset.url);
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    found = fresh.querySelector("#upload-form [name=csrfmiddlewaretoken]");
  } catch {
    return false; // offline: callers retry
  }
  signedOut = !found;
  if (found) form.elements.csrfmiddlewaretoken.value = found.value;
  return Boolean(found);
}

// Called when this page becomes visible after a sign-in elsewhere.
export function whenSignedIn(listener) {
  listeners.add(listener);
}

document.addEventListener("visibilitychange", async () => {
  if (document.hidden || !signedOut || !(await renewed())) return;
  for (const listener of listeners) listener();
});
