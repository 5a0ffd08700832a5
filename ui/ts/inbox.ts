// Triage at the speed of the keyboard. Every key here is also a visible control
// of the page, which works as a plain form when this script does not run.
import { AssignDialog } from "./assign";
import type { Keys } from "./keys";
import { perform } from "./operations";
import { Pane } from "./pane";
import { Rows, idsOf } from "./rows";
import { word } from "./toast";

const wide = "(min-width: 1024px)";

export function inbox(keys: Keys): void {
  const root = document.querySelector<HTMLElement>("[data-inbox]");
  const paneElement = document.getElementById("pane");
  if (!root || !paneElement) return;
  new Inbox(root, paneElement, keys);
}

class Inbox {
  private readonly rows: Rows;
  private readonly pane: Pane;
  private readonly dialog = new AssignDialog();

  constructor(private readonly root: HTMLElement, private readonly paneElement: HTMLElement, keys: Keys) {
    this.rows = new Rows(root);
    this.pane = new Pane(paneElement, this.rows);
    this.bind(keys);
    root.addEventListener("submit", (event) => this.submitted(event));
    root.addEventListener("click", (event) => this.clicked(event));
    root.addEventListener("change", () => this.counted());
    root.addEventListener("keydown", (event) => this.confirmKey(event));
    root.querySelector("[data-clear]")?.removeAttribute("hidden");
    document.addEventListener("htmx:after:swap", () => this.pane.forget());
    if (matchMedia(wide).matches) this.begin();
    this.counted();
  }

  private begin(): void {
    const first = this.rows.current ?? this.rows.at(0);
    if (!first) return;
    const filled = this.paneElement.querySelector("[data-pane-id]");
    this.rows.makeCurrent(first, false);
    if (filled) this.pane.prefetch();
    else void this.pane.open(first);
  }

  private bind(keys: Keys): void {
    keys.on("j", () => this.move(+1));
    keys.on("k", () => this.move(-1));
    keys.on("shift+j", () => this.extend(+1));
    keys.on("shift+k", () => this.extend(-1));
    keys.on("x", () => this.rows.current && this.rows.toggle(this.rows.current));
    keys.on("Enter", (event) => this.enter(event));
    keys.on("a", (event) => this.accept(event));
    keys.on("shift+a", (event) => this.assignOther(event));
    for (const n of [1, 2, 3, 4, 5]) keys.on(`${n}`, () => this.press(`[data-choice="${n}"]`));
    keys.on("n", (event) => this.confirm(event));
    keys.on("e", () => this.close());
    keys.on("Escape", () => this.rows.clear());
  }

  private move(step: 1 | -1): void {
    const row = this.rows.at(step);
    if (!row) return;
    this.rows.makeCurrent(row);
    void this.pane.open(row);
  }

  private extend(step: 1 | -1): void {
    const row = this.rows.at(step);
    if (!row) return;
    this.rows.extendTo(row);
    this.rows.makeCurrent(row);
    void this.pane.open(row);
  }

  private enter(event: KeyboardEvent): void {
    const row = this.rows.current;
    const target = event.target as HTMLElement;
    // Enter on any other link or button stays what it is.
    if (!row || target.closest("button, summary, a:not(.row-main)")) return;
    const stack = row.querySelector<HTMLDetailsElement>(":scope > details");
    if (stack) {
      event.preventDefault();
      stack.open = !stack.open;
    } else if (matchMedia(wide).matches) {
      event.preventDefault();
      this.paneElement.querySelector<HTMLElement>("button, a")?.focus();
    }
  }

  /** A: the likely theme of the current row, or of a selection that agrees. */
  private accept(event: KeyboardEvent): void {
    const selected = this.rows.selected;
    if (selected.length === 0) {
      if (!this.press('[data-choice="1"]')) this.assignOther(event);
      return;
    }
    const likely = new Set(selected.map((row) => row.dataset.likely ?? ""));
    const [id] = likely;
    if (likely.size === 1 && id) this.assign(selected, { id, title: selected[0]?.dataset.likelyTitle ?? "" });
    else this.assignOther(event);
  }

  private assignOther(event: Event): void {
    event.preventDefault();
    const rows = this.targets();
    if (rows.length > 0) this.dialog.open((choice) => this.assign(rows, choice));
  }

  private assign(rows: HTMLElement[], theme: { id: string; title: string }): void {
    const body = new URLSearchParams({ theme: theme.id });
    this.run("/inbox/assign", body, rows, word("op-words", "assign").replace("{theme}", theme.title));
  }

  private close(): void {
    if (this.paneAlone()) {
      this.press("[data-close]");
      return;
    }
    const rows = this.targets();
    if (rows.length > 0) this.run("/inbox/close", new URLSearchParams(), rows, word("op-words", "close"));
  }

  private confirm(event: KeyboardEvent): void {
    const fold = this.paneElement.querySelector<HTMLDetailsElement>("[data-confirm]");
    if (!fold) return;
    event.preventDefault();
    fold.open = true;
    const fields = [...fold.querySelectorAll<HTMLInputElement>('input[name^="public_title"]')];
    (fields.find((field) => field.value === "") ?? fields[0])?.focus();
  }

  /** ⌘Enter sends the form one is writing in; Escape goes back to the list. */
  private confirmKey(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const form = (event.target as HTMLElement).closest("form");
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey) && form?.dataset.op) form.requestSubmit();
    if (event.key === "Escape" && event.target instanceof HTMLElement && this.paneElement.contains(event.target)) {
      this.rows.current?.querySelector<HTMLElement>(".row-main")?.focus({ preventScroll: true });
    }
  }

  private press(selector: string): boolean {
    const button = this.paneElement.querySelector<HTMLButtonElement>(selector);
    button?.click();
    return button !== null;
  }

  private targets(): HTMLElement[] {
    const selected = this.rows.selected;
    if (selected.length > 0) return selected;
    return this.rows.current ? [this.rows.current] : [];
  }

  private run(action: string, body: URLSearchParams, rows: HTMLElement[], message: string, refused?: () => void): void {
    const ids = [...new Set(rows.flatMap(idsOf))];
    if (!body.has("suggestion")) for (const id of ids) body.append("suggestion", id);
    const gone = this.rows.holding(ids);
    const next = this.after(gone);
    this.rows.clear();
    perform({
      action, body, rows: gone, message,
      restored: ([first]) => {
        this.counted();
        if (first) {
          this.rows.makeCurrent(first);
          void this.pane.open(first).then(refused);
        }
      },
      done: () => {
        this.pane.forget();
        if (this.paneAlone()) location.assign("/inbox");
      },
    });
    if (next) this.rows.makeCurrent(next);
    if (next && matchMedia(wide).matches) void this.pane.open(next);
    else if (!next) this.paneElement.replaceChildren();
    this.counted();
  }

  /** On a narrow screen the pane is a page of its own. */
  private paneAlone(): boolean {
    return this.root.classList.contains("pane-first") && !matchMedia(wide).matches;
  }

  /** The row to go to when these leave: the one below, else the one above. */
  private after(gone: HTMLElement[]): HTMLElement | undefined {
    const rows = this.rows.visible;
    const leaves = (row: HTMLElement): boolean => gone.some((each) => each.contains(row));
    const last = rows.findLastIndex(leaves);
    return rows.slice(last + 1).find((row) => !leaves(row)) ?? rows.slice(0, Math.max(last, 0)).findLast((row) => !leaves(row));
  }

  private submitted(event: SubmitEvent): void {
    const form = event.target as HTMLFormElement;
    const submitter = event.submitter as HTMLButtonElement | null;
    const operation = submitter?.dataset.op ?? form.dataset.op;
    if (!operation || !matchMedia(wide).matches) return;
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
    const ids = body.getAll("suggestion").flatMap((value) => value.split(" "));
    if (form.id === "bulk" && operation === "assign") {
      this.assignOther(event);
      return;
    }
    event.preventDefault();
    const rows = this.rows.holding(ids);
    const message = word("op-words", operation).replace("{theme}", form.dataset.themeTitle ?? "");
    this.run(submitter?.getAttribute("formaction") ?? form.action, body, rows, message, () => this.refill(operation, body));
  }

  /** What was typed into a refused form is put back where it was. */
  private refill(operation: string, body: URLSearchParams): void {
    const form = this.paneElement.querySelector<HTMLFormElement>(`form[data-op="${operation}"].stacked`);
    if (!form) return;
    form.closest("details")?.setAttribute("open", "");
    for (const [name, value] of body) {
      const field = form.elements.namedItem(name);
      if (field instanceof HTMLTextAreaElement || (field instanceof HTMLInputElement && field.type === "text")) field.value = value;
    }
  }

  private clicked(event: MouseEvent): void {
    const target = event.target as HTMLElement;
    if (target.closest("[data-clear]")) this.rows.clear();
    const link = target.closest<HTMLAnchorElement>(".row-main");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || !matchMedia(wide).matches) return;
    const row = link.closest<HTMLElement>("[data-row]");
    if (!row) return;
    event.preventDefault();
    this.rows.makeCurrent(row);
    void this.pane.open(row);
  }

  private counted(): void {
    const zero = this.root.querySelector<HTMLElement>("[data-zero]");
    if (zero) zero.hidden = this.rows.visible.length > 0;
    const label = this.root.querySelector<HTMLElement>(".bulk-count");
    if (!label) return;
    const count = new Set(this.rows.selected.flatMap(idsOf)).size;
    const words = count === 1 ? label.dataset.countOne : label.dataset.countOther?.replace("222", String(count));
    if (count > 0 && words) label.textContent = words;
  }
}
