package store

import (
	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

// File is one of the files that servers ask each other for.
type File int

// The files, by the types of their requests.
const (
	Servers   File = 7
	Users     File = 8
	Groups    File = 9
	Databases File = 10
)

// fileError is what a server says that cannot give a file in its state.
func fileError(n Node) *Error {
	return fail(wire.ErrServer, "Error getting file because server '%s' having status %d", n.Name, n.Status)
}

// ReadFile answers a request for a file, for which all rights are needed. The
// contents resemble the real ones: an array with the version of the file's
// layout and what the file is about. Passwords are not in it.
func ReadFile(r Request, f File) Reply {
	v := newView(r.Cluster, r.Self)
	if me := v.nodes[r.Self]; me.Status != Running {
		return fileError(me).Reply()
	}
	d := r.Database
	d.mu.RLock()
	defer d.mu.RUnlock()
	if err := may(r.User, full); err != nil {
		return err.Reply()
	}
	data := qpack.AppendInt(qpack.OpenArray(nil), 1)
	switch f {
	case Servers:
		for _, n := range v.nodes {
			data = qpack.AppendArray(data, 4)
			data = qpack.AppendRaw(data, n.UUID)
			data = qpack.AppendRaw(data, n.Host)
			data = qpack.AppendInt(data, int64(n.Port))
			data = qpack.AppendInt(data, int64(n.Pool))
		}
	case Users:
		for _, u := range d.users {
			data = qpack.AppendArray(data, 3)
			data = qpack.AppendRaw(data, u.name)
			data = qpack.AppendRaw(data, "")
			data = qpack.AppendInt(data, int64(u.rights))
		}
	case Groups:
		for _, g := range d.groups {
			data = qpack.AppendArray(data, 2)
			data = qpack.AppendRaw(data, g.name)
			data = qpack.AppendRaw(data, g.source)
		}
	case Databases:
		data = qpack.AppendRaw(data, d.Name)
		data = qpack.AppendInt(data, int64(d.Precision))
		data = qpack.AppendInt(data, d.bufferSize)
	}
	return Reply{wire.File, data}
}
