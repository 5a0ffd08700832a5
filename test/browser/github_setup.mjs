// GitHub is connected with the keyboard alone, on a machine whose GitHub is the stand: its page
// that makes an App is played here. Then every screen of the way.
import { examine } from "./axe.mjs";
import { check, input, launch, must, signIn } from "./browser.mjs";

const config = await input(); // { chromium, url, signIn, github, code }
const browser = await launch(config.chromium);
try {
  const staff = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 800 } });
  const page = await staff.newPage();
  page.setDefaultTimeout(10_000);
  await signIn(page, config.signIn);
  await examine(staff, config.url, [["not connected", "/github", "#connection-title"], ["make the App", "/github/setup", "#app-title"]]);
  let asked = "";
  await page.route(`${config.github}/settings/apps/new*`, async (route) => {
    asked = route.request().postData() ?? "";
    const state = new URL(route.request().url()).searchParams.get("state");
    await route.fulfill({ contentType: "text/html", body: `<!doctype html><title>GitHub</title><a id="made" href="${config.url}/github/setup/made?code=${config.code}&state=${state}">Create</a>` });
  });
  await check("the App is made", async () => {
    await page.goto(config.url + "/github?lang=en");
    await press(page, 'a.button[href="/github/setup"]');
    await page.waitForSelector("#app-title");
    await reach(page, "#name");
    await page.keyboard.press("Control+A");
    await page.keyboard.type("Heed by keyboard");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#way-title");
    await page.keyboard.press("Enter"); // the button has the focus
    await page.waitForSelector("#made");
    const manifest = JSON.parse(new URLSearchParams(asked).get("manifest"));
    must(manifest.name === "Heed by keyboard" && manifest.redirect_url === config.url + "/github/setup/made", asked);
  });
  await check("its key is fetched", async () => {
    await press(page, "#made");
    await page.waitForSelector("#return-title");
    must((await page.locator('[aria-current="step"]').innerText()).includes("Fetch its key"), "the step is not said");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#install-title");
    must(!page.url().includes("code="), page.url());
  });
  await check("the repository is chosen", async () => {
    await reach(page, "#repository");
    await page.keyboard.type("acme/roadmap");
    await press(page, 'form[action="/github/setup/repository"] button');
    await page.waitForSelector("#toasts .toast");
    must((await page.locator("main").innerText()).includes("Issues are made in acme/roadmap"), await page.locator("main").innerText());
  });
  await examine(staff, config.url, [["connected", "/github/setup", "#install-title"], ["GitHub", "/github", "#connection-title"]]);
} finally {
  await browser.close();
}

/** reach moves the focus with Tab until it is there. */
async function reach(page, selector) {
  for (let n = 0; n < 120; n++) {
    if (await page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not come to ${selector}`);
}

async function press(page, selector) {
  await reach(page, selector);
  await page.keyboard.press("Enter");
}
