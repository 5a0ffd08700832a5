// What may be said about what is being written: asked for at almost every key,
// so that it stands there when one looks up. Answers come in the order of the
// questions or not at all, and at most two questions are on their way.
const quietMs = 40;
const shortest = 4;
const mostOnTheWay = 2;

export class Say {
  /** The theme that the agent says it is, "" for none. */
  same = "";
  /** Called when the theme, or what may be said of it, has changed. */
  answered: () => void = () => {};
  private told = "";
  private timer = 0;
  private asked = "";
  private turn = 0;
  private shown = 0;
  private readonly onTheWay: { turn: number; stop: AbortController }[] = [];
  private readonly joined = document.getElementById("joined")!;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly region: HTMLElement,
    private readonly text: HTMLTextAreaElement,
    private readonly looked: (clean: boolean) => void,
  ) {
    text.addEventListener("input", (event) => {
      if ((event as InputEvent).isComposing) return;
      // Nothing on its way, or a word at its end: no reason to wait.
      this.soon(this.onTheWay.length === 0 || /[\s。，！？、]$/u.test(text.value) ? 0 : quietMs);
    });
    text.addEventListener("compositionend", () => this.soon(0));
    form.querySelector("#locale")?.addEventListener("change", () => this.again());
    this.joined.querySelector("button")!.addEventListener("click", () => {
      this.choose("", "");
      text.focus();
    });
    region.addEventListener("click", (event) => this.click(event));
    region.addEventListener("change", (event) => this.changed(event));
    document.addEventListener("keydown", (event) => this.key(event));
    this.offer();
    if (text.value) this.again();
  }

  /** Asks once more, for another reader or after a reload. */
  again(): void {
    this.asked = "";
    this.soon(0);
  }

  forget(): void {
    this.choose("", "");
    this.asked = "";
    this.turn++;
    this.shown = this.turn;
    window.clearTimeout(this.timer);
    for (const q of this.onTheWay.splice(0)) q.stop.abort();
    void this.ask(true);
  }

  private soon(ms: number): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(false), ms);
  }

  private async ask(empty: boolean): Promise<void> {
    const text = this.text.value.trim();
    // Han says more per character, so two of them are worth a question.
    const enough = text.length >= shortest || (text.match(/\p{Script=Han}/gu)?.length ?? 0) >= 2;
    if (!empty && (text === this.asked || (!enough && this.asked === ""))) return;
    this.asked = text;
    const turn = ++this.turn;
    while (this.onTheWay.length >= mostOnTheWay) this.onTheWay.shift()!.stop.abort();
    const stop = new AbortController();
    this.onTheWay.push({ turn, stop });
    try {
      const locale = this.form.querySelector<HTMLSelectElement>("#locale")?.value ?? "";
      const query = new URLSearchParams({ text: enough ? text.slice(0, 2000) : "", locale, same: this.same });
      const answer = await fetch(`/capture/similar?${query}`, { signal: stop.signal });
      if (!answer.ok) return;
      const html = await answer.text();
      if (turn < this.shown) return;
      this.shown = turn;
      this.show(html);
      this.region.dataset.turn = String(turn);
    } catch {
      // Without an answer the form works as before; filing says what is similar.
    } finally {
      const at = this.onTheWay.findIndex((q) => q.turn === turn);
      if (at >= 0) this.onTheWay.splice(at, 1);
    }
  }

  private show(html: string): void {
    if (this.region.dataset.html !== html) {
      this.region.dataset.html = html;
      this.region.innerHTML = html;
      this.offer();
      this.answered();
    }
    this.looked(!this.region.querySelector("[data-secret]") && this.text.value.trim() !== "");
  }

  /** What may be said about the chosen theme, "" for nothing. */
  words(): string {
    if (!this.same) return "";
    const item = [...this.region.querySelectorAll<HTMLElement>("[data-theme]")].find((x) => x.dataset.theme === this.same);
    if (item) this.told = item.querySelector(".say")?.textContent ?? "";
    return this.told; // it stays what it was where other words brought other themes
  }

  private offer(): void {
    for (const button of this.region.querySelectorAll<HTMLButtonElement>("[data-copy][hidden]")) button.hidden = false;
    for (const radio of this.region.querySelectorAll<HTMLInputElement>('[name="same"]')) radio.checked = radio.value === this.same;
  }

  private click(event: MouseEvent): void {
    const button = (event.target as HTMLElement).closest<HTMLButtonElement>("[data-copy]");
    if (button) void this.copy(button);
  }

  private changed(event: Event): void {
    const radio = event.target as HTMLInputElement;
    if (radio.name === "same" && radio.checked) this.join(radio);
  }

  /** Alt and a number copies; with Shift it also says that it is this theme. Away
   * from the fields the number alone will do. */
  private key(event: KeyboardEvent): void {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
    const n = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
    if (!n) return;
    const typing = event.target instanceof HTMLElement && event.target.matches("input:not([type=radio]), textarea, select");
    if (!event.altKey && (typing || event.shiftKey)) return;
    const named = `[data-n="${n}"]`;
    const radio = this.region.querySelector<HTMLInputElement>(`[name="same"]${named}`);
    const copy = this.region.querySelector<HTMLButtonElement>(`[data-copy]${named}`);
    if (!radio && !copy) return;
    event.preventDefault();
    if (event.shiftKey && radio) {
      radio.checked = true;
      this.join(radio);
    } else if (copy) void this.copy(copy);
  }

  private join(radio: HTMLInputElement): void {
    const item = radio.closest<HTMLElement>("[data-theme]");
    this.choose(radio.value, item?.dataset.title ?? "");
    const copy = item?.querySelector<HTMLButtonElement>("[data-copy]");
    if (copy) void this.copy(copy);
  }

  private choose(theme: string, title: string): void {
    this.same = theme;
    this.told = "";
    this.joined.hidden = theme === "";
    const said = this.joined.querySelector("span")!;
    said.textContent = (said.dataset.template ?? "{}").replace("{}", title);
    this.offer();
    this.answered();
  }

  /** Where there is no clipboard, the words are marked to be copied by hand. */
  private async copy(button: HTMLButtonElement): Promise<void> {
    const said = document.getElementById(button.dataset.copy ?? "");
    const label = button.querySelector("span");
    if (!said || !label) return;
    try {
      await navigator.clipboard.writeText(said.textContent ?? "");
      label.textContent = this.region.dataset.copied ?? "";
    } catch {
      said.focus();
      getSelection()?.selectAllChildren(said);
      label.textContent = this.region.dataset.select ?? "";
    }
  }
}
