/**
 * While a key of the scale has the focus: 0 to 4 choose that step, Enter goes on to the next open row.
 * Tab and the arrows stay as the browser has them.
 */
export function armKeys(form, { nextOpen }) {
  form.addEventListener("keydown", (event) => {
    const key = event.target;
    if (!key.matches(".scale input") || event.ctrlKey || event.altKey || event.metaKey) return;
    const row = key.closest("[data-cell]");
    const digit = /^(?:Digit|Numpad)([0-4])$/.exec(event.code)?.[1];
    if (digit !== undefined && !event.shiftKey) {
      event.preventDefault();
      choose(row.querySelector(`.scale input[value="${digit}"]`));
    } else if (event.key === "Enter") {
      event.preventDefault();
      goTo(nextOpen(row)) || form.querySelector("button[value='submit']").focus();
    }
  });
  form.querySelector("[data-next]")?.addEventListener("click", (event) => {
    const row = document.activeElement?.closest?.("[data-cell]");
    if (goTo(nextOpen(row))) event.preventDefault();
  });
}

function choose(key) {
  key.checked = true;
  key.focus();
  key.dispatchEvent(new Event("input", { bubbles: true }));
  key.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Puts the focus on a row's scale; returns whether there was a row. */
function goTo(row) {
  if (!row) return false;
  const key = row.querySelector(".scale input:checked") ?? row.querySelector(".scale input");
  key.focus({ preventScroll: true });
  row.scrollIntoView({ block: "center" });
  return true;
}
