package taostest

import "strings"

// sessionActions read and change the session.
func sessionActions() map[string]action {
	return map[string]action{
		"get_current_db":     on("get current db", serveCurrentDB),
		"get_server_info":    on("get server info", serveServerInfo),
		"options_connection": on("options connection", serveOptions),
	}
}

type dbMember struct {
	DB string `json:"db"`
}

func serveCurrentDB(r *request, _ reqArgs) (any, error) {
	db, _ := r.sock.session.Load().state()
	return dbMember{db}, nil
}

type infoMember struct {
	Info string `json:"info"`
}

func serveServerInfo(r *request, _ reqArgs) (any, error) {
	return infoMember{"ver:" + r.sock.srv.options.version + "\nbuild:taostest\ngitinfo:"}, nil
}

type optionsArgs struct {
	reqArgs
	Options []*struct {
		Option int     `json:"option"`
		Value  *string `json:"value"`
	} `json:"options"`
}

// The options of a connection.
const (
	optionClear    = -1
	optionCharset  = 0
	optionTimezone = 1
	optionUserIP   = 2
	optionUserApp  = 3
)

// maxApp is what is kept of the name of an application.
const maxApp = 23

func serveOptions(r *request, a optionsArgs) (any, error) {
	s := r.sock.session.Load()
	for _, o := range a.Options {
		if o == nil {
			r.sock.srv.crash("options_connection with a null option")
			return nil, errHangUp
		}
		value := ""
		if o.Value != nil {
			value = *o.Value
		}
		app, ip := s.client()
		switch o.Option {
		case optionClear:
			s.setZone(zoneNamed(""))
			app, ip = "", ""
		case optionCharset:
			if value != "" && !strings.EqualFold(value, "UTF-8") {
				return nil, &codeError{0x0016, "Invalid argument"}
			}
		case optionTimezone:
			s.setZone(zoneNamed(value))
		case optionUserIP:
			ip = value
		case optionUserApp:
			app = value[:min(len(value), maxApp)]
		default:
			return nil, &codeError{0x0118, "Invalid parameters"}
		}
		s.mu.Lock()
		s.app, s.ip = app, ip
		s.mu.Unlock()
	}
	return nil, nil
}
