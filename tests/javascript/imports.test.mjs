import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const STATIC = fileURLToPath(new URL("../../static", import.meta.url));

async function importsOfAll() {
  const files = (await readdir(STATIC, { recursive: true })).filter(
    (name) => name.endsWith(".js") && !name.startsWith("vendor"),
  );
  const graph = new Map();
  for (const file of files) {
    const source = await readFile(join(STATIC, file), "utf8");
    const found = [...source.matchAll(/^(?:import|export)[^;]*?"(\.[^"]+)";/gm)].map(([, target]) => target);
    graph.set(
      file,
      found.map((target) => normalize(join(dirname(file), target))),
    );
  }
  return graph;
}

// The first way from a module back to itself, or null.
function findCycle(graph) {
  const finished = new Set();
  function visit(name, path) {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (finished.has(name)) return null;
    for (const target of graph.get(name) ?? []) {
      const cycle = visit(target, [...path, name]);
      if (cycle) return cycle;
    }
    finished.add(name);
    return null;
  }
  for (const name of graph.keys()) {
    const cycle = visit(name, []);
    if (cycle) return cycle;
  }
  return null;
}

test("a cycle is found, and a diamond is none", () => {
  assert.deepEqual(
    findCycle(
      new Map([
        ["a", ["b"]],
        ["b", ["c"]],
        ["c", ["b"]],
      ]),
    ),
    ["b", "c", "b"],
  );
  assert.equal(
    findCycle(
      new Map([
        ["a", ["b", "c"]],
        ["b", ["d"]],
        ["c", ["d"]],
        ["d", []],
      ]),
    ),
    null,
  );
});

test("no module imports itself by way of others", async () => {
  const graph = await importsOfAll();

  assert.ok(graph.get("upload.js").length > 5);
  assert.equal(findCycle(graph), null);
});

test("every import is a module that exists", async () => {
  const graph = await importsOfAll();

  const missing = [...graph].flatMap(([file, targets]) =>
    targets.filter((target) => !graph.has(target)).map((target) => `${file}: ${target}`),
  );
  assert.deepEqual(missing, []);
});
