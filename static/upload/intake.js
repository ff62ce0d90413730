// Ways in: the picker, a drop anywhere on the page, folders and what is in them, the clipboard.

const HIDDEN = /^(\.|thumbs\.db$|desktop\.ini$)/i;

export function takeFrom(input, add) {
  input.addEventListener("change", () => {
    add([...input.files]);
    input.value = "";
  });
}

// A folder by the picker, for those who cannot drag one here.
export function takeFolders(input, add) {
  if (!("webkitdirectory" in input)) input.parentElement.hidden = true;
  takeFrom(input, (files) => {
    const plain = files.filter((file) => !file.webkitRelativePath.split("/").some((part) => HIDDEN.test(part)));
    add(plain.sort((one, other) => byPath(one.webkitRelativePath, other.webkitRelativePath)));
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

// A picture from the clipboard is always called "image.png".
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
  const show = (dragging) => document.documentElement.classList.toggle("dragging", dragging);
  window.addEventListener("dragenter", (event) => {
    if (holdsFiles(event)) show((depth += 1) > 0);
  });
  window.addEventListener("dragleave", () => show((depth = Math.max(0, depth - 1)) > 0));
  window.addEventListener("dragover", (event) => {
    if (holdsFiles(event)) event.preventDefault();
  });
  window.addEventListener("drop", (event) => {
    show((depth = 0) > 0);
    if (!holdsFiles(event)) return;
    event.preventDefault();
    dropped(event.dataTransfer, add);
  });
}

// What was dropped can be asked for only now; a folder tells what is in it later.
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
  const folders = [];
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed)); // at most a hundred at once
    if (!some.length) break;
    const plain = some.filter((one) => one.isFile && !HIDDEN.test(one.name)).sort(byName);
    yield await Promise.all(plain.map((one) => new Promise((done, failed) => one.file(done, failed))));
    folders.push(...some.filter((one) => one.isDirectory && !HIDDEN.test(one.name)));
  }
  for (const folder of folders.sort(byName)) yield* filesOf(folder);
}

const byPath = (one, other) => one.localeCompare(other, undefined, { numeric: true });
const byName = (one, other) => byPath(one.name, other.name);
