package taostest

// schemalessActions write lines without SQL. They are not served.
func schemalessActions() map[string]action {
	return map[string]action{"insert": on("schemaless insert", serveSchemaless)}
}

func serveSchemaless(*request, reqArgs) (any, error) {
	return nil, &codeError{adapterCode, "taostest: schemaless writes are not supported"}
}
