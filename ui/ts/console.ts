import { appearance } from "./appearance";
import { byHand } from "./by_hand";
import { capture } from "./capture";
import { inbox } from "./inbox";
import { Keys } from "./keys";
import { promises } from "./promises";
import { proposals } from "./proposals";
import { thread } from "./thread";
import { adopt, undoLast } from "./toast";

appearance();
adopt();
document.addEventListener("htmx:after:swap", adopt);

document.documentElement.dataset.keys = /Mac|iPhone|iPad/.test(navigator.platform) ? "apple" : "other";
// On a narrow screen the navigation is a strip: it opens where the reader is.
const nav = document.querySelector<HTMLElement>(".side nav");
const here = nav?.querySelector<HTMLElement>("[aria-current]");
if (nav && here && nav.scrollWidth > nav.clientWidth) nav.scrollLeft = here.offsetLeft - nav.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2;
// What has to be mended may stand far below, and in a fold.
if (document.activeElement === document.body) document.querySelector<HTMLElement>('main [aria-invalid="true"]')?.focus();
const keys = new Keys();
const help = document.getElementById("keys") as HTMLDialogElement | null;
for (const opener of document.querySelectorAll<HTMLElement>('[data-open="keys"]')) {
  opener.hidden = false;
  opener.addEventListener("click", () => help?.showModal());
}
keys.on("?", () => help?.showModal());
keys.on("z", () => undoLast());
keys.on("/", (event) => {
  event.preventDefault();
  document.querySelector<HTMLElement>("[data-search]")?.focus();
});
for (const [letter, address] of [["i", "/inbox"], ["t", "/themes"], ["p", "/proposals"], ["f", "/followups"], ["q", "/quality"], ["o", "/outcomes"], ["d", "/promises"], ["h", "/github"]] as const) {
  keys.on(`g ${letter}`, () => location.assign(address));
}
keys.on("c", () => location.assign("/capture"));
inbox(keys);
proposals(keys);
promises(keys);
thread(keys);
capture();
byHand();
