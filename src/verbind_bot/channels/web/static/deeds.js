// What one does with an answer: copy, print, judge without leaving the page.
export function deeds(turn) {
  for (const hidden of turn.querySelectorAll(".alleen-js")) hidden.hidden = false;
  turn.querySelector("[data-print]")?.addEventListener("click", () => window.print());
  turn.querySelector("[data-kopie]")?.addEventListener("click", copy);
  turn.querySelector("[data-oordeel]")?.addEventListener("submit", judge);
}

async function copy(event) {
  const { kopie, gelukt, mislukt } = event.target.dataset;
  const said = event.target.parentElement.querySelector("[role=status]");
  try {
    await navigator.clipboard.writeText(kopie);
    said.textContent = gelukt;
  } catch {
    said.textContent = mislukt;
  }
}

async function judge(event) {
  event.preventDefault();
  const form = event.target;
  const body = { answer_id: form.dataset.oordeel, verdict: event.submitter.value, remark: form.elements.toelichting.value };
  const said = form.querySelector("[role=status]");
  const headers = { "Content-Type": "application/json" };
  const response = await fetch("/api/feedback", { method: "POST", headers, body: JSON.stringify(body) }).catch(() => null);
  const refused = response?.ok ? null : await response?.json().catch(() => null);
  said.textContent = response?.ok ? form.dataset.dank : (refused?.detail ?? form.dataset.mis);
}
