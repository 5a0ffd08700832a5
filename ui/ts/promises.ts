// The promise board by keyboard: J and K walk, X chooses, Shift extends, D goes to the
// date. The board is a plain form without this script.
import type { Keys } from "./keys";
import { Rows } from "./rows";

export function promises(keys: Keys): void {
  const root = document.querySelector<HTMLElement>("[data-promises]");
  const date = root?.querySelector<HTMLInputElement>("[data-promise-date]");
  if (!root || !date) return;
  const rows = new Rows(root);
  const go = (by: number): void => {
    const row = rows.at(by);
    if (row) rows.makeCurrent(row);
  };
  const extend = (by: number): void => {
    const row = rows.at(by);
    if (!row) return;
    rows.extendTo(row);
    rows.makeCurrent(row);
  };
  keys.on("j", () => go(+1));
  keys.on("k", () => go(-1));
  keys.on("shift+j", () => extend(+1));
  keys.on("shift+k", () => extend(-1));
  keys.on("x", () => rows.current && rows.toggle(rows.current));
  keys.on("d", (event) => {
    event.preventDefault();
    date.focus();
  });
}
