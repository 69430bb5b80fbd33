// A report with JavaScript: passages open beside it, and making a file says how far it is.
import { panel } from "./panel.js";

const said = document.getElementById("maken");

async function save(link) {
  const { bezig, klaar, mis } = said.dataset;
  said.textContent = bezig;
  try {
    const response = await fetch(link.href);
    if (!response.ok) throw new Error(response.status);
    const named = /filename="([^"]+)"/.exec(response.headers.get("content-disposition"));
    const file = document.createElement("a");
    file.href = URL.createObjectURL(await response.blob());
    file.download = named?.[1] ?? "";
    file.click();
    setTimeout(URL.revokeObjectURL, 60000, file.href);
    said.textContent = klaar;
  } catch {
    said.textContent = mis;
  }
}

panel();
document.querySelector(".downloads").addEventListener("click", (event) => {
  const link = event.target.closest("a[download]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (said.textContent !== said.dataset.bezig) save(link);
});
