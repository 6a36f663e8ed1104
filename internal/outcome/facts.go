// SPDX-License-Identifier: AGPL-3.0-or-later

package outcome

import (
	"github.com/turnstone-project/turnstone/internal/intel"
	"github.com/turnstone-project/turnstone/internal/outcome/kinds"
	"github.com/turnstone-project/turnstone/internal/outcome/stats"
)

// Facts returns what an outcome adds to the figures: nothing while it doesn't
// count. root says that it is no later stage of another one that counts: only
// then it is a success of its own.
func Facts(t *kinds.Table, o Outcome, root bool) []intel.Fact {
	if !o.Counts() {
		return nil
	}
	base := intel.Fact{
		Programme: o.Programme, Compartment: o.Compartment, Desk: o.Desk, Day: o.Day, Category: o.Category, Channel: o.Channel, Partner: o.Partner, N: 1,
	}
	add := func(facts []intel.Fact, measure string, n int64) []intel.Fact {
		base.Measure, base.N = measure, n
		return append(facts, base)
	}
	facts := add(nil, stats.OutcomeMeasure(o.Kind, o.Of), 1)
	if root {
		facts = add(facts, stats.Success, 1)
	}
	if o.Quantity != nil {
		if u, ok := t.Unit(o.Quantity.Unit); ok {
			facts = add(facts, stats.QuantityMeasure(o.Kind, o.Of, u.Dimension), o.Quantity.Base)
		}
	}
	if o.Value != nil {
		facts = add(facts, stats.ValueMeasure(o.Kind, o.Value.Currency), o.Value.Minor)
	}
	return facts
}
