import { setValue, wordsOf } from "./rows.js";

/** Whether the row still waits for a choice. */
export const isUndecided = (row) => row.querySelector("[data-conflict]") !== null;

/** Shows both texts of a row with the choice between them; `both` is what the server answered. */
export function showConflict(form, row, both) {
  const code = row.dataset.cell;
  row.querySelector("[data-conflict]")?.remove();
  const box = document.querySelector("template[data-conflict-template]").content.firstElementChild.cloneNode(true);
  box.id = `conflict-${code}`;
  box.dataset.theirsStep = both.theirs.step ?? "";
  box.querySelector("input[type='hidden']").name = `undecided-${code}`;
  for (const button of box.querySelectorAll("[data-keep]")) button.value = `${button.dataset.keep}:${code}`;
  const name = row.querySelector("[data-name]").textContent;
  for (const hidden of box.querySelectorAll(".hidden")) hidden.textContent = `（${name}）`;
  box.querySelector("[data-mine-words]").textContent = both.mine.words;
  box.querySelector("[data-mine-evidence]").textContent = both.mine.evidence;
  box.querySelector("[data-theirs-words]").textContent = both.theirs.words;
  box.querySelector("[data-theirs-evidence]").textContent = both.theirs.evidence;
  const base = form.elements[`base-${code}`];
  base.value = both.base;
  base.before(box);
  row.classList.add("has-error");
}

/** Calls `decided(row, whose)` when one of the two texts is chosen; "theirs" is put into the controls first. */
export function armChoices(form, decided) {
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-keep]");
    if (!button) return;
    event.preventDefault();
    const row = button.closest("[data-cell]");
    const box = button.closest("[data-conflict]");
    if (button.dataset.keep === "theirs") {
      const evidence = box.querySelector("[data-theirs-evidence]").textContent;
      setValue(row, { step: box.dataset.theirsStep, evidence });
    }
    box.remove();
    row.classList.remove("has-error");
    (row.querySelector(".scale input:checked") ?? row.querySelector(".scale input")).focus();
    decided(row, button.dataset.keep);
  });
  // What is typed while the choice is open belongs to this screen's text.
  form.addEventListener("input", (event) => {
    const row = event.target.closest("[data-cell]");
    const box = row?.querySelector("[data-conflict]");
    if (!box) return;
    box.querySelector("[data-mine-words]").textContent = wordsOf(row);
    box.querySelector("[data-mine-evidence]").textContent = row.querySelector("textarea").value;
  });
}
