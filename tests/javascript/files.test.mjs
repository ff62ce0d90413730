import assert from "node:assert/strict";
import { test } from "node:test";
import { kindOf } from "../../static/sniffing.js";
import { filesOf, folderOf } from "../../static/upload/intake.js";
import { variance } from "../../static/upload/quality.js";

const kind = (bytes, name = "file") => kindOf(Object.assign(new Blob(bytes), { name }));
const bytes = (...codes) => new Uint8Array(codes);

test("a file is what its bytes say, whatever its name", async () => {
  assert.equal(await kind(["%PDF-1.7"], "letter.png"), "pdf");
  assert.equal(await kind(["\n\n%PDF-1.4"]), "pdf");
  assert.equal(await kind([bytes(0x89, 0x50, 0x4e, 0x47)]), "png");
  assert.equal(await kind([bytes(0xff, 0xd8, 0xff, 0xe0)]), "jpeg");
  assert.equal(await kind([bytes(0x49, 0x49, 0x2a, 0x00)]), "TIFF");
  assert.equal(await kind([bytes(0, 0, 0, 24), "ftypheic"]), "HEIC");
  assert.equal(await kind(["RIFF", bytes(1, 2, 3, 4), "WEBP"]), "WebP");
  assert.equal(await kind(["GIF89a"]), "GIF");
  assert.equal(await kind(["MZ"]), "program");
  assert.equal(await kind(["plain words"]), "");
});

test("an archive is an Office file by its name or by what is in it", async () => {
  const archive = bytes(0x50, 0x4b, 0x03, 0x04);

  assert.equal(await kind([archive], "letter.DOCX"), "Word");
  assert.equal(await kind([archive, "x".repeat(9000), "xl/workbook.xml"], "download"), "Excel");
  assert.equal(await kind([archive], "download"), "ZIP");
});

const file = (name, folder = "") => ({
  name,
  fullPath: `${folder}/${name}`,
  isFile: true,
  isDirectory: false,
  file: (done) => done({ name }),
});

// A reader that gives at most two entries at once, as browsers give at most a hundred.
function folder(name, children, fullPath = `/${name}`) {
  const left = [...children];
  return {
    name,
    fullPath,
    isFile: false,
    isDirectory: true,
    createReader: () => ({ readEntries: (done) => done(left.splice(0, 2)) }),
  };
}

test("a folder gives all its files, in the order of their numbers, and no hidden ones", async () => {
  const inner = folder("inner", [file("deep.pdf")]);
  const entry = folder("outer", [
    file("page 10.png"),
    file("page 9.png"),
    file(".DS_Store"),
    inner,
    file("Thumbs.db"),
    file("last.pdf"),
  ]);

  const found = [];
  for await (const files of filesOf(entry)) found.push(...files);

  assert.deepEqual(
    found.map(({ name }) => name),
    ["page 9.png", "page 10.png", "last.pdf", "deep.pdf"],
  );
});

test("files of a dropped folder know where they lay", async () => {
  const inner = folder("inner", [file("r1.pdf", "/outer/inner")], "/outer/inner");

  const found = [];
  for await (const files of filesOf(folder("outer", [file("r1.pdf", "/outer"), inner]))) found.push(...files);

  assert.deepEqual(found.map(folderOf), ["outer", "outer/inner"]);
  assert.equal(folderOf({ name: "r1.pdf", webkitRelativePath: "2024/March/r1.pdf" }), "2024/March");
  assert.equal(folderOf({ name: "r1.pdf" }), "");
});

test("an even picture has no edges, and a checkered one has many", () => {
  const even = new Float32Array(64).fill(128);
  const checkered = Float32Array.from({ length: 64 }, (_, at) => (((at % 8) + Math.floor(at / 8)) % 2 ? 255 : 0));

  assert.equal(variance(even, 8, 8), 0);
  assert.ok(variance(checkered, 8, 8) > 1000);
});
