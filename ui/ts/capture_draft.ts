// What is being written survives a reload of this tab, and nothing longer. Words
// in which the server found a secret are never kept.
const place = "heed.capture";
const fields = ["text", "who", "email", "name", "channel", "handle", "locale", "time_zone", "reply", "source_url", "kind", "version"];

export class Draft {
  private clean = false;

  constructor(private readonly form: HTMLFormElement) {
    form.addEventListener("change", () => this.save());
    window.addEventListener("pagehide", () => this.save());
  }

  /** The server has looked at the words: they may be kept, or not. */
  keep(clean: boolean): void {
    this.clean = clean;
    this.save();
  }

  drop(): void {
    this.clean = false;
    sessionStorage.removeItem(place);
  }

  /** Puts what was kept back, unless the server sent a form with something in it. */
  restore(): boolean {
    const text = this.field("text");
    if (!text || text.value || this.form.querySelector('[aria-invalid="true"]')) return false;
    try {
      const kept = JSON.parse(sessionStorage.getItem(place) ?? "{}") as Record<string, unknown>;
      for (const name of fields) {
        const field = this.field(name);
        if (field && typeof kept[name] === "string" && !field.value) field.value = kept[name];
      }
    } catch {
      sessionStorage.removeItem(place);
    }
    return text.value !== "";
  }

  private save(): void {
    if (!this.clean) {
      sessionStorage.removeItem(place);
      return;
    }
    const words: Record<string, string> = {};
    for (const name of fields) words[name] = this.field(name)?.value ?? "";
    sessionStorage.setItem(place, JSON.stringify(words));
  }

  private field(name: string): HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement | undefined {
    const field = this.form.elements.namedItem(name);
    return field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement ? field : undefined;
  }
}
