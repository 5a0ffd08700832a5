// Proposals by keyboard: J and K walk, A accepts, E says no. Each is also a
// visible button, and the page works as plain forms without this script.
import type { Keys } from "./keys";

export function proposals(keys: Keys): void {
  const root = document.querySelector<HTMLElement>("[data-proposals]");
  if (!root) return;
  const cards = [...root.querySelectorAll<HTMLElement>("[data-proposal]")];
  let current = -1;
  const go = (to: number): void => {
    const card = cards[Math.max(0, Math.min(cards.length - 1, to))];
    if (!card) return;
    current = cards.indexOf(card);
    for (const each of cards) each.classList.toggle("current", each === card);
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
  };
  const press = (selector: string): void => {
    if (current < 0) {
      go(0);
      return;
    }
    cards[current]?.querySelector<HTMLButtonElement>(selector)?.click();
  };
  root.addEventListener("focusin", (event) => {
    const card = (event.target as HTMLElement).closest<HTMLElement>("[data-proposal]");
    if (card && cards[current] !== card) {
      current = cards.indexOf(card);
      for (const each of cards) each.classList.toggle("current", each === card);
    }
  });
  const answered = cards.findIndex((card) => `#${card.id}` === location.hash); // the one after it
  if (answered >= 0) go(answered);
  keys.on("j", () => go(current + 1));
  keys.on("k", () => go(current - 1));
  keys.on("a", () => press("[data-accept]"));
  keys.on("e", () => press("[data-dismiss]"));
}
