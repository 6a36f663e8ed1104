// SPDX-License-Identifier: AGPL-3.0-or-later

// How a script that was loaded later and the page that waits for it find each
// other.

import type { Carrier } from "./carry";
import type { Tools } from "./filebox";
import type { Plan } from "./page";

/** here is the event by which the later script says that it is there. */
export const here = "turnstone-files";

/** Start begins taking files. */
export type Start = (plan: Plan, tools: Tools, carrier: Carrier, arrived: () => void) => void;
