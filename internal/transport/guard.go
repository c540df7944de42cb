package transport

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"syscall"
)

// ErrAddress is an address that a guard refuses. Trying again does not help.
var ErrAddress = errors.New("the address is not allowed")

// GuardOptions says which addresses a connection may go to.
type GuardOptions struct {
	// AllowPrivate admits loopback and private networks. Link-local addresses,
	// where clouds keep their credentials, are never admitted.
	AllowPrivate bool
}

// Guard makes a net.Dialer.ControlContext that refuses addresses by Check. It
// sees what DNS answered, for every attempt, so a name cannot be changed
// between a check and its use.
func Guard(o GuardOptions) func(ctx context.Context, network, address string, c syscall.RawConn) error {
	return func(_ context.Context, network, address string, _ syscall.RawConn) error {
		if !strings.HasPrefix(network, "tcp") {
			return fmt.Errorf("%w: %s is no TCP", ErrAddress, network)
		}
		target, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("%w: it cannot be read", ErrAddress)
		}
		return o.Check(target.Addr())
	}
}

// Check returns ErrAddress, with the reason, for an address that no request of
// ours may go to.
func (o GuardOptions) Check(addr netip.Addr) error {
	plain := embedded(addr.Unmap().WithZone(""))
	word := forbidden(plain)
	if word == "" && !o.AllowPrivate {
		word = private(plain)
	}
	if word == "" {
		return nil
	}
	return fmt.Errorf("%w: %s is %s", ErrAddress, addr, word)
}

// forbidden names the kinds of address that are never a video's.
func forbidden(addr netip.Addr) string {
	switch {
	case !addr.IsValid():
		return "no address"
	case addr.IsUnspecified(), within(addr, "0.0.0.0/8"):
		return "unspecified"
	case addr.IsMulticast(), addr == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return "multicast"
	case addr.IsLinkLocalUnicast():
		return "link-local"
	case within(addr, "100.100.100.200/32"), within(addr, "fd00:ec2::254/128"):
		// Alibaba Cloud and AWS keep instance metadata here.
		return "a metadata service"
	}
	return ""
}

// private names the kinds of address that exist behind one's own router only.
func private(addr netip.Addr) string {
	switch {
	case addr.IsLoopback():
		return "loopback"
	case addr.IsPrivate(), within(addr, "fec0::/10"):
		return "private"
	case within(addr, "100.64.0.0/10"):
		return "shared by a carrier (RFC 6598)"
	case within(addr, "192.0.0.0/24"), within(addr, "198.18.0.0/15"), within(addr, "240.0.0.0/4"):
		return "reserved"
	}
	return ""
}

// embedded takes the IPv4 address out of the IPv6 forms that carry one to a
// gateway: NAT64 (64:ff9b::/96), 6to4 (2002::/16) and the old compatible form
// (::/96), which is not loopback or unspecified.
func embedded(addr netip.Addr) netip.Addr {
	if !addr.Is6() {
		return addr
	}
	b := addr.As16()
	switch {
	case within(addr, "64:ff9b::/96"):
		return netip.AddrFrom4([4]byte(b[12:]))
	case within(addr, "2002::/16"):
		return netip.AddrFrom4([4]byte(b[2:6]))
	case within(addr, "::/96") && !addr.IsLoopback() && !addr.IsUnspecified():
		return netip.AddrFrom4([4]byte(b[12:]))
	}
	return addr
}

func within(addr netip.Addr, prefix string) bool { return netip.MustParsePrefix(prefix).Contains(addr) }
