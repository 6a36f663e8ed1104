// SPDX-License-Identifier: AGPL-3.0-or-later

// The script of pages that only need the way out.

import { armExit } from "./leave";

armExit();
