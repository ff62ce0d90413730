// The order in which fields that need an answer are visited.

// Uncertain fields first, then those that break a rule; each in screen order.
export function inOrderOfWork(rows, isBroken) {
  return [...rows.filter((row) => !isBroken(row)), ...rows.filter(isBroken)];
}

// The row to visit after `row` (step 1) or before it (step -1), among those that need an answer; `all` is in screen
// order. Rows of the same kind come first; the search wraps around.
export function following(row, asking, all, isBroken, step = 1) {
  const others = asking.filter((other) => other !== row);
  const [first, last] = [others[0] ?? null, others.at(-1) ?? null];
  if (!row || !others.length) return step > 0 ? first : last;
  const here = all.indexOf(row);
  const beyond = others.filter((other) => isBroken(other) === isBroken(row) && (all.indexOf(other) - here) * step > 0);
  return (step > 0 ? beyond[0] : beyond.at(-1)) ?? (step > 0 ? first : last);
}
