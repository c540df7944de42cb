package sandbox

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
)

// newAPI is an operator's own new-api in front of Kling (providers E). It is
// played from what its source does to a request, the losses included.
type newAPI struct{}

func (d newAPI) answer(c *call) reply {
	out := d.route(c)
	return out.with("X-Oneapi-Request-Id", requestID())
}

func (d newAPI) route(c *call) reply {
	switch c.at.path {
	case "/v1/dashboard/billing/subscription":
		return c.only(http.MethodGet, opBalance, d.subscription)
	case "/v1/dashboard/billing/usage":
		return c.only(http.MethodGet, opBalance, d.usage)
	}
	if rest, ok := strings.CutPrefix(c.at.path, "/kling/v1/videos/"); ok {
		videoKind, id, one := strings.Cut(rest, "/")
		switch {
		case videoKind != imageToVideo && videoKind != textToVideo:
		case one && id != "":
			return c.only(http.MethodGet, opStatus, func(c *call) reply { return d.status(c, id, "") })
		case !one:
			return c.only(http.MethodPost, opCreate, d.create)
		}
	}
	if id, ok := strings.CutPrefix(c.at.path, "/v1/videos/"); ok && id != "" {
		if id, content := strings.CutSuffix(id, "/content"); content {
			return c.only(http.MethodGet, opDownload, func(c *call) reply { return d.content(c, id) })
		}
		return c.only(http.MethodGet, opStatus, func(c *call) reply { return d.status(c, id, openai) })
	}
	c.entry.Op = opOf(c.r.Method, c.at.path)
	return c.refuse(unknownPath, "")
}

func (d newAPI) create(c *call) reply {
	body, out, ok := c.readCreate()
	if !ok {
		return out
	}
	body = d.lifted(body)
	prompt := textOf(body, "prompt")
	model := textOf(body, "model_name")
	if model == "" {
		model = textOf(body, "model")
	}
	videoKind := imageToVideo
	if v, ok := body["image"]; !ok || v == "" || v == nil {
		videoKind = textToVideo
	}
	switch {
	case strings.TrimSpace(prompt) == "":
		return newAPIFailure(http.StatusBadRequest, "invalid_request", "prompt is required")
	case model == "":
		return c.refuse(unknownModel, "")
	}
	sent, why := d.forwarded(body, videoKind)
	if why != "" {
		return newAPIFailure(http.StatusInternalServerError, "build_request_failed", why)
	}
	sent["model_name"] = model
	o, k, why := c.klingOrder(videoKind, sent)
	c.noteUnknown(k)
	if why == "" && !klingModel(videoKind, model) {
		return c.refuse(unknownModel, "no channel for model "+elide(model))
	}
	if why != "" { // Kling refused: its answer comes as text
		_, code, words := klingError(badRequest)
		upstream, _ := json.Marshal(klingErrorBody(code, words+": "+why))
		out := newAPIFailure(http.StatusBadRequest, "fail_to_fetch_task", string(upstream))
		out.problem = why
		return out
	}
	o.newID = func() string { return "sbx_task_" + random(alphanumeric, 32) }
	return c.place(o, func(t *task, id any) reply { return gatewayAccepted(t, id) })
}

// lifted is the body as the adaptor sees it: builds read the fields from the
// top of the body, or from metadata where a client repeats them.
func (newAPI) lifted(body object) object {
	out := object{}
	if meta, ok := body["metadata"].(object); ok {
		maps.Copy(out, meta)
	}
	maps.Copy(out, body)
	delete(out, "metadata")
	return out
}

// forwarded keeps the fields the source knows and drops the others without a
// word, as it does. A field of another JSON type fails the build (E.2).
func (newAPI) forwarded(body object, videoKind string) (object, string) {
	sent := object{}
	for _, name := range []string{
		"prompt", "negative_prompt", "mode", "duration", "aspect_ratio", "model_name",
		"static_mask", "callback_url", "external_task_id", "image", "image_tail",
	} {
		switch v := body[name].(type) {
		case nil:
		case string, *spill:
			if v != "" {
				sent[name] = v
			}
		default:
			return nil, "json: cannot unmarshal a value that is not a string into field " + name + " of type string"
		}
	}
	if v, ok := body["cfg_scale"]; ok && v != nil {
		if _, is := v.(json.Number); !is {
			return nil, "json: cannot unmarshal a value that is not a number into field cfg_scale of type float64"
		}
		sent["cfg_scale"] = v
	}
	for _, name := range []string{"dynamic_masks", "camera_control"} {
		if v, ok := body[name]; ok && v != nil {
			sent[name] = v
		}
	}
	drop := []string{"aspect_ratio"}
	if videoKind == textToVideo {
		drop = []string{"image", "image_tail", "static_mask", "dynamic_masks"}
	}
	for _, name := range drop { // Kling ignores what the other path takes
		delete(sent, name)
	}
	return sent, ""
}

func (d newAPI) status(c *call, id string, sh shape) reply {
	c.entry.Task = id
	t, err := c.find(id)
	if err != nil {
		return c.broken(err)
	}
	if t == nil || t.Owner != c.owner { // visible to its maker only
		return c.refuse(unknownTask, "")
	}
	if out, refused := c.playStatus(t); refused {
		return out
	}
	if sh != "" {
		t.Shape = sh
	}
	return gatewayStatus(c, t)
}

// content leads to the bytes of a video.
func (d newAPI) content(c *call, id string) reply {
	c.entry.Task = id
	t, err := c.find(id)
	if err != nil {
		return c.broken(err)
	}
	if t == nil || t.Owner != c.owner {
		return c.refuse(unknownTask, "")
	}
	links, err := c.links(t)
	if err != nil {
		return c.broken(err)
	}
	if t.phase(c.now) != succeeded || len(links) == 0 {
		return newAPIFailure(http.StatusBadRequest, "invalid_request", "the video is not ready")
	}
	return reply{status: http.StatusFound, header: map[string]string{"Location": links[0]}}
}

// subscription and usage tell what is left: limit minus usage (E.5).
func (newAPI) subscription(c *call) reply {
	limit := 20.0
	if c.poor {
		limit = 7.66
	}
	return answerWith(http.StatusOK, "", object{
		"object": "billing_subscription", "has_payment_method": true, "soft_limit_usd": limit,
		"hard_limit_usd": limit, "system_hard_limit_usd": limit, "access_until": 0,
	})
}

func (newAPI) usage(*call) reply {
	return answerWith(http.StatusOK, "", object{"object": "list", "total_usage": 766.0})
}
