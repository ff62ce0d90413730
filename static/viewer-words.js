// Search in the words of a document: by page, [[x0, y0, x1, y1, text], …] in reading order.

const ACCENTS = /\p{M}/gu;

// Strips accents and case.
export const fold = (text) => text.normalize("NFKD").replace(ACCENTS, "").toLowerCase();

// Hits for `wanted` on the pages `numbers`: [{number, words}].
export function search(pages, numbers, wanted) {
  const folded = fold(wanted).trim().replace(/\s+/g, " ");
  const hits = numbers.flatMap((number) => hitsOn(number, pages[number] ?? [], folded, " "));
  // "1284,50" also matches "1 284,50".
  if (hits.length || !folded) return hits;
  return numbers.flatMap((number) => hitsOn(number, pages[number] ?? [], folded.replaceAll(" ", ""), ""));
}

function hitsOn(number, words, wanted, between) {
  const hits = [];
  const starts = [];
  let text = "";
  for (const word of words) {
    starts.push(text.length);
    text += (between ? fold(word[4]) : fold(word[4]).replace(/\s/g, "")) + between;
  }
  const endOf = (index) => (starts[index + 1] ?? Infinity) - between.length;
  for (let from = text.indexOf(wanted); wanted && from >= 0; from = text.indexOf(wanted, from + wanted.length)) {
    const to = from + wanted.length;
    const found = words.filter((_word, index) => starts[index] < to && endOf(index) > from);
    if (found.length) hits.push({ number, words: found });
  }
  return hits;
}

// One box per line: consecutive words at the same height are merged.
export function linesOf(words) {
  const lines = [];
  for (const [x0, y0, x1, y1] of words) {
    const last = lines.at(-1);
    const same = last && Math.min(last[3], y1) - Math.max(last[1], y0) > 0.5 * Math.min(last[3] - last[1], y1 - y0);
    if (same && x0 >= last[0]) {
      last[1] = Math.min(last[1], y0);
      last[2] = Math.max(last[2], x1);
      last[3] = Math.max(last[3], y1);
    } else lines.push([x0, y0, x1, y1]);
  }
  return lines;
}
