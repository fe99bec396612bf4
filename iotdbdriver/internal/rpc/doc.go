// Package rpc is the part of Apache IoTDB's Thrift service that a driver and an
// embedded server need: calls, their arguments and results, as bytes and as
// values, both ways. It does no I/O.
//
// The protocols themselves, binary and compact, are those of
// github.com/apache/thrift. Written here are the structs, each described once by
// its method fields, which serves for reading and for writing; field numbers and
// types are those of iotdb-protocol/thrift-datanode/src/main/thrift/client.thrift
// and thrift-commons/.../common.thrift of apache/iotdb. Fields and calls that are
// not known here are passed over, as Thrift demands.
//
// A frame is what follows the four bytes of its length. Values of type []byte are
// parts of the frame that they were read from; strings are copies.
package rpc
