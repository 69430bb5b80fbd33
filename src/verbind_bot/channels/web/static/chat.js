// The conversation with JavaScript: streamed answers, the passage beside them, previews. Without it the forms do.
import { follow, Refused } from "./events.js";
import { panel } from "./panel.js";
import { deeds } from "./deeds.js";

const form = document.getElementById("vraagformulier");
const talk = document.getElementById("gesprek");

async function ask(question, spoken) {
  const { bezig, schrijft, er, mislukt } = form.dataset;
  const progress = document.getElementById("voortgang");
  const button = form.querySelector("button");
  const pending = document.createElement("article");
  pending.className = "antwoord status-answered";
  pending.setAttribute("aria-busy", "true");
  pending.appendChild(document.createElement("h2")).textContent = question;
  const card = pending.appendChild(document.createElement("div"));
  card.className = "doos";
  const status = document.createElement("p");
  status.className = "bezig";
  status.textContent = progress.textContent = bezig;
  card.append(status);
  if (spoken) form.elements.vraag.value = "";
  document.getElementById("fout")?.remove();
  // What goes away goes at once, and the new turn has its room already: so nothing moves while the answer comes in.
  const chips = document.querySelectorAll(".verder");
  for (const old of chips) old.hidden = true;
  for (const last of document.querySelectorAll(".vers")) last.classList.remove("vers");
  talk.append(pending);
  pending.scrollIntoView({ block: "start" });
  button.disabled = true;
  try {
    const body = new URLSearchParams({ vraag: question, gesprek: form.elements.gesprek.value });
    await follow("/", body, (name, data) => {
      if (name === "sentence") {
        const said = document.createElement("p");
        said.lang = "nl";
        said.textContent = `${data.text} ${data.citations.map((n) => `[${n}]`).join(" ")}`;
        status.before(said);
        status.textContent = schrijft;
      }
      if (name === "html") place(pending, data);
      if (name === "error") throw new Refused(data.detail);
    });
    if (pending.isConnected) throw new Error(mislukt);
    progress.textContent = er;
  } catch (error) {
    pending.remove();
    for (const old of chips) old.hidden = false;
    progress.textContent = "";
    const said = error instanceof Refused && error.message;
    fail(said || mislukt, question, said ? "nl" : document.documentElement.lang);
  } finally {
    button.disabled = false;
  }
}

// The server made this HTML, with everything escaped.
function place(pending, data) {
  for (const old of document.querySelectorAll(".verder")) old.remove();
  const holder = document.createElement("template");
  holder.innerHTML = data.html;
  const turn = holder.content.querySelector("article");
  turn.classList.add("vers");
  pending.replaceWith(turn);
  deeds(turn);
  form.elements.gesprek.value = data.conversation ?? "";
  document.getElementById("nieuw").hidden = false;
  document.getElementById("stand")?.remove();
  form.querySelector("label").textContent = form.dataset.verder;
  if (data.kept) history.replaceState(null, "", `/gesprekken/${data.conversation}`);
  const title = turn.querySelector("h2");
  document.title = `${title.textContent} – ${document.querySelector(".kop .naam").textContent}`;
  if (form.elements.vraag.value) return; // somebody types on: leave them there
  title.focus({ preventScroll: true });
  turn.scrollIntoView({ block: "start" });
}

function fail(text, question, spoken) {
  const box = document.createElement("p");
  box.className = "melding fout";
  box.id = "fout";
  box.lang = spoken;
  box.setAttribute("role", "alert");
  form.before(box);
  box.textContent = text;
  form.elements.vraag.value ||= question;
  form.elements.vraag.setAttribute("aria-describedby", "fout");
  form.elements.vraag.focus();
}

function listen() {
  // Enter sends, as in any chat; Shift+Enter makes a new line, and an input method may use Enter itself.
  form.elements.vraag.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (!form.querySelector("button").disabled) form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!form.querySelector("button").disabled) ask(form.elements.vraag.value, true);
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches(".chips") || !event.submitter) return;
    event.preventDefault();
    if (!form.querySelector("button").disabled) ask(event.submitter.value, false);
  });
}

// While the model loads: say how far it is, and show the whole page when it is there.
async function wait(line) {
  const answer = await fetch("/readyz").catch(() => null);
  const state = await answer?.json().catch(() => null); // a proxy in between answers with a page
  if (state?.status === "ready") {
    if (form.elements.vraag.value.trim()) line.textContent = line.dataset.klaar;
    else location.reload();
    return;
  }
  const shown = line.querySelector("[data-stand]");
  if (state?.detail && shown.textContent !== state.detail) shown.textContent = state.detail;
  setTimeout(wait, 3000, line); // also after a failure: the server goes on trying
}

panel();
for (const turn of document.querySelectorAll(".antwoord")) deeds(turn);
if (form) listen();
const line = document.getElementById("stand");
if (line) wait(line);
