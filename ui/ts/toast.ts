// Toasts: what happened, and for eight seconds the way back. The clock stops
// while the pointer or the focus is on one.
const lifeMs = 8000;
const most = 3;

export interface Toast {
  remove(): void;
}

/** The way back that the Z key takes; the newest toast owns it. */
let back: (() => void) | undefined;

export function undoLast(): void {
  const run = back;
  back = undefined;
  run?.();
}

export function show(message: string, options: { undo?: () => void; failed?: boolean } = {}): Toast {
  const template = document.querySelector<HTMLTemplateElement>("#toast-template");
  const region = document.getElementById("toasts");
  const element = template?.content.firstElementChild?.cloneNode(true) as HTMLElement | undefined;
  if (!element || !region) return { remove() {} };
  element.querySelector("span")!.textContent = message;
  element.classList.toggle("toast-failed", options.failed ?? false);
  const button = element.querySelector("button")!;
  const undo = (): void => {
    remove();
    options.undo?.();
  };
  const remove = (): void => {
    element.remove();
    if (back === undo) back = undefined;
  };
  if (options.undo) {
    back = undo;
    button.hidden = false;
    button.addEventListener("click", undo);
  }
  region.append(element);
  while (region.childElementCount > most) region.firstElementChild?.remove();
  expire(element, remove);
  return { remove };
}

function expire(element: HTMLElement, remove: () => void): void {
  let left = lifeMs;
  let since = Date.now();
  let timer = window.setTimeout(remove, left);
  const pause = (): void => {
    window.clearTimeout(timer);
    left -= Date.now() - since;
  };
  const resume = (): void => {
    window.clearTimeout(timer);
    since = Date.now();
    timer = window.setTimeout(remove, Math.max(left, 1000));
  };
  element.addEventListener("pointerenter", pause);
  element.addEventListener("pointerleave", resume);
  element.addEventListener("focusin", pause);
  element.addEventListener("focusout", resume);
}

/** Takes over a toast the server rendered: it leaves by itself, and Z works. */
export function adopt(): void {
  for (const element of document.querySelectorAll<HTMLElement>("#toasts > [data-toast]:not([data-adopted])")) {
    element.dataset.adopted = "";
    const form = element.querySelector<HTMLFormElement>("form[data-undo]");
    const undo = form ? () => form.requestSubmit() : undefined;
    if (undo) back = undo;
    expire(element, () => {
      element.remove();
      if (back === undo) back = undefined;
    });
  }
}

export function word(id: string, name: string): string {
  return document.getElementById(id)?.dataset[name] ?? "";
}
