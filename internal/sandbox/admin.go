package sandbox

import (
	"encoding/json"
	"net/http"
)

// serveAdmin answers /_sandbox/, which is no provider's and is not journaled.
func (s *Server) serveAdmin(w http.ResponseWriter, r *http.Request, path string) {
	var err error
	var body any
	switch {
	case path == "/_sandbox/journal" && r.Method == http.MethodGet:
		s.serveJournal(w, r)
		return
	case path == "/_sandbox/counts" && r.Method == http.MethodGet:
		body, err = s.Counts()
	case path == "/_sandbox/reset" && r.Method == http.MethodPost:
		body, err = map[string]bool{"reset": true}, s.Reset()
	case path == "/_sandbox/scenarios" && r.Method == http.MethodGet:
		body = Scenarios()
	default:
		http.NotFound(w, r)
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body) // the client may be gone
}
