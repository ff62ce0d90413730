// How fast a file goes, over the last seconds: in bytes a second, in the words of the page's language.

const WINDOW = 4; // seconds that are looked at
const SURE = 0.7; // seconds before which nothing is said

export function speedometer() {
  const seen = [[performance.now(), 0]];
  return (loaded) => {
    const now = performance.now();
    seen.push([now, loaded]);
    while (seen.length > 2 && now - seen[0][0] > WINDOW * 1000) seen.shift();
    const [then, before] = seen[0];
    const seconds = (now - then) / 1000;
    return seconds < SURE ? "" : ` · ${speed((loaded - before) / seconds)}`;
  };
}

function speed(bytes) {
  const megabytes = bytes >= 1e6;
  const number = bytes / (megabytes ? 1e6 : 1e3);
  const unit = megabytes ? "megabyte-per-second" : "kilobyte-per-second";
  const shape = { style: "unit", unit, maximumFractionDigits: number < 10 ? 1 : 0 };
  return new Intl.NumberFormat(document.documentElement.lang, shape).format(number);
}
