package dsn_test

import (
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/gaugesql/gaugesql/dsn"
)

// FuzzParse: whatever parses is written in a form that parses to the same, and
// its redacted form parses too.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"taos+ws://root:taosdata@h1:6041,h2:6041/power?timezone=Asia/Shanghai",
		"siridb://iris:siri@s1:9000;weight=3,s2:9001,b1:9002;backup=true/dbtest?precision=ms",
		"taos://[fe80::1%25eth0]:6030/?a&b=", "dws://%2Frun%2Fpg/db", "iotdb+tls://:6667", "x://@", "x://:@,",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := dsn.Parse(s)
		if err != nil {
			return
		}
		again, err := dsn.Parse(u.String())
		if err != nil {
			t.Fatalf("%q is written as %q: %v", s, u, err)
		}
		if !reflect.DeepEqual(u, again) {
			t.Fatalf("%q is written as %q: %+v, then %+v", s, u, u, again)
		}
		if _, err := dsn.Parse(u.Redacted()); err != nil {
			t.Fatalf("%q is redacted as %q: %v", s, u.Redacted(), err)
		}
	})
}

// FuzzSecret: a password and a token are in no error and no redacted form,
// whatever surrounds them.
func FuzzSecret(f *testing.F) {
	f.Add("taos://u:", "@h/db?token=", "&x=1", true)
	f.Add("taos://u:", "@[h/%?token=", "", false)
	f.Add("ws://h?bearer_token=", "&totp=", "&&%", true)
	f.Fuzz(func(t *testing.T, before, between, after string, encoded bool) {
		secret := "hunter2"
		if encoded {
			secret = "h/u:n@t?e&r#2"
		}
		if strings.Contains(before+between+after, secret[:3]) {
			return
		}
		s := before + url.PathEscape(secret) + between + url.QueryEscape(secret) + after
		u, err := dsn.Parse(s)
		if err == nil {
			if !secretsOnly(u, secret) {
				return // it landed in a host, a name, or another part that is no secret
			}
			if strings.Contains(u.Redacted(), secret[:3]) {
				t.Fatalf("%q is redacted as %q", s, u.Redacted())
			}
			err = keys.Read(new(config), u.Params)
		}
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Fatalf("%q: %v", s, err)
		}
	})
}

// secretsOnly reports whether secret is in no part of u that is meant to be
// shown.
func secretsOnly(u *dsn.URL, secret string) bool {
	shown := *u
	shown.Password = ""
	hide := func(params dsn.Params) dsn.Params {
		var kept dsn.Params
		for _, p := range params {
			if dsn.Secret(p.Key) {
				p.Value = ""
			}
			kept = append(kept, p)
		}
		return kept
	}
	shown.Params = hide(u.Params)
	shown.Hosts = nil
	for _, h := range u.Hosts {
		h.Options = hide(h.Options)
		shown.Hosts = append(shown.Hosts, h)
	}
	text, err := url.PathUnescape(shown.String())
	return err == nil && !strings.Contains(text, secret[:3])
}

// FuzzKeys: what Read accepts, Format writes in a form that Read takes for the
// same, and Format does not change any more.
func FuzzKeys(f *testing.F) {
	for _, s := range []string{
		"app=a&token=b&compression&fetch_size=7&buffer=3MiB&read_timeout=1.5h&timezone=-03:30&mode=tree",
		"read_timeout=300", "timezone=Local", "buffer=0b", "timezone=%2B08:05:43", "mode=TREE&app=",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := dsn.Parse("x://?" + s)
		if err != nil {
			return
		}
		var c, again config
		keys.Defaults(&c)
		keys.Defaults(&again)
		if keys.Read(&c, u.Params) != nil {
			return
		}
		written := keys.Format(&c)
		if err := keys.Read(&again, written); err != nil {
			t.Fatalf("%q is written as %v: %v", s, written, err)
		}
		if rewritten := keys.Format(&again); !reflect.DeepEqual(written, rewritten) {
			t.Fatalf("%q is written as %v, then %v", s, written, rewritten)
		}
		c.Zone, again.Zone = nil, nil // equal by name, as Format has shown
		if c != again {
			t.Fatalf("%q is %+v, then %+v", s, c, again)
		}
	})
}
