// Package transport holds the layers that every HTTP exchange shares: how a
// connection is made, which addresses it may go to, who we say we are, and how
// a URL is shown.
//
// It must not know vendors, retries, bodies or credentials: those are for the
// rooms that know what an exchange means.
package transport
