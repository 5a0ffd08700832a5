// The reading pane, filled from a cache that runs five rows ahead and behind,
// so that the next row is there before the key is up.
import type { Rows } from "./rows";
import { link } from "./rows";

declare const htmx: { process(element: Element): void } | undefined;

const ahead = 5;

export class Pane {
  private readonly cache = new Map<string, Promise<string>>();
  private wanted = "";

  constructor(private readonly element: HTMLElement, private readonly rows: Rows) {}

  async open(row: HTMLElement): Promise<void> {
    const url = row.dataset.pane;
    if (!url) return;
    this.wanted = url;
    try {
      const html = await this.load(url);
      if (this.wanted !== url) return;
      this.element.innerHTML = html;
      this.element.scrollTop = 0;
      if (typeof htmx !== "undefined") htmx.process(this.element);
      const address = link(row)?.href;
      if (address) history.replaceState(history.state, "", address);
    } catch {
      const address = link(row)?.href;
      if (this.wanted === url && address) location.assign(address);
    }
    this.prefetch();
  }

  prefetch(): void {
    const rows = this.rows.visible;
    const current = this.rows.current;
    const index = current ? rows.indexOf(current) : 0;
    for (const row of rows.slice(Math.max(0, index - ahead), index + ahead + 1)) {
      if (row.dataset.pane) void this.load(row.dataset.pane).catch(() => undefined);
    }
  }

  /** What was decided changes what others resemble: read everything anew. */
  forget(): void {
    this.cache.clear();
  }

  private load(url: string): Promise<string> {
    let entry = this.cache.get(url);
    if (!entry) {
      entry = fetch(url, { headers: { "HX-Request": "true" } }).then((answer) => {
        if (answer.status === 401) location.reload();
        if (!answer.ok) throw new Error(`${answer.status}`);
        return answer.text();
      });
      entry.catch(() => this.cache.delete(url));
      this.cache.set(url, entry);
    }
    return entry;
  }
}
