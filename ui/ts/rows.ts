// The list as the keyboard sees it: one current row, a selection, and rows
// that are out while their change is under way.
export class Rows {
  private anchor: HTMLElement | undefined;

  constructor(private readonly root: HTMLElement) {}

  get visible(): HTMLElement[] {
    return [...this.root.querySelectorAll<HTMLElement>("[data-row]")].filter(
      (row) => !row.classList.contains("busy") && !row.closest(".busy") && !row.closest("details:not([open])"),
    );
  }

  get current(): HTMLElement | undefined {
    return this.root.querySelector<HTMLElement>("[data-row].current:not(.busy)") ?? undefined;
  }

  get selected(): HTMLElement[] {
    return this.visible.filter((row) => checkbox(row)?.checked);
  }

  at(offset: number): HTMLElement | undefined {
    const rows = this.visible;
    const index = this.current ? rows.indexOf(this.current) : -1;
    if (index < 0) return rows[0];
    return rows[index + offset];
  }

  makeCurrent(row: HTMLElement, focus = true): void {
    for (const other of this.root.querySelectorAll<HTMLElement>("[data-row].current")) {
      other.classList.remove("current");
      link(other)?.removeAttribute("aria-current");
    }
    row.classList.add("current");
    link(row)?.setAttribute("aria-current", "true");
    if (focus) link(row)?.focus({ preventScroll: true });
    row.querySelector(".row-line")?.scrollIntoView({ block: "nearest" });
  }

  toggle(row: HTMLElement, on?: boolean): void {
    const box = checkbox(row);
    if (!box) return;
    box.checked = on ?? !box.checked;
    box.dispatchEvent(new Event("change", { bubbles: true }));
    this.anchor = row;
  }

  /** Selects everything between where the selection began and the row. */
  extendTo(row: HTMLElement): void {
    const rows = this.visible;
    this.anchor ??= this.current ?? row;
    const [from, to] = [rows.indexOf(this.anchor), rows.indexOf(row)].sort((a, b) => a - b);
    const anchor = this.anchor;
    rows.forEach((each, index) => this.toggle(each, index >= from! && index <= to!));
    this.anchor = anchor;
  }

  clear(): void {
    for (const row of this.root.querySelectorAll<HTMLElement>("[data-row]")) {
      if (checkbox(row)?.checked) this.toggle(row, false);
    }
    this.anchor = undefined;
  }

  /** Rows whose suggestions are all among the ids; stacks count as one row. */
  holding(ids: string[]): HTMLElement[] {
    const wanted = new Set(ids);
    return [...this.root.querySelectorAll<HTMLElement>("[data-row]")].filter((row) => idsOf(row).every((id) => wanted.has(id)));
  }
}

export function idsOf(row: HTMLElement): string[] {
  return (row.dataset.ids ?? "").split(" ").filter(Boolean);
}

export function link(row: HTMLElement): HTMLAnchorElement | null {
  return row.querySelector<HTMLAnchorElement>(".row-main");
}

export function checkbox(row: HTMLElement): HTMLInputElement | null {
  return row.querySelector<HTMLInputElement>('input[type="checkbox"]:is([name="suggestion"], [name="theme"])');
}
