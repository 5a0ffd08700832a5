// What the scripts here share: the system's Chromium without a way out of this
// machine, and findings as lines of JSON, each a test of its own on the Go side.
import { chromium } from "playwright-core";

export async function input() {
  let text = "";
  for await (const chunk of process.stdin) text += chunk;
  return JSON.parse(text);
}

export function launch(executablePath) {
  return chromium.launch({ executablePath, args: ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"] });
}

export function report(name, ok, detail = "") {
  process.stdout.write(JSON.stringify({ name, ok, detail }) + "\n");
}

/** Runs one check; what it returns is kept as the finding's detail. */
export async function check(name, run) {
  try {
    report(name, true, (await run()) ?? "");
  } catch (error) {
    report(name, false, String(error.message ?? error));
  }
}

export function must(condition, message) {
  if (!condition) throw new Error(message);
}

/** Follows a one-time link and presses its button. */
export async function signIn(page, link) {
  await page.goto(link);
  await page.click('form[action^="/sign-in/link/"] button');
  await page.waitForURL("**/inbox*", { timeout: 30_000 }); // the first page of a machine that is still busy
}
