package createtask

import (
	"strings"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
)

// Codes in the body that mean more or less than the HTTP status of the same
// number.
const (
	codeSuccess          = "200"
	codeBadRequest       = "400"
	codeValidation       = "422"
	codeMaintenance      = "455"
	codeServerError      = "500"
	codeGenerationFailed = "501"
	codeDisabled         = "505"
)

// success reports whether the answer says so: by its code, or by its HTTP
// status where a proxy left the code out.
func (e envelope) success(reply dialect.Reply) bool {
	if e.Code == "" {
		return reply.Status >= 200 && reply.Status < 300
	}
	return e.Code == codeSuccess
}

// fault names an error by the code in the body, which wins over the HTTP
// status; a code that is none of HTTP's error numbers leaves it to the status.
func (e envelope) fault(reply dialect.Reply) *fault.Error {
	if code, ok := e.Code.Int(); ok && code >= 400 && code < 600 {
		reply.Status = int(code)
	}
	f := dialect.StatusFault(reply, e.text(), string(e.Code))
	if e.text() == "" && e.Code != "" {
		f.Detail = "code " + f.Code
	}
	return f
}

// ofCreate settles what the status alone gets wrong about creates.
func ofCreate(e envelope, f *fault.Error, status int) *fault.Error {
	switch {
	case e.Code == codeMaintenance || e.Code == "" && status == 455:
		f.Kind, f.Charged = fault.Busy, fault.NotCharged
	case e.Code == codeGenerationFailed, e.Code == codeDisabled,
		e.Code == codeServerError && isValidation(e.text()):
		f.Kind, f.Charged = fault.Refused, fault.NotCharged
	}
	return dialect.ForCreate(f)
}

// lookFault is the fault of a look.
func lookFault(e envelope, reply dialect.Reply) *fault.Error {
	f := e.fault(reply)
	switch {
	case e.Code == codeMaintenance || e.Code == "" && reply.Status == 455:
		f.Kind = fault.Unavailable
	case e.Code == codeDisabled:
		f.Kind = fault.Refused
	case (e.Code == codeBadRequest || e.Code == codeValidation) && isUnknownTask(e.text()):
		f.Kind = fault.NotFound
	}
	return f
}

// isValidation recognises the messages with which the code 500 refuses an
// input, as published by people who met them.
func isValidation(text string) bool {
	return containsAny(text,
		"is not within the range of allowed options",
		"this field is required",
		"the text length cannot exceed the maximum limit",
		"file type not supported",
	)
}

// isUnknownTask recognises the refusal of an id that belongs to no task.
func isUnknownTask(text string) bool {
	return containsAny(text, "not found", "not exist", "is null")
}

func containsAny(text string, fragments ...string) bool {
	text = strings.ToLower(text)
	for _, fragment := range fragments {
		if strings.Contains(text, fragment) {
			return true
		}
	}
	return false
}
