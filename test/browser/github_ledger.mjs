// The ledger of GitHub and its mends: what staff see and press, with the keyboard alone, and its
// pictures where a folder is given.
import { examine } from "./axe.mjs";
import { check, input, launch, must, signIn } from "./browser.mjs";

const config = await input(); // { chromium, url, signIn, folder, refused, conflict }
const browser = await launch(config.chromium);
try {
  const staff = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1.5, reducedMotion: "reduce" });
  const page = await staff.newPage();
  page.setDefaultTimeout(10_000);
  await signIn(page, config.signIn);
  await examine(staff, config.url, [
    ["ledger", "/github", ".ledger tbody .op-failed", unfold], ["what failed", "/github?which=failed", ".ledger tbody .op-failed", unfold],
    ["conflicts", "/github?which=conflict", ".ledger tbody .both"], ["of one theme", `/github?theme=${config.conflict}`, ".ledger tbody tr"],
  ]);
  await check("a conflict shows both sides", async () => {
    await page.goto(`${config.url}/github?which=conflict&lang=en`);
    const row = await page.locator(".ledger tbody tr", { hasText: "both" }).first().innerText();
    must(row.includes("Night mode") && row.includes("Dark theme"), row);
  });
  await check("what a mend does is read before it is pressed", async () => {
    await page.goto(`${config.url}/github?lang=en`);
    await unfold(page);
    const text = await page.locator(".one-side[open]").first().innerText();
    must(text.includes("theme") && text.includes("issue"), text);
  });
  if (config.folder) {
    for (const [name, path, lang] of [["github", "/github", "en"], ["github-zh", "/github", "zh"], ["github-conflict", "/github?which=conflict", "en"]]) {
      await page.goto(`${config.url}${path}${path.includes("?") ? "&" : "?"}lang=${lang}`);
      if (name === "github") await unfold(page);
      await page.evaluate(() => document.fonts.ready);
      await page.screenshot({ path: `${config.folder}/${name}.png`, fullPage: name !== "github-conflict" });
    }
    await page.goto(`${config.url}/themes/${config.refused}?lang=en`);
    await page.locator("#issues-title, .issues").first().scrollIntoViewIfNeeded();
    await unfold(page);
    await page.screenshot({ path: `${config.folder}/github-repair.png` });
  }
  await check("what was refused is asked for again", async () => {
    await page.goto(`${config.url}/github?which=failed&lang=en`);
    const again = page.locator('.ledger button[value="again"]').first();
    await again.focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector("#toasts .toast");
    for (let n = 0; n < 50; n++) {
      await page.goto(`${config.url}/github?which=failed&lang=en`);
      if ((await page.locator(".ledger tbody tr").count()) === 0) return;
      await page.waitForTimeout(100);
    }
    throw new Error("it is still refused: " + (await page.locator("main").innerText()));
  });
} finally {
  await browser.close();
}

/** unfold shows what a mend does. */
async function unfold(page) {
  for (const fold of await page.locator("details.one-side:not([open]) > summary").all()) {
    await fold.focus();
    await page.keyboard.press("Enter");
    break;
  }
}
