// A report with JavaScript: the passage behind an argument opens beside it.
import { panel } from "./panel.js";

panel();
