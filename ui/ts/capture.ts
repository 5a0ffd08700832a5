// Quick capture: what is similar while one writes, one press to copy what may be
// said, and ⌘Enter to file. The server clears the form by showing an empty one.
import { live } from "./live";

export function capture(): void {
  const form = document.querySelector<HTMLFormElement>("form#capture");
  const region = document.getElementById("similar");
  const text = form?.querySelector<HTMLTextAreaElement>("#text");
  if (!form || !region || !text) return;
  live(form, region, "/capture/similar", () => text.value.trim());
  form.addEventListener("keydown", (event) => {
    if (event.isComposing || event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector<HTMLButtonElement>("button.primary"));
  });
  form.addEventListener("submit", () => form.querySelector("button.primary")?.setAttribute("aria-busy", "true"));
  const offer = (): void => {
    for (const button of region.querySelectorAll<HTMLButtonElement>("[data-copy][hidden]")) button.hidden = !navigator.clipboard;
  };
  new MutationObserver(offer).observe(region, { childList: true, subtree: true });
  offer();
  region.addEventListener("click", (event) => {
    const button = (event.target as HTMLElement).closest<HTMLButtonElement>("[data-copy]");
    const words = button && document.getElementById(button.dataset.copy ?? "")?.textContent;
    if (!button || !words) return;
    void navigator.clipboard.writeText(words).then(() => {
      button.querySelector("span:last-child")!.textContent = button.dataset.copied ?? "";
    });
  });
}
