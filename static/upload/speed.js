// How fast a file is sent, over the last seconds.

import { speed } from "./units.js";

const WINDOW = 4; // seconds that count
const WARM_UP = 0.7; // seconds before which there is no figure

export function speedometer() {
  const samples = [[performance.now(), 0]];
  return (loaded) => {
    const now = performance.now();
    samples.push([now, loaded]);
    while (samples.length > 2 && now - samples[0][0] > WINDOW * 1000) samples.shift();
    const [then, before] = samples[0];
    const seconds = (now - then) / 1000;
    return seconds < WARM_UP ? "" : ` · ${speed((loaded - before) / seconds)}`;
  };
}
