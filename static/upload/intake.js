// Sources of files: the picker, drag and drop, folders, the clipboard.

const folders = new WeakMap(); // file of a dropped folder → where it lay

// The folder of a file, relative to what was dropped or picked; empty for a file that came alone.
export const folderOf = (file) =>
  folders.get(file) ?? (file.webkitRelativePath ?? "").split("/").slice(0, -1).join("/");

const HIDDEN = /^(\.|thumbs\.db$|desktop\.ini$)/i;

export function takeFrom(input, add) {
  input.addEventListener("change", () => {
    add([...input.files]);
    input.value = "";
  });
}

// Files that were chosen before the script ran: their change event was heard by nobody.
export function takeEarly(form) {
  for (const input of form.querySelectorAll("input[type=file]")) {
    if (input.files.length) input.dispatchEvent(new Event("change"));
  }
}

// The folder picker, for those who cannot drag and drop.
export function takeFolders(input, add) {
  if (!("webkitdirectory" in input)) input.parentElement.hidden = true;
  takeFrom(input, (files) => {
    const plain = files.filter((file) => !file.webkitRelativePath.split("/").some((part) => HIDDEN.test(part)));
    add(plain.sort((left, right) => byPath(left.webkitRelativePath, right.webkitRelativePath)));
  });
}

export function takePastes(add) {
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    add(files.map(named));
  });
}

// Browsers name every pasted picture "image.png".
function named(file) {
  if (!/^image\.\w+$/.test(file.name)) return file;
  const now = new Date();
  const two = (number) => String(number).padStart(2, "0");
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const time = `${two(now.getHours())}.${two(now.getMinutes())}.${two(now.getSeconds())}`;
  return new File([file], `${day} ${time}.${file.name.split(".").pop()}`, { type: file.type });
}

export function takeDrops(add) {
  let depth = 0;
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  const setDepth = (now) => {
    depth = Math.max(0, now);
    document.documentElement.classList.toggle("dragging", depth > 0);
  };
  window.addEventListener("dragenter", (event) => {
    if (holdsFiles(event)) setDepth(depth + 1);
  });
  window.addEventListener("dragleave", () => setDepth(depth - 1));
  window.addEventListener("dragover", (event) => {
    if (holdsFiles(event)) event.preventDefault();
  });
  window.addEventListener("drop", (event) => {
    setDepth(0);
    if (!holdsFiles(event)) return;
    event.preventDefault();
    dropped(event.dataTransfer, add);
  });
}

// The items must be read synchronously; folders list their contents later.
async function dropped(transfer, add) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return add([...transfer.files]);
  for (const entry of entries) {
    for await (const files of filesOf(entry)) add(files);
  }
}

export async function* filesOf(entry) {
  if (entry.isFile) {
    if (!HIDDEN.test(entry.name)) yield [await new Promise((done, failed) => entry.file(done, failed))];
    return;
  }
  const reader = entry.createReader();
  const inside = [];
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed)); // at most 100 entries per call
    if (!some.length) break;
    const plain = some.filter((child) => child.isFile && !HIDDEN.test(child.name)).sort(byName);
    const files = await Promise.all(plain.map((child) => new Promise((done, failed) => child.file(done, failed))));
    for (const file of files) folders.set(file, entry.fullPath.slice(1));
    yield files;
    inside.push(...some.filter((child) => child.isDirectory && !HIDDEN.test(child.name)));
  }
  for (const folder of inside.sort(byName)) yield* filesOf(folder);
}

const byPath = (left, right) => left.localeCompare(right, undefined, { numeric: true });
const byName = (left, right) => byPath(left.name, right.name);
