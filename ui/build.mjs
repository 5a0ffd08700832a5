// Makes dist/: scripts and styles with hashed names, the font, one sprite of
// the icons that are used, and manifest.json, which tells Go the names.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(here, "dist");
const modules = path.join(here, "node_modules");
const manifest = {};

async function emit(name, content) {
  const ext = path.extname(name);
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
  const hashed = `${path.basename(name, ext)}-${hash}${ext}`;
  await writeFile(path.join(dist, hashed), content);
  manifest[name] = hashed;
}

// The placeholder stays, so that Go can embed the folder without a bundle.
async function clean() {
  await mkdir(dist, { recursive: true });
  for (const name of await readdir(dist)) {
    if (name !== ".gitkeep") await rm(path.join(dist, name), { recursive: true });
  }
}

async function bundles() {
  const result = await build({
    absWorkingDir: here,
    entryPoints: ["ts/console.ts", "ts/portal.ts", "css/console.css", "css/portal.css"],
    entryNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    outdir: dist,
    bundle: true,
    minify: true,
    format: "esm",
    target: ["chrome123", "firefox120", "safari17.5"],
    loader: { ".woff2": "file" },
    metafile: true,
    logLevel: "warning",
  });
  for (const [file, output] of Object.entries(result.metafile.outputs)) {
    const hashed = path.basename(file);
    const source = output.entryPoint ?? Object.keys(output.inputs)[0];
    manifest[path.basename(source).replace(/\.ts$/, ".js")] = hashed;
  }
}

// Icons are named in templates as {{icon "name"}} and "Icon" "name"; our own
// drawings in icons/ come before those of lucide.
async function sprite() {
  const names = new Set(["heed"]);
  const folder = path.join(here, "templates");
  for (const file of await readdir(folder)) {
    const text = await readFile(path.join(folder, file), "utf8");
    for (const match of text.matchAll(/(?:\bicon|"Icon") "([a-z0-9-]+)"/g)) names.add(match[1]);
  }
  const symbols = [];
  for (const name of [...names].sort()) {
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24">${inner(await drawing(name))}</symbol>`);
  }
  await emit("sprite.svg", `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`);
  const mark = inner(await drawing("heed"));
  await emit("mark.svg", `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#2F8F7E" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round">${mark}</svg>`);
}

async function drawing(name) {
  for (const file of [path.join(here, "icons", `${name}.svg`), path.join(modules, "lucide-static/icons", `${name}.svg`)]) {
    try {
      return await readFile(file, "utf8");
    } catch (error) {
      if (error.code !== "ENOENT") throw error;
    }
  }
  throw new Error(`no icon named "${name}"`);
}

function inner(svg) {
  return svg.replace(/<!--[\s\S]*?-->/g, "").replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/\s+/g, " ").replace(/> </g, "><").trim();
}

await clean();
await bundles();
await sprite();
await emit("htmx.js", await readFile(path.join(modules, "htmx.org/dist/htmx.min.js")));
await writeFile(path.join(dist, "manifest.json"), JSON.stringify(manifest, Object.keys(manifest).sort(), 2) + "\n");
