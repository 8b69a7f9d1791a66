// Entry of every page: each behaviour looks for its own data attribute and does nothing where there is none.
// The product works without any of this.
import { focusErrorSummary } from "./error-summary.js";
import { closeMenus } from "./menu.js";
import { sendOnce } from "./once.js";
import { armPrintButtons } from "./print.js";
import { guardForms } from "./unsaved.js";

focusErrorSummary(document);
closeMenus(document);
armPrintButtons(document);
guardForms(document);
sendOnce(document);
