package taosdriver

import (
	"testing"

	"github.com/gaugesql/gaugesql/internal/doctable"
)

func TestPropertiesAreDocumented(t *testing.T) {
	doctable.Check(t, "../docs/tdengine-tmq.md", "taos properties", properties.Markdown())
}
