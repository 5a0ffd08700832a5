// Quick capture: what is similar while one writes, one press to copy what may be
// said, and ⌘Enter to file and begin anew. Without a script the same form works.
import { Draft } from "./capture_draft";
import { people } from "./capture_people";
import { Say } from "./capture_say";
import { source } from "./capture_source";
import { show, undoLast } from "./toast";

interface Captured {
  id: string;
  receipt: string;
  message: string;
  undo?: string;
  go?: string; // an emergency: what to read out now
  key: string;
}

interface Refused {
  message?: string;
  errors?: Record<string, string>;
  another?: boolean;
  url?: string;
}

export function capture(): void {
  const form = document.querySelector<HTMLFormElement>("form#capture");
  const region = document.getElementById("similar");
  const text = form?.querySelector<HTMLTextAreaElement>("#text");
  if (form && region && text) new Capture(form, region, text);
}

class Capture {
  private readonly key: HTMLInputElement;
  private readonly button: HTMLButtonElement;
  private readonly say: Say;
  private readonly draft: Draft;
  private readonly person: { forget(): void };
  private sending = false;
  private sent = ""; // what was sent and not answered
  private ready = ""; // the reply as it was filled in

  constructor(
    private readonly form: HTMLFormElement,
    region: HTMLElement,
    private readonly text: HTMLTextAreaElement,
  ) {
    this.key = form.querySelector<HTMLInputElement>('[name="key"]')!;
    this.button = form.querySelector<HTMLButtonElement>("button.primary")!;
    this.draft = new Draft(form);
    this.say = new Say(form, region, text, (clean) => this.draft.keep(clean));
    this.person = people(form, () => {
      this.say.again();
      this.answer();
    });
    this.say.answered = () => this.answer();
    source(form);
    form.addEventListener("keydown", (event) => {
      if (event.isComposing || event.keyCode === 229 || !(event.metaKey || event.ctrlKey)) return;
      // There is nothing to undo in an empty field but the filing that emptied it.
      const back = event.code === "KeyZ" && !event.shiftKey && event.target === text && text.value === "";
      if (event.key !== "Enter" && !back) return;
      event.preventDefault();
      if (back) undoLast();
      else form.requestSubmit(this.button);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send(false);
    });
    document.getElementById("recent")?.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.takeBack(new URL((event.target as HTMLFormElement).action).pathname, new FormData());
    });
    if (this.draft.restore()) this.say.again();
  }

  private async send(another: boolean): Promise<void> {
    if (this.sending) return;
    const data = new FormData(this.form);
    data.delete("same");
    if (this.say.same) data.set("same", this.say.same);
    if (another) data.set("another", "1");
    data.delete("key");
    const words = JSON.stringify([...data].map(([name, value]) => [name, value instanceof File ? `${value.name} ${value.size}` : value]));
    if (this.sent && this.sent !== words) this.key.value = crypto.randomUUID(); // other words are another filing
    data.set("key", this.key.value);
    this.sending = true;
    this.sent = words;
    this.button.setAttribute("aria-busy", "true");
    this.problem("");
    try {
      const answer = await fetch(this.form.action, { method: "POST", headers: { Accept: "application/json" }, body: data });
      const type = answer.headers.get("Content-Type") ?? "";
      const said: unknown = type.includes("json") ? await answer.json() : {};
      if (answer.ok) this.filed(said as Captured, data);
      else this.refused(answer.status, said as Refused);
    } catch {
      this.problem(this.form.dataset.offline ?? "");
    } finally {
      this.sending = false;
      this.button.removeAttribute("aria-busy");
    }
  }

  private filed(c: Captured, data: FormData): void {
    if (c.go) return location.assign(c.go);
    this.clear();
    this.sent = this.ready = "";
    this.key.value = c.key;
    const undo = c.undo ? { undo: () => void this.takeBack(c.undo!, data) } : {};
    show(c.message, undo);
    void this.recent();
  }

  private clear(): void {
    for (const field of this.form.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input:not([type=hidden], [type=radio]), textarea")) field.value = "";
    for (const select of this.form.querySelectorAll("select")) select.selectedIndex = 0;
    this.errors({});
    this.problem("");
    this.person.forget();
    this.say.forget();
    this.draft.drop();
    document.getElementById("conversation")!.textContent = "";
    this.text.focus();
  }

  /** What may be said about the theme it is stands in the reply, as long as there
   * is somebody to read it and the agent has written nothing of their own. */
  private answer(): void {
    const reply = this.form.querySelector<HTMLTextAreaElement>("#reply");
    if (!reply || (reply.value && reply.value !== this.ready)) return;
    const who = ["who", "email", "handle"].some((name) => (this.form.elements.namedItem(name) as HTMLInputElement | null)?.value.trim());
    this.ready = who ? this.say.words() : "";
    reply.value = this.ready;
  }

  /** Takes a filing back and puts its words into the form, if that is empty. */
  private async takeBack(address: string, data: FormData): Promise<void> {
    const answer = await fetch(address, { method: "POST", headers: { Accept: "application/json" } }).catch(() => undefined);
    const said = answer?.headers.get("Content-Type")?.includes("json") ? ((await answer.json()) as { message?: string }) : {};
    show(said.message ?? this.form.dataset.offline ?? "", { failed: !answer?.ok });
    if (!answer?.ok) return;
    if (!this.text.value.trim()) {
      for (const [name, value] of data) {
        const field = this.form.elements.namedItem(name);
        if (typeof value === "string" && name !== "key" && name !== "same" && (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement)) field.value = value;
      }
      this.say.again();
      this.text.focus();
    }
    void this.recent();
  }

  private async recent(): Promise<void> {
    const answer = await fetch("/capture/recent").catch(() => undefined);
    if (answer?.ok) document.getElementById("recent")!.innerHTML = await answer.text();
  }

  private refused(status: number, said: Refused): void {
    if (status === 401) {
      location.assign(`/sign-in?next=${encodeURIComponent("/capture")}`);
      return;
    }
    this.errors(said.errors ?? {});
    this.problem(said.message ?? this.form.dataset.offline ?? "", said);
  }

  private problem(message: string, said: Refused = {}): void {
    const place = document.getElementById("capture-problem")!;
    place.replaceChildren();
    if (!message) return;
    const template = document.querySelector<HTMLTemplateElement>("#capture-problem-template")!;
    const banner = template.content.firstElementChild!.cloneNode(true) as HTMLElement;
    banner.querySelector("span")!.textContent = message;
    const link = banner.querySelector("a")!;
    const button = banner.querySelector("button")!;
    if (said.another) {
      link.hidden = button.hidden = false;
      link.href = said.url ?? "/inbox";
      button.addEventListener("click", () => void this.send(true));
    }
    place.append(banner);
    if (said.another) button.focus();
  }

  /** Marks the fields that are not as they should be, and goes to the first. */
  private errors(errors: Record<string, string>): void {
    for (const old of this.form.querySelectorAll(".field-error")) old.remove();
    for (const field of this.form.querySelectorAll("[aria-invalid]")) {
      field.removeAttribute("aria-invalid");
      field.closest(".field")?.classList.remove("has-error");
    }
    let first: HTMLElement | undefined;
    for (const [name, message] of Object.entries(errors)) {
      const field = this.form.elements.namedItem(name);
      if (!(field instanceof HTMLElement)) continue;
      const said = document.createElement("p");
      said.className = "field-error";
      said.id = `${name}-error`;
      said.textContent = message;
      field.closest(".field")?.classList.add("has-error");
      field.closest(".field")?.append(said);
      field.closest("details")?.setAttribute("open", "");
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", said.id);
      if (!first || field.compareDocumentPosition(first) & Node.DOCUMENT_POSITION_FOLLOWING) first = field;
    }
    first?.focus();
  }
}
