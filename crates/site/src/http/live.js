// Fetches parts of the page anew: those with `data-part` (where from) every `data-every` seconds while the page is seen,
// and all of them when it is looked at again or something was done. Without this script the page shows the same, and its
// forms work.
"use strict";
document.documentElement.classList.add("live");

const shown = new Map(); // by id: what the server sent last
const due = new Map(); // by id: when to ask again
const answered = new Map(); // by id: the question whose answer is shown
let questions = 0;
const said = document.getElementById("said");
const warning = document.getElementById("alert");

async function refresh(part) {
  due.set(part.id, Infinity);
  const question = ++questions;
  try {
    const answer = await fetch(part.dataset.part, { headers: { "X-Live": "1" } });
    if (!answer.ok) throw new Error(await words(answer));
    const text = await answer.text();
    // Two may be under way. What was asked earlier and comes later is old, and what it was asked for is not there any more.
    if (question > (answered.get(part.id) ?? 0)) {
      answered.set(part.id, question);
      show(document.getElementById(part.id) ?? part, text);
    }
    if (warning.dataset.why === "away") tell("");
  } catch (error) {
    tell(error instanceof TypeError ? "The lab's page does not answer. Is the scenario still up? make status" : error.message, "away");
  }
  const now = document.getElementById(part.id);
  due.set(part.id, Date.now() + 1000 * (Number(now?.dataset.every) || Infinity));
}

// Puts what is new in place, and leaves alone what the reader is at: focus, scrolling, open details, a half-written text.
function show(part, text) {
  if (shown.get(part.id) === text) return;
  const at = document.activeElement;
  if (part.contains(at) && at.matches("textarea, input, select") || part.querySelector("[data-unsaved]")) return;
  const template = document.createElement("template");
  template.innerHTML = text;
  const fresh = template.content.firstElementChild;
  if (!fresh) return;
  for (const open of part.querySelectorAll("details[id]")) {
    const same = fresh.querySelector("#" + CSS.escape(open.id));
    if (same) same.open = open.open;
  }
  const typed = part.querySelector("[name=given]"), same = fresh.querySelector("[name=given]");
  if (typed && same) same.value = typed.value;
  const scrolled = [...part.querySelectorAll("[data-scroll]")].map((box) => [box.id, box.scrollTop, box.scrollTop + box.clientHeight >= box.scrollHeight - 4]);
  const focused = part.contains(at) ? at.id : "";
  part.replaceWith(fresh);
  for (const [id, top, atEnd] of scrolled) {
    const box = document.getElementById(id);
    if (box) box.scrollTop = atEnd ? box.scrollHeight : top;
  }
  // What had the focus may be gone: "Start" becomes "Stop".
  if (focused) (document.getElementById(focused) ?? fresh.querySelector("button, a"))?.focus({ preventScroll: true });
  const plot = pointed && [...fresh.querySelectorAll("svg.plot[data-top]")].find((plot) => plot.getAttribute("aria-label") === pointed.name);
  if (plot) read(plot, pointed.x);
  shown.set(fresh.id, text);
  // What ran has ended: a table can be filled now, or a hint be given.
  if (part.querySelector("[id^=stop-]") && !fresh.querySelector("[id^=stop-]")) tick(true);
  if (fresh.dataset.say && fresh.dataset.say !== part.dataset.say) said.textContent = fresh.dataset.say;
}

async function words(answer) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return (page.querySelector("main") ?? page.body).textContent || answer.statusText;
}

function tell(message, why = "") {
  warning.textContent = message;
  warning.dataset.why = why;
}

function tick(all) {
  if (document.hidden) return;
  for (const part of document.querySelectorAll("[data-part]")) {
    const first = Date.now() + 1000 * (Number(part.dataset.every) || Infinity);
    if (!due.has(part.id)) due.set(part.id, first);
    if (due.get(part.id) !== Infinity ? all === true || due.get(part.id) <= Date.now() : all === true) refresh(part);
  }
}

async function send(form, button, keepalive = false) {
  const body = new URLSearchParams(new FormData(form, button));
  const answer = await fetch(form.action, { method: "POST", body, keepalive, headers: { "X-Live": "1" } });
  const version = answer.headers.get("X-Version");
  if (version) for (const was of form.parentElement.querySelectorAll("[name=was]")) was.value = version;
  if (!answer.ok) throw Object.assign(new Error(await words(answer)), { changed: version });
  tell("");
}

// An answer is saved a second after the last key. Once the file says something else, only its button does.
async function save(form, byHand = false) {
  const { text } = form.elements, state = form.querySelector(".state"), sent = text.value;
  clearTimeout(text.wait);
  if (text.conflict && !byHand) return;
  try {
    await send(form, null, true);
    text.conflict = false;
    if (text.value === sent) delete text.dataset.unsaved;
    state.textContent = "Saved in the lesson's file";
  } catch (error) {
    text.conflict = Boolean(error.changed);
    state.textContent = "Not saved";
    tell(error.message);
  }
}

// One after the other: each says which version it has seen.
function saveTable(form) {
  return form.saving = (form.saving ?? Promise.resolve()).then(async () => {
    const sent = [...form.querySelectorAll("[data-unsaved]")].map((cell) => [cell, cell.value]);
    try {
      await send(form, null, true);
      for (const [cell, value] of sent) if (cell.value === value) delete cell.dataset.unsaved;
    } catch (error) {
      tell(error.message);
    }
  });
}

document.addEventListener("input", ({ target }) => {
  if (target.matches(".cells input, #guess")) target.dataset.unsaved = "";
  if (!target.matches(".answer textarea")) return;
  target.dataset.unsaved = "";
  clearTimeout(target.wait);
  target.wait = setTimeout(save, 1000, target.form);
});
document.addEventListener("change", ({ target }) => {
  if (target.matches(".answer textarea")) save(target.form);
  if (target.matches(".cells input")) saveTable(target.form);
});
window.addEventListener("pagehide", () => document.querySelectorAll("[data-unsaved]").forEach(({ form }) => form.matches(".cells") ? saveTable(form) : form.matches(".answer") && save(form)));
document.addEventListener("submit", async (event) => {
  const { target: form, submitter: button } = event;
  if (form.method !== "post") return;
  event.preventDefault();
  if (form.matches(".answer")) return save(form, true);
  if (form.matches(".cells")) return saveTable(form);
  // A second click while the first is on its way says nothing new.
  const clicked = button ?? form;
  if (clicked.ariaBusy === "true") return;
  clicked.ariaBusy = "true";
  try {
    await send(form, button);
    if ("reload" in form.dataset) return location.reload();
    const field = form.querySelector("input[data-unsaved]");
    if (field) delete field.dataset.unsaved, field.blur();
    if (form.matches(".given")) document.activeElement?.blur();
    if (button?.matches(".tick")) button.ariaChecked = String(button.ariaChecked !== "true");
    // First where it was done: on a busy machine the others take a while.
    const part = form.closest("[data-part]");
    if (part) await refresh(part);
    tick(true);
  } catch (error) {
    tell(error.message);
  } finally {
    clicked.ariaBusy = null;
  }
});
document.addEventListener("click", async ({ target }) => {
  if (!target.matches(".copy")) return;
  await navigator.clipboard.writeText(target.closest("figure").querySelector("code").textContent);
  target.textContent = "Copied";
  setTimeout(() => (target.textContent = "Copy"), 2000);
});
// The end of an output says what was found.
for (const box of document.querySelectorAll("[data-scroll]")) box.scrollTop = box.scrollHeight;

// Which section of the lesson is read: the last whose heading is above the upper part of the window.
const links = new Map(); // by heading: the links to it
for (const link of document.querySelectorAll(".toc a")) {
  const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (heading) links.set(heading, [...(links.get(heading) ?? []), link]);
}
function markSection() {
  const headings = [...links.keys()];
  const here = headings.findLast((heading) => heading.getBoundingClientRect().top < 160) ?? headings[0];
  for (const [heading, its] of links) for (const link of its) heading === here ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
  document.querySelector(".contents .here").textContent = here.textContent;
}
if (links.size) {
  document.addEventListener("scroll", markSection, { passive: true });
  document.querySelector(".contents").addEventListener("click", ({ target, currentTarget }) => target.matches("a") && (currentTarget.open = false));
  markSection();
}

// The values of a plot under the pointer, or where the arrow keys have led.
let pointed = null; // the plot's name, and where in it

function read(plot, x) {
  const { left, right, zero, highest, from, to, top } = Object.fromEntries(Object.entries(plot.dataset).map(([name, value]) => [name, Number(value)]));
  const at = Math.min(Math.max(x, left), right);
  const values = [...plot.querySelectorAll("path.line[data-name]")].map((line) => {
    const points = [...line.getAttribute("d").matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(([, px, py]) => [Number(px), Number(py)]);
    const nearest = points.reduce((best, point) => (best && Math.abs(best[0] - at) <= Math.abs(point[0] - at) ? best : point), null);
    if (!nearest || Math.abs(nearest[0] - at) > 8) return null;
    const value = ((zero - nearest[1]) / (zero - highest)) * top;
    return `${line.dataset.name.replace(/ \S+( \S+)?$/, "")} ${value.toLocaleString("en", { maximumSignificantDigits: 3 })}`;
  });
  let line = plot.querySelector(".pointer");
  if (!line) {
    line = plot.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path"));
    line.setAttribute("class", "pointer");
  }
  line.setAttribute("d", `M${at} ${highest}V${zero}`);
  const second = Math.round(from + ((at - left) / (right - left)) * (to - from));
  plot.closest("figure").querySelector(".reading").textContent = `${second} s: ${values.filter(Boolean).join(", ") || "no value"}`;
  pointed = { name: plot.getAttribute("aria-label"), x: at };
}

document.addEventListener("pointermove", ({ target, clientX }) => {
  const plot = target.closest?.("svg.plot[data-top]");
  if (!plot) return;
  const box = plot.getBoundingClientRect();
  read(plot, ((clientX - box.left) * plot.viewBox.baseVal.width) / box.width);
});
document.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const plot = event.target.closest?.("svg.plot[data-top]");
  if (!plot || !step) return;
  event.preventDefault();
  const is = pointed?.name === plot.getAttribute("aria-label");
  read(plot, (is ? pointed.x : Number(plot.dataset.right)) + step * 4);
});
document.addEventListener("visibilitychange", () => tick(true));
window.addEventListener("focus", () => tick(true));
setInterval(tick, 250);
