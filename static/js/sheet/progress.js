import { isRaised, valueOf } from "./rows.js";

/**
 * Keeps the counts, the tags and the little cells in step with the controls.
 * Returns the rows, `update()`, and `nextOpen(row)`: the first open row after `row`, or from the top.
 */
export function showProgress(form) {
  const rows = [...form.querySelectorAll("[data-cell]")];
  const cells = [...form.querySelectorAll(".cells-progress li")];
  const next = form.querySelector("[data-next]");

  const update = () => {
    let done = 0;
    rows.forEach((row, index) => {
      const { step, evidence } = valueOf(row);
      const bad = isRaised(row, step) && !evidence.trim() && row.dataset.shown === undefined;
      if (step !== "") done += 1;
      showTag(row.querySelector("[data-tag]"), step, row.dataset.last);
      if (cells[index]) {
        cells[index].className = bad ? "bad" : step === "" ? "" : "on";
        cells[index].textContent = bad ? "!" : "";
      }
    });
    form.querySelector("[data-done]").textContent = done;
    for (const group of form.querySelectorAll("[data-group]")) showGroup(group);
    if (next) next.hidden = done === rows.length;
  };

  const nextOpen = (row) => {
    const at = rows.indexOf(row) + 1;
    return [...rows.slice(at), ...rows.slice(0, at)].find((one) => valueOf(one).step === "");
  };

  form.addEventListener("input", update);
  update();
  return { rows, update, nextOpen };
}

function showTag(tag, step, last) {
  tag.classList.toggle("todo", step === "");
  if (step === "") tag.textContent = "未記入";
  else if (last === "") tag.textContent = "";
  else {
    const change = Number(step) - Number(last);
    tag.textContent = change === 0 ? "昨年から変更なし" : `昨年から${change > 0 ? "＋" : "−"}${Math.abs(change)}`;
  }
}

function showGroup(group) {
  const rows = [...group.querySelectorAll("[data-cell]")];
  const open = rows.filter((row) => valueOf(row).step === "");
  const done = rows.length - open.length;
  group.querySelector("[data-group-done]").textContent = done;
  const same = group.querySelector("button[value^='same:']");
  if (same) same.hidden = !open.some((row) => row.dataset.last !== "");
  const step = document.querySelector(`.steps a[href="#${CSS.escape(group.id)}"] + .state`);
  const state = open.length === 0 ? "完了" : done > 0 ? "記入中" : "未記入";
  if (step) step.textContent = `${state} ${done}／${rows.length}`;
}
