// What stands behind an @ before the cursor, and whose names it may begin. Pure.

import { fold } from "./viewer-words.js";

const LONGEST = 40;

// {start, part} of the text behind the last @ that begins a word; null without one.
export function mentionAt(text, cursor) {
  const before = text.slice(Math.max(0, cursor - LONGEST), cursor);
  const found = /(?:^|[^\p{L}\p{N}])@([\p{L}\p{N}'’.-]*(?: [\p{L}\p{N}'’.-]*)?)$/u.exec(before);
  if (!found) return null;
  return { start: cursor - found[1].length, part: found[1] };
}

// Names of which a word begins so, those that begin so themselves first.
export function matching(names, part) {
  const wanted = fold(part.trim());
  const ranked = names.map((name) => ({ name, rank: rankOf(fold(name), wanted) }));
  return ranked
    .filter(({ rank }) => rank < 2)
    .sort((a, b) => a.rank - b.rank)
    .map(({ name }) => name);
}

function rankOf(name, wanted) {
  if (name.startsWith(wanted)) return 0;
  return name.split(/\s+/).some((word) => word.startsWith(wanted)) ? 1 : 2;
}
