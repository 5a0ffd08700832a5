// A release from choosing to the answer of somebody who was told of it, and a merge that
// somebody says is wrong; then every screen of it.
import { examine } from "./axe.mjs";
import { check, input, launch, must, signIn } from "./browser.mjs";

const config = await input(); // { chromium, url, signIn }
const browser = await launch(config.chromium);
let solved = "/", meant = "/", theme = "/themes", portal = "/";
try {
  const staff = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 800 } });
  const page = await staff.newPage();
  page.setDefaultTimeout(10_000);
  await signIn(page, config.signIn);
  const visitor = await browser.newContext({ locale: "en-GB" });
  await check("a release is previewed, then shipped", () => ship(page));
  await check("a status is previewed by keyboard, and its button is not moved away under the pointer", () => considers(page));
  await check("who was told answers once, by a button", () => answers(visitor));
  await check("the theme counts the answers", async () => {
    await page.goto(config.url + theme + "?lang=en");
    must((await page.locator("#solved").innerText()).includes("0 yes, 1 no"), await page.locator("#solved").innerText());
  });
  await check("who was put together with others takes it out", () => notMeant(page, visitor));
  await check("an update and what the team says stand on the public page", () => comments(page));
  await page.close();
  await Promise.all([
    examine(staff, config.url, [
      ["releases", "/releases", "#new-title"], ["comments", "/comments", ".moderation h1"], ["theme with updates", theme, "#updates-title"],
    ]),
    examine(visitor, config.url, [
      ["did this solve it", solved, "main h1"], ["not what I meant", meant, "main h1"], ["theme with comments", portal, "#talk-title"],
    ]),
  ]);
} finally {
  await browser.close();
}

async function ship(page) {
  await page.goto(config.url + "/releases?lang=en");
  await page.fill("#version", "9.9");
  await page.fill("#notes_en", "Faster everywhere.");
  await page.fill("#notes_zh", "全面提速。");
  const boxes = page.locator('.release-themes input[name="theme"]');
  must((await boxes.count()) > 1, "there is nothing to ship");
  await boxes.nth(0).check();
  await boxes.nth(1).check();
  theme = "/themes/" + (await boxes.nth(0).getAttribute("value"));
  portal = theme.replace("/themes/", "/t/");
  await page.locator('form[action="/releases"] .buttons button').last().click();
  await page.waitForSelector('button[value="confirm"]');
  must((await page.locator(".consequence").first().innerText()).includes("mail"), "the preview counts no mails");
  await page.click('button[value="confirm"]');
  await page.waitForSelector("#shipped-title");
  must((await page.locator("main").innerText()).includes("Faster everywhere."), "the release is not listed");
}

/** considers looks who is told by keyboard, then writes a reason and presses at once. */
async function considers(page) {
  await page.goto(config.url + theme + "?lang=en");
  await page.check('input[name="status"][value="postponed"]');
  await page.focus("#status-preview");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#consequence .warn");
  must(await page.evaluate(() => document.activeElement.id === "status-preview"), "the focus is lost after the preview");
  await page.fill("#reason_en", "After the summer.");
  await page.waitForSelector("#status-confirm");
  await page.fill("#reason_zh", "夏天之后。");
  const button = await page.locator("#status-confirm").boundingBox();
  await page.mouse.move(button.x + 10, button.y + 10);
  await page.mouse.down();
  await page.waitForTimeout(250); // a slow press
  await page.mouse.up();
  await page.waitForSelector("#toasts .toast");
  must((await page.locator(".facts").innerText()).includes("Postponed"), "the press was lost");
}

/** mailed finds a link of this kind in the demo's mail. */
async function mailed(context, kind, within) {
  const page = await context.newPage();
  try {
    for (let tries = 0; tries < 60; tries++) {
      await page.goto(config.url + "/dev/mail");
      const paths = await page.locator('a[href^="/dev/mail/"]').evaluateAll((links) => links.map((a) => a.getAttribute("href")));
      for (const path of paths.slice(0, 40)) {
        const html = await (await context.request.get(`${config.url}${path.split("?")[0]}/html`)).text();
        const found = new RegExp(`/${kind}/[a-z0-9_.A-Z=-]+`).exec(html);
        if (found && html.includes(within)) return found[0];
      }
      await page.waitForTimeout(500);
    }
    throw new Error(`no mail has a link to /${kind}/`);
  } finally {
    await page.close();
  }
}

async function answers(context) {
  solved = await mailed(context, "solved", theme.replace("/themes/", "/t/"));
  const page = await context.newPage();
  try {
    await page.goto(`${config.url}${solved}?answer=no&lang=en`);
    must(await page.locator('input[value="no"]').isChecked(), "the link's answer is not chosen");
    await page.fill("#words", "It is as slow as before.");
    await page.click("form.stacked button.primary");
    must((await page.locator("main h1").innerText()).includes("not done"), "the no is not taken");
    await page.goto(`${config.url}${solved}?lang=en`);
    must((await page.locator("main form.stacked input[name=answer]").count()) === 0, "it may be answered twice");
  } finally {
    await page.close();
  }
}

async function notMeant(page, context) {
  await page.goto(config.url + "/releases?lang=en");
  const left = page.locator('.release-themes input[name="theme"]');
  const from = await left.nth(0).getAttribute("value"), into = await left.nth(1).getAttribute("value");
  await page.goto(`${config.url}/themes/${from}?merge_into=${into}&lang=en`);
  await page.check('.merge-preview input[name="notify"]');
  await page.click(".merge-preview button.primary");
  await page.waitForURL(`**/themes/${into}*`);
  meant = await mailed(context, "meant", "/t/" + into);
  const visit = await context.newPage();
  try {
    await visit.goto(`${config.url}${meant}?lang=en`);
    const rows = visit.locator('main form button.primary');
    must((await rows.count()) > 0, "nothing of theirs is listed");
    await rows.first().click();
    must((await visit.locator("main").innerText()).includes("taken out"), "it is not taken out");
  } finally {
    await visit.close();
  }
}

async function comments(page) {
  await page.goto(config.url + theme + "?lang=en");
  await page.fill("#update_en", "The first half is done.");
  await page.locator('form[action*="/updates"] .buttons button').last().click();
  await page.waitForSelector('form[action*="/updates"] button[value="confirm"]');
  await page.click('form[action*="/updates"] button[value="confirm"]');
  await page.goto(config.url + portal + "?lang=en");
  must((await page.locator("#updates-title").count()) === 1, "the public page has no update");
  await page.fill("#talk-text", "Thank you for waiting.");
  await page.locator(".talk > form button").click();
  await page.waitForSelector(".talk .official");
  must((await page.locator(".talk").innerText()).includes("Thank you for waiting."), "what the team says is not there");
}
