// Amounts in the words of the page's language, as portal/templatetags/portal.py writes them.

const BYTES = { style: "unit", unit: "byte", unitDisplay: "long" };

const formatted = (number, shape) => new Intl.NumberFormat(document.documentElement.lang, shape).format(number);

export function size(bytes) {
  return bytes < 1000 ? formatted(bytes, BYTES) : scaled(bytes, { kilo: "kilobyte", mega: "megabyte" });
}

export function speed(bytesPerSecond) {
  return scaled(bytesPerSecond, { kilo: "kilobyte-per-second", mega: "megabyte-per-second" });
}

function scaled(bytes, { kilo, mega }) {
  const large = bytes >= 1e6;
  const number = bytes / (large ? 1e6 : 1e3);
  return formatted(number, { style: "unit", unit: large ? mega : kilo, maximumFractionDigits: number < 10 ? 1 : 0 });
}
