package sandbox

import (
	"net/http"
	"testing"
	"time"
)

// The vectors stand in the providers' documents or were computed for them.
func TestSignatureVectors(t *testing.T) {
	t.Parallel()
	h := http.Header{}
	signKIE(h, "demo-hmac-key", "task_kling_1765187759663", time.Unix(1769670760, 0))
	if got, want := h.Get("X-Webhook-Signature"), "+49gcjszjrYMK7FOgWddm+Fv2hHfxSw7bngDEfdzGao="; got != want {
		t.Errorf("KIE: got %s, want %s", got, want)
	}
	body := `{"id":"1234567890","status":"succeeded","message":"","create_time":1781080778802,"update_time":1781080794151}`
	err := signStandard(h, "whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI=", "9876543210", time.Unix(1781080794, 0), []byte(body))
	if got, want := h.Get("webhook-signature"), "v1,UsKlJP00XoQyOn410NM9xv34sP+Gl0jnOO9Lcpr7NJ4="; err != nil || got != want {
		t.Errorf("Kling: got %s, %v, want %s", got, err, want)
	}
}
