// The customer field: a combobox over what the server finds. Choosing fills the
// fields of the person, which remain plain fields.
const quietMs = 60;
const filled = ["email", "name", "channel", "handle", "locale", "time_zone"] as const;

export function people(form: HTMLFormElement, changed: () => void): { forget(): void } {
  const input = form.querySelector<HTMLInputElement>("#who");
  const list = document.getElementById("who-options");
  return input && list ? new People(form, input, list, changed) : { forget() {} };
}

class People {
  private timer = 0;
  private turn = 0;
  private shown = "";
  private readonly card = document.getElementById("person")!;
  private readonly count = document.getElementById("who-count")!;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly input: HTMLInputElement,
    private readonly list: HTMLElement,
    private readonly changed: () => void,
  ) {
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"]]) input.setAttribute(name!, value!);
    input.addEventListener("input", (event) => {
      this.unfill();
      if (!(event as InputEvent).isComposing) this.soon();
    });
    input.addEventListener("compositionend", () => this.soon());
    input.addEventListener("focus", () => void this.load());
    input.addEventListener("blur", () => window.setTimeout(() => this.close(), 120));
    input.addEventListener("keydown", (event) => this.key(event));
    list.addEventListener("pointerdown", (event) => event.preventDefault()); // focus stays
    list.addEventListener("click", (event) => {
      const option = (event.target as HTMLElement).closest<HTMLElement>('[role="option"]');
      if (option) this.choose(option);
    });
  }

  forget(): void {
    this.close();
    this.shown = "";
    this.card.replaceChildren();
    this.count.textContent = "";
  }

  private soon(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.load(), quietMs);
  }

  private async load(): Promise<void> {
    const q = this.input.value.trim();
    if (q !== "" && q === this.shown) return; // it is chosen
    const turn = ++this.turn;
    const answer = await fetch(`/capture/people?${new URLSearchParams({ q })}`).catch(() => undefined);
    if (!answer?.ok || turn !== this.turn) return;
    const html = await answer.text();
    if (turn !== this.turn || document.activeElement !== this.input) return;
    this.list.innerHTML = html;
    const options = [...this.list.querySelectorAll<HTMLElement>('[role="option"]')];
    this.list.hidden = options.length === 0;
    this.input.setAttribute("aria-expanded", String(options.length > 0));
    if (q !== "") {
      const many = (this.count.dataset.many ?? "").replace("9", String(options.length));
      this.count.textContent = options.length === 0 ? (this.count.dataset.none ?? "") : options.length === 1 ? (this.count.dataset.single ?? "") : many;
    }
    // What was typed in full is not replaced by Enter.
    this.mark(q !== "" && !q.includes("@") && !q.includes(":") ? (options[0] ?? null) : (options.find((o) => o.dataset.address === q) ?? null));
  }

  private key(event: KeyboardEvent): void {
    if (event.isComposing || event.keyCode === 229 || event.metaKey || event.ctrlKey) return;
    const open = !this.list.hidden;
    const current = this.list.querySelector<HTMLElement>('[aria-selected="true"]');
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp": {
        event.preventDefault();
        if (!open) {
          void this.load();
          return;
        }
        const ends = event.key === "ArrowDown" ? this.list.firstElementChild : this.list.lastElementChild;
        const next = event.key === "ArrowDown" ? current?.nextElementSibling : current?.previousElementSibling;
        this.mark((next ?? ends) as HTMLElement | null);
        return;
      }
      case "Enter":
        if (open && current) {
          event.preventDefault();
          this.choose(current);
        } else event.preventDefault(); // only ⌘Enter files
        return;
      case "Tab":
        if (open && current && !event.shiftKey) this.choose(current);
        return;
      case "Escape":
        if (open) {
          event.preventDefault();
          this.close();
        }
    }
  }

  private mark(option: HTMLElement | null): void {
    for (const other of this.list.querySelectorAll('[aria-selected="true"]')) other.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.input.setAttribute("aria-activedescendant", option.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  private close(): void {
    this.turn++;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  private field(name: string): HTMLInputElement | HTMLSelectElement | undefined {
    const field = this.form.elements.namedItem(name);
    return field instanceof HTMLInputElement || field instanceof HTMLSelectElement ? field : undefined;
  }

  /** Who types on after choosing means somebody else. */
  private unfill(): void {
    if (!this.shown) return;
    this.shown = "";
    this.card.replaceChildren();
    for (const name of filled) {
      const field = this.field(name);
      if (field) field.value = "";
    }
    this.changed();
  }

  private choose(option: HTMLElement): void {
    const d = option.dataset;
    for (const [name, value] of [["email", d.email], ["name", ""], ["channel", d.channel], ["handle", d.handle], ["locale", d.locale], ["time_zone", ""]] as const) {
      const field = this.field(name);
      if (field) field.value = value ?? "";
    }
    const channel = this.field("channel");
    if (d.channel && channel instanceof HTMLSelectElement && channel.value !== d.channel) channel.add(new Option(d.channel, d.channel, true, true));
    this.input.value = d.name ?? d.address ?? "";
    this.shown = this.input.value;
    this.close();
    this.changed();
    void this.person(d.id ?? "");
  }

  private async person(id: string): Promise<void> {
    const shown = this.shown;
    const answer = await fetch(`/capture/people/${encodeURIComponent(id)}`).catch(() => undefined);
    if (answer?.ok && shown === this.shown) this.card.innerHTML = await answer.text();
  }
}
