package sandbox

import (
	"net/http"
	"strconv"
	"strings"
)

// klingAPI is Kling's own API and the gateways that answer in its envelope
// (providers F and D).
type klingAPI struct{}

func (d klingAPI) answer(c *call) reply {
	if c.at.path == "/account/costs" && c.at.provider == kling {
		return c.only(http.MethodGet, opBalance, d.costs)
	}
	prefix := "/v1/videos/"
	if c.at.provider != kling {
		prefix = "/kling" + prefix
	}
	rest, ok := strings.CutPrefix(c.at.path, prefix)
	videoKind, id, one := strings.Cut(rest, "/")
	if !ok || (videoKind != imageToVideo && videoKind != textToVideo) {
		c.entry.Op = opOf(c.r.Method, c.at.path)
		return c.refuse(unknownPath, "")
	}
	switch {
	case one && id != "":
		return c.only(http.MethodGet, opStatus, func(c *call) reply { return d.status(c, videoKind, id) })
	case one:
		c.entry.Op = opStatus
		return c.refuse(unknownPath, "")
	case c.r.Method == http.MethodGet && c.at.provider == kling:
		return c.only(http.MethodGet, opList, func(c *call) reply { return d.list(c, videoKind) })
	default:
		return c.only(http.MethodPost, opCreate, func(c *call) reply { return d.create(c, videoKind) })
	}
}

func (d klingAPI) create(c *call, videoKind string) reply {
	body, out, ok := c.readCreate()
	if !ok {
		return out
	}
	o, k, why := c.klingOrder(videoKind, body)
	c.noteUnknown(k)
	if why != "" {
		return c.refuse(badRequest, why)
	}
	if !klingModel(videoKind, o.model) {
		return c.refuse(unknownModel, "model_name "+o.model)
	}
	return c.place(o, func(t *task, id any) reply { return d.accepted(c, t, id) })
}

// accepted is the answer to a create (F.3, D.3).
func (d klingAPI) accepted(c *call, t *task, id any) reply {
	if c.at.provider != kling && t.Shape != "" {
		return gatewayAccepted(t, id)
	}
	info := object{}
	if t.ExternalID != "" || c.at.provider == powertokens {
		info["external_task_id"] = t.ExternalID
	}
	answer := object{"code": 0, "message": "SUCCEED", "data": object{
		"task_id": id, "task_info": info, "task_status": "submitted",
		"created_at": t.CreatedMS, "updated_at": t.CreatedMS,
	}}
	if c.at.provider != cometapi { // its page shows none
		answer["request_id"] = requestID()
	} else {
		answer["message"] = "success"
	}
	return answerWith(http.StatusOK, "0", answer)
}

func (d klingAPI) status(c *call, videoKind, id string) reply {
	c.entry.Task = id
	t, err := c.find(id)
	if t == nil && err == nil && c.at.provider == kling {
		c.entry.ExternalID = id
		t, err = c.findExternal(id)
	}
	if err != nil {
		return c.broken(err)
	}
	if t == nil || t.Kind != videoKind {
		return c.refuse(unknownTask, "task "+elide(id))
	}
	c.entry.Task = t.ID
	if out, refused := c.playStatus(t); refused {
		return out
	}
	if c.at.provider == crazyrouter || (c.at.provider != kling && t.Shape != "") {
		return gatewayStatus(c, t)
	}
	data, err := klingTask(c, t)
	if err != nil {
		return c.broken(err)
	}
	return answerWith(http.StatusOK, "0", object{
		"code": 0, "message": "SUCCEED", "request_id": requestID(), "data": data,
	})
}

// list is a page of an account's tasks, newest first (F.4).
func (d klingAPI) list(c *call, videoKind string) reply {
	page, ok1 := pageParam(c, "pageNum", 1, 1000)
	size, ok2 := pageParam(c, "pageSize", 30, 500)
	if !ok1 || !ok2 {
		return c.refuse(badRequest, "pageNum must be 1 to 1000, pageSize 1 to 500")
	}
	tasks, err := c.s.list(listKey{provider: kling, owner: c.owner, kind: videoKind}, (page-1)*size, size)
	if err != nil {
		return c.broken(err)
	}
	data := make([]object, 0, len(tasks))
	for _, t := range tasks {
		one, err := klingTask(c, t)
		if err != nil {
			return c.broken(err)
		}
		data = append(data, one)
	}
	return answerWith(http.StatusOK, "0", object{
		"code": 0, "message": "SUCCEED", "request_id": requestID(), "data": data,
	})
}

func pageParam(c *call, name string, fallback, most int) (int, bool) {
	v := c.r.URL.Query().Get(name)
	if v == "" {
		return fallback, true
	}
	n, err := strconv.Atoi(v)
	return n, err == nil && n >= 1 && n <= most
}

// costs lists the packs of an account (F.8).
func (d klingAPI) costs(c *call) reply {
	q := c.r.URL.Query()
	from, err1 := strconv.ParseInt(q.Get("start_time"), 10, 64)
	to, err2 := strconv.ParseInt(q.Get("end_time"), 10, 64)
	if err1 != nil || err2 != nil || from > to {
		return c.refuse(badRequest, "start_time and end_time are required, Unix milliseconds")
	}
	packs := object{"code": 0, "msg": "SUCCEED"}
	if name := q.Get("resource_pack_name"); !c.poor && (name == "" || name == "Sandbox pack") {
		bought := millis(c.now.AddDate(0, -1, 0))
		packs["resource_pack_subscribe_infos"] = []object{{
			"resource_pack_name": "Sandbox pack", "resource_pack_id": "sbx-pack-1",
			"resource_pack_type": "decreasing_total", "total_quantity": 5000, "remaining_quantity": 4721.5,
			"purchase_time": bought, "effective_time": bought, "invalid_time": millis(c.now.AddDate(0, 5, 0)),
			"status": "online",
		}}
	}
	return answerWith(http.StatusOK, "0", object{
		"code": 0, "message": "SUCCEED", "request_id": requestID(), "data": packs,
	})
}
