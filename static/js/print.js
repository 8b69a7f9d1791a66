/** Shows `<button data-print hidden>`, which is hidden until scripts run, and lets it print the page. */
export function armPrintButtons(root) {
  for (const button of root.querySelectorAll("button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}
