// A pasted address: the server says of which conversation it is, and gives it
// back without what lets somebody in.
interface Source {
  known: boolean;
  address: boolean;
  name: string;
  url: string;
}

export function source(form: HTMLFormElement): void {
  const field = form.querySelector<HTMLInputElement>("#source_url");
  const place = document.getElementById("conversation");
  if (!field || !place) return;
  let turn = 0;
  const read = async (url: string): Promise<Source | undefined> => {
    const answer = await fetch(`/capture/source?${new URLSearchParams({ url })}`).catch(() => undefined);
    return answer?.ok ? ((await answer.json()) as Source) : undefined;
  };
  const recognise = async (url: string): Promise<void> => {
    const mine = ++turn;
    const said = url ? await read(url) : undefined;
    if (mine !== turn || field.value.trim() !== url) return;
    if (said?.address) field.value = said.url;
    place.textContent = said?.known && said.name ? (place.dataset.template ?? "{}").replace("{}", said.name) : "";
  };
  field.addEventListener("change", () => void recognise(field.value.trim()));
  field.addEventListener("paste", () => window.setTimeout(() => void recognise(field.value.trim()), 0));
  // An address alone, pasted among the words, is where they were said.
  form.querySelector("#text")?.addEventListener("paste", (event) => {
    const pasted = (event as ClipboardEvent).clipboardData?.getData("text/plain").trim() ?? "";
    if (!/^https?:\/\/\S+$/i.test(pasted) || field.value) return;
    event.preventDefault();
    field.value = pasted;
    void recognise(pasted);
  });
}
