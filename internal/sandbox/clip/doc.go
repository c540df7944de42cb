// Package clip turns one still picture into a short, real H.264 video in an
// MP4 file, without a codec.
//
// It knows just enough of two formats to state a picture and hold it. The video
// is Constrained Baseline with CAVLC. Its first picture carries raw samples:
// every macroblock is I_PCM, or an intra prediction without residual where that
// prediction happens to be exact, so nothing is transformed, quantized or lost
// beyond the change from RGB to 4:2:0. Every later picture is a few bytes that
// say "all macroblocks skipped", which repeats the picture before it; each stays
// a reference, so the chain never breaks. Picture order count type 2 makes output order the
// decoding order, and the deblocking filter is off in every slice, or it would
// smooth edges between raw and predicted macroblocks. The MP4 around it has its
// index in front (moov before mdat), one track, one sync sample, no clock time:
// the same input gives the same bytes on every machine.
//
// It must not know what the clip is for: no tasks, no providers, no files, no
// network. It uses the standard library only.
package clip
