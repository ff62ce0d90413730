// Copies text, also on pages that came without HTTPS, where browsers have no navigator.clipboard.

export async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const before = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "sr-only";
  (before?.closest("dialog, details") ?? document.body).append(area); // a menu closes when the focus leaves it
  area.select();
  document.execCommand("copy");
  area.remove();
  before?.focus({ preventScroll: true });
}
