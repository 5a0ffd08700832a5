// Live duplicates while a suggestion is written on the portal.
import { live } from "./live";

export function submit(): void {
  const form = document.querySelector<HTMLFormElement>("[data-suggest]");
  const region = document.getElementById("similar");
  const title = form?.querySelector<HTMLInputElement>("#title");
  const text = form?.querySelector<HTMLTextAreaElement>("#text");
  if (!form || !region || !title || !text) return;
  live(form, region, "/similar-fragment", () => `${title.value.trim()}\n${text.value.trim()}`.trim());
  form.addEventListener("submit", () => {
    form.querySelector<HTMLButtonElement>("button.primary")?.setAttribute("aria-busy", "true");
  });
}
