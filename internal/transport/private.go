package transport

import "net/netip"

// PrivateHost reports whether a host, as it stands in a URL, is this machine or
// an address of a private network. Names are not looked up.
func PrivateHost(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && private(addr.Unmap()) != ""
}
