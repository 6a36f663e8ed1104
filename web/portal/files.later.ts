// SPDX-License-Identifier: AGPL-3.0-or-later

// What a page loads when files may be added: it hands itself to filebox.ts.

import { here, Start } from "./laterhere";
import { FileBox } from "./files";

const start: Start = (plan, tools, carrier, arrived) => void new FileBox(plan, tools, carrier, arrived);
document.dispatchEvent(new CustomEvent(here, { detail: start }));
