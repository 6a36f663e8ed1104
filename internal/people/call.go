// SPDX-License-Identifier: AGPL-3.0-or-later

package people

import (
	"context"
	"fmt"
	"slices"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
)

// ToCall returns the alerts of everybody who holds one of the roles at a desk,
// or for roles of a whole programme, in it. The platform itself asks, for
// alarms that nobody acknowledged, so no subject is named.
func (s *Service) ToCall(ctx context.Context, programme, desk id.ID, roles ...authz.Role) ([]Alerts, error) {
	held, err := s.accounts.AssignmentsIn(ctx, programme)
	if err != nil {
		return nil, fmt.Errorf("read roles: %w", err)
	}
	var called []id.ID
	var wishes []Alerts
	for _, a := range held {
		if !slices.Contains(roles, a.Role) || a.Role.OfDesk() && a.Desk != desk || slices.Contains(called, a.Account) {
			continue
		}
		called = append(called, a.Account)
		w, err := s.keys.Alerts(ctx, a.Account)
		if err != nil {
			return nil, fmt.Errorf("read alerts: %w", err)
		}
		wishes = append(wishes, w)
	}
	return wishes, nil
}
