//! The real server, over real mutual TLS, on a store of its own for each test.

#![allow(clippy::unwrap_used, reason = "test code outside of test functions")]

#[path = "../../../epix-client/tests/loopback/mod.rs"]
mod loopback;

mod attachments;
mod audit;
mod batches;
mod commands;
mod concurrency;
mod conformance;
mod copies;
mod copy_store;
mod database;
mod database_tls;
mod dialects;
mod discreet;
mod events;
mod exchange;
mod faults;
mod help;
mod life;
mod limits;
mod many_servers;
mod own_postgres;
mod parts;
mod permits;
mod proxied;
mod raw;
mod register;
mod relay;
mod relay_pair;
mod renditions;
mod rest;
mod rest_desk;
mod rest_page;
mod rest_partners;
mod revoked;
mod signatures;
mod torture;
mod watched;
mod wire;
mod world;
