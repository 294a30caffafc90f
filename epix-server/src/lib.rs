//! The EPIX gateway: a SOAP face in front of a permit store.
//!
//! A call travels one way: the face reads it, the service decides, the store keeps what was decided together with its audit
//! line, and only then does the face answer. [`app`] puts the parts together.

#![forbid(unsafe_code)]

pub mod admin;
pub mod app;
pub mod audit;
pub mod auditor;
pub mod backlog;
pub mod calls;
pub mod command;
pub mod config;
pub mod current;
pub mod events;
pub mod expiry;
pub mod identity;
pub mod messenger;
pub mod notary;
pub mod problem;
pub mod proxy;
pub mod recent;
pub mod rest;
pub mod service;
pub mod sharing;
pub mod soap;
pub mod store;
pub mod telemetry;
pub mod tls;
pub mod upkeep;
