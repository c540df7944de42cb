// Package fetch turns a URL into a checked file.
//
// It knows byte ranges, validators, digests, temporary files and renames, and
// that a server may lie about all of them. It must not know providers, jobs or
// flags: what a result is, and where it goes, is said by the caller.
//
// Beside a target "clip.mp4" it keeps "clip.mp4.part", the bytes so far (mode
// 0600), and "clip.mp4.part.json", which tells what they are the start of.
// Both are gone after a success, and after a failure that leaves nothing to go
// on from. Nothing but a whole MP4 ever stands under the target's own name.
package fetch
