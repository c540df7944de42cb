package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/term"

	"github.com/klingctl/klingctl/internal/config"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/keyring"
)

// maxTyped bounds a key that is read from standard input, in bytes.
const maxTyped = 16 << 10

// askKey reads a key from a person or from one line of standard input.
func (a *app) askKey(ctx context.Context, of account) (keyring.Entry, error) {
	from, ask := "standard input", a.pipedKey
	if a.process.InTTY {
		from, ask = "the terminal", typedKey
	}
	first, second, err := ask(ctx, of)
	if err != nil {
		return keyring.Entry{}, &fault.Error{
			Kind: fault.Local, Op: "read the key from", Subject: from, Charged: fault.NotCharged, Err: err,
			Hint: "give it as one line of standard input: " + loginAgain(of.name) + " < FILE",
		}
	}
	key := config.BearerKey(first, from)
	if second != "" {
		key = config.PairKey(first, second, from)
	}
	if key.Err != nil {
		return keyring.Entry{}, key.Err
	}
	return keyring.Entry{Bearer: key.Bearer, Access: key.Access, Secret: key.Secret}, nil
}

// pipedKey reads one line: a key, or ACCESS:SECRET where there can be a pair.
func (a *app) pipedKey(_ context.Context, of account) (first, second string, err error) {
	line, err := bufio.NewReader(io.LimitReader(a.process.In, maxTyped)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", "", err
	}
	if of.pair {
		first, second, _ = strings.Cut(line, ":")
		return first, second, nil
	}
	return line, "", nil
}

// typedKey asks at the terminal, which shows nothing of what is typed.
func typedKey(ctx context.Context, of account) (first, second string, err error) {
	in, out, done, err := openConsole()
	if err != nil {
		return "", "", err
	}
	defer done()
	hidden := func(prompt string) (string, error) {
		if _, err := fmt.Fprint(out, prompt); err != nil {
			return "", err
		}
		text, err := readHidden(ctx, int(in.Fd()))
		_, _ = fmt.Fprintln(out)
		return text, err
	}
	if !of.pair {
		first, err = hidden("key of " + of.name + " (not shown): ")
		return first, "", err
	}
	first, err = hidden("access key of " + of.name + ", or its API key (not shown): ")
	if err == nil {
		second, err = hidden("secret key (not shown; nothing behind an API key): ")
	}
	return first, second, err
}

// readHidden reads a line without echo. A context that ends gives the terminal
// its echo back.
func readHidden(ctx context.Context, fd int) (string, error) {
	before, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	type answer struct {
		text []byte
		err  error
	}
	typed := make(chan answer, 1)
	go func() {
		text, err := term.ReadPassword(fd)
		typed <- answer{text, err}
	}()
	select {
	case <-ctx.Done():
		_ = term.Restore(fd, before)
		return "", context.Cause(ctx)
	case got := <-typed:
		return string(got.text), got.err
	}
}
