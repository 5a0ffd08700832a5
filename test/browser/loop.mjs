// The end of the loop as people see it: visitors on the portal, staff in the inbox.
import { examine } from "./axe.mjs";
import { check, input, launch, must, signIn } from "./browser.mjs";

const config = await input(); // { chromium, url, signIn, theme, title: {en, zh}, shipped: {en, zh}, preferences, webhook }
const browser = await launch(config.chromium);
let person = "/people"; // somebody's page
let publicPath = "/"; // of the shipped theme, found by following its card
try {
  for (const [lang, locale] of [["en", "en-GB"], ["zh", "zh-CN"]]) {
    await check(`the portal shows the shipped theme (${lang})`, () => portal(lang, locale));
  }
  const staff = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 800 } });
  const page = await staff.newPage();
  page.setDefaultTimeout(10_000);
  await check("the one-time link signs staff in, once", () => link(page));
  await check("somebody is found by the beginning of an address", async () => {
    await page.goto(config.url + "/people");
    const row = page.locator("#people tbody tr").first();
    const address = (await row.locator("td").nth(1).innerText()).split(/\s/)[0];
    person = (await row.locator("a").getAttribute("href")) ?? "";
    await page.goto(`${config.url}/people?q=${encodeURIComponent(address.slice(0, 6))}`);
    must((await page.locator(`#people a[href="${person}"]`).count()) === 1, `${address.slice(0, 6)} does not find ${person}`);
    await page.goto(config.url + "/inbox");
  });
  await check("J and K move the current row", () => moves(page));
  await check("A assigns the current row to its likely theme", () => assigns(page));
  await check("the theme page shows where it stands and what happened", () => theme(page));
  await page.close();
  const visitor = await browser.newContext({ locale: "en-GB" });
  let own = "/s/"; // the suggestion that the visitor sends
  await check("a visitor sends a log with it and says more behind the receipt", async () => { own = await conversation(visitor); });
  await Promise.all([
    examine(staff, config.url, [
      ["inbox", "/inbox", "[data-row]"], ["theme", `/themes/${config.theme}`, "#timeline-title"],
      ["themes", "/themes", "#theme-list tbody tr"], ["follow-ups", "/followups", "#deliveries tbody tr"], ["follow-ups that can be held back", `/followups?theme=${config.theme}`, 'form[action$="/recall"]'],
      ["GitHub", "/github", ".ledger tbody .op-done"], ["GitHub, one theme", `/github?theme=${config.theme}`, ".ledger tbody tr", openFolds],
      ["bounces", "/followups/bounces", "#bounces"], ["mail before it is sent", `/themes/${config.theme}/mail?status=planned`, "#mail-zh"],
      ["promises", "/promises", "[data-promises]"], ["proposals", "/proposals", "[data-proposals]"], ["quality", "/quality?sure=90&days=90", "#replay .consequence"], ["routing", "/settings/routing", "#rules-title"], ["rule", "/settings/routing/rules/new", "#when-title"], ["first replies", "/clocks", "#policy-title"], ["quick capture", "/capture", "form#capture"], ["outcomes", "/outcomes", "[data-outcomes]"],
      ["suggestion", `/suggestions/${own.slice("/s/".length)}`, "#thread"],
      ["people", "/people", "#people tbody tr"], ["a person", person, "#known-title"], ["what a person hears", `${person}?wishes=1`, "#wishes-title ~ details[open] #digest_hour"], ["accounts and segments", "/accounts", "#segments-title"],
      ["tell by hand", "/tell-by-hand", ".to-tell .to-say"], ["one's own settings", "/me/settings", "#phrase"],
      ["emergencies", "/emergencies?all=1", "article.alarm"],
      ["tokens", "/settings/tokens", "#make-title"],
      ["webhooks", "/settings/webhooks", "#form-title"], ["webhook", config.webhook, "#one-title"], ["mail set-up", "/settings/mail", "main h1"],
      ["threads", "/suggestions", ".talks"],
    ]),
    examine(visitor, config.url, [
      ["portal", "/", ".cards .card-row"], ["portal theme", publicPath, "article.reading h1"],
      ["suggest", "/suggest", "form[data-suggest]"], ["sign-in", "/sign-in", 'form[action="/sign-in"]'],
      ["receipt", "/receipt", 'form[action="/receipt"]'], ["own suggestion", own, "article.person-page"],
      ["preferences", config.preferences, "#digest_hour"], ["unsubscribe", config.preferences.replace("/preferences/", "/unsubscribe/"), 'form[action^="/unsubscribe/"]'],
    ]),
  ]);
} finally {
  await browser.close();
}

/** Sends a suggestion with a log, reads it on its own page, and writes there. */
async function conversation(context) {
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  try {
    await page.goto(config.url + "/suggest");
    await page.fill("#title", "The ledger shows my transfers twice");
    await page.setInputFiles("#file", [{ name: "app.log", mimeType: "text/plain", buffer: Buffer.from("password=hunter2hunter2!\nline two\n") }]);
    await page.click("form[data-suggest] .button.primary");
    await page.waitForURL("**/suggest/thanks");
    const path = await page.locator('a[href^="/s/"]').getAttribute("href");
    await page.goto(config.url + path);
    must((await page.locator(".thread-files").innerText()).includes("app.log"), "the log is not there");
    await page.fill("#text", "It happens since yesterday.");
    await page.click('button[value="reply"]');
    await page.waitForSelector(".said-person");
    must((await page.locator(".thread").innerText()).includes("since yesterday"), "what was written is not there");
    return path;
  } finally {
    await page.close();
  }
}

async function portal(lang, locale) {
  const context = await browser.newContext({ locale });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    await page.goto(config.url + "/");
    must((await page.locator("html").getAttribute("lang")).startsWith(lang), "the page is in another language");
    const tabs = await page.locator(".tabs a").evaluateAll((links) => links.map((a) => a.href));
    for (const tab of tabs) {
      await page.goto(tab);
      const card = page.locator(".card-row", { has: page.getByRole("link", { name: config.title[lang], exact: true }) });
      if ((await card.count()) === 0) continue;
      must((await card.locator(".status").innerText()).includes(config.shipped[lang]), "the card does not say that it shipped");
      await card.getByRole("link", { name: config.title[lang], exact: true }).click();
      await page.waitForSelector("article.reading h1");
      const text = await page.locator("article.reading").innerText();
      must(text.includes(config.title[lang]) && text.includes(config.shipped[lang]), `the page says: ${text}`);
      publicPath = new URL(page.url()).pathname;
      return;
    }
    throw new Error(`no tab of ${tabs.join(" ")} has a card named ${config.title[lang]}`);
  } finally {
    await context.close();
  }
}

async function link(page) {
  await signIn(page, config.signIn);
  const cookies = await page.context().cookies();
  must(cookies.some((c) => c.httpOnly && c.sameSite !== "None"), "no cookie that scripts and other sites cannot use");
  const again = await browser.newContext();
  try {
    const second = await again.newPage();
    await second.goto(config.signIn);
    must((await second.locator('form[action^="/sign-in/link/"] button').count()) === 0, "the link has a button a second time");
  } finally {
    await again.close();
  }
}

async function moves(page) {
  await page.goto(`${config.url}/inbox?lang=en`);
  await page.waitForSelector("[data-row].current");
  const first = await current(page);
  await page.keyboard.press("j");
  const second = await current(page);
  must(second !== first, "J stays on the row");
  await page.waitForSelector(`[data-pane-id]`);
  await page.keyboard.press("k");
  must((await current(page)) === first, "K does not lead back");
}

function current(page) {
  return page.locator("[data-row].current").first().getAttribute("data-id");
}

async function assigns(page) {
  await page.goto(`${config.url}/inbox?lang=en`);
  await page.waitForSelector("[data-row].current");
  const row = page.locator('[data-row][data-likely]:not([data-likely=""])').first();
  const [ids, likely] = [await row.getAttribute("data-ids"), await row.getAttribute("data-likely")];
  while ((await page.locator("[data-row].current").first().getAttribute("data-ids")) !== ids) await page.keyboard.press("j");
  await page.waitForSelector(`[data-pane-id] [data-choice="1"]`);
  const answered = page.waitForResponse((r) => r.url().endsWith("/inbox/assign"));
  await page.keyboard.press("a");
  const answer = await answered;
  must(answer.ok(), `the server answered ${answer.status()} ${await answer.text()}`);
  must((await page.locator(`[data-row][data-ids="${ids}"]:visible`).count()) === 0, "the row is still there");
  must((await page.locator("#toasts [data-toast]").count()) > 0, "no toast says what happened");
  return JSON.stringify({ ids: ids.split(" "), theme: likely });
}

async function theme(page) {
  await page.goto(`${config.url}/themes/${config.theme}?lang=en`);
  const head = await page.locator(".theme-head").innerText();
  must(head.includes(config.shipped.en), `the head says: ${head}`);
  must((await page.locator(".timeline li").count()) >= 3, "the timeline has fewer than three entries");
  must((await page.locator(".issues").innerText()).includes("acme/roadmap#"), "the issue is not shown");
}

/** What is folded is looked at too. */
function openFolds(page) {
  return page.evaluate(() => document.querySelectorAll("main details").forEach((fold) => (fold.open = true)));
}
