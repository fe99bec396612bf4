package store

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/upstream"
)

// settings are the parameters of a session.
type settings struct {
	values   map[string]string // by lower-case name
	defaults map[string]string // those at login
	location *time.Location
}

// builtin are the parameters that every session has.
var builtin = map[string]string{
	"server_version": "15.0", "server_encoding": "UTF8", "client_encoding": "UTF8", "datestyle": "ISO, MDY", "intervalstyle": "postgres",
	"timezone": "UTC", "integer_datetimes": "on", "standard_conforming_strings": "on", "application_name": "", "session_authorization": "",
	"extra_float_digits": "0", "search_path": `"$user", public`, "transaction_isolation": "read committed", "default_transaction_isolation": "read committed",
	"transaction_read_only": "off", "statement_timeout": "0", "bytea_output": "hex", "client_min_messages": "notice", "lock_timeout": "0",
	"max_identifier_length": "63", "role": "none", "default_transaction_read_only": "off", "session_timeout": "600", "synchronous_commit": "on",
	"default_transaction_deferrable": "off", "work_mem": "64MB", "behavior_compat_options": "", "connection_info": "", "idle_in_transaction_session_timeout": "0",
}

// spelled are names that have capital letters when they are reported.
var spelled = map[string]string{"datestyle": "DateStyle", "intervalstyle": "IntervalStyle", "timezone": "TimeZone"}

// reported are the parameters that the client is told, in the server's order.
var reported = []string{
	"application_name", "client_encoding", "datestyle", "integer_datetimes", "intervalstyle", "server_encoding", "server_version",
	"session_authorization", "standard_conforming_strings", "timezone",
}

func newSettings(want upstream.Request) (*settings, error) {
	s := &settings{values: maps.Clone(builtin), location: time.UTC}
	for _, p := range want.Parameters {
		if strings.EqualFold(p.Name, "options") {
			for part := range strings.SplitSeq(p.Value, "-c ") {
				if name, value, ok := strings.Cut(strings.TrimSpace(part), "="); ok {
					if err := s.set(name, value); err != nil {
						return nil, err
					}
				}
			}
			continue
		}
		if err := s.set(p.Name, p.Value); err != nil {
			return nil, err
		}
	}
	s.defaults = maps.Clone(s.values)
	return s, nil
}

func report(name string) string {
	if s := spelled[name]; s != "" {
		return s
	}
	return name
}

func (s *settings) set(name, value string) error {
	name = strings.ToLower(name)
	if _, ok := builtin[name]; !ok && !strings.Contains(name, ".") {
		return failf("42704", "unrecognized configuration parameter %q", name)
	}
	switch name {
	case "server_version", "server_encoding", "integer_datetimes", "max_identifier_length":
		return failf("55P02", "parameter %q cannot be changed", name)
	case "timezone":
		loc, err := zone(value)
		if err != nil {
			return failf("22023", "invalid value for parameter \"TimeZone\": %q", value)
		}
		s.location = loc
	case "extra_float_digits":
		if n, err := strconv.Atoi(value); err != nil || n < -15 || n > 3 {
			return failf("22023", "invalid value for parameter %q: %q", name, value)
		}
	case "client_encoding":
		if v := strings.ToUpper(strings.Trim(value, "'")); v != "UTF8" && v != "UTF-8" && v != "UNICODE" {
			return failf("22023", "the embedded store speaks UTF8 only, not %q", value)
		}
		value = "UTF8"
	case "datestyle":
		if !strings.HasPrefix(strings.ToUpper(value), "ISO") {
			return failf("22023", "the embedded store writes dates in ISO only")
		}
		value = "ISO, MDY"
	case "default_transaction_isolation":
		s.values["transaction_isolation"] = value
	}
	s.values[name] = value
	return nil
}

// zone finds a zone by name, or by a number of hours east of Greenwich.
func zone(name string) (*time.Location, error) {
	if hours, err := strconv.ParseFloat(name, 64); err == nil && hours > -24 && hours < 24 {
		return time.FixedZone(name, int(hours*3600)), nil
	}
	switch strings.ToUpper(name) {
	case "", "LOCAL":
		return nil, failf("22023", "invalid zone")
	case "PRC":
		name = "Asia/Shanghai"
	}
	return time.LoadLocation(name)
}

func (s *settings) zone() *time.Location { return s.location }

func (s *settings) floatDigits() int {
	n, _ := strconv.Atoi(s.values["extra_float_digits"])
	return n
}

// restore puts values back, of the end of a transaction or of RESET ALL.
func (s *settings) restore(values map[string]string) {
	s.values = maps.Clone(values)
	s.location, _ = zone(s.values["timezone"])
}
