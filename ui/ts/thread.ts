// The thread of a suggestion: R goes to the reply, ⌘Enter or Ctrl+Enter sends it,
// and a hint says when its language is not its reader's. Without this the form is
// a form.
import type { Keys } from "./keys";

const han = /\p{Script=Han}/gu;
const latin = /\p{Script=Latin}/gu;

export function thread(keys: Keys): void {
  keys.on("r", (event) => {
    const box = document.querySelector<HTMLTextAreaElement>("textarea[data-reply]");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.scrollIntoView({ block: "center" });
  });
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
    const form = (event.target as HTMLElement).closest<HTMLFormElement>("form[data-send]");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!("send" in form.dataset)) return;
    if (form.dataset.sent) event.preventDefault(); // pressed twice
    form.dataset.sent = "1";
  });
  document.addEventListener("input", (event) => {
    const box = event.target;
    if (box instanceof HTMLTextAreaElement && box.dataset.reply) hint(box);
  });
}

function hint(box: HTMLTextAreaElement): void {
  const note = box.form?.querySelector<HTMLElement>("[data-reply-hint]");
  if (!note) return;
  const chinese = box.value.match(han)?.length ?? 0;
  const letters = box.value.match(latin)?.length ?? 0;
  const writes = 3 * chinese > letters ? "zh" : "en";
  note.hidden = chinese + letters < 4 || writes === box.dataset.reply;
}
