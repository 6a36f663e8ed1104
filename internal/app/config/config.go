// SPDX-License-Identifier: AGPL-3.0-or-later

// Package config reads the one configuration file of an installation. Every
// field works at its zero value or has a default here; a key that is not
// known is an error, so that a misspelt safeguard can't be missed.
//
// It must never hold a secret: keys lie in files of their own.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/knadh/koanf/parsers/toml/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

// Config is everything that an operator can set.
type Config struct {
	Data string `koanf:"data"` // directory of database, slots and secrets
	// SlotsReplica is a second file of slots, on another disk; empty: none.
	SlotsReplica string `koanf:"slots_replica"`
	Portal       Portal `koanf:"portal"`
	Desk         Desk   `koanf:"desk"`
	Ops          Ops    `koanf:"ops"`
	API          API    `koanf:"api"`
	Alerts       Alerts `koanf:"alerts"`
	Intake       Intake `koanf:"intake"`
	Files        Files  `koanf:"files"`
	// Matching says which lists can be searched at the desk.
	Matching Matching `koanf:"matching"`
	Intel    Intel    `koanf:"intel"`
}

// Intel is how intelligence items are graded.
type Intel struct {
	Schemes string `koanf:"schemes"` // directory of the operator's own grading schemes; empty: schemes in the data directory, where there is one
}

// Files bounds what reporters may add to their words. All sizes are of what is
// kept, which is padded: up to 12 % more than was sent.
type Files struct {
	Dir          string `koanf:"dir"` // empty: files in the data directory
	PerReport    int    `koanf:"per_report"`
	ReportMiB    int64  `koanf:"report_mib"`
	ProgrammeMiB int64  `koanf:"programme_mib"`
	KeepFreeMiB  int64  `koanf:"keep_free_mib"` // of the disk, for the database
}

// Portal is the site that strangers see.
type Portal struct {
	Listen string `koanf:"listen"`
	Onion  string `koanf:"onion"` // onion address to announce, if there is one
	Source string `koanf:"source"`
	// Address is where the portal is in the world, for codes, feeds and site
	// maps: https://tips.example.org; empty: the host that a browser asks for.
	Address string `koanf:"address"`
	// SecurityContact is whom to tell of a hole, as a mailto: or https: address;
	// empty: there is no security.txt.
	SecurityContact string `koanf:"security_contact"`
	// Questionnaires is a directory of the operator's own, with a folder named
	// by its slug for each programme that has others; empty: those that come
	// with the binary.
	Questionnaires string `koanf:"questionnaires"`
	// Content is a directory of the operator's own pages about crime; what it
	// lacks comes with the binary (docs/content.md).
	Content string `koanf:"content"`
}

// Desk is the site of those who read.
type Desk struct {
	Listen      string        `koanf:"listen"`
	Origin      string        `koanf:"origin"` // what a browser shows: https://desk.example.org
	IdleTimeout time.Duration `koanf:"idle_timeout"`
	// OutcomeKinds is a file of the operator's own kinds of outcomes, added to
	// those that come with the binary (docs/statistics.md); empty: none.
	OutcomeKinds string `koanf:"outcome_kinds"`
}

// Ops is the listener for metrics and health; never open to the world.
type Ops struct {
	Listen string `koanf:"listen"`
}

// API is the interface for machines: signed alerts of partners.
type API struct {
	Listen string `koanf:"listen"` // empty: there is none
}

// Alerts tells reviewers that something waits; never what.
type Alerts struct {
	Webhook  string   `koanf:"webhook"`
	SMTP     string   `koanf:"smtp"` // host:port
	From     string   `koanf:"from"`
	To       []string `koanf:"to"`
	DangerTo []string `koanf:"danger_to"`
}

// Intake bounds what strangers may do to us.
type Intake struct {
	MaxConcurrent int `koanf:"max_concurrent"` // submissions worked on at once
}

// Matching names the lists of people and things that the desk can search.
type Matching struct {
	// Lists are files of FollowTheMoney JSON lines, CSV, or indexes that
	// `turnstone match search --save` made.
	Lists []string `koanf:"lists"`
}

// Default returns the configuration of one machine.
func Default() Config {
	return Config{
		Data:   "data",
		Portal: Portal{Listen: "127.0.0.1:8080"},
		Desk:   Desk{Listen: "127.0.0.1:8081", Origin: "http://localhost:8081", IdleTimeout: 30 * time.Minute},
		Ops:    Ops{Listen: "127.0.0.1:8082"},
		Intake: Intake{MaxConcurrent: 256},
		Files:  Files{PerReport: 20, ReportMiB: 560, ProgrammeMiB: 50 << 10, KeepFreeMiB: 1 << 10},
	}
}

// Load reads a TOML file over the defaults and checks it whole.
func Load(path string) (Config, error) {
	k := koanf.New(".")
	if err := k.Load(file.Provider(path), toml.Parser()); err != nil {
		return Config{}, fmt.Errorf("read configuration %s: %w", path, err)
	}
	known := keys("", reflect.TypeFor[Config]())
	var faults []error
	for _, key := range k.Keys() {
		if !slices.Contains(known, key) {
			faults = append(faults, fmt.Errorf("%s: unknown key %q (known: %s)", path, key, strings.Join(near(key, known), ", ")))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return Config{}, err
	}
	c := Default()
	if err := k.Unmarshal("", &c); err != nil {
		return Config{}, fmt.Errorf("read configuration %s: %w", path, err)
	}
	if !filepath.IsAbs(c.Data) {
		c.Data = filepath.Join(filepath.Dir(path), c.Data)
	}
	for n, list := range c.Matching.Lists {
		if !filepath.IsAbs(list) {
			c.Matching.Lists[n] = filepath.Join(filepath.Dir(path), list)
		}
	}
	return c, c.Check()
}

// Check returns all that is wrong, joined.
func (c Config) Check() error {
	var faults []error
	for name, addr := range map[string]string{"portal.listen": c.Portal.Listen, "desk.listen": c.Desk.Listen, "ops.listen": c.Ops.Listen} {
		if _, _, err := net.SplitHostPort(addr); err != nil {
			faults = append(faults, fmt.Errorf("%s = %q: write it as host:port", name, addr))
		}
	}
	if c.API.Listen != "" {
		if _, _, err := net.SplitHostPort(c.API.Listen); err != nil {
			faults = append(faults, fmt.Errorf("api.listen = %q: write it as host:port, or leave it out", c.API.Listen))
		}
	}
	if c.Portal.Address != "" {
		u, err := url.Parse(c.Portal.Address)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.TrimSuffix(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
			faults = append(faults, fmt.Errorf("portal.address = %q: write it as https://host", c.Portal.Address))
		}
	}
	if contact := c.Portal.SecurityContact; contact != "" {
		u, err := url.Parse(contact)
		if err != nil || u.Scheme != "mailto" && u.Scheme != "https" || strings.ContainsAny(contact, " \r\n") {
			faults = append(faults, fmt.Errorf("portal.security_contact = %q: write it as mailto:… or https://…", contact))
		}
	}
	origin, err := url.Parse(c.Desk.Origin)
	if err != nil || origin.Host == "" || strings.TrimSuffix(origin.Path, "/") != "" {
		faults = append(faults, fmt.Errorf("desk.origin = %q: write it as https://host", c.Desk.Origin))
	} else if net.ParseIP(origin.Hostname()) != nil {
		faults = append(faults, fmt.Errorf("desk.origin = %q: passkeys refuse addresses of numbers; use a name", c.Desk.Origin))
	}
	if c.Desk.IdleTimeout <= 0 || c.Desk.IdleTimeout > 12*time.Hour {
		faults = append(faults, fmt.Errorf("desk.idle_timeout = %s: between a second and 12 hours", c.Desk.IdleTimeout))
	}
	if c.Intake.MaxConcurrent < 1 {
		faults = append(faults, fmt.Errorf("intake.max_concurrent = %d: at least 1", c.Intake.MaxConcurrent))
	}
	if c.Files.PerReport < 0 || c.Files.ReportMiB < 0 || c.Files.ProgrammeMiB < 0 || c.Files.KeepFreeMiB < 0 {
		faults = append(faults, errors.New("files: no limit can be negative; per_report = 0 takes no files"))
	}
	if c.Alerts.SMTP != "" && (c.Alerts.From == "" || len(c.Alerts.To) == 0) {
		faults = append(faults, errors.New("alerts.smtp needs alerts.from and alerts.to"))
	}
	return errors.Join(faults...)
}

func keys(prefix string, t reflect.Type) []string {
	var out []string
	for i := range t.NumField() {
		f := t.Field(i)
		name := prefix + f.Tag.Get("koanf")
		if f.Type.Kind() == reflect.Struct {
			out = append(out, keys(name+".", f.Type)...)
		} else {
			out = append(out, name)
		}
	}
	return out
}

// near returns the known keys of the same table, all tables' keys when there
// is no such table.
func near(key string, known []string) []string {
	table, _, _ := strings.Cut(key, ".")
	var out []string
	for _, k := range known {
		if strings.HasPrefix(k, table+".") {
			out = append(out, k)
		}
	}
	if len(out) == 0 {
		return known
	}
	return out
}

// Dir makes dir for this user only and returns it.
func Dir(dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make directory: %w", err)
	}
	return dir, nil
}
