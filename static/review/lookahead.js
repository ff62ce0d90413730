// Completions from the words of the pages. A word is [x0, y0, x1, y1, text], in reading order.

import { fold } from "../viewer-words.js";

const LONGEST = 6; // words per completion

// Up to `most` distinct texts that start with what was typed, nearest pages to `near` first. `pages` is keyed by number.
export function lookAhead(pages, typed, { near, most }) {
  const numbers = Object.keys(pages).sort((a, b) => Math.abs(a - near) - Math.abs(b - near));
  const found = new Map();
  for (const number of numbers) {
    for (const run of runs(pages[number], typed)) {
      if (!found.has(run.text)) found.set(run.text, { ...run, page: Number(number) });
      if (found.size >= most) return [...found.values()];
    }
  }
  return [...found.values()];
}

// Runs of consecutive words that start with what was typed, shortest first.
export function* runs(words, typed) {
  const squeezed = typed.replace(/\s/g, "");
  for (let first = 0; first < words.length; first += 1) {
    let text = "";
    for (let last = first; last < Math.min(words.length, first + LONGEST); last += 1) {
      if (last > first && Math.abs(words[last][1] - words[first][1]) > words[first][3] - words[first][1]) break;
      text += `${text ? " " : ""}${words[last][4]}`;
      const flat = fold(text).replace(/\s/g, "");
      if (!squeezed.startsWith(flat) && !flat.startsWith(squeezed)) break;
      if (flat.startsWith(squeezed)) {
        const boxes = words.slice(first, last + 1).map((word) => word.slice(0, 4));
        yield { text: trimmed(text), boxes };
        break;
      }
    }
  }
}

const trimmed = (text) => text.replace(/^[\s:;,]+|[\s:;,.]+$/g, "");
