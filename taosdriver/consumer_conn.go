package taosdriver

import (
	"context"

	"github.com/gaugesql/gaugesql/driver"
)

// consumerOpener is the extension of connections whose transport has
// subscriptions.
type consumerOpener struct{ c *conn }

var _ driver.ConsumerOpener = consumerOpener{}

// OpenConsumer implements [driver.ConsumerOpener]: it is [NewConsumer] with the
// Config of the connection's Connector.
func (o consumerOpener) OpenConsumer(ctx context.Context, properties map[string]string) (driver.Consumer, error) {
	if o.c.closed {
		return nil, o.c.closedError("consumer")
	}
	return NewConsumer(ctx, o.c.connector.config, properties)
}
