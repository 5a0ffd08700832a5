// One place decides whether a key press is a command. While someone types,
// composes with an input method or answers a dialog, it never is. Single
// letters match the physical key, so Chinese input modes work.
export type Command = (event: KeyboardEvent) => void;

const sequenceMs = 1000;

export class Keys {
  private readonly commands = new Map<string, Command>();
  private prefix = "";
  private prefixAt = 0;

  constructor() {
    document.addEventListener("keydown", (event) => this.handle(event));
  }

  /** Binds "j", "shift+j", "?", "/", "1", "Enter", "Escape" or a sequence "g i". */
  on(key: string, command: Command): void {
    this.commands.set(key, command);
  }

  private handle(event: KeyboardEvent): void {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    const name = keyName(event);
    const sequence = this.prefix && event.timeStamp - this.prefixAt < sequenceMs ? `${this.prefix} ${name}` : "";
    this.prefix = "";
    const command = (sequence && this.commands.get(sequence)) || this.commands.get(name);
    if (command) {
      command(event);
      return;
    }
    if ([...this.commands.keys()].some((key) => key.startsWith(`${name} `))) {
      this.prefix = name;
      this.prefixAt = event.timeStamp;
    }
  }
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && target.type !== "checkbox" && target.type !== "radio";
}

function keyName(event: KeyboardEvent): string {
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  if (letter) return (event.shiftKey ? "shift+" : "") + letter.toLowerCase();
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code)?.[1];
  if (digit && !event.shiftKey) return digit;
  // Layouts place ? and / differently; a full-width mark comes from an input
  // method that does not compose.
  if (event.key === "？") return "?";
  if (event.key === "／" || event.key === "、") return "/";
  return event.key;
}
