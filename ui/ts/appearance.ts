// Appearance changes at once and is then remembered by the server, which sets
// the class of <html> on the next page, so that no page flashes.
export function appearance(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.matches("[data-appearance]")) return;
    const button = event.submitter as HTMLButtonElement | null;
    if (!button?.value) return;
    event.preventDefault();
    document.documentElement.classList.remove("system", "light", "dark");
    document.documentElement.classList.add(button.value);
    for (const other of form.querySelectorAll("button")) other.removeAttribute("aria-current");
    button.setAttribute("aria-current", "true");
    void fetch(form.action, {
      method: "POST",
      body: new URLSearchParams({ appearance: button.value, next: location.pathname }),
      redirect: "manual",
    }).catch(() => {
      // The choice holds for this page; the next one follows the stored choice.
    });
  });
}
