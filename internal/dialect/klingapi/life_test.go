package klingapi_test

import (
	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/dialect/dialecttest"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

func order(prompt string) dialect.Request {
	return dialect.Request{
		Model: "kling-v2-1-master", Kind: kling.ImageToVideo, Endpoint: "image2video",
		Input: map[string]any{"prompt": prompt, "image": "https://files.example.net/lighthouse.png", "duration": "5"},
	}
}

// lives are Kling itself with either kind of credential, the gateways, and
// every shape of answer that gateways are known to give.
func lives() []dialecttest.Life {
	all := []dialecttest.Life{
		{Name: "kling", BaseURL: "https://api-singapore.klingai.com", Credential: credentials()[0]},
		{Name: "kling with a pair", BaseURL: "https://api-beijing.klingai.com", Credential: credentials()[1]},
	}
	for i := range all {
		all[i].New, all[i].Skip, all[i].Expect = official, skips(), expectations()
	}
	all = append(
		all,
		throughGateway("powertokens", "https://api.powertokens.ai"),
		throughGateway("cometapi", "https://api.cometapi.com"),
		withOneLink(throughGateway("crazyrouter", "https://crazyrouter.com")),
	)
	for _, shape := range []string{"", "1", "2", "3", "official", "nested"} {
		all = append(all, throughNewAPI(shape))
	}
	for _, shape := range []string{"openai", "docs", "simple"} {
		all = append(all, withOneLink(throughNewAPI(shape)))
	}
	for i := range all {
		all[i].Order = order
	}
	return all
}

func skips() map[string]string {
	return map[string]string{"[[object-result]]": "this API has no resultJson"}
}

// expectations: Kling has codes neither for maintenance before any work nor
// for a generation that fails at once; both are plain 5xx.
func expectations() map[string]dialecttest.Refusal {
	down := dialecttest.Refusal{Kind: fault.Unavailable, Charged: fault.MayBeCharged}
	return map[string]dialecttest.Refusal{"[[455]]": down, "[[501]]": down}
}

func throughGateway(name, base string) dialecttest.Life {
	life := dialecttest.Life{Name: name, BaseURL: base, New: gateway, Skip: skips(), Expect: expectations()}
	life.Skip["found by our id"] = "no gateway documents it"
	life.Skip["listed"] = "no gateway documents it"
	return life
}

func throughNewAPI(shape string) dialecttest.Life {
	life := throughGateway("newapi", "https://gateway.example.net")
	life.New = newAPI
	// task_failed is a refusal that the upstream sent inside a 200.
	life.Expect["[[501]]"] = dialecttest.Refusal{Kind: fault.Refused, Charged: fault.NotCharged}
	if shape != "" {
		life.Name += " in shape " + shape
		life.Marker = "[[shape:" + shape + "]]"
	}
	return life
}

func withOneLink(life dialecttest.Life) dialecttest.Life {
	life.Skip["[[two-videos]]"] = "this shape has room for one link"
	return life
}
