// The README's pictures, from the demo's data.
import { input, launch, signIn } from "./browser.mjs";

const config = await input(); // { chromium, url, signIn, folder }
const browser = await launch(config.chromium);
try {
  const staff = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1.5, reducedMotion: "reduce" });
  const page = await staff.newPage();
  page.setDefaultTimeout(10_000);
  await signIn(page, config.signIn);
  await page.goto(`${config.url}/inbox?lang=en`);
  await page.waitForSelector("[data-pane-id]");
  while ((await page.locator("[data-row].current.stack").count()) === 0) await page.keyboard.press("j");
  await page.waitForFunction(() => document.querySelector("[data-pane-id]")?.dataset.paneId === document.querySelector("[data-row].current")?.dataset.id);
  await picture(page, "inbox");
  await page.goto(`${config.url}/themes?lang=en`);
  await page.locator("#theme-list tbody a").first().click();
  await page.waitForSelector("#timeline-title");
  await page.goto(`${page.url().split("?")[0]}?lang=en`);
  await picture(page, "theme");

  const visitor = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1.5, reducedMotion: "reduce" });
  const portal = await visitor.newPage();
  portal.setDefaultTimeout(10_000);
  await portal.goto(`${config.url}/?lang=en`);
  await picture(portal, "portal");
  await portal.goto(`${config.url}/suggest?lang=zh`);
  await portal.fill("#title", "转账一直显示处理中，不知道卡在哪里");
  await portal.waitForSelector("#similar a, #similar li");
  await picture(portal, "suggest-zh");
  await portal.goto(`${config.url}/dev/mail?lang=en`);
  await portal.locator(".mails a").first().click();
  await portal.waitForSelector("iframe.mail-frame");
  await portal.waitForTimeout(500); // the mail is a document of its own
  await picture(portal, "mail");
} finally {
  await browser.close();
}

async function picture(page, name) {
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: `${config.folder}/${name}.png` });
}
