// The desk of 体系の編集. Without this every button sends the form and the page comes back at the same mark.
import { parsed } from "./inert.js";

const desk = document.querySelector("[data-desk]");
const cellForm = document.querySelector("[data-cell-form]");

/** Sends one act and puts the answer in the place of the matrix; what is closed stays closed, focus stays. */
async function send(form, button) {
  const closed = [...form.querySelectorAll("details:not([open])")].map((one) => one.id);
  const chosen = [...form.querySelectorAll("input[name=cell]:checked")].map((one) => one.dataset.key);
  const body = new FormData(form, button);
  const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin" });
  const page = parsed(await answer.text());
  const fresh = page.querySelector("[data-desk]");
  // 409 brings the matrix as it is now, with a sentence; anything else is a page of its own.
  if (!fresh) {
    const main = page.querySelector("main");
    if (!main) return form.submit();
    document.querySelector("main").replaceWith(main);
    main.focus();
    return undefined;
  }
  for (const id of closed) fresh.querySelector(`#${CSS.escape(id)}`)?.removeAttribute("open");
  if (button.value !== "confirm") {
    for (const key of chosen) {
      const box = fresh.querySelector(`[data-key="${CSS.escape(key)}"]`);
      if (box) box.checked = true;
    }
  }
  const top = window.scrollY;
  document.querySelector(".page-head").replaceWith(page.querySelector(".page-head"));
  // What was told before is over; what this act tells is said aloud below.
  const told = page.querySelector(".messages");
  document.querySelector(".messages")?.remove();
  document.querySelector("[data-desk]").replaceWith(fresh);
  arm(fresh);
  window.scrollTo(window.scrollX, top);
  focusOn(fresh, button.dataset.key);
  const said = told?.textContent.replace(/\s+/g, " ").trim();
  // Where the button is, for that is where the eyes are.
  const place = fresh.querySelector(`[data-key="${CSS.escape(button.dataset.key)}"]`);
  if (told) (place ?? fresh.querySelector(".desk-foot *")).closest(".moves, .desk-tools, .desk-foot").before(told);
  fresh.querySelector("[data-desk-said]").textContent = said || `${button.getAttribute("aria-label")}動かしました。`;
  return undefined;
}

/** Puts the focus where it was; where that button can do no more, on the one beside it. */
function focusOn(form, key) {
  const button = form.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const usable = button?.disabled ? button.parentElement.querySelector("button:enabled, input") : button;
  usable?.focus({ preventScroll: true });
  usable?.scrollIntoView({ block: "nearest" });
}

function arm(form) {
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button?.dataset.key) return;
    event.preventDefault();
    // A second press before the answer would carry a lock that is no longer right.
    if (form.hasAttribute("aria-busy")) return;
    form.setAttribute("aria-busy", "true");
    send(form, button).catch(() => {
      form.removeAttribute("aria-busy");
      button.removeAttribute("data-key");
      form.requestSubmit(button);
    });
  });
}

/** Shows beside the form what the sheet will say, while it is written. */
function preview(form) {
  const shown = document.querySelector("[data-preview]");
  const put = (name, text) => {
    const place = shown.querySelector(`[data-show="${name}"]`);
    if (place) place.textContent = text;
  };
  const draw = () => {
    put("task", form.elements.task.value);
    put("example", form.elements.example.value);
    put("area", form.elements.area.selectedOptions[0]?.textContent ?? "");
    const stage = form.querySelector("input[name=stage]:checked");
    put("stage", stage?.labels[0]?.textContent.trim() ?? "");
    const rank = [...form.querySelectorAll("input[name=stage]")].indexOf(stage);
    if (rank >= 0) shown.querySelector("use").setAttribute("href", `#i-stage${rank + 1}`);
    shown.querySelector("[data-show-bar]").hidden = !form.elements.task.value;
    for (const box of form.querySelectorAll("[data-wording]")) {
      put(box.name, box.value || "（文なし）");
    }
  };
  form.addEventListener("input", draw);
  draw();
}

if (desk) arm(desk);
if (cellForm) preview(cellForm);
