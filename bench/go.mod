module github.com/gaugesql/gaugesql/bench

go 1.24.0

require (
	github.com/gaugesql/gaugesql v0.0.0
	github.com/gorilla/websocket v1.5.3
	github.com/taosdata/driver-go/v3 v3.7.8
	github.com/transceptor-technology/go-qpack v0.0.0-20190116123619-49a14b216a45
)

require (
	github.com/ebitengine/purego v0.9.1 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/hashicorp/go-version v1.7.0 // indirect
	github.com/json-iterator/go v1.1.12 // indirect
	github.com/modern-go/concurrent v0.0.0-20180228061459-e0a39a4cb421 // indirect
	github.com/modern-go/reflect2 v1.0.2 // indirect
)

replace github.com/gaugesql/gaugesql => ../
