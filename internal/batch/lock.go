package batch

import (
	"github.com/gofrs/flock"

	"github.com/klingctl/klingctl/internal/fault"
)

// Lock takes a batch for this process, by a file that ends with it. Where
// somebody else carries the batch it is fault.Held.
func Lock(path, id string) (release func(), err error) {
	lock := flock.New(path, flock.SetPermissions(0o600))
	taken, err := lock.TryLock()
	switch {
	case err != nil:
		return nil, &fault.Error{Kind: fault.Local, Op: "lock the batch", Subject: id, Charged: fault.NotCharged, Err: err}
	case !taken:
		return nil, &fault.Error{
			Kind: fault.Held, Op: "carry the batch", Subject: id, Charged: fault.NotCharged,
			Detail: "another process is carrying it", Hint: "klingctl batch status " + id,
		}
	}
	return func() { _ = lock.Unlock() }, nil
}
