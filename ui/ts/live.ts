// What is similar, while somebody writes. The region is polite, focus never
// moves, and an answer that comes late never replaces a newer one.
const quietMs = 250;
const shortest = 6;

/** Asks address with the words of the form, and shows the answer in region. */
export function live(form: HTMLFormElement, region: HTMLElement, address: string, words: () => string): void {
  let timer = 0;
  let current: AbortController | undefined;
  let shown = words();

  const ask = async (): Promise<void> => {
    const text = words();
    // Han says more per character, so four of them are worth a question.
    const enough = text.length >= shortest || (text.match(/\p{Script=Han}/gu)?.length ?? 0) >= 4;
    if (text === shown) return;
    shown = text;
    current?.abort();
    if (!enough) {
      region.replaceChildren();
      return;
    }
    current = new AbortController();
    try {
      const query = new URLSearchParams({ text: text.slice(0, 500) });
      const answer = await fetch(`${address}?${query}`, { signal: current.signal });
      if (!answer.ok) return;
      const html = await answer.text();
      if (html !== region.innerHTML) region.innerHTML = html;
    } catch {
      // Without an answer the form works as before; after Send the server asks.
    }
  };
  const soon = (): void => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void ask(), quietMs);
  };
  form.addEventListener("input", (event) => {
    if (!(event as InputEvent).isComposing) soon();
  });
  form.addEventListener("compositionend", soon);
}
