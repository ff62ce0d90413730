// File types by content; the name only distinguishes old Office files.

const STARTS = [
  ["png", [0x89, 0x50, 0x4e, 0x47]],
  ["jpeg", [0xff, 0xd8, 0xff]],
  ["zip", [0x50, 0x4b, 0x03, 0x04]],
  ["ole", [0xd0, 0xcf, 0x11, 0xe0]],
  ["TIFF", [0x49, 0x49, 0x2a, 0x00]],
  ["TIFF", [0x4d, 0x4d, 0x00, 0x2a]],
];
const WORDS = { GIF8: "GIF", MZ: "program", "\x7fELF": "program" };
const OFFICE = { doc: "Word", xls: "Excel", ppt: "PowerPoint" };
const PARTS = { "word/": "Word", "xl/": "Excel", "ppt/": "PowerPoint" }; // folders inside an Office file
const DIRECTORY = 65536; // bytes at the end of an archive that hold its directory

export async function kindOf(file) {
  const bytes = await read(file, 0, 1024);
  if (holds(bytes, "%PDF-")) return "pdf";
  const [kind] = STARTS.find(([, start]) => start.every((byte, index) => bytes[index] === byte)) ?? [""];
  if (kind === "zip") return office(file.name) ?? (await inside(file)) ?? "ZIP";
  if (kind === "ole") return office(file.name) ?? "";
  if (kind) return kind;
  const start = text(bytes.slice(0, 16));
  if (start.includes("ftyphei") || start.includes("ftypmif1")) return "HEIC";
  if (start.startsWith("RIFF") && start.slice(8, 12) === "WEBP") return "WebP";
  return Object.entries(WORDS).find(([word]) => start.startsWith(word))?.[1] ?? "";
}

async function read(file, from, to) {
  return new Uint8Array(await file.slice(from, to).arrayBuffer());
}

function office(name) {
  const ending = name.split(".").pop().toLowerCase().slice(0, 3);
  return OFFICE[ending];
}

async function inside(file) {
  const names = text(await read(file, Math.max(0, file.size - DIRECTORY), file.size));
  return Object.entries(PARTS).find(([folder]) => names.includes(folder))?.[1];
}

function holds(bytes, word) {
  return text(bytes).includes(word);
}

function text(bytes) {
  let found = "";
  for (let at = 0; at < bytes.length; at += 4096) found += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return found;
}
