// `9 s`, `1 min 52 s`, `2 h 5 min`, `3 d`: at most two units, and the same words as portal/templatetags/portal.py.

export function duration(seconds) {
  const whole = Math.max(Math.round(seconds), 0);
  const minutes = Math.floor(whole / 60);
  const hours = Math.floor(whole / 3600);
  const days = Math.floor(whole / 86400);
  if (days >= 2) return `${days} ${document.documentElement.lang.startsWith("fr") ? "j" : "d"}`;
  if (hours) return pair(`${hours} h`, minutes % 60, "min");
  if (minutes) return pair(`${minutes} min`, whole % 60, "s");
  return `${whole} s`;
}

function pair(large, rest, unit) {
  return rest ? `${large} ${rest} ${unit}` : large;
}
