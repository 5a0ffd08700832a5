// Every screen in both languages, light and dark, narrow and wide: no violation.
import AxeModule from "@axe-core/playwright";
import { report } from "./browser.mjs";

const AxeBuilder = AxeModule.default ?? AxeModule;

/** screens are [name, path, selector to wait for]. */
export async function examine(context, url, screens) {
  const page = await context.newPage();
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 });
    for (const [name, path, ready] of screens) {
      for (const lang of ["en", "zh"]) {
        const answer = await page.goto(`${url}${path}${path.includes("?") ? "&" : "?"}lang=${lang}`);
        const shown = await page.locator("html").getAttribute("lang");
        if (!answer?.ok() || !shown?.startsWith(lang)) {
          report(`${name} ${lang} ${width} px`, false, `answered ${answer?.status()}, in ${shown}`);
          continue;
        }
        await page.waitForSelector(ready);
        for (const scheme of ["light", "dark"]) {
          await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
          await axe(page, `${name} ${lang} ${scheme} ${width} px`);
        }
      }
    }
  }
  await page.close();
}

async function axe(page, name) {
  try {
    const { violations, passes } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
    const detail = violations.map((v) => `${v.id} (${v.impact}), ${v.nodes.length} places:\n` + v.nodes.slice(0, 3).map(told).join("\n"));
    if (passes.length < 5) detail.push(`only ${passes.length} rules had something to look at`);
    report(name, detail.length === 0, detail.join("\n"));
  } catch (error) {
    report(name, false, String(error.message ?? error));
  }
}

function told(node) {
  return `  ${node.target.join(" ")}\n    ${node.html.slice(0, 160)}\n    ${(node.failureSummary ?? "").split("\n").slice(1, 3).join("; ").trim()}`;
}
