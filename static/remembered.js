// Persistent view state: widths, zoom, what was open.

import { read, write } from "./storage.js";

export const remembered = (name) => read(name) ?? {};

export function remember(name, facts) {
  write(name, { ...remembered(name), ...facts });
}
