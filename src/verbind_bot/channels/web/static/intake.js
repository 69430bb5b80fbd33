// Asks a question halfway without leaving the page; without this script the form does the same with a new page.
import { panel } from "./panel.js";

panel();
const button = document.getElementById("vraagknop");
const field = document.getElementById("vraag");
const place = document.getElementById("antwoord");

async function ask() {
  const data = new URLSearchParams({ vraag: field.value });
  place.replaceChildren(button.dataset.bezig);
  button.setAttribute("aria-disabled", "true");
  try {
    // Refusals come as a page only to who asks for one.
    const headers = { Accept: "text/html" };
    const response = await fetch(button.formAction.split("#")[0], { method: "POST", headers, body: data });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const found = page.getElementById("antwoord");
    const fault = page.getElementById("vraagfout") ?? page.querySelector("main .fout");
    if (found?.childElementCount) {
      place.replaceChildren(...found.childNodes);
      place.focus();
    } else {
      place.replaceChildren(fault?.textContent.trim() ?? button.dataset.mis);
    }
  } catch {
    place.replaceChildren(button.dataset.weg);
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

button?.addEventListener("click", (event) => {
  event.preventDefault();
  if (button.getAttribute("aria-disabled") !== "true") ask();
});
