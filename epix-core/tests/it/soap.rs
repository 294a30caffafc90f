//! What does an answer look like that carries a permit?

/// Puts the root element of a permit into an answer, behind an attachment.
pub(crate) fn answer(permit: &str) -> String {
    format!(
        "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Header/><soap:Body>\
         <x:GetFinalCitesCertificateResponse xmlns:x=\"urn:CitesDataExchange/v2/\">{permit}\
         <Attachments><AttachmentName>a.txt</AttachmentName><AttachmentContent>YQ==</AttachmentContent></Attachments>\
         <Composite>false</Composite></x:GetFinalCitesCertificateResponse></soap:Body></soap:Envelope>"
    )
}
