//! How the body of a call is taken in: limited in size and time, and only what says that it can hold a SOAP message.

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, web};
use epix_core::soap::{Fault, FaultCode, Package, Refused, Request, package, request};
use epix_core::wire::guard::Limits;

/// How long a caller may take to send its request: a slow one must not hold a place for ever.
const TIME: Duration = Duration::from_secs(30);

fn content_type(http: &HttpRequest) -> Option<&str> {
    http.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok())
}

/// Reads the request in a body, which may have come in several parts.
pub(super) fn message(http: &HttpRequest, bytes: &[u8], soap_action: Option<&str>) -> Result<Request, Refused> {
    let package = Package::open(content_type(http), bytes)
        .map_err(|error| Fault::with(FaultCode::InvalidRequest, error.to_string()))?;
    request::read(package.root(), soap_action)
}

/// Reads the body of a call.
pub(super) async fn read(http: &HttpRequest, payload: web::Payload) -> Result<web::Bytes, Fault> {
    let invalid = |remark: String| Fault::with(FaultCode::InvalidRequest, remark);
    let media_type = package::media_type(content_type(http).unwrap_or("text/xml"));
    if !matches!(media_type.as_str(), "text/xml" | "application/xml" | "application/soap+xml" | "multipart/related") {
        let remark = format!("it must be text/xml or multipart/related, found {media_type:?}");
        return Err(Fault::with(FaultCode::MediaTypeNotSupported, remark));
    }
    let limit = Limits::REQUEST.bytes;
    match tokio::time::timeout(TIME, payload.to_bytes_limited(limit)).await {
        Ok(Ok(Ok(bytes))) => Ok(bytes),
        Ok(Ok(Err(error))) => Err(invalid(format!("the request was cut off: {error}"))),
        Ok(Err(_)) => Err(Fault::with(FaultCode::RequestTooLarge, format!("it has more than {limit} bytes"))),
        Err(_) => Err(invalid(format!("the request was not complete after {} seconds", TIME.as_secs()))),
    }
}
