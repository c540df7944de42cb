package sandbox

import (
	"net"
	"net/http"
)

// breaker is a writer that can end its exchange as a broken connection would.
// The in-process transport has one; a real connection is hijacked instead.
type breaker interface {
	breakOff(f wireFault)
}

// breakConnection ends the exchange without a whole answer. An answer that has
// begun should end closed: a reset may take sent bytes with it.
func breakConnection(w http.ResponseWriter, f wireFault) {
	if b, ok := w.(breaker); ok {
		b.breakOff(f)
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2: the stream is reset
	}
	if tcp, ok := conn.(*net.TCPConn); ok && f == reset {
		_ = tcp.SetLinger(0) // closing then sends a reset
	}
	_ = conn.Close()
}
