package sandbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Signing holds the secrets callbacks are signed with. An empty secret means
// no signature headers, as when an account has set none.
type Signing struct {
	// KIE is the webhookHmacKey of a KIE account (providers A.6).
	KIE string
	// Kling is the Standard Webhooks secret of a Kling account, with or
	// without its whsec_ prefix (F.6).
	Kling string
}

// Callback is one notification, ready to be sent.
type Callback struct {
	URL    string // where the create asked for it; empty when it did not
	Header http.Header
	Body   []byte

	provider provider
	task     string
}

// ErrNoTask says that the sandbox holds no job of this id.
var ErrNoTask = errors.New("sandbox: no such task")

var errNoCallback = errors.New("sandbox: the task asked for no callback")

// Callback builds the notification a provider would send about a job as it
// stands now. It fails with ErrNoTask for an unknown id, and for AI/ML API,
// which documents no callbacks.
func (s *Server) Callback(id string, sign Signing) (Callback, error) {
	t, err := s.taskByID(id)
	if err != nil {
		return Callback{}, err
	}
	base := s.publicURL
	if base == "" {
		base = "https://" + selfHost
	}
	c := &call{s: s, at: place{provider: t.Provider, shape: t.Shape}, base: base, now: s.now()}
	payload, err := c.payload(t)
	if err != nil {
		return Callback{}, err
	}
	body, err := json.Marshal(payload)
	if err != nil {
		return Callback{}, fmt.Errorf("build callback: %w", err)
	}
	out := Callback{URL: t.Callback, Header: http.Header{}, Body: body, provider: t.Provider, task: t.ID}
	out.Header.Set("Content-Type", "application/json")
	switch t.Provider {
	case apikley, kie:
		signKIE(out.Header, sign.KIE, t.ID, c.now)
	case kling, powertokens, cometapi, crazyrouter, newapi: // Kling itself calls
		err = signStandard(out.Header, sign.Kling, "sbx_"+hexText(16), c.now, body)
	case apixo, aimlapi: // no signature documented
	}
	return out, err
}

// taskByID finds a job whose provider the caller does not know.
func (s *Server) taskByID(id string) (*task, error) {
	for _, p := range providers() {
		t, err := s.load(taskFile(p, id))
		if err == nil {
			return t, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: %s", ErrNoTask, elide(id))
}

// payload is the body of a notification as documented.
func (c *call) payload(t *task) (object, error) {
	switch t.Provider {
	case apikley, kie:
		return c.createTaskPayload(t)
	case apixo:
		data, err := apixoAPI{}.record(c, t)
		return object{"code": 200, "message": "success", "data": data}, err
	case kling, powertokens, cometapi, newapi:
		return c.klingPayload(t)
	case crazyrouter:
		links, err := c.links(t)
		return object{
			"id": t.ID, "status": openAIWord(t.phase(c.now)), "type": "video", "output": object{"video_url": first(links)},
		}, err
	case aimlapi:
	}
	return nil, fmt.Errorf("sandbox: %s documents no callbacks", t.Provider)
}

// createTaskPayload follows A.6: the status record with billing fields, code
// 501 on a failure.
func (c *call) createTaskPayload(t *task) (object, error) {
	data, err := createTask{}.record(c, t)
	if err != nil {
		return nil, err
	}
	delete(data, "creditsConsumed")
	code, words := 200, "Playground task completed successfully."
	if t.phase(c.now) == failed {
		code, words = 501, "Playground task failed."
		delete(data, "resultJson")
		delete(data, "costTime")
		data["consumeCredits"], data["remainedCredits"] = 0, 12345.5
	} else {
		delete(data, "failCode")
		delete(data, "failMsg")
		data["consumeCredits"], data["remainedCredits"] = t.Cost, 12345.5-t.Cost
	}
	return object{"code": code, "msg": words, "data": data}, nil
}

// klingPayload follows F.6: the task object flat, without an envelope.
func (c *call) klingPayload(t *task) (object, error) {
	data, err := klingTask(c, t)
	if err != nil {
		return nil, err
	}
	data["task_info"] = object{
		"parent_video":     object{"id": "", "url": "", "duration": ""},
		"external_task_id": t.ExternalID,
	}
	delete(data, "watermark_info")
	if t.phase(c.now) == succeeded {
		result, _ := data["task_result"].(object)
		data["task_result"] = object{"images": []object{}, "videos": result["videos"]}
		data["final_balance_deduction"] = object{"quota": "", "list_price": ""}
	}
	return data, nil
}

// signKIE signs task id and time, not the body (A.6).
func signKIE(h http.Header, key, task string, now time.Time) {
	if key == "" {
		return
	}
	stamp := strconv.FormatInt(now.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(key))
	_, _ = io.WriteString(mac, task+"."+stamp) // a hash never fails
	h.Set("X-Webhook-Timestamp", stamp)
	h.Set("X-Webhook-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// signStandard signs after the Standard Webhooks scheme (F.6).
func signStandard(h http.Header, secret, id string, now time.Time, body []byte) error {
	if secret == "" {
		return nil
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return errors.New("sign callback: the secret is not base64")
	}
	stamp := strconv.FormatInt(now.Unix(), 10)
	mac := hmac.New(sha256.New, key)
	_, _ = io.WriteString(mac, id+"."+stamp+".")
	_, _ = mac.Write(body)
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", stamp)
	h.Set("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return nil
}

// Deliver posts a callback with Options.CallbackClient and journals it, with
// status 0 when nobody answered. Without a client it is journaled only.
func (s *Server) Deliver(ctx context.Context, cb Callback) error {
	e := Entry{Time: s.now().UTC(), Provider: string(cb.provider), Method: http.MethodPost, Op: opCallback, Task: cb.task, Bytes: int64(len(cb.Body))}
	if s.callbacks == nil {
		e.Problem = "not delivered: no client to send with"
		return s.append(e)
	}
	err := s.deliverOnce(ctx, cb, &e)
	if err != nil {
		e.Problem = err.Error()
	}
	return errors.Join(err, s.append(e))
}

func (s *Server) deliverOnce(ctx context.Context, cb Callback, e *Entry) error {
	if cb.URL == "" {
		return errNoCallback
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, cb.URL, bytes.NewReader(cb.Body))
	if err != nil {
		return fmt.Errorf("deliver callback: %w", err)
	}
	e.Path = req.URL.Path
	req.Header = cb.Header.Clone()
	resp, err := s.callbacks.Do(req)
	if err != nil {
		return fmt.Errorf("deliver callback: %w", err)
	}
	e.Status = resp.StatusCode
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // only the status counts
	if err := resp.Body.Close(); err != nil {
		return fmt.Errorf("deliver callback: %w", err)
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("deliver callback: the receiver answered %d", resp.StatusCode)
	}
	return nil
}
