package taostest

import (
	"maps"

	"github.com/gaugesql/gaugesql/taosdriver/internal/frame"
)

var (
	// wsActions are the text messages of /ws, a file a family.
	wsActions map[string]action
	// tmqActions are the text messages of /rest/tmq.
	tmqActions map[string]action
	// binaryActions are the binary messages of /ws by number.
	binaryActions map[frame.Action]binaryAction
)

func init() {
	wsActions = union(loginActions(), queryActions(), fetchActions(), sessionActions(), stmt2Actions(), stmt1Actions(), schemalessActions())
	tmqActions = consumerActions()
	binaryActions = map[frame.Action]binaryAction{
		frame.SetTags:   {nil, openStmt1Block(serveStmt1Tags)},
		frame.BindBlock: {nil, openStmt1Block(serveStmt1Bind)},
		frame.Query:     {[]string{"query"}, openBinaryQuery(serveQuery)},
		frame.Fetch:     {[]string{"fetch"}, openFetchRaw},
		frame.Bind:      {nil, openStmt2Bind},
		frame.Validate:  {nil, openBinaryQuery(serveValidate)},
	}
}

func union(families ...map[string]action) map[string]action {
	all := map[string]action{}
	for _, f := range families {
		maps.Copy(all, f)
	}
	return all
}
