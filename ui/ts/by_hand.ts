/** byHand lets what is to be said be copied with one press; without a script it is selected and copied. */
export function byHand(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>(".to-tell [data-copy]")) {
    const text = button.closest("li")?.querySelector("pre")?.textContent;
    if (!text || !navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", () => void navigator.clipboard.writeText(text));
  }
}
