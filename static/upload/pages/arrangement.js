// An arrangement of pages: parts of sheets [page, turn, kept]. Pure; every function returns a new arrangement.

const map = (parts, pages, change) =>
  parts.map((part) => part.map((sheet) => (pages.has(sheet[0]) ? change(sheet) : sheet)));
const filled = (parts) => parts.filter((part) => part.length);

export const rotate = (parts, pages, degrees) =>
  map(parts, pages, ([page, turn, kept]) => [page, (turn + degrees + 360) % 360, kept]);

export const keep = (parts, pages, kept) => map(parts, pages, ([page, turn]) => [page, turn, kept ? 1 : 0]);

export const allKept = (parts, pages) => parts.flat().every(([page, , kept]) => kept || !pages.has(page));

// The index of a page's part and of the page within it.
export function place(parts, page) {
  for (const [part, sheets] of parts.entries()) {
    const at = sheets.findIndex((sheet) => sheet[0] === page);
    if (at >= 0) return [part, at];
  }
  return [-1, -1];
}

export function cutBefore(parts, page) {
  const [part, at] = place(parts, page);
  if (at <= 0) return parts;
  return parts.toSpliced(part, 1, parts[part].slice(0, at), parts[part].slice(at));
}

// As proposed: a document begins with each of these pages, and pages that show nothing are left out.
export function cutAll(parts, { cuts, empty }) {
  return keep(cuts.reduce(cutBefore, parts), new Set(empty), false);
}

export function joinBefore(parts, part) {
  if (part < 1 || part >= parts.length) return parts;
  return parts.toSpliced(part - 1, 2, [...parts[part - 1], ...parts[part]]);
}

export const joinAll = (parts) => [parts.flat()];

// The pages in their order, before or after another page and in its part. Dropped on themselves they stay.
export function move(parts, pages, target, after) {
  if (pages.has(target)) return parts;
  const moved = parts.flat().filter(([page]) => pages.has(page));
  const left = parts.map((part) => part.filter(([page]) => !pages.has(page)));
  const [part, at] = place(left, target);
  const index = at + (after ? 1 : 0);
  return filled(left.toSpliced(part, 1, left[part].toSpliced(index, 0, ...moved)));
}

// One place earlier or later; across the border of a part first into that part.
export function nudge(parts, pages, later) {
  const sheets = parts.flat().map(([page]) => page);
  const chosen = sheets.filter((page) => pages.has(page));
  const edge = later ? chosen.at(-1) : chosen[0];
  const beside = sheets[sheets.indexOf(edge) + (later ? 1 : -1)];
  if (!chosen.length || !beside) return parts;
  const crosses = place(parts, edge)[0] !== place(parts, beside)[0];
  return move(parts, pages, beside, crosses ? !later : later);
}

// What becomes of it: files, and pages that are left out.
export function outcome(parts) {
  const files = parts.map((part) => part.filter((sheet) => sheet[2])).filter((part) => part.length);
  const out = parts.flat().filter((sheet) => !sheet[2]).length;
  const plain = parts.flat().every(([page, turn, kept], index) => page === index + 1 && !turn && kept);
  return { files: files.length, out, untouched: plain && parts.length === 1 };
}

// "3–5, 9"
export function ranges(pages) {
  const runs = [];
  for (const page of pages) {
    const last = runs.at(-1);
    if (last && page === last[1] + 1) last[1] = page;
    else runs.push([page, page]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`)).join(", ");
}

// Undo and redo, as far back as somebody will want.
export function makeHistory(past = [], most = 100) {
  const undone = [];
  return {
    add(before) {
      past.push(before);
      if (past.length > most) past.shift();
      undone.length = 0;
    },
    undo(now) {
      if (past.length) undone.push(now);
      return past.pop();
    },
    redo(now) {
      if (undone.length) past.push(now);
      return undone.pop();
    },
    past: () => past,
    canUndo: () => past.length > 0,
    canRedo: () => undone.length > 0,
  };
}
