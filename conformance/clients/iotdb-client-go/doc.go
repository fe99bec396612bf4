// Package iotdbclientgo drives the embedded IoTDB server with Apache's own Go client,
// unchanged.
package iotdbclientgo
