// The dialog that finds a theme by typing: a combobox over a listbox the server
// fills, the last themes first while nothing is typed.
export interface Choice {
  id: string;
  title: string;
}

const quietMs = 120;

export class AssignDialog {
  private readonly dialog = document.getElementById("assign") as HTMLDialogElement | null;
  private readonly input = this.dialog?.querySelector("input") ?? null;
  private readonly list = document.getElementById("assign-options");
  private timer = 0;
  private asked = 0;
  private chosen: ((choice: Choice) => void) | undefined;

  constructor() {
    this.input?.addEventListener("input", (event) => {
      if ((event as InputEvent).isComposing) return;
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => void this.load(), quietMs);
    });
    this.input?.addEventListener("compositionend", () => void this.load());
    this.input?.addEventListener("keydown", (event) => this.key(event));
    this.list?.addEventListener("click", (event) => {
      const option = (event.target as HTMLElement).closest<HTMLElement>('[role="option"]');
      if (option) this.choose(option);
    });
  }

  open(chosen: (choice: Choice) => void): void {
    if (!this.dialog || !this.input) return;
    this.chosen = chosen;
    this.input.value = "";
    this.dialog.showModal();
    void this.load();
  }

  private async load(): Promise<void> {
    if (!this.input || !this.list || !this.dialog) return;
    const turn = ++this.asked;
    const answer = await fetch(`/inbox/themes?${new URLSearchParams({ q: this.input.value.trim() })}`).catch(() => undefined);
    if (!answer?.ok || turn !== this.asked) return;
    this.list.innerHTML = await answer.text();
    this.dialog.querySelector<HTMLElement>("[data-none]")!.hidden = this.list.children.length > 0;
    this.mark(this.list.querySelector<HTMLElement>('[role="option"]'));
  }

  private key(event: KeyboardEvent): void {
    if (event.isComposing || event.keyCode === 229 || !this.list) return;
    const current = this.list.querySelector<HTMLElement>('[aria-selected="true"]');
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = event.key === "ArrowDown" ? current?.nextElementSibling : current?.previousElementSibling;
      if (next instanceof HTMLElement) this.mark(next);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (current) this.choose(current);
    }
  }

  private mark(option: HTMLElement | null): void {
    for (const other of this.list?.querySelectorAll('[aria-selected="true"]') ?? []) other.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.input?.setAttribute("aria-activedescendant", option.id);
    else this.input?.removeAttribute("aria-activedescendant");
  }

  private choose(option: HTMLElement): void {
    this.dialog?.close();
    this.chosen?.({ id: option.dataset.id ?? "", title: option.dataset.title ?? "" });
  }
}
