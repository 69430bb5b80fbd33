// A citation opens its passage beside the answer, and shows its quote on hover and on keyboard focus.
const LINKS = "a.cite, a[data-passage]";

// The source that an [n] stands for, in the list below the answer.
const sourceOf = (cite) => document.getElementById(cite.dataset.bron ? `bron-${cite.dataset.bron}` : cite.hash.slice(1));

export function panel() {
  const aside = document.getElementById("paneel");
  if (!aside) return;
  let opener = null;
  document.addEventListener("click", (event) => {
    const link = event.target.closest(LINKS);
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (!aside.contains(link)) opener = link;
    const target = link.matches(".cite") ? sourceOf(link)?.querySelector("[data-passage]") : link;
    show(aside, (target ?? link).href);
  });
  const close = () => {
    aside.hidden = true;
    opener?.focus();
  };
  document.getElementById("sluit").addEventListener("click", close);
  aside.addEventListener("keydown", (event) => event.key === "Escape" && close());
  // On a narrow screen it lies over the page: it goes away with the focus, so that it hides nothing that has it.
  aside.addEventListener("focusout", ({ relatedTarget: next }) => {
    if (next && !aside.contains(next) && getComputedStyle(aside).position === "fixed") aside.hidden = true;
  });
  previews();
}

async function show(aside, href) {
  const place = document.getElementById("passage");
  const address = new URL(href);
  address.searchParams.set("deel", "1");
  hide();
  try {
    const response = await fetch(address);
    if (!response.ok) throw new Error(response.status);
    place.innerHTML = await response.text(); // made and escaped by our server
  } catch {
    location.assign(href);
    return;
  }
  aside.hidden = false;
  place.querySelector("[data-kop]").focus({ preventScroll: true });
  aside.scrollTop = 0;
  const below = place.querySelector("mark")?.getBoundingClientRect().bottom - aside.getBoundingClientRect().bottom;
  if (below > 0) aside.scrollTop = below + aside.clientHeight / 2;
}

let tip = null;
let shownFor = null;

function hide() {
  tip?.remove();
  shownFor?.removeAttribute("aria-describedby");
  tip = shownFor = null;
}

function preview(link) {
  const source = sourceOf(link);
  if (!source || shownFor === link) return;
  hide();
  tip = document.createElement("div");
  tip.id = "voorproef";
  tip.className = source.className; // whose words these are looks the same everywhere
  tip.setAttribute("role", "tooltip");
  tip.append(...[...source.querySelectorAll(".zegt, blockquote")].map((part) => part.cloneNode(true)));
  document.body.append(tip);
  const box = link.getBoundingClientRect();
  const left = Math.min(box.left, document.documentElement.clientWidth - tip.offsetWidth - 8);
  const below = box.bottom + tip.offsetHeight < window.innerHeight;
  const top = below ? box.bottom : box.top - tip.offsetHeight;
  tip.style.left = `${Math.max(8, left) + window.scrollX}px`;
  tip.style.top = `${top + window.scrollY}px`;
  shownFor = link;
  link.setAttribute("aria-describedby", "voorproef");
}

// The preview stays while the mouse is on it or the keyboard on its link, and Escape takes it away.
function previews() {
  const over = (event) => event.target.closest?.("a.cite");
  document.addEventListener("mouseover", (event) => {
    const link = over(event);
    if (link) preview(link);
    else if (tip && !tip.contains(event.target) && !shownFor.matches(":focus-visible")) hide();
  });
  document.addEventListener("focusin", (event) => {
    const link = over(event);
    if (link?.matches(":focus-visible")) preview(link);
    else hide();
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
}
