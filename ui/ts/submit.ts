// Live duplicates while a suggestion is written. The region is polite, focus
// never moves, and an answer that comes late never replaces a newer one.
const quietMs = 250;
const shortest = 6;

export function submit(): void {
  const form = document.querySelector<HTMLFormElement>("[data-suggest]");
  const region = document.getElementById("similar");
  const title = form?.querySelector<HTMLInputElement>("#title");
  const text = form?.querySelector<HTMLTextAreaElement>("#text");
  if (!form || !region || !title || !text) return;

  let timer = 0;
  let current: AbortController | undefined;
  let shown = "";

  const ask = async (): Promise<void> => {
    const words = `${title.value.trim()}\n${text.value.trim()}`.trim();
    // Han says more per character, so four of them are worth a question.
    const enough = words.length >= shortest || (words.match(/\p{Script=Han}/gu)?.length ?? 0) >= 4;
    if (words === shown) return;
    shown = words;
    current?.abort();
    if (!enough) {
      region.replaceChildren();
      return;
    }
    current = new AbortController();
    try {
      const query = new URLSearchParams({ text: words.slice(0, 500) });
      const answer = await fetch(`/similar-fragment?${query}`, { signal: current.signal });
      if (!answer.ok) return;
      const html = await answer.text();
      if (html !== region.innerHTML) region.innerHTML = html;
    } catch {
      // Without an answer the form works as before; after Send the server asks.
    }
  };
  form.addEventListener("input", (event) => {
    if ((event as InputEvent).isComposing) return;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void ask(), quietMs);
  });
  form.addEventListener("compositionend", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void ask(), quietMs);
  });
  form.addEventListener("submit", () => {
    form.querySelector<HTMLButtonElement>("button.primary")?.setAttribute("aria-busy", "true");
  });
}
