//! How is each version read and written? The one table from a version to its folder.

use super::codec::Codec;
use super::{json, v1, v2, v3, wco};
use crate::version::ToolkitVersion;

/// The codec of a version.
pub fn codec(version: ToolkitVersion) -> &'static Codec {
    match version {
        ToolkitVersion::V1 => &v1::CODEC,
        ToolkitVersion::V2 => &v2::CODEC,
        ToolkitVersion::V3Draft => &v3::CODEC,
        ToolkitVersion::WcoDraft => &wco::CODEC,
        ToolkitVersion::Json => &json::CODEC,
    }
}
