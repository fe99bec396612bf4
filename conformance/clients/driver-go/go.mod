module github.com/gaugesql/gaugesql/conformance/clients/driver-go

go 1.23.0

require (
	github.com/gaugesql/gaugesql v0.0.0
	github.com/taosdata/driver-go/v3 v3.7.8
)

replace github.com/gaugesql/gaugesql => ../../..
