// Pictures of mails, as a mail program that follows their styles shows them: both schemes, a
// phone and a window. Each is judged: no violation, nothing wider than the screen.
import AxeModule from "@axe-core/playwright";
import { readFile } from "node:fs/promises";
import { check, input, launch, must } from "./browser.mjs";

const AxeBuilder = AxeModule.default ?? AxeModule;
const config = await input(); // { chromium, folder: "" for no pictures, mails: [{ name, lang, html }] }
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const browser = await launch(config.chromium);
try {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 640, height: 800 } });
  const page = await context.newPage();
  for (const { name, lang, html } of config.mails) {
    await page.setContent(html);
    for (const width of [640, 390]) {
      await page.setViewportSize({ width, height: 800 });
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await check(`${name} ${lang} ${colorScheme} ${width} px`, () => look(page, width, colorScheme, `${name}-${lang}-${colorScheme}-${width}`));
      }
    }
  }
  await page.close();
  if (config.folder) for (const lang of ["en", "zh"]) for (const scheme of ["light", "dark"]) for (const width of [390, 640]) await sheet(context, lang, scheme, width);
} finally {
  await browser.close();
}

async function look(page, width, scheme, file) {
  if (config.folder) await page.screenshot({ path: `${config.folder}/${file}.png`, fullPage: true });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  must(wide <= width, `it is ${wide} px wide`);
  const clipped = await page.evaluate(() =>
    [...document.querySelectorAll("td, div, a, span")].filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map((e) => e.textContent.trim().slice(0, 60)));
  must(clipped.length === 0, `over the edge: ${clipped.slice(0, 3).join(" | ")}`);
  // What axe sees does not hang on the width, and in the dark only colours differ.
  if ((scheme === "light") !== (width === 390)) return;
  const axe = new AxeBuilder({ page });
  const { violations } = await (scheme === "light" ? axe.withTags(rules) : axe.withRules(["color-contrast", "link-in-text-block"])).setLegacyMode(true).analyze();
  must(violations.length === 0, violations.map((v) => `${v.id} (${v.impact}): ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 120)} ${n.failureSummary}`).join("; ")}`).join("\n"));
}

/** sheet puts all pictures of one look side by side. */
async function sheet(context, lang, scheme, width) {
  const page = await context.newPage();
  await page.setViewportSize({ width: 1640, height: 900 });
  const cells = [];
  for (const m of config.mails.filter((m) => m.lang === lang)) {
    const png = await readFile(`${config.folder}/${m.name}-${lang}-${scheme}-${width}.png`, "base64");
    cells.push(`<figure><figcaption>${m.name}</figcaption><img src="data:image/png;base64,${png}"></figure>`);
  }
  await page.setContent(`<!doctype html><style>body{margin:8px;background:#999;columns:5;font:14px sans-serif}figure{margin:0 0 8px;break-inside:avoid}img{width:100%}</style>${cells.join("")}`);
  await page.waitForFunction(() => [...document.images].every((i) => i.complete));
  await page.screenshot({ path: `${config.folder}/sheet-${lang}-${scheme}-${width}.png`, fullPage: true });
  await page.close();
}
