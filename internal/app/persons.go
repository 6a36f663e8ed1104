// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"context"
	"fmt"
	"strings"

	"github.com/turnstone-project/turnstone/internal/authz"
	"github.com/turnstone-project/turnstone/internal/kernel/fault"
	"github.com/turnstone-project/turnstone/internal/kernel/id"
	"github.com/turnstone-project/turnstone/internal/people"
	"github.com/turnstone-project/turnstone/internal/programme"
)

// Person is a line of the list of people.
type Person struct {
	Programme string
	Handle    string
	Name      string
	State     people.State
	Roles     []string // "reviewer at line"
}

// Everybody lists the people of every programme, for whoever holds the
// machine. It opens nothing that is sealed.
func (i *Installation) Everybody(ctx context.Context) ([]Person, error) {
	var out []Person
	for _, p := range i.Programmes.All() {
		colleagues, err := i.People.Colleagues(ctx, holder(p), p.ID)
		if err != nil {
			return nil, fmt.Errorf("list the people of %s: %w", p.Slug, err)
		}
		for _, c := range colleagues {
			line := Person{Programme: p.Slug, Handle: c.Handle, Name: c.Name, State: c.State}
			for _, g := range c.Grants {
				role := string(g.Role)
				if d, ok := p.Desk(g.Desk); ok {
					role += " at " + d.Slug
				}
				line.Roles = append(line.Roles, role)
			}
			out = append(out, line)
		}
	}
	return out, nil
}

// holder is whoever holds the machine, for reading lists that open nothing.
func holder(p programme.Programme) authz.Subject {
	return authz.Subject{Account: id.New(), Grants: []authz.Grant{{Role: authz.Administrator, Programme: p.ID}}}
}

// Invitee is who is to be invited from the command line.
type Invitee struct {
	Handle, Name, Role string
	Programme, Desk    string // slugs
}

// Invite makes an account and returns the link that activates it.
func (i *Installation) Invite(ctx context.Context, in Invitee) (string, error) {
	p, ok := i.Programmes.BySlug(in.Programme)
	if !ok {
		return "", fault.Newf(fault.NotFound, "There is no programme %q.", in.Programme)
	}
	g := authz.Grant{Role: authz.Role(in.Role), Programme: p.ID}
	if in.Desk != "" {
		d, ok := deskBySlug(p, in.Desk)
		if !ok {
			return "", fault.Newf(fault.NotFound, "The programme %s has no desk %q.", p.Slug, in.Desk)
		}
		g.Desk = d.ID
	}
	if in.Name == "" {
		in.Name = in.Handle
	}
	_, token, err := i.People.Found(ctx, people.Newcomer{Handle: in.Handle, Name: in.Name, Language: p.Languages[0], Grant: g})
	if err != nil {
		return "", err
	}
	return InvitationLink(i.Config.Desk.Origin, token), nil
}

// InvitationLink is where an invitation is accepted.
func InvitationLink(origin, token string) string {
	return strings.TrimSuffix(origin, "/") + "/invitation/" + token
}

func deskBySlug(p programme.Programme, slug string) (programme.Desk, bool) {
	for _, d := range p.Desks {
		if d.Slug == slug {
			return d, true
		}
	}
	return programme.Desk{}, false
}
