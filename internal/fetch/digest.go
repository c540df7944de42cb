package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
)

// Digest reads a file and gives its SHA-256 in lower-case hex and its size.
func Digest(ctx context.Context, path string) (digest string, size int64, err error) {
	file, err := openRegular(path, os.O_RDONLY)
	if err != nil {
		return "", 0, localFault(path, err)
	}
	defer func() { _ = file.Close() }()
	sum := sha256.New()
	if size, err = copyWith(ctx, sum, file); err != nil {
		return "", 0, stoppedOr(ctx, err, path)
	}
	return hex.EncodeToString(sum.Sum(nil)), size, nil
}

// copyWith is io.Copy that a context ends.
func copyWith(ctx context.Context, to io.Writer, from io.Reader) (int64, error) {
	buffer := make([]byte, bufferSize)
	total := int64(0)
	for {
		if err := ctx.Err(); err != nil {
			return total, err
		}
		n, err := from.Read(buffer)
		if _, writeErr := to.Write(buffer[:n]); writeErr != nil {
			return total, writeErr
		}
		total += int64(n)
		if errors.Is(err, io.EOF) {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}
