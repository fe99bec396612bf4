package taostest

import "maps"

// actionFetchRaw is the number of a binary fetch, repeated in its reply.
const actionFetchRaw = 7

var (
	// wsActions are the text messages of /ws, a file a family.
	wsActions map[string]action
	// tmqActions are the text messages of /rest/tmq. Subscriptions are not served.
	tmqActions map[string]action
	// binaryActions are the binary messages of /ws by number.
	binaryActions map[uint64]binaryAction
)

func init() {
	wsActions = union(loginActions(), queryActions(), fetchActions(), sessionActions())
	tmqActions = map[string]action{"version": early(versionAction)}
	binaryActions = map[uint64]binaryAction{
		6:              {"binary_query", []string{"query"}, openBinaryQuery(serveQuery)},
		actionFetchRaw: {"fetch_raw_block", []string{"fetch"}, openFetchRaw},
		10:             {"validate_sql", nil, openBinaryQuery(serveValidate)},
	}
}

func union(families ...map[string]action) map[string]action {
	all := map[string]action{}
	for _, f := range families {
		maps.Copy(all, f)
	}
	return all
}
