// Package iotdbdriver is a database/sql driver for Apache IoTDB.
package iotdbdriver
