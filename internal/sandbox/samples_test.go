package sandbox_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// keys is the shape of an answer: every path that leads to a value, with the
// JSON type found there. Arrays show their first element.
func keys(under string, v any, into map[string]string) map[string]string {
	switch v := v.(type) {
	case map[string]any:
		into[under+"{}"] = "object"
		for name := range maps.Keys(v) {
			keys(under+"."+name, v[name], into)
		}
	case []any:
		into[under+"[]"] = "array"
		if len(v) > 0 {
			keys(under+"[0]", v[0], into)
		}
	default:
		into[under] = fmt.Sprintf("%T", v)
	}
	return into
}

func shapeOf(t *testing.T, text string) []string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	found := keys("", v, map[string]string{})
	var out []string
	for _, name := range slices.Sorted(maps.Keys(found)) {
		out = append(out, name+" "+found[name])
	}
	return out
}

// The samples are the shapes the documents print (facts A to F), with values
// of our own. An answer must have the same keys and types, no more, no less.
func TestAnswersHaveTheDocumentedShape(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, provider, prompt, when, sample string }{
		{"createtask created", "kie", "p", "created", `{"code":200,"msg":"success","data":{"taskId":"t"}}`},
		{"createtask waiting", "kie", "p", "queued", `{"code":200,"msg":"success","data":{"taskId":"t","model":"m","state":"waiting","param":"{}","resultJson":"","failCode":null,"failMsg":null,"costTime":null,"completeTime":null,"createTime":1,"updateTime":1}}`},
		{"createtask generating", "kie", "p", "running", `{"code":200,"msg":"success","data":{"taskId":"t","model":"m","state":"generating","param":"{}","resultJson":"","failCode":"","failMsg":"","costTime":0,"completeTime":0,"createTime":1,"updateTime":1}}`},
		{"createtask success", "kie", "p", "ended", `{"code":200,"msg":"success","data":{"taskId":"t","model":"m","state":"success","param":"{}","resultJson":"{}","failCode":"","failMsg":"","costTime":1,"completeTime":1,"createTime":1,"updateTime":1,"creditsConsumed":160.0}}`},
		{"createtask fail", "kie", "[[failed]]", "ended", `{"code":200,"msg":"success","data":{"taskId":"t","model":"m","state":"fail","param":"{}","resultJson":"","failCode":"500","failMsg":"x","costTime":0,"completeTime":1,"createTime":1,"updateTime":1,"creditsConsumed":0.0}}`},
		{"aimlapi created", "aimlapi", "p", "created", `{"id":"1","status":"queued"}`},
		{"aimlapi generating", "aimlapi", "p", "running", `{"id":"1","status":"generating"}`},
		{"aimlapi completed", "aimlapi", "p", "ended", `{"id":"1","status":"completed","video":{"url":"u"},"meta":{"usage":{"credits_used":1}}}`},
		{"aimlapi error", "aimlapi", "[[failed]]", "ended", `{"id":"1","status":"error","error":{"name":"n","message":"m"}}`},
		{"apixo created", "apixo", "p", "created", `{"code":200,"message":"success","data":{"taskId":"t"}}`},
		{"apixo pending", "apixo", "p", "queued", `{"code":200,"message":"success","data":{"taskId":"t","state":"pending","createTime":1}}`},
		{"apixo success", "apixo", "p", "ended", `{"code":200,"message":"success","data":{"taskId":"t","state":"success","resultJson":"{}","createTime":1,"completeTime":1,"costTime":1}}`},
		{"apixo failed", "apixo", "[[failed]]", "ended", `{"code":200,"message":"success","data":{"taskId":"t","state":"failed","failCode":"c","failMsg":"m","createTime":1,"completeTime":1}}`},
		{"powertokens created", "powertokens", "p", "created", `{"code":0,"message":"SUCCEED","request_id":"r","data":{"task_id":"t","task_status":"submitted","task_info":{"external_task_id":""},"created_at":1,"updated_at":1}}`},
		{"cometapi created", "cometapi", "p", "created", `{"code":0,"message":"success","data":{"task_id":"t","task_status":"submitted","task_info":{},"created_at":1,"updated_at":1}}`},
		{"crazyrouter queued", "crazyrouter", "p", "queued", `{"code":"success","message":"","data":{"task_id":"t","status":"queued","url":"","format":"mp4","metadata":null,"error":null}}`},
		{"kling submitted", "kling", "p", "queued", `{"code":0,"message":"SUCCEED","request_id":"r","data":{"task_id":"t","task_status":"submitted","task_status_msg":"","task_info":{},"created_at":1,"updated_at":1}}`},
		{"kling processing", "kling", "p", "running", `{"code":0,"message":"SUCCEED","request_id":"r","data":{"task_id":"t","task_status":"processing","task_status_msg":"","task_info":{},"task_result":{},"created_at":1,"updated_at":1}}`},
		{"kling succeed", "kling", "[[watermark]]", "ended", `{"code":0,"message":"SUCCEED","request_id":"r","data":{"task_id":"t","task_status":"succeed","task_status_msg":"","task_info":{},"task_result":{"videos":[{"id":"v","url":"u","watermark_url":"","duration":"5.041"}]},"watermark_info":{"enabled":false},"final_unit_deduction":"3.5","created_at":1,"updated_at":1}}`},
		{"kling failed", "kling", "[[failed]]", "ended", `{"code":0,"message":"SUCCEED","request_id":"r","data":{"task_id":"t","task_status":"failed","task_status_msg":"m","task_info":{},"created_at":1,"updated_at":1}}`},
		{"newapi created", "newapi", "p", "created", `{"id":"t","task_id":"t","object":"video","model":"m","status":"queued","progress":0,"created_at":1}`},
		{"newapi success", "newapi", "p", "ended", `{"code":"success","message":"","data":{"id":1,"created_at":1,"updated_at":1,"task_id":"t","platform":"50","user_id":1,"group":"g","channel_id":1,"quota":1,"action":"a","status":"SUCCESS","fail_reason":"","result_url":"u","submit_time":1,"start_time":1,"finish_time":1,"progress":"100%","properties":{"input":"","upstream_model_name":"m","origin_model_name":"m"},"data":{"code":0,"message":"SUCCEED","request_id":"r","data":{"task_id":"t","task_status":"succeed","task_status_msg":"","task_info":{},"task_result":{"videos":[{"id":"v","url":"u","duration":"5.041"}]},"watermark_info":{"enabled":false},"final_unit_deduction":"10","created_at":1,"updated_at":1}}}}`},
		{"newapi openai", "newapi", "[[shape:openai]]", "ended", `{"id":"t","object":"video","model":"","status":"completed","progress":100,"created_at":1,"completed_at":1,"seconds":"5.041","metadata":{"url":"u"}}`},
		{"newapi docs", "newapi", "[[shape:docs]]", "ended", `{"task_id":"t","status":"completed","url":"u","format":"mp4","metadata":{"duration":5,"fps":24,"width":1280,"height":720,"seed":0},"error":null}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k, d := setup(t), dialectOf(t, c.provider)
			a := k.post(d.provider, d.create, d.with(c.prompt))
			if c.when != "created" {
				k.clock.pass(map[string]time.Duration{"running": 3 * time.Second, "ended": 11 * time.Second}[c.when])
				a = k.look(d, a.textAt(d.id))
			}
			if diff := cmp.Diff(shapeOf(t, c.sample), shapeOf(t, a.text)); diff != "" {
				t.Errorf("shape (-documented +got):\n%s", diff)
			}
		})
	}
}

func TestBalances(t *testing.T) {
	t.Parallel()
	span := "?start_time=1&end_time=2"
	for _, c := range []struct{ provider, path, sample string }{
		{"kie", "/api/v1/chat/credit", `{"code":200,"msg":"success","data":100}`},
		{"aimlapi", "/v2/billing", `{"current_balance":12.34,"currency":"USD"}`},
		{"apixo", "/api/v1/apikeys/current-balance", `{"code":200,"message":"success","data":74.87}`},
		{"kling", "/account/costs" + span, `{"code":0,"message":"SUCCEED","request_id":"r","data":{"code":0,"msg":"SUCCEED","resource_pack_subscribe_infos":[{"resource_pack_name":"n","resource_pack_id":"i","resource_pack_type":"t","total_quantity":1,"remaining_quantity":1.5,"purchase_time":1,"effective_time":1,"invalid_time":1,"status":"online"}]}}`},
		{"newapi", "/v1/dashboard/billing/subscription", `{"object":"o","has_payment_method":true,"soft_limit_usd":1,"hard_limit_usd":1,"system_hard_limit_usd":1,"access_until":0}`},
		{"newapi", "/v1/dashboard/billing/usage", `{"object":"list","total_usage":1}`},
	} {
		k := setup(t)
		a := k.get(c.provider, c.path)
		if diff := cmp.Diff(shapeOf(t, c.sample), shapeOf(t, a.text)); a.status != http.StatusOK || diff != "" {
			t.Errorf("%s %s: got %d, shape (-documented +got):\n%s", c.provider, c.path, a.status, diff)
		}
		if e := k.journal().Entries[0]; e.Op != "balance" {
			t.Errorf("%s: journal says %q, want balance", c.path, e.Op)
		}
	}
	k := setup(t)
	if a := k.get("kling", "/account/costs"); a.at("code") != 1201.0 {
		t.Errorf("costs without times: got %s, want 1201", a.text)
	}
	if a := k.do(http.MethodGet, k.base("kling")+"/account/costs"+span, "poor", ""); strings.Contains(a.text, "resource_pack_subscribe_infos") {
		t.Errorf("an account without packs: got %s", a.text)
	}
}

func TestActualCost(t *testing.T) {
	t.Parallel()
	k := setup(t)
	for _, c := range []struct {
		provider, path string
		want           any
	}{
		{"apikley", "data.creditsConsumed", 160.0},
		{"kie", "data.creditsConsumed", 55.0},
		{"aimlapi", "meta.usage.credits_used", 1_000_000.0},
		{"kling", "data.final_unit_deduction", "10"},
	} {
		d := dialectOf(t, c.provider)
		id := k.make(d, "waves")
		k.clock.pass(11 * time.Second)
		if got := k.look(d, id).at(c.path); got != c.want {
			t.Errorf("%s: got cost %v, want %v", c.provider, got, c.want)
		}
	}
}
