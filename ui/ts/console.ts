import { appearance } from "./appearance";
import { inbox } from "./inbox";
import { Keys } from "./keys";
import { adopt, undoLast } from "./toast";

appearance();
adopt();
document.addEventListener("htmx:after:swap", adopt);

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
for (const [letter, address] of [["i", "/inbox"], ["t", "/themes"], ["f", "/followups"]] as const) {
  keys.on(`g ${letter}`, () => location.assign(address));
}
inbox(keys);
