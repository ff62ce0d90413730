// Unsent text, stored in this browser by person, place (a document) and name (a field). Deleted once the server confirms
// it, when its author signs out, when someone else signs in, or after two weeks.

import { names, read, remove, write } from "./storage.js";

const PREFIX = "kept:";
const SIGNING_OUT = "signing-out";
const LONGEST = 14 * 24 * 3600 * 1000;
const person = document.documentElement.dataset.person ?? "";

const nameOf = (place, name) => `${PREFIX}${person}:${place}:${name}`;

export function keep(place, name, facts) {
  if (person) write(nameOf(place, name), { ...facts, at: Date.now() });
}

export function drop(place, name) {
  remove(nameOf(place, name));
}

export function kept(place, name) {
  return person ? read(nameOf(place, name)) : null;
}

// All entries for a place, as [name, facts].
export function keptAt(place) {
  const start = nameOf(place, "");
  const found = person ? names(start) : [];
  return found.map((key) => [key.slice(start.length), read(key)]).filter(([, facts]) => facts);
}

function clean() {
  const leaver = read(SIGNING_OUT);
  if (leaver) remove(SIGNING_OUT);
  for (const key of names(PREFIX)) {
    const owner = key.slice(PREFIX.length).split(":", 1)[0];
    const old = !(Date.now() - (read(key)?.at ?? 0) < LONGEST);
    // An expired session keeps the text: the same person usually signs in again.
    const foreign = person ? owner !== person : owner === leaver;
    if (old || foreign) remove(key);
  }
}

// Only a request: the next page deletes the text if it is rendered for no one, or for someone else.
document.addEventListener("submit", (event) => {
  if (event.target.matches?.("[data-signs-out]")) write(SIGNING_OUT, person);
});

clean();
