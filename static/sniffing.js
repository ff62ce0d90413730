// What a file is by its first bytes; its name decides nothing but which word to use for an archive.

const STARTS = [
  ["png", [0x89, 0x50, 0x4e, 0x47]],
  ["jpeg", [0xff, 0xd8, 0xff]],
  ["zip", [0x50, 0x4b, 0x03, 0x04]],
  ["ole", [0xd0, 0xcf, 0x11, 0xe0]],
];
const OFFICE = { doc: "Word", xls: "Excel", ppt: "PowerPoint" };

export async function kindOf(file) {
  const bytes = new Uint8Array(await file.slice(0, 1024).arrayBuffer());
  if (holds(bytes, "%PDF-")) return "pdf";
  const [kind] = STARTS.find(([, start]) => start.every((byte, index) => bytes[index] === byte)) ?? [""];
  if (kind === "zip" || kind === "ole") return office(file.name) ?? (kind === "zip" ? "ZIP" : "");
  if (holds(bytes.slice(0, 16), "ftyphei") || holds(bytes.slice(0, 16), "ftypmif1")) return "HEIC";
  return kind;
}

function office(name) {
  const ending = name.split(".").pop().toLowerCase().slice(0, 3);
  return OFFICE[ending];
}

function holds(bytes, text) {
  return String.fromCharCode(...bytes).includes(text);
}
