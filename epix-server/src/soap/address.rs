//! Where the face answers, and which dialect is spoken there.

use epix_core::soap::{Dialect, Fault, FaultCode, Refused, Request};

/// One address of the face.
#[derive(Debug)]
pub(super) struct Address {
    /// The path.
    pub(super) path: &'static str,
    /// The one dialect that is spoken there; `None` where all are.
    pub(super) dialect: Option<Dialect>,
    /// The path that the description served here names as the place to call.
    pub(super) call: &'static str,
}

const fn all(path: &'static str) -> Address {
    Address { path, dialect: None, call: path }
}

const fn fixed(path: &'static str, dialect: Dialect) -> Address {
    Address { path, dialect: Some(dialect), call: path }
}

/// Every address that is called; the last is that of the public hub, for those who have it in their configuration.
pub(super) static ADDRESSES: [&Address; 5] = [
    &all("/epix"),
    &fixed("/epix/v1", Dialect::V1),
    &fixed("/epix/v2", Dialect::V2),
    &fixed("/epix/hub", Dialect::Hub),
    &fixed("/api/v1/soap_api/action", Dialect::Hub),
];

/// Where the public hub described itself.
pub(super) static HUB_DESCRIPTION: Address =
    Address { path: "/api/v1/soap_api/wsdl", dialect: Some(Dialect::Hub), call: "/api/v1/soap_api/action" };

impl Address {
    /// The dialect of those who do not say theirs.
    pub(super) fn usual(&self) -> Dialect {
        self.dialect.unwrap_or(Dialect::V2)
    }

    /// True where a description is served to those who ask for nothing in particular.
    pub(super) fn describes_itself(&self) -> bool {
        self.path != self.call
    }

    /// Takes a request when its dialect is spoken here.
    pub(super) fn takes(&self, request: Request) -> Result<Request, Refused> {
        let Some(fixed) = self.dialect.filter(|fixed| *fixed != request.dialect) else { return Ok(request) };
        let remark = format!("{} is spoken here; POST /epix takes every dialect", fixed.spec().what);
        let fault = Fault::with(FaultCode::VersionNotSupported, remark);
        Err(Refused { fault, dialect: Some(request.dialect), operation: Some(request.call.operation()) })
    }
}
