package sandbox

// condition is a reason for refusing a call, before each dialect puts it into
// its own status, code and words.
type condition string

const (
	noKey          condition = "no key"
	badKey         condition = "key refused"
	earlyToken     condition = "token not valid yet"
	expiredToken   condition = "token expired"
	noCredit       condition = "no credit"
	forbidden      condition = "forbidden"
	badRequest     condition = "invalid request"
	tooLarge       condition = "body too large"
	unknownPath    condition = "unknown path"
	wrongMethod    condition = "wrong method"
	unknownModel   condition = "unknown model"
	unknownTask    condition = "unknown task"
	rateLimited    condition = "rate limited"
	rateInEnvelope condition = "rate limited inside a 200"
	tooManyTasks   condition = "too many parallel tasks"
	maintenance    condition = "maintenance"
	serverError    condition = "server error"
	notGenerated   condition = "generation failed"
	unavailable    condition = "service unavailable"
	timedOut       condition = "gateway timeout"
	disabled       condition = "feature disabled"
)
