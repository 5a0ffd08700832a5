// A change is shown at once, sent, and taken back visibly when it fails. Undo
// waits for the answer, because only the answer names what to undo.
import { idsOf } from "./rows";
import { show, word } from "./toast";

export interface Answer {
  /** The activity that undo takes. */
  activity?: string;
  /** What happened, in the reader's language. */
  message?: string;
}

export class Refused extends Error {
  constructor(message: string, readonly fields: Record<string, string> = {}) {
    super(message);
  }
}

/** Sends a form as a script does: the server answers JSON, never a page. */
export async function send(action: string, body: URLSearchParams): Promise<Answer> {
  const answer = await fetch(action, { method: "POST", body, headers: { Accept: "application/json" } });
  if (answer.status === 401) location.reload();
  const data = (await answer.json().catch(() => ({}))) as Answer & { errors?: Record<string, string> };
  if (!answer.ok) throw new Refused(data.message ?? word("toast-words", "failed"), data.errors);
  return data;
}

export interface Change {
  action: string;
  body: URLSearchParams;
  rows: HTMLElement[];
  /** What the toast says before the server has answered. */
  message: string;
  /** Called when the rows are back, by failure or by undo. */
  restored(rows: HTMLElement[]): void;
  /** Called when the server has agreed. */
  done(): void;
  /** Called with messages by field when the server refuses. */
  refused?(error: Refused): void;
}

export function perform(change: Change): void {
  for (const row of change.rows) {
    row.classList.add("busy");
    // A live update must not show again what has just been decided.
    row.setAttribute("hx-morph-skip", "");
  }
  const bring = (): void => {
    for (const row of change.rows) {
      row.classList.remove("busy");
      row.removeAttribute("hx-morph-skip");
    }
    tally(change.rows, +1);
    change.restored(change.rows);
  };
  tally(change.rows, -1);
  const sent = send(change.action, change.body);
  const toast = show(change.message, { undo: () => void undo(sent, bring) });
  sent.then(change.done, (error: unknown) => {
    toast.remove();
    bring();
    if (error instanceof Refused) change.refused?.(error);
    show(error instanceof Refused ? error.message : word("toast-words", "offline"), { failed: true });
  });
}

async function undo(sent: Promise<Answer>, bring: () => void): Promise<void> {
  try {
    const { activity } = await sent;
    if (!activity) return;
    await send(`/activities/${encodeURIComponent(activity)}/undo`, new URLSearchParams());
    bring();
    show(word("toast-words", "undone"));
  } catch (error) {
    if (error instanceof Refused) show(error.message, { failed: true });
  }
}

/** Keeps the numbers beside Inbox true while rows go and come back. */
function tally(rows: HTMLElement[], sign: 1 | -1): void {
  const ids = new Set(rows.flatMap(idsOf));
  for (const element of document.querySelectorAll<HTMLElement>('nav a[href="/inbox"] .count, #page-title .count')) {
    const count = Number(element.textContent?.replace(/\D/g, "") ?? 0) + sign * ids.size;
    element.textContent = Math.max(0, count).toLocaleString(document.documentElement.lang);
  }
}
