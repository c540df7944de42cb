//go:build !unix

package ledger

import (
	"context"
	"errors"
)

func playUmask(context.Context, string) error { return errors.ErrUnsupported }
