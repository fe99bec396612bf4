// Package transcript reads recorded exchanges between clients and a real
// siridb-server 2.0.55, for tests. It is imported by tests alone.
//
// testdata/transcripts.zip holds one JSON file an exchange: 123 of them, 751
// packages.
package transcript

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

//go:embed testdata/transcripts.zip
var archive []byte

// Exchange is one recorded conversation.
type Exchange struct {
	Name, Note, Client, Database, User, Password string
	Packets                                      []Packet
	Outcome                                      json.RawMessage
}

// Packet is a package, in the order in which the packages passed the proxy.
type Packet struct {
	// Direction is "client" (to the server) or "server" (to the client).
	Direction string
	Hex       string
	PID       int
	Type      int    `json:"tp"`
	TypeName  string `json:"type_name"`
	// Decoded is the data with types preserved, null when empty.
	Decoded json.RawMessage
	// Illegal packages have a bad check byte or a forbidden length.
	Illegal bool `json:"illegal_or_incomplete"`
}

// Bytes returns the whole package, header and data.
func (p Packet) Bytes() []byte {
	b, err := hex.DecodeString(p.Hex)
	if err != nil {
		panic(err)
	}
	return b
}

// Data returns the package without its header.
func (p Packet) Data() []byte { return p.Bytes()[8:] }

// FromServer tells responses from requests.
func (p Packet) FromServer() bool { return p.Direction == "server" }

// Load returns the exchange of the name, which must exist.
func Load(name string) Exchange {
	for _, f := range files() {
		if f.Name == name+".json" {
			return read(f)
		}
	}
	panic("no transcript " + name)
}

// All returns all exchanges in the order of their names.
func All() []Exchange {
	var all []Exchange
	for _, f := range files() {
		all = append(all, read(f))
	}
	return all
}

func files() []*zip.File {
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		panic(err)
	}
	return z.File
}

func read(f *zip.File) (e Exchange) {
	r, err := f.Open()
	if err != nil {
		panic(err)
	}
	defer r.Close()
	raw, err := io.ReadAll(r)
	if err == nil {
		err = json.Unmarshal(raw, &e)
	}
	if err != nil {
		panic(fmt.Sprintf("%s: %v", f.Name, err))
	}
	e.Name = strings.TrimSuffix(f.Name, ".json")
	return e
}
