//! The egress guard: which addresses a request may be sent to.
//!
//! A name is resolved once, every answer is checked, and the connection goes to a checked address, so that a
//! second answer cannot replace the first (DNS rebinding). An address that stands in the URL goes through the
//! same function. The guard is always on; only the operator's configuration opens private addresses, and some
//! stay closed whatever is listed: cloud metadata, and Flero's own listeners, database and queue.

use std::net::{IpAddr, SocketAddr};

use flero_model::destination::Destination;
use url::Host;

pub mod address;
mod allow;

pub use allow::{AllowList, InvalidAllowEntry};

/// Why an address or a name is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Blocked {
    /// Loopback, private, link-local, multicast, reserved or documentation space.
    #[error("it is a private or reserved address; the operator can open it with FLERO_EGRESS_ALLOW")]
    Private,
    /// A cloud metadata service, which hands out the machine's own credentials.
    #[error("it is a cloud metadata service, which always stays closed")]
    Metadata,
    /// One of Flero's own listeners, its database or its queue.
    #[error("it is a service of this installation itself, which always stays closed")]
    Own,
}

/// Names of metadata services that resolve to an address which is not itself a metadata address everywhere.
/// Sources: the documentation of Google Cloud (`metadata.google.internal`, `metadata.goog`), AWS EC2
/// (`instance-data`), IBM Cloud (`api.metadata.cloud.ibm.com`), Tencent Cloud (`metadata.tencentyun.com`),
/// Equinix Metal (`metadata.platformequinix.com`, `metadata.packet.net`).
const METADATA_NAMES: &[&str] = &[
    "metadata",
    "metadata.google.internal",
    "metadata.goog",
    "instance-data",
    "instance-data.ec2.internal",
    "api.metadata.cloud.ibm.com",
    "metadata.tencentyun.com",
    "metadata.platformequinix.com",
    "metadata.packet.net",
];

/// Decides about destinations. Cheap to share; it never changes.
#[derive(Debug, Default)]
pub struct Guard {
    allow: AllowList,
    own: Vec<SocketAddr>,
}

impl Guard {
    /// A guard with the operator's list and the addresses of Flero's own listeners, database and queue. An
    /// own address that is unspecified (`0.0.0.0:7373`) closes the port on this machine.
    #[must_use]
    pub fn new(allow: AllowList, own: Vec<SocketAddr>) -> Self {
        Self { allow, own }
    }

    /// Whether the operator's list names the host, which also allows `http` to it. An address counts as named
    /// where a listed network holds it.
    #[must_use]
    pub fn lists(&self, destination: &Destination) -> bool {
        self.allow.names(&destination.host, destination.port)
            || match &destination.host {
                Host::Ipv4(address) => self.allow.holds(IpAddr::V4(*address), destination.port),
                Host::Ipv6(address) => self.allow.holds(IpAddr::V6(*address), destination.port),
                Host::Domain(_) => false,
            }
    }

    /// What can be said before a name is resolved: metadata names are closed, and a literal address is checked.
    ///
    /// # Errors
    /// [`Blocked`] when the destination is closed.
    pub fn check_destination(&self, destination: &Destination) -> Result<(), Blocked> {
        match &destination.host {
            Host::Domain(name) if METADATA_NAMES.contains(&name.as_str()) => Err(Blocked::Metadata),
            Host::Domain(_) => Ok(()),
            Host::Ipv4(address) => self.check_address(destination, IpAddr::V4(*address)),
            Host::Ipv6(address) => self.check_address(destination, IpAddr::V6(*address)),
        }
    }

    /// Whether a connection for this destination may go to this address.
    ///
    /// # Errors
    /// [`Blocked`] when it may not.
    pub fn check_address(&self, destination: &Destination, address: IpAddr) -> Result<(), Blocked> {
        let address = address::unmap(address);
        let port = destination.port;
        let named = self.allow.names(&destination.host, port);
        // An IPv4 address inside an IPv6 one is where the packet ends up, so both must pass.
        for candidate in std::iter::once(address).chain(address::embedded(address)) {
            if address::is_metadata(candidate) {
                return Err(Blocked::Metadata);
            }
            if self.is_own(candidate, port) {
                return Err(Blocked::Own);
            }
            if !address::is_public(candidate) && !named && !self.allow.holds(candidate, port) {
                return Err(Blocked::Private);
            }
        }
        Ok(())
    }

    /// After the connection stands: a connection from this machine to itself on an own port is dropped before
    /// a byte is sent. This closes a listener on every interface without a list of the interfaces.
    ///
    /// # Errors
    /// [`Blocked::Own`] when both ends are this machine and the port is an own one.
    pub fn check_connected(&self, local: SocketAddr, peer: SocketAddr) -> Result<(), Blocked> {
        let same_machine = address::unmap(local.ip()) == address::unmap(peer.ip());
        if same_machine && self.own.iter().any(|own| own.ip().is_unspecified() && own.port() == peer.port()) {
            Err(Blocked::Own)
        } else {
            Ok(())
        }
    }

    fn is_own(&self, address: IpAddr, port: u16) -> bool {
        self.own.iter().any(|own| {
            let own_address = address::unmap(own.ip());
            let both_local =
                (own_address.is_unspecified() || own_address.is_loopback()) && is_this_machine(address);
            own.port() == port && (own_address == address || both_local)
        })
    }
}

/// Loopback, and the unspecified addresses, which systems take for loopback.
fn is_this_machine(address: IpAddr) -> bool {
    address.is_loopback() || address.is_unspecified()
}

#[cfg(test)]
mod tests;
