/** What stands in the controls of a row: the step as text ("" for open) and the evidence. */
export function valueOf(row) {
  return {
    step: row.querySelector(".scale input:checked")?.value ?? "",
    evidence: row.querySelector("textarea").value,
  };
}

/** What the page came with, whatever the browser has put into the controls since. */
export function loadedValueOf(row) {
  const checked = [...row.querySelectorAll(".scale input")].find((key) => key.defaultChecked);
  return { step: checked?.value ?? "", evidence: row.querySelector("textarea").defaultValue };
}

/** Puts a value into the controls. */
export function setValue(row, { step, evidence }) {
  for (const key of row.querySelectorAll(".scale input")) key.checked = key.value === String(step);
  row.querySelector("textarea").value = evidence;
}

/** One text per value, to compare by. */
export const keyOf = (value) => `${value.step}\n${value.evidence.trim()}`;

/** The words of the step in the controls, as on its key. */
export function wordsOf(row) {
  const label = row.querySelector(".scale input:checked")?.closest("label");
  if (!label) return "未記入";
  return [...label.querySelectorAll("span:not(.last)")].map((part) => part.textContent).join(" ");
}

/** Whether the step needs evidence: 3 or 4, and above last year's. */
export function isRaised(row, step) {
  return step !== "" && Number(step) >= 3 && (row.dataset.last === "" || Number(step) > Number(row.dataset.last));
}
