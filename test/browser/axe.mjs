// Every screen in both languages, light and dark, narrow and wide: no violation.
import AxeModule from "@axe-core/playwright";
import { report } from "./browser.mjs";

const AxeBuilder = AxeModule.default ?? AxeModule;

/** screens are [name, path, selector to wait for, what to do first]. */
export async function examine(context, url, screens) {
  const page = await context.newPage();
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 });
    for (const [name, path, ready, first] of screens) {
      for (const lang of ["en", "zh"]) {
        const answer = await page.goto(`${url}${path}${path.includes("?") ? "&" : "?"}lang=${lang}`);
        const shown = await page.locator("html").getAttribute("lang");
        if (!answer?.ok() || !shown?.startsWith(lang)) {
          report(`${name} ${lang} ${width} px`, false, `answered ${answer?.status()}, in ${shown}`);
          continue;
        }
        await page.waitForSelector(ready);
        await first?.(page);
        await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
        const light = await background(page);
        await axe(new AxeBuilder({ page }), `${name} ${lang} light ${width} px`);
        await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
        // Only colours differ from the light page: the other rules would say the same again.
        const dark = `${name} ${lang} dark ${width} px`;
        if ((await background(page)) === light) report(dark, false, `the background is ${light} in the dark as well`);
        else await axe(new AxeBuilder({ page }).withRules(["color-contrast", "link-in-text-block"]), dark);
      }
    }
  }
  await page.close();
}

function background(page) {
  return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
}

async function axe(builder, name) {
  try {
    const { violations, passes } = await builder.setLegacyMode(true).analyze();
    const detail = violations.map((v) => `${v.id} (${v.impact}), ${v.nodes.length} places:\n` + v.nodes.slice(0, 3).map(told).join("\n"));
    if (!passes.some((rule) => rule.id === "color-contrast")) detail.push("axe found no text whose colours it could judge");
    report(name, detail.length === 0, detail.join("\n"));
  } catch (error) {
    report(name, false, String(error.message ?? error));
  }
}

function told(node) {
  return `  ${node.target.join(" ")}\n    ${node.html.slice(0, 160)}\n    ${(node.failureSummary ?? "").split("\n").slice(1, 3).join("; ").trim()}`;
}
