package sandbox

import (
	"slices"
	"strings"
)

// provider names a service whose documents are played.
type provider string

const (
	apikley     provider = "apikley"
	kie         provider = "kie"
	aimlapi     provider = "aimlapi"
	apixo       provider = "apixo"
	powertokens provider = "powertokens"
	cometapi    provider = "cometapi"
	crazyrouter provider = "crazyrouter"
	kling       provider = "kling"
	newapi      provider = "newapi"
)

func providers() []provider {
	return []provider{apikley, kie, aimlapi, apixo, powertokens, cometapi, crazyrouter, kling, newapi}
}

// place is where a request was sent: which provider, in which of the answer
// shapes of gateways, and the path behind any selecting prefix.
type place struct {
	provider provider
	shape    shape
	path     string
}

// locate finds the place. An in-process request gives the host of its URL; an
// empty host leaves the choice to the path.
func locate(path, host string) place {
	if rest, ok := strings.CutPrefix(path, "/_as/"); ok {
		name, tail, _ := strings.Cut(rest, "/")
		if p, sh, known := parseProvider(name); known {
			return place{provider: p, shape: sh, path: "/" + tail}
		}
	}
	if p, ok := providerOfHost(host); ok {
		return place{provider: p, path: path}
	}
	foreign := host != "" && host != selfHost
	if foreign {
		path = unprefixed(path)
	}
	return place{provider: providerOfPath(path, foreign), path: path}
}

// unprefixed cuts what an operator's base URL has before the documented path.
func unprefixed(path string) string {
	for _, root := range []string{"/kling/v1/", "/api/v1/", "/api/file-", "/v2/", "/v1/", "/account/"} {
		if i := strings.Index(path, root); i >= 0 {
			return path[i:]
		}
	}
	return path
}

// parseProvider reads the name behind /_as/, for gateways with a shape: newapi-2.
func parseProvider(name string) (provider, shape, bool) {
	base, kind, split := strings.Cut(name, "-")
	p := provider(base)
	if !slices.Contains(providers(), p) {
		return "", "", false
	}
	if !split {
		return p, "", true
	}
	sh := shape(kind)
	return p, sh, isGateway(p) && slices.Contains(shapes(), sh)
}

func providerOfHost(host string) (provider, bool) {
	if name, _, ok := strings.Cut(host, ":"); ok {
		host = name
	}
	switch strings.ToLower(host) {
	case "api.apikley.ru":
		return apikley, true
	case "api.kie.ai", "kieai.redpandaai.co":
		return kie, true
	case "api.aimlapi.com":
		return aimlapi, true
	case "api.apixo.ai":
		return apixo, true
	case "api.powertokens.ai":
		return powertokens, true
	case "api.cometapi.com":
		return cometapi, true
	case "crazyrouter.com":
		return crazyrouter, true
	case "api.klingai.com", "api-singapore.klingai.com", "api-beijing.klingai.com":
		return kling, true
	default:
		return "", false
	}
}

// providerOfPath chooses where the host says nothing. Where several share a
// path the first of them in the documents answers; a host nobody knows is an
// operator's own gateway, which is new-api.
func providerOfPath(path string, ownHost bool) provider {
	switch {
	case strings.HasPrefix(path, "/api/file-"):
		return kie
	case strings.HasPrefix(path, "/api/v1/generateTask/"), strings.HasPrefix(path, "/api/v1/statusTask/"),
		strings.HasPrefix(path, "/api/v1/apikeys/"):
		return apixo
	case strings.HasPrefix(path, "/api/v1/"):
		return apikley
	case strings.HasPrefix(path, "/v2/"), path == "/v1/billing/balance":
		return aimlapi
	case strings.HasPrefix(path, "/account/"):
		return kling
	case isKlingPath(strings.TrimPrefix(path, "/v1/videos/")) && strings.HasPrefix(path, "/v1/videos/"):
		return kling
	case strings.HasPrefix(path, "/kling/v1/") && !ownHost:
		return powertokens
	default:
		return newapi
	}
}

func isKlingPath(rest string) bool {
	kind, _, _ := strings.Cut(rest, "/")
	return kind == imageToVideo || kind == textToVideo
}

// isGateway tells the providers that carry Kling's path under /kling.
func isGateway(p provider) bool {
	return p == powertokens || p == cometapi || p == crazyrouter || p == newapi
}
